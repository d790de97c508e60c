//! Words that may not stand in the tree, kept in `words.yaml` with reason and advice.

use serde::Deserialize;

use crate::broken::Broken;
use crate::tree::File;
use crate::trouble::Trouble;

/// Texts that people write; recorded bytes, keys and lock files may hold anything.
const READ: [&str; 12] = [
    "rs", "toml", "yaml", "yml", "md", "feature", "html", "css", "js", "sh", "txt", "",
];

/// One forbidden word.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    word: String,
    whole: bool,
    files: Vec<String>,
    except: Vec<String>,
    because: String,
    next: String,
}

/// The words this program was built with.
pub fn of_this_house() -> Result<Vec<Word>, Trouble> {
    serde_saphyr::from_str(include_str!("../words.yaml")).map_err(|error| Trouble::OwnTable {
        file: "ci/house/words.yaml",
        reason: error.to_string(),
    })
}

/// Names every line that holds a forbidden word.
pub fn check(files: &[File], words: &[Word]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for word in words {
        for file in files.iter().filter(|file| word.is_about(file)) {
            let lines = file
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| word.stands_in(line));
            broken.extend(lines.map(|(index, _)| Broken {
                rule: "words",
                file: file.path.clone(),
                line: index + 1,
                what: format!("`{}`: {}", word.word, word.because),
                who: format!("whoever wrote {}", file.path),
                next: word.next.clone(),
            }));
        }
    }
    broken
}

impl Word {
    fn is_about(&self, file: &File) -> bool {
        let ending = file.ending();
        READ.contains(&ending)
            && (self.files.is_empty() || self.files.iter().any(|wanted| wanted == ending))
            && !self
                .except
                .iter()
                .any(|beginning| file.path.starts_with(beginning.as_str()))
    }

    fn stands_in(&self, line: &str) -> bool {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        line.match_indices(&self.word).any(|(at, found)| {
            !self.whole
                || !letter(line[..at].chars().next_back())
                    && !letter(line[at + found.len()..].chars().next())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        let file = File {
            path: path.into(),
            text: text.into(),
        };
        check(&[file], &of_this_house().unwrap())
            .into_iter()
            .map(|broken| broken.line)
            .collect()
    }

    #[test]
    fn each_word_is_found_where_it_counts() {
        for (path, text) in [
            ("a.rs", concat!("\n// TO", "DO: later")),
            ("ci/test", concat!("\n# FIX", "ME")),
            ("a.md", concat!("\nXX", "X")),
            ("a.rs", concat!("\n#[igno", "re = \"slow\"]")),
            ("a.rs", concat!("\ntod", "o!()")),
            ("a.rs", concat!("\nunimplemen", "ted!(\"x\")")),
            (
                "sim/clinic/src/a.rs",
                concat!("\n#[allow(clippy::disallow", "ed_methods)]"),
            ),
        ] {
            assert_eq!(found(path, text), [2], "{text}");
        }
    }

    #[test]
    fn likenesses_and_permitted_places_pass() {
        for (path, text) in [
            ("Cargo.toml", "todo = \"deny\""),
            ("a.md", concat!("OQSsiquc01XX", "XX")),
            ("a.pem", concat!("TO", "DO")),
            (
                "sim/world/src/lib.rs",
                concat!("#![allow(clippy::disallow", "ed_methods)]"),
            ),
            ("ci/house/words.yaml", concat!("TO", "DO")),
        ] {
            assert_eq!(found(path, text), Vec::<usize>::new(), "{text}");
        }
    }
}
