use std::fmt::Write as _;

use jiff::civil::date;
use proptest::prelude::*;
use wire::registration::{Elderly, Limit, Qualification};

use super::*;
use crate::tests::registration;

fn checked(change: impl FnOnce(&mut Registration)) -> Result<Checked, Failure> {
    let mut registration = registration(1);
    change(&mut registration);
    check(&registration, date(2026, 10, 15))
}

type Change = fn(&mut Qualification);

fn elderly(ratio: &str, from: &str, to: &str) -> Option<Elderly> {
    let [ratio, from, to] = [ratio, from, to].map(str::to_owned);
    Some(Elderly { ratio, from, to })
}

fn limit(class: &str, from: &str, to: &str) -> Option<Limit> {
    let [class, from, to] = [class, from, to].map(str::to_owned);
    let classification = "01".to_owned();
    Some(Limit {
        classification,
        class,
        from,
        to,
    })
}

#[test]
fn what_was_said_is_read_into_its_parts() {
    let gain = checked(|_| {}).unwrap();
    assert_eq!(gain.said, Said::Gain(date(2026, 4, 1)));
    assert_eq!(gain.key.symbol.unwrap().as_str(), "１２‐３４");
    let sparse = checked(|r| {
        let q = &mut r.qualification;
        (q.kind, q.reason_of_loss) = (Kind::Loss, Some("03".into()));
        q.symbol.clear();
        q.branch.clear();
    })
    .unwrap();
    let loss = Loss {
        on: date(2026, 4, 1),
        reason: LossReason::OtherInsurance,
    };
    assert_eq!(sparse.said, Said::Loss(loss));
    assert_eq!((sparse.key.symbol, sparse.key.branch), (None, None));
}

#[test]
fn a_sound_registration_is_taken() {
    let sound: [Change; 12] = [
        |q| q.benefits.contribution_ratio = Some("010".into()),
        |q| q.benefits.elderly = elderly("030", "2026-04-01", "2026-04-01"),
        |q| q.benefits.limit = limit("ZZZ", "2026-04-01", "2027-03-31"),
        |q| q.benefits.card_classification = Some("07".into()),
        |_| {},
        |q| (q.kind, q.reason_of_loss) = (Kind::Loss, Some("03".into())),
        |q| q.symbol.clear(),
        |q| q.branch.clear(),
        |q| {
            q.insurer_number = InsurerNumber::from_body("13801")
                .map(|n| n.to_string())
                .unwrap_or_default()
        },
        |q| q.name_kana = "SMITH JOHN".into(),
        |q| q.on = "2026-12-01".into(),
        |q| (q.birthdate, q.on) = ("2024-02-29".into(), "2024-02-29".into()),
    ];
    for (at, change) in sound.into_iter().enumerate() {
        let taken = checked(|r| change(&mut r.qualification)).unwrap();
        assert_eq!(taken.person, IndividualNumber::invented(1), "{at}");
    }
}

#[test]
fn every_fault_has_its_name_and_tells_what_to_do() {
    let faults: [Change; 41] = [
        |q| {
            q.benefits.limit = limit("A01", "2026-04-01", "2027-03-31");
            q.benefits.limit.as_mut().unwrap().classification = "04".into();
        },
        |q| q.benefits.contribution_ratio = Some("10".into()),
        |q| q.benefits.contribution_ratio = Some("040".into()),
        |q| q.benefits.elderly = elderly("010", "2026-04-01", "2027-03-31"),
        |q| q.benefits.elderly = elderly("020", "2026-04-31", "2027-03-31"),
        |q| q.benefits.elderly = elderly("020", "2027-03-31", "2026-04-01"),
        |q| q.benefits.limit = limit("", "2026-04-01", "2027-03-31"),
        |q| q.benefits.limit = limit("A01", "2027-03-31", "2027-03-30"),
        |q| q.benefits.card_classification = Some("A1".into()),
        |q| q.benefits.address = Some(String::new()),
        |q| q.benefits.address = Some("あ".repeat(101)),
        |q| q.benefits.name_of_other = Some("山田\n".into()),
        |q| {
            (q.kind, q.reason_of_loss) = (Kind::Loss, Some("03".into()));
            q.benefits.contribution_ratio = Some("010".into());
        },
        |q| q.insurer_number = "06991230".into(),
        |q| q.insurer_number = "0699123".into(),
        |q| q.insurer_number = "０６９９１２３８".into(),
        |q| q.symbol = "一二三四五六七八九十一二三四五六七八九十一".into(),
        |q| q.number.clear(),
        |q| q.number = "1\u{7}".into(),
        |q| q.branch = "1".into(),
        |q| q.branch = "０１".into(),
        |q| q.name.clear(),
        |q| q.name = "あ".repeat(101),
        |q| q.name = "山田\n花子".into(),
        |q| q.insurer_name = "　".into(),
        |q| q.name_kana.clear(),
        |q| q.name_kana = "ヤマダ ﾊﾅｺ".into(),
        |q| q.name_kana = "ﾔﾏﾀﾞ　ﾊﾅｺ".into(),
        |q| q.birthdate = "1980-02-30".into(),
        |q| q.birthdate = "19800217".into(),
        |q| q.birthdate = "2026-10-16".into(),
        |q| q.on = "2023-02-29".into(),
        |q| q.on = String::new(),
        |q| q.on = "1980-02-16".into(),
        |q| q.sex = "0".into(),
        |q| q.sex = "男".into(),
        |q| q.relationship = "3".into(),
        |q| q.reason_of_loss = Some("01".into()),
        |q| q.kind = Kind::Loss,
        |q| (q.kind, q.reason_of_loss) = (Kind::Loss, Some("04".into())),
        |q| (q.kind, q.reason_of_loss) = (Kind::Loss, Some("1".into())),
    ];
    let mut out = String::new();
    for (at, change) in faults.into_iter().enumerate() {
        let Err(failure) = checked(|r| change(&mut r.qualification)) else {
            panic!("fault {at} was taken")
        };
        writeln!(
            out,
            "{}\n  {}\n  {}",
            failure.error, failure.message_ja, failure.message_en
        )
        .unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_wrong_individual_number_is_never_shown() {
    for text in ["123456789018", "12345678901", "12345678901x", ""] {
        let Err(failure) = checked(|r| r.individual_number = text.into()) else {
            panic!("{text} was taken")
        };
        assert_eq!(failure.error, "individual-number");
        assert!(!format!("{failure:?}").contains("123456"), "{failure:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_checks_panic(text in "\\PC{0,30}", which in 0usize..11) {
        let _ = checked(|r| {
            let q = &mut r.qualification;
            let field = match which {
                0 => &mut q.insurer_number, 1 => &mut q.insurer_name, 2 => &mut q.symbol, 3 => &mut q.number,
                4 => &mut q.branch, 5 => &mut q.on, 6 => &mut q.name, 7 => &mut q.name_kana, 8 => &mut q.birthdate,
                9 => &mut q.sex, _ => &mut r.individual_number,
            };
            *field = text;
        });
    }
}
