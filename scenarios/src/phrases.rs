//! The phrase book: one table that gives every step its meaning in Japanese and English, reads
//! a step in either language and says it in the other.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

use crate::{People, SuiteError};

const PHRASES: &str = include_str!("../phrases.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    ja: String,
    en: String,
}

struct Phrase {
    id: String,
    templates: [String; 2],
    readers: [Regex; 2],
}

/// A step that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Phrase id.
    pub phrase: String,
    /// Values by name, names of people in Japanese.
    pub values: BTreeMap<String, String>,
}

impl Read {
    /// A named value; empty when the phrase has none of that name.
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// A number.
    pub fn number(&self, name: &str) -> i32 {
        // The reader's pattern lets digits through only; more than an i32 holds is far away enough.
        self.get(name).parse().unwrap_or(i32::MAX)
    }
}

/// All phrases.
pub struct PhraseBook {
    phrases: Vec<Phrase>,
    people: People,
}

const QUOTES: [[&str; 2]; 2] = [["「", "」"], ["\"", "\""]];

impl PhraseBook {
    /// The phrases shipped with the suite.
    pub fn shipped() -> Result<Self, SuiteError> {
        Self::parse(PHRASES, People::shipped()?)
    }

    /// The file they come from, for the suite's digest.
    pub fn source() -> &'static str {
        PHRASES
    }

    fn parse(text: &str, people: People) -> Result<Self, SuiteError> {
        let failed = |said: String| SuiteError::Data {
            file: "phrases.yaml",
            said,
        };
        let rows: Vec<Row> = serde_saphyr::from_str(text).map_err(|e| failed(e.to_string()))?;
        let mut phrases = Vec::new();
        for row in rows {
            if placeholders(&row.ja) != placeholders(&row.en) {
                return Err(failed(format!(
                    "{}: the two languages name different values",
                    row.id
                )));
            }
            if phrases.iter().any(|p: &Phrase| p.id == row.id) {
                return Err(failed(format!("{} stands twice", row.id)));
            }
            let reader = |template: &str, language: usize| {
                Regex::new(&pattern(template, QUOTES[language]))
                    .map_err(|e| failed(format!("{}: {e}", row.id)))
            };
            let readers = [reader(&row.ja, 0)?, reader(&row.en, 1)?];
            phrases.push(Phrase {
                readers,
                id: row.id,
                templates: [row.ja, row.en],
            });
        }
        Ok(PhraseBook { phrases, people })
    }

    /// Understands a step in either language.
    pub fn read(&self, step: &str) -> Option<Read> {
        for phrase in &self.phrases {
            for reader in &phrase.readers {
                let Some(found) = reader.captures(step) else {
                    continue;
                };
                let values = reader.capture_names().flatten().filter_map(|name| {
                    let value = found.name(name)?.as_str();
                    let value = self.people.names(value).map_or(value, |n| n[0]);
                    Some((name.to_owned(), value.to_owned()))
                });
                return Some(Read {
                    phrase: phrase.id.clone(),
                    values: values.collect(),
                });
            }
        }
        None
    }

    /// Says a step in Japanese and English.
    pub fn say(&self, read: &Read) -> [String; 2] {
        let Some(phrase) = self.phrases.iter().find(|p| p.id == read.phrase) else {
            return Default::default();
        };
        [0, 1].map(|language| {
            let mut said = phrase.templates[language].clone();
            for (name, value) in &read.values {
                let value_here = self
                    .people
                    .names(value)
                    .map_or(value.as_str(), |n| n[language]);
                let [open, close] = QUOTES[language];
                said = said.replace(
                    &format!("{{{name}}}"),
                    &format!("{open}{value_here}{close}"),
                );
                said = said.replace(&format!("{{{name}#}}"), value_here);
            }
            said
        })
    }

    /// Patterns of all steps, for the runner.
    pub fn patterns(&self) -> impl Iterator<Item = &Regex> {
        self.phrases.iter().flat_map(|p| &p.readers)
    }

    /// Ids of all phrases.
    pub fn ids(&self) -> BTreeSet<&str> {
        self.phrases.iter().map(|p| p.id.as_str()).collect()
    }

    /// The people the phrases speak of.
    pub fn people(&self) -> &People {
        &self.people
    }
}

fn placeholders(template: &str) -> BTreeSet<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

fn pattern(template: &str, [open, close]: [&str; 2]) -> String {
    let mut out = String::from("^");
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(&regex::escape(before));
        match name.strip_suffix('#') {
            Some(number) => out.push_str(&format!("(?P<{number}>[0-9]+)")),
            None => out.push_str(&format!("{open}(?P<{name}>[^「」\"]+){close}")),
        }
        rest = tail;
    }
    out + &regex::escape(rest) + "$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_and_said_in_both_languages() {
        let book = PhraseBook::shipped().unwrap();
        let read = book
            .read("患者「田中花子」が「みなと診療所」のリーダーにカードを置く")
            .unwrap();
        assert_eq!(
            (read.phrase.as_str(), read.get("person")),
            ("place-card", "田中花子")
        );
        let [ja, en] = book.say(&read);
        assert_eq!(
            en,
            "the patient \"Hanako Tanaka\" places the card on the reader of \"Minato Clinic\""
        );
        assert_eq!(book.read(&ja), Some(read.clone()));
        assert_eq!(book.read(&en), Some(read));
    }

    #[test]
    fn numbers_and_unknown_steps() {
        let book = PhraseBook::shipped().unwrap();
        assert_eq!(book.read("5秒が過ぎる").unwrap().number("seconds"), 5);
        assert_eq!(book.read("five seconds pass"), None);
        assert_eq!(book.read("患者「田中花子」が踊る"), None);
    }

    #[test]
    fn no_step_can_be_read_two_ways() {
        let book = PhraseBook::shipped().unwrap();
        for phrase in &book.phrases {
            for template in &phrase.templates {
                let plain = template.replace("#}", "}");
                let fits: Vec<_> = book
                    .phrases
                    .iter()
                    .filter(|p| p.templates.iter().any(|t| t.replace("#}", "}") == plain))
                    .collect();
                assert_eq!(fits.len(), 1, "{plain}");
            }
        }
    }

    #[test]
    fn a_book_that_contradicts_itself_is_refused() {
        let people = || People::shipped().unwrap();
        let said = |text: &str| PhraseBook::parse(text, people()).err().unwrap().to_string();
        assert!(said("- {id: a, ja: '{x}', en: y}").contains("different values"));
        assert!(said("- {id: a, ja: x, en: y}\n- {id: a, ja: z, en: w}").contains("twice"));
        assert!(said("- {id: a, jp: x}").contains("phrases.yaml"));
    }
}
