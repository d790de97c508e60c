//! The requirement catalogue: groups of rules in the order they are written.

use serde::{Deserialize, Serialize};

use crate::data::{DataError, Ordered, read};
use crate::{CATALOGUE_YAML, Role};

/// How much a rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A product that breaks it cannot be certified in that role.
    Must,
    /// A deviation is listed in the report and does not block.
    Should,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its name for ever, such as `LIFE-02`.
    pub id: String,
    /// How much it weighs.
    pub level: Level,
    /// Who can be the product under test for it.
    pub roles: Vec<Role>,
    /// Short name in Japanese.
    pub ja: String,
    /// The rule in English.
    pub en: String,
    /// Public documents or fact sheets it comes from, separated by "; ".
    pub source: String,
}

/// Rules of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The subject, such as `life`.
    pub name: String,
    /// Its rules, in order.
    pub requirements: Vec<Requirement>,
}

/// Every rule, by subject, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// The subjects, in order.
    pub groups: Vec<Group>,
}

/// A rule as the file writes it: its id is the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    level: Level,
    roles: Vec<Role>,
    ja: String,
    en: String,
    source: String,
}

impl Catalogue {
    /// The catalogue compiled in.
    pub fn shipped() -> Result<Self, DataError> {
        Self::read("conformance/requirements/catalogue.yaml", CATALOGUE_YAML)
    }

    /// Reads a catalogue. Refuses another shape, an id used twice, empty texts and a file without rules,
    /// with file and line.
    pub fn read(file: &str, yaml: &str) -> Result<Self, DataError> {
        let Ordered(written) = read::<Ordered<Ordered<Entry>>>(file, yaml)?;
        // A catalogue without rules would let every product pass.
        if written
            .iter()
            .all(|(_, Ordered(entries))| entries.is_empty())
        {
            let problem = "no requirement in the whole file".to_owned();
            return Err(DataError::Shape {
                file: file.to_owned(),
                line: 1,
                column: 1,
                problem,
            });
        }
        let mut groups: Vec<Group> = Vec::new();
        for (name, Ordered(entries)) in written {
            let mut requirements: Vec<Requirement> = Vec::new();
            for (id, entry) in entries {
                let before = groups
                    .iter()
                    .flat_map(|group| &group.requirements)
                    .chain(&requirements);
                if let Some(problem) = problem_with(&id.value, &entry, before) {
                    return Err(DataError::Value {
                        file: file.to_owned(),
                        line: id.referenced.line(),
                        name: id.value,
                        problem,
                    });
                }
                let Entry {
                    level,
                    roles,
                    ja,
                    en,
                    source,
                } = entry;
                requirements.push(Requirement {
                    id: id.value,
                    level,
                    roles,
                    ja,
                    en,
                    source,
                });
            }
            groups.push(Group {
                name: name.value,
                requirements,
            });
        }
        Ok(Self { groups })
    }

    /// Every rule, in order.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.groups.iter().flat_map(|group| &group.requirements)
    }

    /// The rule of an id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.requirements().find(|requirement| requirement.id == id)
    }
}

fn problem_with<'a>(
    id: &str,
    entry: &Entry,
    mut before: impl Iterator<Item = &'a Requirement>,
) -> Option<String> {
    if before.any(|requirement| requirement.id == id) {
        return Some("this id is used before; an id names one rule for ever".to_owned());
    }
    if entry.roles.is_empty() {
        return Some("no role; name who can be tested for it".to_owned());
    }
    let empty = [
        ("ja", &entry.ja),
        ("en", &entry.en),
        ("source", &entry.source),
    ]
    .into_iter()
    .find(|(_, text)| text.trim().is_empty());
    empty.map(|(field, _)| format!("{field} is empty"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CATALOGUE_SCHEMA;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn schema() -> jsonschema::Validator {
        jsonschema::validator_for(&serde_json::from_str::<Value>(CATALOGUE_SCHEMA).unwrap())
            .unwrap()
    }

    fn as_json(yaml: &str) -> Value {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn the_shipped_catalogue_fits_its_schema() {
        let mistakes: Vec<_> = schema()
            .iter_errors(&as_json(CATALOGUE_YAML))
            .map(|mistake| mistake.to_string())
            .collect();
        assert!(mistakes.is_empty(), "{mistakes:#?}");
    }

    #[test]
    fn the_schema_refuses_each_kind_of_mistake() {
        let good =
            "life:\n  LIFE-01: {level: MUST, roles: [card], ja: 証, en: Rule., source: DA-25}\n";
        assert!(schema().is_valid(&as_json(good)));
        for (from, to) in [
            ("life", "Life1"),
            ("LIFE-01", "life-1"),
            ("MUST", "MAY"),
            ("[card]", "[]"),
            ("[card]", "[card, card]"),
            ("[card]", "[door]"),
            ("ja: 証", "ja: ''"),
            (", en: Rule.", ""),
            ("DA-25", "hearsay"),
            ("source", "weight: 1, source"),
        ] {
            assert!(
                !schema().is_valid(&as_json(&good.replacen(from, to, 1))),
                "{from} → {to}"
            );
        }
    }

    #[test]
    fn the_shipped_catalogue_is_read_whole_and_in_order() {
        let catalogue = Catalogue::shipped().unwrap();
        let ids: Vec<_> = catalogue
            .requirements()
            .map(|requirement| requirement.id.as_str())
            .collect();
        let written: Vec<_> = CATALOGUE_YAML
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_once(": {"))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(ids, written);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let rule = catalogue.get("LIFE-02").unwrap();
        assert_eq!(rule.level, Level::Must);
        assert_eq!(
            rule.roles,
            [
                Role::EligibilityServer,
                Role::Reader,
                Role::Terminal,
                Role::ReceiptComputer
            ]
        );
        assert_eq!(rule.ja, "期限切れ3か月の猶予");
        assert_eq!(catalogue.groups[0].name, "card");
        assert!(catalogue.get("LIFE-99").is_none());
    }

    #[test]
    fn every_role_is_somebody() {
        let catalogue = Catalogue::shipped().unwrap();
        for role in Role::ALL {
            assert!(
                catalogue
                    .requirements()
                    .any(|requirement| requirement.roles.contains(&role)),
                "{role}"
            );
        }
    }

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        let rule = "{level: MUST, roles: [card], ja: 証, en: Rule., source: DA-25}";
        for (yaml, line, words) in [
            (
                format!("a:\n  LIFE-01: {rule}\nb:\n  LIFE-01: {rule}\n"),
                4,
                "LIFE-01: this id is used before",
            ),
            (
                format!("a:\n  LIFE-01: {rule}\n  LIFE-01: {rule}\n"),
                3,
                "LIFE-01",
            ),
            (
                format!("a:\n  LIFE-01: {rule}\n").replace("MUST", "MAY"),
                2,
                "MAY",
            ),
            (
                format!("a:\n  LIFE-01: {rule}\n").replace("[card]", "[door]"),
                2,
                "door",
            ),
            (
                format!("a:\n  LIFE-01: {rule}\n").replace("[card]", "[]"),
                2,
                "no role",
            ),
            (
                format!("a:\n  LIFE-01: {rule}\n").replace("ja: 証", "ja: ' '"),
                2,
                "ja is empty",
            ),
            (
                format!("a:\n  LIFE-01: {rule}\n").replace("source", "origin"),
                2,
                "origin",
            ),
            ("a:\n  LIFE-01: {level: MUST\n".to_owned(), 2, ""),
            ("a: 1\n".to_owned(), 1, ""),
            (String::new(), 1, "no requirement"),
            ("a: {}\n".to_owned(), 1, "no requirement"),
        ] {
            let said = Catalogue::read("mine.yaml", &yaml).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!("mine.yaml:{line}:")) && said.contains(words),
                "{yaml}\n{said}"
            );
        }
    }

    #[test]
    fn a_requirement_goes_into_json_and_back() {
        let catalogue = Catalogue::shipped().unwrap();
        for requirement in catalogue.requirements() {
            let json = serde_json::to_string(requirement).unwrap();
            assert_eq!(
                &serde_json::from_str::<Requirement>(&json).unwrap(),
                requirement
            );
        }
    }
}
