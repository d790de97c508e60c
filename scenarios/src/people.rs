//! The invented people, clinics and insurers of the stories, known by a Japanese and an
//! English name each.

use serde::Deserialize;

use crate::SuiteError;

const PEOPLE: &str = include_str!("../people/people.yaml");

/// An invented person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// Name as registered.
    pub name: String,
    /// Half-width kana.
    pub kana: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// OQSCD007.
    pub sex: String,
    /// Where the person lives.
    pub address: String,
}

/// An invented clinic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facility {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// Facility code without its check digit, nine digits.
    pub code_body: String,
}

/// An invented insurer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insurer {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// Insurer number without its check digit.
    pub number_body: String,
    /// 記号 of everybody insured there; empty where there is none.
    pub symbol: String,
    /// First digits of every 番号.
    pub prefix: String,
    /// 枝番 of everybody insured there; empty where the scheme has none.
    #[serde(default = "branch")]
    pub branch: String,
}

fn branch() -> String {
    "00".to_owned()
}

/// A word of the stories.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The word.
    pub ja: String,
    /// The word in English stories.
    pub en: String,
    /// What it stands for.
    pub means: String,
}

/// Everybody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Persons.
    pub persons: Vec<Person>,
    /// Clinics.
    pub facilities: Vec<Facility>,
    /// Insurers.
    pub insurers: Vec<Insurer>,
    /// Words that stand in quotes in a story.
    pub terms: Vec<Term>,
}

impl People {
    /// Everybody shipped with the suite.
    pub fn shipped() -> Result<Self, SuiteError> {
        Self::parse(PEOPLE)
    }

    /// The file they come from, for the suite's digest.
    pub fn source() -> &'static str {
        PEOPLE
    }

    fn parse(text: &str) -> Result<Self, SuiteError> {
        serde_saphyr::from_str(text).map_err(|e| SuiteError::Data {
            file: "people/people.yaml",
            said: e.to_string(),
        })
    }

    /// A person by either name, with their number in the list.
    pub fn person(&self, name: &str) -> Option<(usize, &Person)> {
        self.persons
            .iter()
            .enumerate()
            .find(|(_, p)| p.ja == name || p.en == name)
    }

    /// A clinic by either name.
    pub fn facility(&self, name: &str) -> Option<(usize, &Facility)> {
        self.facilities
            .iter()
            .enumerate()
            .find(|(_, f)| f.ja == name || f.en == name)
    }

    /// An insurer by either name.
    pub fn insurer(&self, name: &str) -> Option<(usize, &Insurer)> {
        self.insurers
            .iter()
            .enumerate()
            .find(|(_, i)| i.ja == name || i.en == name)
    }

    /// What a quoted word stands for; itself where the list does not have it.
    pub fn meaning<'a>(&'a self, word: &'a str) -> &'a str {
        let term = self.terms.iter().find(|t| t.ja == word || t.en == word);
        term.map_or(word, |t| t.means.as_str())
    }

    /// Japanese and English name of anybody, and of any word of the list.
    pub fn names(&self, name: &str) -> Option<[&str; 2]> {
        let person = self
            .person(name)
            .map(|(_, p)| [p.ja.as_str(), p.en.as_str()]);
        let facility = || {
            self.facility(name)
                .map(|(_, f)| [f.ja.as_str(), f.en.as_str()])
        };
        let insurer = || {
            self.insurer(name)
                .map(|(_, i)| [i.ja.as_str(), i.en.as_str()])
        };
        let term = || {
            let found = self.terms.iter().find(|t| t.ja == name || t.en == name);
            found.map(|t| [t.ja.as_str(), t.en.as_str()])
        };
        person.or_else(facility).or_else(insurer).or_else(term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_found_by_both_names() {
        let people = People::shipped().unwrap();
        assert_eq!(people.person("Hanako Tanaka").unwrap().1.ja, "田中花子");
        assert_eq!(
            people.names("みなと診療所"),
            Some(["みなと診療所", "Minato Clinic"])
        );
        assert_eq!(people.names("nobody"), None);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let said = People::parse("persons:\n  - jaa: x\n")
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("people/people.yaml") && said.contains("jaa"),
            "{said}"
        );
    }
}
