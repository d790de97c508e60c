use std::fmt::Write as _;

use identifiers::InsurerNumber;
use proptest::prelude::*;

use super::*;

/// A sound gain with an insurer of this law number (six digits without one).
fn gain(law: &str) -> Qualification {
    let text = str::to_owned;
    let body = match law {
        "" => "99123".to_owned(),
        law => format!("{law}99123"),
    };
    Qualification {
        kind: Kind::Gain,
        insurer_number: InsurerNumber::from_body(&body).unwrap().to_string(),
        insurer_name: text("模擬保険者"),
        symbol: text("１２"),
        number: text("３４"),
        branch: text(if law == "39" { "" } else { "01" }),
        on: text("2026-04-01"),
        name: text("山田　花子"),
        name_kana: text("ﾔﾏﾀﾞ ﾊﾅｺ"),
        birthdate: text("1953-02-17"),
        sex: text("2"),
        relationship: text("1"),
        reason_of_loss: None,
        benefits: Benefits::default(),
    }
}

fn elderly(ratio: &str, from: &str, to: &str) -> Option<Elderly> {
    let [ratio, from, to] = [ratio, from, to].map(str::to_owned);
    Some(Elderly { ratio, from, to })
}

fn limit(from: &str, to: &str) -> Option<Limit> {
    let [classification, class, from, to] = ["01", "A99", from, to].map(str::to_owned);
    Some(Limit {
        classification,
        class,
        from,
        to,
    })
}

#[test]
fn every_kind_of_insurer_is_known_by_its_number() {
    use Scheme::*;
    let table = [
        ("01", HealthInsuranceAssociation),
        ("02", Seamen),
        ("03", DayLabourers),
        ("04", DayLabourers),
        ("06", HealthInsuranceSociety),
        ("07", SelfDefence),
        ("31", MutualAid),
        ("32", MutualAid),
        ("33", MutualAid),
        ("34", MutualAid),
        ("39", LateElderly),
        ("63", HealthInsuranceSociety),
        ("67", NationalHealth),
        ("72", MutualAid),
        ("75", MutualAid),
        ("", NationalHealth),
    ];
    for (law, scheme) in table {
        let entry = gain(law);
        assert_eq!(Scheme::of(&entry.insurer_number), Some(scheme), "{law}");
        assert_eq!(check(&entry), Ok(()), "{law}");
    }
    for other in ["", "0", "00991230", "12991230", "80991230", "亜991230"] {
        assert_eq!(Scheme::of(other), None, "{other}");
    }
}

type Change = fn(&mut Qualification);

#[test]
fn shares_and_certificates_go_with_their_kind() {
    let table: [(&str, Change); 9] = [
        ("39", |q| q.benefits.contribution_ratio = Some("010".into())),
        ("39", |q| q.benefits.contribution_ratio = Some("020".into())),
        ("39", |q| q.benefits.contribution_ratio = Some("030".into())),
        ("", |q| {
            q.benefits.elderly = elderly("020", "2026-08-01", "2027-07-31")
        }),
        ("01", |q| {
            q.benefits.elderly = elderly("030", "2026-08-01", "2026-08-01")
        }),
        ("06", |q| {
            q.benefits.limit = limit("2026-08-01", "2027-07-31")
        }),
        ("39", |q| {
            q.benefits.limit = limit("2026-08-01", "2027-07-31")
        }),
        ("", |q| q.branch.clear()),
        ("34", |q| {
            (q.kind, q.reason_of_loss) = (Kind::Loss, Some("03".into()))
        }),
    ];
    for (at, (law, change)) in table.into_iter().enumerate() {
        let mut entry = gain(law);
        change(&mut entry);
        assert_eq!(check(&entry), Ok(()), "{at}");
    }
}

#[test]
fn every_wrong_field_is_named_with_what_to_do() {
    let table: [(&str, Change); 17] = [
        ("06", |q| q.insurer_number = "00991230".into()),
        ("06", |q| q.insurer_number = "80991230".into()),
        ("39", |q| q.branch = "01".into()),
        ("06", |q| q.branch = "1".into()),
        ("", |q| q.branch = "０１".into()),
        ("06", |q| q.on = "2026-02-29".into()),
        ("06", |q| q.on = "20260401".into()),
        ("39", |q| q.benefits.contribution_ratio = Some("10".into())),
        ("39", |q| q.benefits.contribution_ratio = Some("040".into())),
        ("06", |q| q.benefits.contribution_ratio = Some("010".into())),
        ("", |q| q.benefits.contribution_ratio = Some("020".into())),
        ("39", |q| {
            q.benefits.elderly = elderly("020", "2026-08-01", "2027-07-31")
        }),
        ("", |q| {
            q.benefits.elderly = elderly("010", "2026-08-01", "2027-07-31")
        }),
        ("", |q| {
            q.benefits.elderly = elderly("020", "", "2027-07-31")
        }),
        ("", |q| {
            q.benefits.elderly = elderly("020", "2026-08-01", "2026-07-31")
        }),
        ("01", |q| {
            q.benefits.limit = limit("2026-08-01", "2027-07-32")
        }),
        ("39", |q| {
            (q.kind, q.reason_of_loss) = (Kind::Loss, Some("01".into()));
            q.benefits.contribution_ratio = Some("010".into());
        }),
    ];
    let mut out = String::new();
    for (at, (law, change)) in table.into_iter().enumerate() {
        let mut entry = gain(law);
        change(&mut entry);
        let Err(wrong) = check(&entry) else {
            panic!("fault {at} was taken")
        };
        let WrongEntry {
            field,
            message_ja,
            message_en,
        } = wrong;
        writeln!(out, "{field}\n  {message_ja}\n  {message_en}").unwrap();
    }
    insta::assert_snapshot!(out);
}

proptest! {
    #[test]
    fn no_text_makes_the_checks_panic(text in "\\PC{0,12}", law in 0usize..4, which in 0usize..8) {
        let mut entry = gain(["", "01", "34", "39"][law]);
        entry.benefits.elderly = elderly("020", "2026-08-01", "2027-07-31");
        entry.benefits.limit = limit("2026-08-01", "2027-07-31");
        let known = entry.clone();
        match which {
            0 => entry.insurer_number = text,
            1 => entry.branch = text,
            2 => entry.on = text,
            3 => entry.benefits.contribution_ratio = Some(text),
            4 => entry.benefits.elderly = elderly(&text, "2026-08-01", "2027-07-31"),
            5 => entry.benefits.elderly = elderly("020", &text, "2027-07-31"),
            6 => entry.benefits.limit = limit("2026-08-01", &text),
            _ => entry.number = text,
        }
        // A number of the insured is the intermediate server's affair.
        if which > 6 {
            prop_assert_eq!(check(&entry), check(&known));
        } else {
            let _ = check(&entry);
        }
    }
}
