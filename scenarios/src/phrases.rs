//! The phrase book: one table that gives every step its meaning in Japanese and English, reads
//! a step in either language and says it in the other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{People, Props, SuiteError};

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
}

/// One language's way to say a phrase: which phrase, and what stands at each gap of its skeleton.
struct Way {
    phrase: usize,
    gaps: Vec<Gap>,
}

/// What stands at a gap of a skeleton.
enum Gap {
    /// A value of this name.
    Named(String),
    /// These very digits, which belong to the phrase.
    Digits(String),
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
    /// Every way to say a phrase, by its skeleton: the text with quoted words and numbers taken out.
    ways: BTreeMap<String, Vec<Way>>,
    people: People,
    props: Props,
}

const QUOTES: [[&str; 2]; 2] = [["「", "」"], ["\"", "\""]];

impl PhraseBook {
    /// The phrases shipped with the suite.
    pub fn shipped() -> Result<Self, SuiteError> {
        Self::parse(PHRASES, People::shipped()?, Props::shipped()?)
    }

    /// The file they come from, for the suite's digest.
    pub fn source() -> &'static str {
        PHRASES
    }

    fn parse(text: &str, people: People, props: Props) -> Result<Self, SuiteError> {
        let failed = |said: String| SuiteError::Data {
            file: "phrases.yaml",
            said,
        };
        let rows: Vec<Row> = serde_saphyr::from_str(text).map_err(|e| failed(e.to_string()))?;
        let mut phrases = Vec::new();
        let mut ways: BTreeMap<String, Vec<Way>> = BTreeMap::new();
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
            for template in [&row.ja, &row.en] {
                let (skeleton, gaps) = template_parts(template);
                let phrase = phrases.len();
                ways.entry(skeleton).or_default().push(Way { phrase, gaps });
            }
            phrases.push(Phrase {
                id: row.id,
                templates: [row.ja, row.en],
            });
        }
        Ok(PhraseBook {
            phrases,
            ways,
            people,
            props,
        })
    }

    /// Understands a step in either language.
    pub fn read(&self, step: &str) -> Option<Read> {
        let (skeleton, found) = step_parts(step);
        self.ways.get(&skeleton)?.iter().find_map(|way| {
            let mut values = BTreeMap::new();
            for (gap, value) in way.gaps.iter().zip(&found) {
                match gap {
                    Gap::Digits(digits) if digits == value => {}
                    Gap::Digits(_) => return None,
                    Gap::Named(name) => {
                        let value = self.names(value).map_or(*value, |n| n[0]);
                        values.insert(name.clone(), value.to_owned());
                    }
                }
            }
            Some(Read {
                phrase: self.phrases[way.phrase].id.clone(),
                values,
            })
        })
    }

    /// Says a step in Japanese and English.
    pub fn say(&self, read: &Read) -> [String; 2] {
        let Some(phrase) = self.phrases.iter().find(|p| p.id == read.phrase) else {
            return Default::default();
        };
        [0, 1].map(|language| {
            let mut said = phrase.templates[language].clone();
            for (name, value) in &read.values {
                let value_here = self.names(value).map_or(value.as_str(), |n| n[language]);
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

    fn names(&self, word: &str) -> Option<[&str; 2]> {
        self.people.names(word).or_else(|| self.props.names(word))
    }

    /// Ids of all phrases.
    pub fn ids(&self) -> BTreeSet<&str> {
        self.phrases.iter().map(|p| p.id.as_str()).collect()
    }

    /// The people the phrases speak of.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// What lies ready for them.
    pub fn props(&self) -> &Props {
        &self.props
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

/// Signs that stand for a quoted word and for a number in a skeleton; no text holds them.
const WORD: char = '\u{1}';
const NUMBER: char = '\u{2}';

/// A step's skeleton, and what was taken out of it in order.
fn step_parts(step: &str) -> (String, Vec<&str>) {
    let (mut skeleton, mut found) = (String::new(), Vec::new());
    let mut rest = step;
    while let Some(first) = rest.chars().next() {
        let quoted = QUOTES.iter().find_map(|[open, close]| {
            let inside = rest.strip_prefix(open)?;
            let end = inside.find(close)?;
            Some((&inside[..end], &inside[end + close.len()..]))
        });
        if let Some((word, after)) = quoted {
            skeleton.push(WORD);
            found.push(word);
            rest = after;
        } else if first.is_ascii_digit() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            skeleton.push(NUMBER);
            found.push(&rest[..end]);
            rest = &rest[end..];
        } else {
            skeleton.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (skeleton, found)
}

/// A template's skeleton, and what stands at its gaps in order.
fn template_parts(template: &str) -> (String, Vec<Gap>) {
    let (mut skeleton, mut gaps) = (String::new(), Vec::new());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        literal(before, &mut skeleton, &mut gaps);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        skeleton.push(if name.ends_with('#') { NUMBER } else { WORD });
        gaps.push(Gap::Named(name.trim_end_matches('#').to_owned()));
        rest = tail;
    }
    literal(rest, &mut skeleton, &mut gaps);
    (skeleton, gaps)
}

/// Text of a template outside its placeholders; digits in it belong to the phrase.
fn literal(text: &str, skeleton: &mut String, gaps: &mut Vec<Gap>) {
    let (own, digits) = step_parts(text);
    skeleton.push_str(&own);
    gaps.extend(digits.into_iter().map(|d| Gap::Digits(d.to_owned())));
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
        let second = book.read("患者「田中花子」が「みなと診療所」の2台目のリーダーにカードを置く");
        assert_eq!(second.unwrap().phrase, "place-second");
        assert_eq!(
            book.read("患者「田中花子」が「みなと診療所」の3台目のリーダーにカードを置く"),
            None
        );
        assert_eq!(book.read("患者「田中花子"), None);
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
        let said = |text: &str| {
            PhraseBook::parse(text, people(), Props::shipped().unwrap())
                .err()
                .unwrap()
                .to_string()
        };
        assert!(said("- {id: a, ja: '{x}', en: y}").contains("different values"));
        assert!(said("- {id: a, ja: x, en: y}\n- {id: a, ja: z, en: w}").contains("twice"));
        assert!(said("- {id: a, jp: x}").contains("phrases.yaml"));
    }
}
