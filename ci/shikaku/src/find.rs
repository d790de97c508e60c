//! Finds the scenario somebody means: by its id, by a line of its feature file however the path is written,
//! and when there is none, names the nearest id.

use scenarios::{Story, Suite};

use crate::failure::Failure;

/// The story of that id, or the one written at `FILE:LINE`: any line from its title to the next one's.
pub fn story<'a>(suite: &'a Suite, wanted: &str) -> Result<&'a Story, Failure> {
    suite
        .find(wanted)
        .or_else(|| at_line(&suite.stories, wanted))
        .ok_or_else(|| {
            let near = nearest(suite.stories.iter().map(|one| one.id.as_str()), wanted);
            let near = near.map_or_else(String::new, |id| format!(" Did you mean {id}?"));
            Failure::Configuration(format!(
                "{wanted}: no scenario has that id or place.{near} `shikaku list` names them all."
            ))
        })
}

fn at_line<'a>(stories: &'a [Story], wanted: &str) -> Option<&'a Story> {
    let (file, line) = wanted.rsplit_once(':')?;
    let line: usize = line.parse().ok()?;
    let above = |story: &&'a Story| {
        let place = story.place.rsplit_once(':');
        place.is_some_and(|(of, from)| {
            let begins = from.parse::<usize>().is_ok_and(|from| from <= line);
            begins && same_file(of, file)
        })
    };
    let begins = |story: &&Story| -> usize {
        let line = story.place.rsplit_once(':').map(|(_, line)| line.parse());
        line.and_then(Result::ok).unwrap_or_default()
    };
    // Of the rows of one outline, which begin at one line each, the first is meant.
    let last = stories.iter().filter(above).map(|s| begins(&s)).max()?;
    stories.iter().filter(above).find(|s| begins(s) == last)
}

/// Whether one path ends with the other, name by name: `./x.feature`, `features/x.feature` and a whole path all
/// mean the same file.
fn same_file(one: &str, other: &str) -> bool {
    let names = |path: &str| -> Vec<String> {
        let names = path
            .split(['/', '\\'])
            .filter(|n| !n.is_empty() && *n != ".");
        names.map(str::to_owned).collect()
    };
    let (one, other) = (names(one), names(other));
    !other.is_empty() && (one.ends_with(&other) || other.ends_with(&one))
}

/// The id that takes the fewest changed letters, unless it would take too many to be meant.
fn nearest<'a>(ids: impl Iterator<Item = &'a str>, wanted: &str) -> Option<&'a str> {
    let most = wanted.chars().count() / 3 + 1;
    ids.map(|id| (steps(id, wanted), id))
        .filter(|(steps, _)| *steps <= most)
        .min()
        .map(|(_, id)| id)
}

/// How many letters must be put in, taken out or changed to make one word of the other (Levenshtein).
fn steps(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (nth, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = nth + 1;
        for (at, against) in other.iter().enumerate() {
            let kept = corner + usize::from(letter != *against);
            corner = row[at + 1];
            row[at + 1] = kept.min(corner + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_found_by_any_of_its_lines_however_its_file_is_written() {
        let suite = Suite::shipped().unwrap();
        let first = &suite.stories[0];
        let (file, line) = first.place.rsplit_once(':').unwrap();
        let line: usize = line.parse().unwrap();
        let short = file.rsplit('/').next().unwrap();
        for wanted in [
            first.id.clone(),
            first.place.clone(),
            format!("{file}:{}", line + 2),
            format!("./{file}:{}", line + 1),
            format!("/somewhere/else/scenarios/{file}:{line}"),
            format!("{short}:{line}"),
        ] {
            let found = story(&suite, &wanted).map(|one| one.id.clone());
            assert_eq!(found.ok(), Some(first.id.clone()), "{wanted}");
        }
        for wanted in [format!("{short}:1"), format!("x{short}:{line}"), ":".into()] {
            assert!(story(&suite, &wanted).is_err(), "{wanted}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_answered_with_the_nearest_id() {
        let suite = Suite::shipped().unwrap();
        let said = |wanted: &str| story(&suite, wanted).err().unwrap().to_string();
        let near = said("pin-rihgt");
        assert!(near.contains("Did you mean pin-right?"), "{near}");
        assert!(!said("nobody-at-all-of-that-name").contains("Did you mean"));
    }

    #[test]
    fn letters_are_counted() {
        for (one, other, far) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "ac", 1),
            ("ab", "ba", 2),
        ] {
            assert_eq!(steps(one, other), far, "{one} {other}");
        }
    }
}
