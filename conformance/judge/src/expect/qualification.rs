//! A person's qualifications as one history over all insurers: what insurers entered, by when it was
//! known and when it is true. Whoever spoke first changes nothing.

use evidence::EntryKind;

use crate::calendar::{Day, Instant};
use crate::case::{Entry, Facts};
use crate::decode::result::Numbers;

/// A qualification due to a question, and whether it holds on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualified {
    /// What names it.
    pub numbers: Numbers,
    /// True when it is not lost on the day.
    pub valid: bool,
    /// First day with it.
    pub gained: Day,
    /// First day without it, as far as known.
    pub lost: Option<Day>,
    /// Others with exactly the same right to be answered.
    pub rivals: Vec<Numbers>,
}

impl Qualified {
    /// Whether an answer that names these numbers is right.
    pub fn allows(&self, numbers: &Numbers) -> bool {
        self.numbers == *numbers || self.rivals.contains(numbers)
    }
}

/// One qualification from its gain to its loss.
#[derive(Clone, Copy, Debug)]
pub struct Spell<'a> {
    /// The gain; of several that say the same the one entered last, whose words are the newest.
    pub gain: &'a Entry,
    /// The loss that ends it.
    pub loss: Option<&'a Entry>,
}

impl Spell<'_> {
    /// First day without it, as far as known.
    pub fn lost(&self) -> Option<Day> {
        self.loss.map(|l| l.on)
    }

    /// Whether it holds on a day: the loss date is the first day without.
    pub fn holds(&self, on: Day) -> bool {
        self.gain.on <= on && self.lost().is_none_or(|lost| on < lost)
    }
}

/// Qualifications of a person as far as insurers had entered them by an instant.
pub fn spells<'a>(facts: &'a Facts, person: &'a str, known_by: Instant) -> Vec<Spell<'a>> {
    let known: Vec<&Entry> = entries(facts, person, known_by).collect();
    let mut gains: Vec<&Entry> = known
        .iter()
        .copied()
        .filter(|e| e.kind == EntryKind::Gain)
        .collect();
    gains.sort_by_key(|g| (g.on, g.known_at, g.seq));
    let mut spells: Vec<Spell<'_>> = Vec::new();
    for gain in gains {
        let losses = known
            .iter()
            .copied()
            .filter(|e| e.kind == EntryKind::Loss && e.numbers == gain.numbers && e.on >= gain.on);
        let spell = Spell {
            gain,
            loss: losses.min_by_key(|l| (l.on, std::cmp::Reverse(l.known_at))),
        };
        let same = |s: &&mut Spell<'_>| s.gain.on == gain.on && s.gain.numbers == gain.numbers;
        match spells.iter_mut().find(same) {
            Some(earlier) => *earlier = spell,
            None => spells.push(spell),
        }
    }
    spells
}

/// The qualification of a person on a day, as far as insurers had entered it by an instant: the latest
/// gained that is not lost, else the one lost last as reference.
pub fn qualification(facts: &Facts, person: &str, on: Day, known_by: Instant) -> Option<Qualified> {
    let spells = spells(facts, person, known_by);
    let begun = || spells.iter().filter(|s| s.gain.on <= on);
    let rank = |s: &Spell<'_>| match s.lost().filter(|lost| *lost <= on) {
        None => (true, s.gain.on, s.gain.on),
        Some(lost) => (false, lost, s.gain.on),
    };
    let best = begun().max_by_key(|s| rank(s))?;
    let rivals = begun().filter(|s| rank(s) == rank(best) && s.gain.numbers != best.gain.numbers);
    Some(Qualified {
        numbers: best.gain.numbers.clone(),
        valid: best.holds(on),
        gained: best.gain.on,
        lost: best.lost(),
        rivals: rivals.map(|s| s.gain.numbers.clone()).collect(),
    })
}

/// Entries of a person an insurer may send, made by an instant.
pub fn entries<'a>(
    facts: &'a Facts,
    person: &'a str,
    known_by: Instant,
) -> impl Iterator<Item = &'a Entry> {
    facts.entries.iter().filter(move |e| {
        e.person == person && e.known_at <= known_by && check_digit_holds(&e.insurer_number)
    })
}

/// Whether two insurer numbers are one: a number of 6 digits is also written with two zeros before it.
pub fn same_insurer(one: &str, other: &str) -> bool {
    let short = |number: &str| match number.strip_prefix("00") {
        Some(rest) if rest.len() == 6 => rest.to_owned(),
        _ => number.to_owned(),
    };
    short(one) == short(other)
}

/// Whether the last digit of an insurer number of 6 or 8 digits is right: from the right, weights
/// 2 and 1 in turn, two-digit products count as the sum of their digits, and all make a multiple of 10.
pub fn check_digit_holds(number: &str) -> bool {
    let number = number.trim();
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != number.chars().count() || ![6, 8].contains(&digits.len()) {
        return false;
    }
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| {
        let product = if place % 2 == 1 { digit * 2 } else { *digit };
        product / 10 + product % 10
    });
    weighted.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scene, day, instant};
    use proptest::prelude::*;

    #[test]
    fn check_digits_by_the_published_examples() {
        for (number, holds) in [
            ("33120015", true),
            ("138016", true),
            ("00138016", true),
            ("33120016", false),
            ("13801", false),
            ("3312001５", false),
            ("", false),
        ] {
            assert_eq!(check_digit_holds(number), holds, "{number}");
        }
    }

    #[test]
    fn the_latest_gain_not_lost_by_then() {
        // (kind, insurer, on, known) in the order entered; what is due on 2026-10-15.
        let a = "06139992";
        let b = "33120015";
        let gain = EntryKind::Gain;
        let loss = EntryKind::Loss;
        type Rows<'a> = &'a [(EntryKind, &'a str, &'a str, &'a str)];
        type Row<'a> = (&'a str, Rows<'a>, Option<(&'a str, bool)>);
        let table: &[Row<'_>] = &[
            ("none", &[], None),
            (
                "one",
                &[(gain, a, "2024-04-01", "2024-04-05")],
                Some((a, true)),
            ),
            (
                "lost yesterday",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-14", "2026-10-14"),
                ],
                Some((a, false)),
            ),
            (
                "lost today",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-15", "2026-10-14"),
                ],
                Some((a, false)),
            ),
            (
                "lost tomorrow",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-16", "2026-10-14"),
                ],
                Some((a, true)),
            ),
            (
                "loss not yet entered",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-01", "2026-10-16"),
                ],
                Some((a, true)),
            ),
            (
                "changed",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-01", "2026-10-02"),
                    (gain, b, "2026-10-01", "2026-10-03"),
                ],
                Some((b, true)),
            ),
            (
                "new before the old is lost",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-01", "2026-10-03"),
                ],
                Some((b, true)),
            ),
            (
                "new one begins tomorrow",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-16", "2026-10-03"),
                ],
                Some((a, true)),
            ),
            (
                "new one not yet entered",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-01", "2026-10-16"),
                ],
                Some((a, true)),
            ),
            (
                "the newer lost again",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-01", "2026-10-03"),
                    (loss, b, "2026-10-10", "2026-10-10"),
                ],
                Some((a, true)),
            ),
            (
                "both lost, the later as reference",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2025-04-01", "2025-04-02"),
                    (gain, b, "2025-04-01", "2025-04-03"),
                    (loss, b, "2026-10-10", "2026-10-10"),
                ],
                Some((b, false)),
            ),
            (
                "wrong check digit",
                &[(gain, "06139993", "2024-04-01", "2024-04-05")],
                None,
            ),
        ];
        for (name, rows, due) in table {
            let mut scene = Scene::bare();
            for (kind, insurer, on, known) in *rows {
                scene.entry(*kind, insurer, on, &format!("{known}T09:00:00.000+09:00"));
            }
            let case = scene.case();
            let found = qualification(
                &case.facts,
                "田中",
                day("2026-10-15"),
                instant("2026-10-15T10:00:00.000+09:00"),
            );
            let found = found.map(|q| (q.numbers.insurer_number, q.valid));
            assert_eq!(found, due.map(|(n, v)| (n.to_owned(), v)), "{name}");
        }
    }

    proptest! {
        #[test]
        fn one_right_digit_of_ten(body in "[0-9]{7}") {
            let holding = (0..10).filter(|d| check_digit_holds(&format!("{body}{d}"))).count();
            prop_assert_eq!(holding, 1);
        }

        #[test]
        fn a_changed_digit_is_noticed(body in "[0-9]{5}", place in 0usize..6, by in 1u32..10) {
            let right = (0..10).map(|d| format!("{body}{d}")).find(|n| check_digit_holds(n)).unwrap();
            let mut digits: Vec<u32> = right.chars().filter_map(|c| c.to_digit(10)).collect();
            digits[place] = (digits[place] + by) % 10;
            let bent: String = digits.iter().map(u32::to_string).collect();
            prop_assert!(!check_digit_holds(&bent));
        }

        #[test]
        fn no_number_makes_it_panic(number in ".{0,12}") {
            let _ = check_digit_holds(&number);
        }
    }
}
