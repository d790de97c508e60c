//! The decision on one confirmation by number (ELIG-02 to ELIG-06): whose number it is, and how it stands
//! on the asked day. The certificate of whoever has the number plays no part in it (LIFE-08). Written
//! forms differ between cards, charts and insurers, so numbers are compared as their reader means them.

use identifiers::{BranchNumber, InsuredNumber, InsurerNumber, Symbol};
use jiff::civil::Date;

use crate::history::{History, InsuredKey, Qualification};

/// What is asked by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberQuestion {
    /// 保険者番号
    pub insurer: InsurerNumber,
    /// 記号; absent only where the certificate has none.
    pub symbol: Option<Symbol>,
    /// 番号
    pub number: InsuredNumber,
    /// 枝番; absent when the asker leaves it open, which "00" does not (facts/eligibility.md 8, case 49).
    pub branch: Option<BranchNumber>,
    /// Birth date, which must be the person's; absent where a message has no place for it.
    pub birthdate: Option<Date>,
    /// The day the answer holds for.
    pub day: Date,
}

/// Somebody who may have the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insured {
    /// Birth date as the insurers gave it last.
    pub birthdate: Date,
    /// Every qualification of the person.
    pub history: History,
}

/// How a number stands on the asked day. Persons are named by their place in the list that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberAnswer {
    /// The number's qualification holds.
    Valid {
        /// Whose it is.
        person: usize,
        /// The qualification of the number.
        qualification: Qualification,
    },
    /// It was lost, and no other of the person's holds on the day.
    Lost {
        /// Whose it was.
        person: usize,
        /// The qualification of the number, lost last.
        qualification: Qualification,
    },
    /// It was lost, and the person has another that holds on the day. Of that one nothing may go out
    /// (ELIG-04).
    LostWithNewer {
        /// Whose it was.
        person: usize,
        /// The qualification of the number, lost last.
        qualification: Qualification,
        /// The one that holds.
        newer: Qualification,
    },
    /// Nobody has it by then.
    Nobody,
    /// Several people have it; without a branch it cannot be told whose is meant.
    Several(Vec<usize>),
}

impl NumberAnswer {
    /// QualificationValidity (OQSCD006).
    pub const fn validity(&self) -> &'static str {
        match self {
            Self::Valid { .. } => "1",
            Self::Lost { .. } => "2",
            Self::LostWithNewer { .. } => "3",
            Self::Nobody => "4",
            Self::Several(_) => "5",
        }
    }

    /// The one person the number belongs to, if it is one.
    pub const fn person(&self) -> Option<usize> {
        match self {
            Self::Valid { person, .. }
            | Self::Lost { person, .. }
            | Self::LostWithNewer { person, .. } => Some(*person),
            Self::Nobody | Self::Several(_) => None,
        }
    }

    /// What may go out: the qualification of the number that was asked, and of no other.
    pub const fn qualification(&self) -> Option<&Qualification> {
        match self {
            Self::Valid { qualification, .. }
            | Self::Lost { qualification, .. }
            | Self::LostWithNewer { qualification, .. } => Some(qualification),
            Self::Nobody | Self::Several(_) => None,
        }
    }

    /// What the asker reads: what was found and what to do next, in Japanese.
    pub const fn message(&self) -> &'static str {
        match self {
            Self::Valid { .. } => "資格を確認しました。",
            Self::Lost { .. } => {
                "この番号の資格は喪失しています。新しい保険者の登録がまだのことがあります。加入先の保険者を患者にお確かめください。"
            }
            Self::LostWithNewer { .. } => {
                "この番号の資格は喪失しており、新しい資格があります。新しい資格確認書又はマイナンバーカードで確認してください。"
            }
            Self::Nobody => {
                "この番号に該当する資格がありません。保険者番号、記号、番号、枝番、生年月日をお確かめください。届出の直後は登録がまだのことがあります。"
            }
            Self::Several(_) => {
                "この番号に該当する人が複数います。枝番を付けてもう一度照会してください。"
            }
        }
    }
}

/// Answers for the asked day, by what is known now. A number that is gained later is nobody's yet. A person
/// with several qualifications under the number (the branch left open) stands as with the best of them.
/// Sources: facts/eligibility.md 2.3, 3.1 and 8 (A 2 to 4, C 46 to 49).
pub fn by_number(asked: &NumberQuestion, people: &[Insured]) -> NumberAnswer {
    let mut found: Vec<NumberAnswer> = people
        .iter()
        .enumerate()
        .filter(|(_, one)| asked.birthdate.is_none_or(|day| day == one.birthdate))
        .filter_map(|(person, one)| stands(asked, person, &one.history))
        .collect();
    match (found.pop(), found.is_empty()) {
        (None, _) => NumberAnswer::Nobody,
        (Some(only), true) => only,
        (Some(last), false) => {
            let all = found.iter().chain([&last]);
            NumberAnswer::Several(all.filter_map(NumberAnswer::person).collect())
        }
    }
}

fn stands(asked: &NumberQuestion, person: usize, history: &History) -> Option<NumberAnswer> {
    let mut all = history.qualifications();
    // Who gained later comes last; equal days are settled by the greater key, as in a history.
    all.retain(|qualification| qualification.gained_on <= asked.day);
    let holds = |one: &&Qualification| one.holds_on(asked.day);
    let own = || all.iter().filter(|one| matches(asked, &one.key));
    if let Some(valid) = own().rfind(holds) {
        return Some(NumberAnswer::Valid {
            person,
            qualification: valid.clone(),
        });
    }
    let qualification = own()
        .max_by_key(|one| one.lost.map(|loss| loss.on))?
        .clone();
    Some(match all.iter().rfind(holds) {
        Some(newer) => NumberAnswer::LostWithNewer {
            person,
            qualification,
            newer: newer.clone(),
        },
        None => NumberAnswer::Lost {
            person,
            qualification,
        },
    })
}

/// Whether a qualification has the number that is asked.
fn matches(asked: &NumberQuestion, key: &InsuredKey) -> bool {
    let symbol = |symbol: &Option<Symbol>| symbol.as_ref().map(|s| fold(s.as_str()));
    let branch = asked.branch.is_none() || asked.branch == key.branch;
    asked.insurer == key.insurer
        && branch
        && fold(asked.number.as_str()) == fold(key.number.as_str())
        && symbol(&asked.symbol) == symbol(&key.symbol)
}

/// 56 katakana in the order of their half-width forms, U+FF66 to U+FF9D.
const KATAKANA: &str = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// One form for all ways of writing the same: full-width letters, digits and signs become ASCII, half-width
/// katakana full-width with their sound marks, every hyphen and minus `-`, the ideographic space a space;
/// blanks at both ends go. Leading zeros stay. Source: facts/eligibility.md 7.4 and 8 (cases 43, 46, 47).
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ﾞ' | '\u{3099}' | '゛' => sound(&mut folded, 1),
            'ﾟ' | '\u{309a}' | '゜' => sound(&mut folded, 2),
            _ => folded.push(plain(c)),
        }
    }
    folded.trim().to_owned()
}

fn plain(c: char) -> char {
    let moved = |by: u32| char::from_u32(u32::from(c) - by).unwrap_or(c);
    match c {
        '\u{ff01}'..='\u{ff5e}' => moved(0xfee0),
        '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        'ｦ'..='ﾝ' => {
            let place = u32::from(c) - u32::from('ｦ');
            let place = usize::try_from(place).unwrap_or_default();
            KATAKANA.chars().nth(place).unwrap_or(c)
        }
        _ => c,
    }
}

/// Puts a sound mark on the katakana before it, where there is such a sound; otherwise the mark stays.
fn sound(folded: &mut String, step: u32) {
    let voiced = match folded.chars().last() {
        Some('ウ') if step == 1 => Some('ヴ'),
        Some(base) if takes(base, step) => char::from_u32(u32::from(base) + step),
        _ => None,
    };
    match voiced {
        Some(voiced) => {
            folded.pop();
            folded.push(voiced);
        }
        None => folded.push(if step == 1 { '゛' } else { '゜' }),
    }
}

fn takes(base: char, step: u32) -> bool {
    let half_voiced = "ハヒフヘホ".contains(base);
    half_voiced || (step == 1 && "カキクケコサシスセソタチツテト".contains(base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Loss, LossReason};
    use jiff::civil::date;
    use proptest::prelude::*;

    const BORN: Date = date(1980, 2, 17);
    const TODAY: Date = date(2026, 10, 15);

    fn key(body: &str, symbol: &str, number: &str, branch: &str) -> InsuredKey {
        InsuredKey {
            insurer: InsurerNumber::from_body(body).unwrap(),
            symbol: Symbol::parse(symbol).ok(),
            number: InsuredNumber::parse(number).unwrap(),
            branch: BranchNumber::parse(branch).ok(),
        }
    }

    /// Gains, and losses where there are any.
    fn person(periods: &[(InsuredKey, Date, Option<Date>)]) -> Insured {
        let mut history = History::new();
        for (key, gained, lost) in periods {
            history.gain(key.clone(), *gained);
            if let Some(on) = *lost {
                let reason = LossReason::OtherInsurance;
                history.lose(key.clone(), Loss { on, reason });
            }
        }
        Insured {
            birthdate: BORN,
            history,
        }
    }

    fn ask(key: &InsuredKey, day: Date) -> NumberQuestion {
        NumberQuestion {
            insurer: key.insurer.clone(),
            symbol: key.symbol.clone(),
            number: key.number.clone(),
            branch: key.branch.clone(),
            birthdate: Some(BORN),
            day,
        }
    }

    fn old() -> InsuredKey {
        key("0699123", "12-34", "000123", "01")
    }

    fn new() -> InsuredKey {
        key("0699321", "9", "9", "01")
    }

    /// One person who changed insurers with a gap of ten days.
    fn changed() -> Insured {
        person(&[
            (old(), date(2020, 4, 1), Some(date(2026, 10, 1))),
            (new(), date(2026, 10, 11), None),
        ])
    }

    #[test]
    fn a_number_stands_as_it_stood_on_the_asked_day() {
        for (key, day, validity) in [
            (old(), date(2020, 3, 31), "4"),
            (old(), date(2020, 4, 1), "1"),
            (old(), date(2026, 9, 30), "1"),
            (old(), date(2026, 10, 1), "2"),
            (old(), date(2026, 10, 10), "2"),
            (old(), date(2026, 10, 11), "3"),
            (old(), TODAY, "3"),
            (new(), date(2026, 10, 10), "4"),
            (new(), date(2026, 10, 11), "1"),
            (new(), TODAY, "1"),
        ] {
            let found = by_number(&ask(&key, day), &[changed()]);
            assert_eq!(found.validity(), validity, "{key:?} on {day}");
            let shown = found.qualification().map(|one| one.key.clone());
            assert_eq!(shown, (validity != "4").then_some(key), "{day}");
        }
    }

    #[test]
    fn the_newer_qualification_is_known_and_is_not_what_goes_out() {
        let found = by_number(&ask(&old(), TODAY), &[changed()]);
        let NumberAnswer::LostWithNewer { newer, .. } = &found else {
            panic!("{found:?}");
        };
        assert_eq!(newer.key, new());
        assert_eq!(found.qualification().unwrap().key, old());
    }

    #[test]
    fn one_that_was_lost_as_well_is_no_newer_one() {
        let both_lost = person(&[
            (old(), date(2020, 4, 1), Some(date(2024, 4, 1))),
            (new(), date(2024, 4, 1), Some(date(2026, 4, 1))),
        ]);
        for (day, validity) in [(date(2025, 1, 1), "3"), (TODAY, "2")] {
            let found = by_number(&ask(&old(), day), std::slice::from_ref(&both_lost));
            assert_eq!(found.validity(), validity, "{day}");
        }
    }

    #[test]
    fn a_number_gained_again_is_valid_again() {
        let back = person(&[
            (old(), date(2020, 4, 1), Some(date(2022, 4, 1))),
            (old(), date(2026, 4, 1), None),
        ]);
        for (day, validity) in [
            (date(2021, 1, 1), "1"),
            (date(2023, 1, 1), "2"),
            (TODAY, "1"),
        ] {
            let found = by_number(&ask(&old(), day), std::slice::from_ref(&back));
            assert_eq!(found.validity(), validity, "{day}");
        }
    }

    #[test]
    fn ways_of_writing_a_number() {
        let has = |symbol: &str, number: &str, branch: &str| {
            [person(&[(
                key("0699123", symbol, number, branch),
                date(2020, 4, 1),
                None,
            )])]
        };
        // As held, as asked, whether they are the same.
        for (held, asked, same) in [
            (("１２‐３４", "１２３", "01"), ("12-34", "123", "01"), true),
            (("12-34", "123", "01"), ("１２－３４", "１２３", "01"), true),
            (("12-34", "123", "01"), ("12−34", " 123 ", "01"), true),
            (("ガ１", "1", "01"), ("ｶﾞ1", "1", "01"), true),
            (("12-34", "123", "01"), ("1234", "123", "01"), false),
            (("12-34", "000123", "01"), ("12-34", "123", "01"), false),
            (("12-34", "123", "01"), ("12-34", "000123", "01"), false),
            (("", "123", "01"), ("", "123", "01"), true),
            (("", "123", "01"), ("1", "123", "01"), false),
            (("1", "123", "01"), ("", "123", "01"), false),
            (("1", "123", "00"), ("1", "123", "00"), true),
            (("1", "123", "00"), ("1", "123", ""), true),
            (("1", "123", ""), ("1", "123", "00"), false),
            (("1", "123", ""), ("1", "123", ""), true),
            (("1", "123", "01"), ("1", "123", "02"), false),
        ] {
            let people = has(held.0, held.1, held.2);
            let asked_key = key("0699123", asked.0, asked.1, asked.2);
            let found = by_number(&ask(&asked_key, TODAY), &people);
            assert_eq!(found.validity() == "1", same, "{held:?} asked as {asked:?}");
        }
    }

    #[test]
    fn another_insurer_or_birth_date_is_nobody() {
        let other_insurer = key("0699321", "12-34", "000123", "01");
        assert_eq!(
            by_number(&ask(&other_insurer, TODAY), &[changed()]),
            NumberAnswer::Nobody
        );
        let born_later = NumberQuestion {
            birthdate: Some(date(1980, 2, 18)),
            ..ask(&old(), TODAY)
        };
        assert_eq!(by_number(&born_later, &[changed()]), NumberAnswer::Nobody);
        let birth_left_out = NumberQuestion {
            birthdate: None,
            ..ask(&old(), TODAY)
        };
        assert_eq!(by_number(&birth_left_out, &[changed()]).validity(), "3");
    }

    #[test]
    fn without_a_branch_a_number_serves_where_it_is_one_person_s() {
        let twin = |branch: &str, lost| {
            person(&[(key("0699123", "1", "5", branch), date(2020, 4, 1), lost)])
        };
        let (one, other) = (twin("01", None), twin("02", None));
        let elder = Insured {
            birthdate: date(2000, 1, 1),
            ..twin("00", None)
        };
        let open = ask(&key("0699123", "1", "5", ""), TODAY);
        let household = [elder, one.clone(), other];
        assert_eq!(
            by_number(&open, &household),
            NumberAnswer::Several(vec![1, 2])
        );
        assert_eq!(by_number(&open, &household[..2]).person(), Some(1));
        let second = ask(&key("0699123", "1", "5", "02"), TODAY);
        assert_eq!(by_number(&second, &household).person(), Some(2));
        let gone = twin("02", Some(date(2024, 1, 1)));
        assert_eq!(by_number(&open, &[one, gone]).validity(), "5");
    }

    #[test]
    fn one_person_under_two_branches_is_one_person() {
        let moved = person(&[
            (
                key("0699123", "1", "5", "01"),
                date(2020, 4, 1),
                Some(date(2024, 1, 1)),
            ),
            (key("0699123", "1", "5", "02"), date(2024, 1, 1), None),
        ]);
        let open = ask(&key("0699123", "1", "5", ""), TODAY);
        assert_eq!(by_number(&open, &[moved]).validity(), "1");
    }

    #[test]
    fn every_answer_says_what_to_do() {
        let answers = [
            by_number(&ask(&new(), TODAY), &[changed()]),
            by_number(&ask(&old(), date(2026, 10, 5)), &[changed()]),
            by_number(&ask(&old(), TODAY), &[changed()]),
            NumberAnswer::Nobody,
            NumberAnswer::Several(vec![0, 1]),
        ];
        for (answer, validity) in answers.into_iter().zip(["1", "2", "3", "4", "5"]) {
            assert_eq!(answer.validity(), validity);
            assert!(answer.message().ends_with('。'));
        }
    }

    #[test]
    fn forms_that_fold_to_one() {
        for (text, folded) in [
            ("１２‐３４", "12-34"),
            ("　ＡＢｃ　", "ABc"),
            ("ｶﾞｷﾞﾊﾟﾋﾞｳﾞｱﾞ", "ガギパビヴア゛"),
            ("ｼｮｳｲﾁ", "ショウイチ"),
            ("カ\u{3099}", "ガ"),
            ("―–−", "---"),
            ("000", "000"),
            ("ー", "ー"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,20}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn what_holds_by_number_is_in_the_history(
            gained in 0i32..400, length in 0i32..400, asked in 0i32..800
        ) {
            use jiff::ToSpan;
            let start = date(2024, 1, 1);
            let on = |days: i32| start.checked_add(days.days()).unwrap();
            let one = person(&[(old(), on(gained), Some(on(gained + length)))]);
            let found = by_number(&ask(&old(), on(asked)), std::slice::from_ref(&one));
            let expected = if asked < gained {
                "4"
            } else if asked < gained + length {
                "1"
            } else {
                "2"
            };
            prop_assert_eq!(found.validity(), expected);
        }

        #[test]
        fn the_order_of_people_changes_only_their_places(swap in any::<bool>()) {
            let other = person(&[(new(), date(2020, 1, 1), None)]);
            let mut people = vec![changed(), other];
            if swap {
                people.swap(0, 1);
            }
            let found = by_number(&ask(&new(), TODAY), &people);
            prop_assert_eq!(found, NumberAnswer::Several(vec![0, 1]));
        }
    }
}
