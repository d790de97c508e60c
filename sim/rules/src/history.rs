//! One person's qualifications as one history over all insurers (INS-02). Insurers send gains and losses
//! in any order; the history is the set of what was said, so the order of arrival cannot show (INS-04).
//! Which gain a loss ends, and which of several answers counts, is worked out when somebody asks.

use std::collections::BTreeSet;

use identifiers::{BranchNumber, InsuredNumber, InsurerNumber, Symbol};
use jiff::civil::Date;

/// What tells one qualification from another: insurer, symbol, number and branch (記号・番号・枝番).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InsuredKey {
    /// 保険者番号
    pub insurer: InsurerNumber,
    /// 記号, which late-elderly people and some national health insurance have not.
    pub symbol: Option<Symbol>,
    /// 番号
    pub number: InsuredNumber,
    /// 枝番
    pub branch: Option<BranchNumber>,
}

/// Why a qualification ended (資格喪失事由, OQSCD008).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossReason {
    /// 01 死亡
    Death,
    /// 02 生活保護受給開始
    PublicAssistance,
    /// 03 医療保険等の資格取得
    OtherInsurance,
    /// 99 その他
    Other,
}

impl LossReason {
    /// The reason's code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Death => "01",
            Self::PublicAssistance => "02",
            Self::OtherInsurance => "03",
            Self::Other => "99",
        }
    }

    /// The reason of a code, if it is one of OQSCD008.
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Death,
            Self::PublicAssistance,
            Self::OtherInsurance,
            Self::Other,
        ]
        .into_iter()
        .find(|reason| reason.code() == code)
    }
}

/// The end of a qualification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// 資格喪失年月日: the first day *without* the qualification. (Public sources leave it open; we hold to
    /// this reading throughout. facts/eligibility.md 8, case 19.)
    pub on: Date,
    /// 資格喪失事由
    pub reason: LossReason,
}

/// One qualification: from the day it was gained up to, not including, the day it was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualification {
    /// Whose number it is.
    pub key: InsuredKey,
    /// 資格取得年月日: the first day with it.
    pub gained_on: Date,
    /// Its end, if one is known; it may lie ahead.
    pub lost: Option<Loss>,
}

impl Qualification {
    /// Whether it holds on a day: gained on that day or before, and not lost on that day or before.
    pub fn holds_on(&self, day: Date) -> bool {
        self.gained_on <= day && self.lost.is_none_or(|loss| day < loss.on)
    }
}

/// How a person stands on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A qualification holds.
    Valid(Qualification),
    /// None holds; this is the one lost last.
    Lost(Qualification),
    /// None holds and none was lost by then.
    None,
}

/// Everything insurers have said about one person's qualifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    gains: BTreeSet<(InsuredKey, Date)>,
    losses: BTreeSet<(InsuredKey, Loss)>,
}

impl History {
    /// A history nobody has said anything about.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a gain (資格取得). Saying it twice changes nothing.
    pub fn gain(&mut self, key: InsuredKey, on: Date) {
        self.gains.insert((key, on));
    }

    /// Takes in a loss (資格喪失), also before the gain it ends has arrived. Saying it twice changes nothing.
    pub fn lose(&mut self, key: InsuredKey, loss: Loss) {
        self.losses.insert((key, loss));
    }

    /// Every qualification, by day of gain; a loss whose gain is not known yet ends nothing.
    /// A gain is ended by the earliest loss of its key that does not lie before it.
    pub fn qualifications(&self) -> Vec<Qualification> {
        let mut all: Vec<_> = self
            .gains
            .iter()
            .map(|(key, gained_on)| Qualification {
                key: key.clone(),
                gained_on: *gained_on,
                lost: self.end_of(key, *gained_on),
            })
            .collect();
        all.sort_by(|one, other| (one.gained_on, &one.key).cmp(&(other.gained_on, &other.key)));
        all
    }

    /// How the person stands on a day. Of several that hold the later gained one counts (facts/eligibility.md
    /// 8, case 115); of several lost ones the one lost last, then the one gained later. Equal days are
    /// settled by the greater key, so that the answer never depends on who spoke first.
    pub fn on(&self, day: Date) -> Standing {
        let all = self.qualifications();
        if let Some(valid) = all
            .iter()
            .rfind(|qualification| qualification.holds_on(day))
        {
            return Standing::Valid(valid.clone());
        }
        // The last of equal ones is taken, and the list runs by day of gain.
        let lost = all
            .iter()
            .filter(|qualification| qualification.gained_on <= day)
            .max_by_key(|qualification| qualification.lost.map(|loss| loss.on));
        lost.map_or(Standing::None, |qualification| {
            Standing::Lost(qualification.clone())
        })
    }

    fn end_of(&self, key: &InsuredKey, gained_on: Date) -> Option<Loss> {
        self.losses
            .iter()
            .filter(|(of, loss)| of == key && gained_on <= loss.on)
            .map(|(_, loss)| *loss)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn key(body: &str) -> InsuredKey {
        InsuredKey {
            insurer: InsurerNumber::from_body(body).unwrap(),
            symbol: Some(Symbol::parse("１２").unwrap()),
            number: InsuredNumber::parse("345").unwrap(),
            branch: Some(BranchNumber::parse("01").unwrap()),
        }
    }

    #[derive(Debug, Clone)]
    enum Said {
        Gain(&'static str, Date),
        Loss(&'static str, Date),
    }

    fn told<'a>(said: impl IntoIterator<Item = &'a Said>) -> History {
        let mut history = History::new();
        for entry in said {
            match entry {
                Said::Gain(body, on) => history.gain(key(body), *on),
                Said::Loss(body, on) => history.lose(
                    key(body),
                    Loss {
                        on: *on,
                        reason: LossReason::Other,
                    },
                ),
            }
        }
        history
    }

    fn short(standing: Standing) -> String {
        match standing {
            Standing::Valid(q) => format!("valid {} since {}", q.key.insurer, q.gained_on),
            Standing::Lost(q) => format!("lost {} on {}", q.key.insurer, q.lost.unwrap().on),
            Standing::None => "none".to_owned(),
        }
    }

    const A: &str = "0699100";
    const B: &str = "0199200";
    const C: &str = "99300";

    #[test]
    fn a_day_is_answered_from_the_whole_history() {
        use Said::{Gain, Loss};
        let day = date(2026, 10, 15);
        let a = InsurerNumber::from_body(A).unwrap();
        let b = InsurerNumber::from_body(B).unwrap();
        let c = InsurerNumber::from_body(C).unwrap();
        for (case, said, expected) in [
            ("nothing said", vec![], "none".to_owned()),
            (
                "gained today",
                vec![Gain(A, day)],
                format!("valid {a} since 2026-10-15"),
            ),
            (
                "gained tomorrow",
                vec![Gain(A, date(2026, 10, 16))],
                "none".into(),
            ),
            (
                "lost today is not valid today",
                vec![Gain(A, date(2020, 4, 1)), Loss(A, day)],
                format!("lost {a} on 2026-10-15"),
            ),
            (
                "lost tomorrow is valid today",
                vec![Gain(A, date(2020, 4, 1)), Loss(A, date(2026, 10, 16))],
                format!("valid {a} since 2020-04-01"),
            ),
            (
                "gained and lost today",
                vec![Gain(A, day), Loss(A, day)],
                format!("lost {a} on 2026-10-15"),
            ),
            (
                "a loss without its gain",
                vec![Loss(A, date(2026, 10, 1))],
                "none".into(),
            ),
            (
                "a loss before the gain is another's",
                vec![Gain(A, date(2026, 10, 1)), Loss(A, date(2026, 9, 1))],
                format!("valid {a} since 2026-10-01"),
            ),
            (
                "job change without gap",
                vec![
                    Gain(A, date(2020, 4, 1)),
                    Loss(A, date(2026, 10, 1)),
                    Gain(B, date(2026, 10, 1)),
                ],
                format!("valid {b} since 2026-10-01"),
            ),
            (
                "the new insurer is late",
                vec![Gain(A, date(2020, 4, 1)), Loss(A, date(2026, 10, 1))],
                format!("lost {a} on 2026-10-01"),
            ),
            (
                "overlap: later gain counts",
                vec![Gain(B, date(2026, 10, 1)), Gain(A, date(2020, 4, 1))],
                format!("valid {b} since 2026-10-01"),
            ),
            (
                "two lost: the one lost last",
                vec![
                    Gain(A, date(2020, 4, 1)),
                    Loss(A, date(2026, 9, 1)),
                    Gain(C, date(2026, 1, 1)),
                    Loss(C, date(2026, 3, 1)),
                ],
                format!("lost {a} on 2026-09-01"),
            ),
            (
                "two lost on one day: the one gained later",
                vec![
                    Gain(A, date(2020, 4, 1)),
                    Loss(A, date(2026, 9, 1)),
                    Gain(C, date(2026, 1, 1)),
                    Loss(C, date(2026, 9, 1)),
                ],
                format!("lost {c} on 2026-09-01"),
            ),
            (
                "the same number gained again",
                vec![
                    Gain(A, date(2020, 4, 1)),
                    Loss(A, date(2022, 4, 1)),
                    Gain(A, date(2026, 4, 1)),
                ],
                format!("valid {a} since 2026-04-01"),
            ),
            (
                "a lost one and one that comes later",
                vec![
                    Gain(A, date(2020, 4, 1)),
                    Loss(A, date(2026, 10, 1)),
                    Gain(B, date(2026, 11, 1)),
                ],
                format!("lost {a} on 2026-10-01"),
            ),
        ] {
            assert_eq!(short(told(&said).on(day)), expected, "{case}");
        }
    }

    #[test]
    fn past_days_are_answered_as_they_were() {
        let history = told(&[
            Said::Gain(A, date(2020, 4, 1)),
            Said::Loss(A, date(2026, 10, 1)),
            Said::Gain(B, date(2026, 10, 1)),
        ]);
        let a = InsurerNumber::from_body(A).unwrap();
        assert_eq!(
            short(history.on(date(2026, 9, 30))),
            format!("valid {a} since 2020-04-01")
        );
        assert_eq!(short(history.on(date(2020, 3, 31))), "none");
    }

    #[test]
    fn loss_reasons_go_both_ways() {
        for code in ["01", "02", "03", "99"] {
            assert_eq!(LossReason::from_code(code).unwrap().code(), code);
        }
        assert_eq!(LossReason::from_code("04"), None);
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (0i32..60).prop_map(|days| date(2026, 9, 1).saturating_add(days.days()))
    }

    fn any_entries() -> impl Strategy<Value = Vec<Said>> {
        let one = (
            prop_oneof![Just(A), Just(B), Just(C)],
            any_day(),
            any::<bool>(),
        )
            .prop_map(|(body, on, gain)| {
                if gain {
                    Said::Gain(body, on)
                } else {
                    Said::Loss(body, on)
                }
            });
        proptest::collection::vec(one, 0..10)
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_never_shows((entries, shuffled) in any_entries().prop_flat_map(|e| (Just(e.clone()), Just(e).prop_shuffle())), day in any_day()) {
            prop_assert_eq!(told(&entries), told(&shuffled));
            prop_assert_eq!(told(&entries).on(day), told(&shuffled).on(day));
            // Saying everything twice changes nothing either.
            prop_assert_eq!(told(&entries), told(entries.iter().chain(&shuffled)));
        }

        #[test]
        fn what_is_answered_fits_the_day(entries in any_entries(), day in any_day()) {
            let history = told(&entries);
            let all = history.qualifications();
            match history.on(day) {
                Standing::Valid(chosen) => {
                    prop_assert!(chosen.holds_on(day));
                    prop_assert!(all.iter().all(|q| !q.holds_on(day) || q.gained_on <= chosen.gained_on));
                }
                Standing::Lost(chosen) => {
                    prop_assert!(chosen.lost.unwrap().on <= day);
                    prop_assert!(all.iter().all(|q| !q.holds_on(day)));
                    prop_assert!(all.iter().all(|q| q.gained_on > day || q.lost.unwrap().on <= chosen.lost.unwrap().on));
                }
                Standing::None => prop_assert!(all.iter().all(|q| q.gained_on > day)),
            }
        }

        #[test]
        fn every_gain_stays_one_qualification(entries in any_entries()) {
            let gains: BTreeSet<_> = entries.iter().filter_map(|said| match said { Said::Gain(body, on) => Some((*body, *on)), Said::Loss(..) => None }).collect();
            prop_assert_eq!(told(&entries).qualifications().len(), gains.len());
        }
    }
}
