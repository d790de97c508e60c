//! Requirement ↔ check ↔ scenario ↔ impostor, read from the tree as data: every requirement is either judged
//! or honestly listed as untested, and every MUST that is judged is played and has somebody who breaks it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::broken::Broken;
use crate::catalogue::{self, Catalogue, Level};
use crate::tree::{File, line_of};

/// One file a rule; `life_02.rs` judges LIFE-02.
pub const RULES: &str = "conformance/judge/src/rules/";
/// The deliberately wrong products, one row each.
pub const IMPOSTORS: &str = "conformance/impostors/impostors.yaml";
/// The features.
pub const FEATURES: &str = "scenarios/features/";
/// What is not tested yet, and why.
pub const UNTESTED: &str = "conformance/requirements/untested.yaml";

/// A place that names a requirement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path from the root.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

/// Everything the tree says about requirements.
#[derive(Debug, Default)]
pub struct Facts {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Where in the catalogue each id stands.
    pub catalogued: BTreeMap<String, Place>,
    /// Judged ids.
    pub judged: BTreeMap<String, Place>,
    /// Ids that scenarios are tagged with.
    pub played: BTreeMap<String, Place>,
    /// Ids that an impostor breaks.
    pub broken_by: BTreeMap<String, Place>,
    /// Ids listed as untested.
    pub untested: BTreeMap<String, Place>,
}

#[derive(Deserialize)]
struct Impostor {
    id: String,
    breaks: Vec<String>,
}

/// Why a requirement is not tested yet, in both languages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    ja: String,
    en: String,
}

impl Facts {
    /// Gathers the facts; whatever cannot be read or is not there is broken already.
    pub fn read(files: &[File]) -> (Self, Vec<Broken>) {
        let (mut facts, mut broken) = (Self::default(), Vec::new());
        facts.read_catalogue(files, &mut broken);
        facts.read_rules(files);
        facts.read_tags(files, &mut broken);
        facts.read_impostors(files, &mut broken);
        facts.read_untested(files, &mut broken);
        (facts, broken)
    }

    fn read_catalogue(&mut self, files: &[File], broken: &mut Vec<Broken>) {
        let Some(file) = needed(files, catalogue::FILE, broken) else {
            return;
        };
        match catalogue::parse(&file.text) {
            Ok((read, wrong)) => {
                broken.extend(
                    wrong
                        .into_iter()
                        .map(|what| malformed(catalogue::FILE, what)),
                );
                for id in read.keys() {
                    let line = line_of(&file.text, id);
                    self.catalogued.insert(
                        id.clone(),
                        Place {
                            file: file.path.clone(),
                            line,
                        },
                    );
                }
                self.catalogue = read;
            }
            Err(reason) => broken.push(malformed(catalogue::FILE, reason)),
        }
    }

    fn read_rules(&mut self, files: &[File]) {
        for file in files {
            if let Some(id) = file.path.strip_prefix(RULES).and_then(id_of_rule_file) {
                self.judged.insert(
                    id,
                    Place {
                        file: file.path.clone(),
                        line: 1,
                    },
                );
            }
        }
    }

    fn read_tags(&mut self, files: &[File], broken: &mut Vec<Broken>) {
        for file in files
            .iter()
            .filter(|file| file.path.starts_with(FEATURES) && file.ending() == "feature")
        {
            for (index, line) in file
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| line.trim_start().starts_with('@'))
            {
                for tag in line
                    .split_whitespace()
                    .filter_map(|word| word.strip_prefix('@'))
                {
                    let place = Place {
                        file: file.path.clone(),
                        line: index + 1,
                    };
                    if catalogue::is_id(tag) {
                        self.played.entry(tag.to_owned()).or_insert(place);
                    } else if looks_like_an_id(tag) {
                        broken.push(at(
                            "facts",
                            &place,
                            format!("the tag @{tag} is nearly a requirement id"),
                            "the feature",
                            "write it as the catalogue does: capital letters, a hyphen, two digits",
                        ));
                    }
                }
            }
        }
    }

    fn read_impostors(&mut self, files: &[File], broken: &mut Vec<Broken>) {
        let Some(file) = needed(files, IMPOSTORS, broken) else {
            return;
        };
        let rows: Vec<Impostor> = match serde_saphyr::from_str(&file.text) {
            Ok(rows) => rows,
            Err(error) => return broken.push(malformed(IMPOSTORS, error.to_string())),
        };
        let mut names = BTreeSet::new();
        for row in rows {
            let place = Place {
                file: file.path.clone(),
                line: line_of(&file.text, &row.id),
            };
            if row.breaks.is_empty() || !names.insert(row.id.clone()) {
                broken.push(at(
                    "facts",
                    &place,
                    format!("{} breaks nothing, or stands here twice", row.id),
                    "the impostor table",
                    "name what it breaks, once",
                ));
            }
            for id in row.breaks {
                self.broken_by.entry(id).or_insert_with(|| place.clone());
            }
        }
    }

    fn read_untested(&mut self, files: &[File], broken: &mut Vec<Broken>) {
        let Some(file) = needed(files, UNTESTED, broken) else {
            return;
        };
        let rows: BTreeMap<String, Reason> = match serde_saphyr::from_str(&file.text) {
            Ok(rows) => rows,
            Err(error) => return broken.push(malformed(UNTESTED, error.to_string())),
        };
        for (id, reason) in rows {
            let place = Place {
                file: file.path.clone(),
                line: line_of(&file.text, &id),
            };
            if reason.ja.trim().is_empty() || reason.en.trim().is_empty() {
                broken.push(at(
                    "facts",
                    &place,
                    format!("{id} is untested for no reason"),
                    "the list of untested",
                    "say what must exist before it can be tested",
                ));
            }
            self.untested.insert(id, place);
        }
    }
}

/// Checks that requirements, checks, scenarios and impostors belong together.
pub fn check(facts: &Facts) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (id, entry) in &facts.catalogue {
        let here = &facts.catalogued[id];
        match (facts.judged.get(id), facts.untested.get(id)) {
            (None, None) => broken.push(at(
                "coverage",
                here,
                format!("{id} is neither judged nor listed as untested"),
                "the judge",
                &format!("write its rule under {RULES}, or its reason into {UNTESTED}"),
            )),
            (Some(_), Some(place)) => broken.push(at(
                "coverage",
                place,
                format!("{id} is listed as untested, and a rule judges it"),
                "the list of untested",
                "take the row out",
            )),
            _ => {}
        }
        if let (Some(rule), Level::Must) = (facts.judged.get(id), entry.level) {
            if !facts.played.contains_key(id) {
                broken.push(at(
                    "coverage",
                    rule,
                    format!("{id} is judged and no scenario is tagged with it"),
                    "the scenarios",
                    &format!("tag the scenario that plays it with @{id}"),
                ));
            }
            if !facts.broken_by.contains_key(id) {
                broken.push(at(
                    "coverage",
                    rule,
                    format!("{id} is judged and no impostor breaks it"),
                    "the impostors",
                    &format!(
                        "add a row to {IMPOSTORS}: a check that nobody fails is not known to work"
                    ),
                ));
            }
        }
    }
    for (id, place) in facts
        .broken_by
        .iter()
        .filter(|(id, _)| !facts.judged.contains_key(*id))
    {
        broken.push(at(
            "coverage",
            place,
            format!("an impostor breaks {id}, which no rule judges"),
            "the impostors",
            "it can never be found out: judge the requirement first",
        ));
    }
    broken
}

/// `life_02.rs` → `LIFE-02`; nothing for files that hold no rule.
fn id_of_rule_file(name: &str) -> Option<String> {
    let id = name
        .strip_suffix(".rs")?
        .replacen('_', "-", 1)
        .to_uppercase();
    catalogue::is_id(&id).then_some(id)
}

/// Letters, then `-` or `_`, then a digit: somebody meant an id.
fn looks_like_an_id(tag: &str) -> bool {
    let letters: String = tag.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = &tag[letters.len()..];
    letters.len() >= 2
        && rest
            .trim_start_matches(['-', '_'])
            .starts_with(|c: char| c.is_ascii_digit())
        && rest
            .trim_start_matches(['-', '_'])
            .bytes()
            .all(|b| b.is_ascii_digit())
}

fn needed<'a>(files: &'a [File], path: &'static str, broken: &mut Vec<Broken>) -> Option<&'a File> {
    let file = files.iter().find(|file| file.path == path);
    if file.is_none() {
        broken.push(malformed(path, "it is not there".into()));
    }
    file
}

fn malformed(file: &str, what: String) -> Broken {
    Broken {
        rule: "facts",
        file: file.into(),
        line: 1,
        what,
        who: format!("the file {file}"),
        next: "mend it; CONTRIBUTING.md shows its shape".into(),
    }
}

fn at(rule: &'static str, place: &Place, what: String, who: &str, next: &str) -> Broken {
    Broken {
        rule,
        file: place.file.clone(),
        line: place.line,
        what,
        who: who.into(),
        next: next.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = "life:\n  LIFE-01: {level: MUST, roles: [reader], ja: a, en: b, source: c}\n  \
                             LIFE-02: {level: SHOULD, roles: [reader], ja: a, en: b, source: c}\n";

    /// A tree in order: LIFE-01 judged, played and broken by an impostor, LIFE-02 listed as untested.
    fn tree() -> Vec<File> {
        [
            (catalogue::FILE, CATALOGUE),
            ("conformance/judge/src/rules/life_01.rs", "//! LIFE-01"),
            ("conformance/judge/src/rules/mod.rs", "//! all"),
            (
                "scenarios/features/a.feature",
                "# language: ja\n@LIFE-01 @reader\n",
            ),
            (
                IMPOSTORS,
                "- {id: liar, house: reader, breaks: [LIFE-01]}\n",
            ),
            (UNTESTED, "LIFE-02: {ja: まだ, en: nobody renews yet}\n"),
        ]
        .map(|(path, text)| File {
            path: path.into(),
            text: text.into(),
        })
        .to_vec()
    }

    fn found(files: &[File]) -> Vec<String> {
        let (facts, mut broken) = Facts::read(files);
        broken.extend(check(&facts));
        broken
            .into_iter()
            .map(|broken| format!("{}:{} {}", broken.file, broken.line, broken.what))
            .collect()
    }

    #[test]
    fn a_tree_in_order_passes() {
        assert_eq!(found(&tree()), Vec::<String>::new());
    }

    #[test]
    fn each_missing_part_is_named() {
        for (path, from, to, expected) in [
            (
                "scenarios/features/a.feature",
                "@LIFE-01",
                "@life",
                "LIFE-01 is judged and no scenario is tagged with it",
            ),
            (
                "scenarios/features/a.feature",
                "@LIFE-01",
                "@LIFE_1",
                "the tag @LIFE_1 is nearly a requirement id",
            ),
            (
                IMPOSTORS,
                "LIFE-01",
                "LIFE-02",
                "LIFE-01 is judged and no impostor breaks it",
            ),
            (
                IMPOSTORS,
                "LIFE-01",
                "LIFE-02",
                "an impostor breaks LIFE-02, which no rule judges",
            ),
            (
                IMPOSTORS,
                "[LIFE-01]",
                "[]",
                "liar breaks nothing, or stands here twice",
            ),
            (IMPOSTORS, "breaks", "brakes", "missing field"),
            (
                UNTESTED,
                "LIFE-02",
                "LIFE-01",
                "LIFE-02 is neither judged nor listed as untested",
            ),
            (
                UNTESTED,
                "LIFE-02",
                "LIFE-01",
                "LIFE-01 is listed as untested, and a rule judges it",
            ),
            (
                UNTESTED,
                "nobody renews yet",
                "''",
                "LIFE-02 is untested for no reason",
            ),
            (catalogue::FILE, "LIFE-02", "LIFE-2", "LIFE-2 is no id"),
        ] {
            let mut files = tree();
            let file = files.iter_mut().find(|file| file.path == path).unwrap();
            file.text = file.text.replacen(from, to, 1);
            let found = found(&files);
            assert!(
                found.iter().any(|line| line.contains(expected)),
                "{expected} is not in {found:#?}"
            );
        }
    }

    #[test]
    fn a_file_that_is_gone_is_broken_never_empty() {
        for path in [catalogue::FILE, IMPOSTORS, UNTESTED] {
            let files: Vec<File> = tree()
                .into_iter()
                .filter(|file| file.path != path)
                .collect();
            assert!(
                found(&files).contains(&format!("{path}:1 it is not there")),
                "{path}"
            );
        }
    }

    #[test]
    fn a_rule_file_is_known_by_its_name() {
        for (name, id) in [
            ("life_02.rs", Some("LIFE-02")),
            ("mod.rs", None),
            ("life_2.rs", None),
            ("life_02.md", None),
        ] {
            assert_eq!(id_of_rule_file(name).as_deref(), id, "{name}");
        }
    }

    #[test]
    fn near_misses_are_told_from_other_tags() {
        for (tag, expected) in [
            ("LIFE-2", true),
            ("life-02", true),
            ("LIFE02", true),
            ("reader", false),
            ("正常", false),
            ("eligibility-server", false),
            ("群3", false),
        ] {
            assert_eq!(looks_like_an_id(tag), expected, "{tag}");
        }
    }
}
