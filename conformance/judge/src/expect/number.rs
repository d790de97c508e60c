//! What is due to a question by number: validity 1 to 5 for the day asked, from what insurers had
//! entered by then.

use super::qualification::{Spell, same_insurer, spells};
use crate::calendar::{Day, Instant};
use crate::case::Facts;
use crate::decode::result::Numbers;

/// What is due to a question by number.
#[derive(Clone, Debug)]
pub struct NumberDue<'a> {
    /// Validities that are right, the plainest in front. Several where the public sources leave it open.
    pub validities: Vec<&'static str>,
    /// The person it is about; none when nobody or several are.
    pub person: Option<&'a str>,
    /// The qualification of that number on that day, if one had begun.
    pub spell: Option<Spell<'a>>,
    /// The person's other qualifications, of which an answer may not say a word.
    pub others: Vec<Spell<'a>>,
}

impl NumberDue<'_> {
    fn bare(validities: &[&'static str]) -> Self {
        NumberDue {
            validities: validities.to_vec(),
            person: None,
            spell: None,
            others: Vec::new(),
        }
    }
}

/// Persons an insured number belongs to, as far as insurers had entered it. A branch left blank fits any;
/// a birth date, where one is given and declared, must fit.
pub fn owners<'a>(
    facts: &'a Facts,
    numbers: &Numbers,
    birth: Option<Day>,
    known_by: Instant,
) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for entry in &facts.entries {
        let born = facts.person(&entry.person).map(|p| p.birth);
        let fits_birth = birth.is_none() || born.is_none() || birth == born;
        let known = entry.known_at <= known_by && super::check_digit_holds(&entry.insurer_number);
        if known && fits_birth && fits(numbers, &entry.numbers) && !found.contains(&&*entry.person)
        {
            found.push(&entry.person);
        }
    }
    found
}

fn fits(asked: &Numbers, held: &Numbers) -> bool {
    same_insurer(&asked.insurer_number, &held.insurer_number)
        && asked.symbol == held.symbol
        && asked.number == held.number
        && (asked.branch.is_empty() || asked.branch == held.branch)
}

/// What is due to a number for a day, as known by an instant.
pub fn by_number<'a>(
    facts: &'a Facts,
    numbers: &Numbers,
    birth: Option<Day>,
    on: Day,
    known_by: Instant,
) -> NumberDue<'a> {
    let person = match owners(facts, numbers, birth, known_by).as_slice() {
        [] => return NumberDue::bare(&["4"]),
        [one] => *one,
        _ => return NumberDue::bare(&["5"]),
    };
    let (own, others): (Vec<Spell<'_>>, Vec<Spell<'_>>) = spells(facts, person, known_by)
        .into_iter()
        .partition(|s| fits(numbers, &s.gain.numbers));
    let begun = own.iter().filter(|s| s.gain.on <= on);
    let spell = begun.max_by_key(|s| (s.holds(on), s.gain.on)).copied();
    let validities = match spell {
        // A number that begins later, or of which only a loss has arrived.
        None => vec!["4", "2", "3"],
        Some(spell) if spell.holds(on) => vec!["1"],
        Some(spell) => lost(&spell, &others, on),
    };
    NumberDue {
        validities,
        person: Some(person),
        spell,
        others,
    }
}

/// Validity of a lost number: 3 where a newer qualification is known.
fn lost(spell: &Spell<'_>, others: &[Spell<'_>], on: Day) -> Vec<&'static str> {
    let newer = || others.iter().filter(|o| o.gain.on >= spell.gain.on);
    if newer().any(|o| o.holds(on)) {
        vec!["3"]
    } else if newer().next().is_some() {
        vec!["2", "3"]
    } else {
        vec!["2"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NUMBER, OTHER_NUMBER, Scene, day, instant};
    use evidence::EntryKind::{Gain, Loss};

    const KNOWN: &str = "2026-10-03T09:00:00.000+09:00";

    fn due(scene: &Scene, number: &str, branch: &str, on: &str, by: &str) -> Vec<&'static str> {
        let case = scene.case();
        let numbers = Numbers::new(number, "12", "34", branch);
        let by = instant(&format!("{by}T10:00:00.000+09:00"));
        by_number(&case.facts, &numbers, None, day(on), by).validities
    }

    #[test]
    fn each_state_on_each_day_has_its_validity() {
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-09-01", KNOWN);
        scene.entry(
            Gain,
            OTHER_NUMBER,
            "2026-09-10",
            "2026-10-10T09:00:00.000+09:00",
        );
        for (name, number, on, by, expected) in [
            (
                "before its loss",
                NUMBER,
                "2026-08-31",
                "2026-10-15",
                &["1"][..],
            ),
            (
                "on the loss date",
                NUMBER,
                "2026-09-01",
                "2026-10-05",
                &["2"],
            ),
            (
                "loss not yet entered",
                NUMBER,
                "2026-09-05",
                "2026-10-01",
                &["1"],
            ),
            (
                "newer one valid",
                NUMBER,
                "2026-09-10",
                "2026-10-15",
                &["3"],
            ),
            (
                "in the gap, newer one later",
                NUMBER,
                "2026-09-05",
                "2026-10-15",
                &["2", "3"],
            ),
            (
                "newer one not yet entered",
                NUMBER,
                "2026-10-05",
                "2026-10-05",
                &["2"],
            ),
            (
                "the newer itself",
                OTHER_NUMBER,
                "2026-10-15",
                "2026-10-15",
                &["1"],
            ),
            (
                "unknown as yet",
                OTHER_NUMBER,
                "2026-10-05",
                "2026-10-05",
                &["4"],
            ),
            ("nobody's", "138016", "2026-10-15", "2026-10-15", &["4"]),
        ] {
            assert_eq!(due(&scene, number, "00", on, by), expected, "{name}");
        }
        assert_eq!(due(&scene, NUMBER, "01", "2026-08-31", "2026-10-15"), ["4"]);
        assert_eq!(due(&scene, NUMBER, "", "2026-08-31", "2026-10-15"), ["1"]);
    }

    #[test]
    fn a_blank_branch_may_fit_several() {
        let mut scene = Scene::registered();
        scene.entry_of("弟", Gain, NUMBER, "01", "2024-04-01", KNOWN);
        assert_eq!(due(&scene, NUMBER, "", "2026-10-15", "2026-10-15"), ["5"]);
        assert_eq!(due(&scene, NUMBER, "01", "2026-10-15", "2026-10-15"), ["1"]);
    }
}
