//! The profile: values that public sources leave open or dispute, with their rivals and sources.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::PROFILE_YAML;
use crate::data::{DataError, Ordered, read};

/// One thing said in Japanese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InTwoTongues {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// One disputed or unpublished value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name, such as `grace_end`.
    pub name: String,
    /// What a run uses unless told otherwise.
    pub value: String,
    /// Other values a source names; empty where any value of the field's owner would do.
    pub alternatives: Vec<String>,
    /// Where the value and its rivals come from.
    pub sources: Vec<String>,
    /// Why it is a parameter and no constant.
    pub disputed: InTwoTongues,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
}

/// Every parameter, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
}

/// A parameter as the file writes it: its name is the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    value: String,
    alternatives: Vec<String>,
    sources: Vec<String>,
    disputed: InTwoTongues,
    ja: String,
    en: String,
}

impl Profile {
    /// The profile compiled in.
    pub fn shipped() -> Result<Self, DataError> {
        Self::read("conformance/requirements/profile.yaml", PROFILE_YAML)
    }

    /// Reads a profile. Refuses another shape, a name twice, a parameter without source, and a value listed as
    /// its own alternative, with file and line.
    pub fn read(file: &str, yaml: &str) -> Result<Self, DataError> {
        let Ordered(written) = read::<Ordered<Entry>>(file, yaml)?;
        let mut parameters = Vec::new();
        for (name, entry) in written {
            let problem = if entry.sources.is_empty() {
                Some("no source; say where the value comes from")
            } else if entry.alternatives.contains(&entry.value) {
                Some("the value is listed as its own alternative")
            } else {
                None
            };
            if let Some(problem) = problem {
                let line = name.referenced.line();
                return Err(DataError::Value {
                    file: file.to_owned(),
                    line,
                    name: name.value,
                    problem: problem.to_owned(),
                });
            }
            let Entry {
                value,
                alternatives,
                sources,
                disputed,
                ja,
                en,
            } = entry;
            parameters.push(Parameter {
                name: name.value,
                value,
                alternatives,
                sources,
                disputed,
                ja,
                en,
            });
        }
        Ok(Self { parameters })
    }

    /// The values by name, as a run states them and the rules take them.
    pub fn values(&self) -> BTreeMap<String, String> {
        self.parameters
            .iter()
            .map(|parameter| (parameter.name.clone(), parameter.value.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_profile_is_read_whole_and_in_order() {
        let profile = Profile::shipped().unwrap();
        let names: Vec<_> = profile
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        let written: Vec<_> = PROFILE_YAML
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .map(|line| line.trim_end_matches(':'))
            .collect();
        assert_eq!(names, written);
        let values = profile.values();
        assert_eq!(values.len(), names.len());
        assert_eq!(values["grace_end"], "month_end");
        assert_eq!(values["result_code.confirmed"], "");
        assert_eq!(values["result_code.certificate-revoked"], "SIM-E202");
    }

    #[test]
    fn every_parameter_says_why_it_is_one() {
        for parameter in Profile::shipped().unwrap().parameters {
            for text in [
                &parameter.disputed.ja,
                &parameter.disputed.en,
                &parameter.ja,
                &parameter.en,
            ] {
                assert!(!text.trim().is_empty(), "{}", parameter.name);
            }
        }
    }

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        let good = "a:\n  value: '1'\n  alternatives: ['2']\n  sources: [DA-25]\n  disputed: {ja: 争, en: Why.}\n  ja: 何\n  en: What.\n";
        assert!(Profile::read("mine.yaml", good).is_ok());
        for (from, to, place, words) in [
            ("[DA-25]", "[]", "mine.yaml:1:", "a: no source"),
            ("['2']", "['1']", "mine.yaml:1:", "its own alternative"),
            ("  en: What.\n", "", "mine.yaml:", "en"),
            ("  ja: 何", "  jp: 何", "mine.yaml:6:", "jp"),
            ("value: '1'", "value: [1]", "mine.yaml:2:", ""),
        ] {
            let said = Profile::read("mine.yaml", &good.replacen(from, to, 1))
                .unwrap_err()
                .to_string();
            assert!(
                said.starts_with(place) && said.contains(words),
                "{from} → {to}: {said}"
            );
        }
    }
}
