//! Every requirement id that is used anywhere exists in the catalogue: in tags, tables, rules, pages and
//! comments. Only tests may invent ids.

use std::collections::BTreeSet;

use crate::broken::Broken;
use crate::catalogue;
use crate::coverage::{Facts, Place};
use crate::source;
use crate::tree::File;

/// Text files in which an id is looked for.
const READ: [&str; 8] = ["rs", "yaml", "md", "feature", "toml", "html", "json", ""];

/// Names every id that the catalogue does not know.
pub fn check(facts: &Facts, files: &[File]) -> Vec<Broken> {
    let known = |id: &str| facts.catalogue.contains_key(id);
    let mut unknown: BTreeSet<(Place, String)> = BTreeSet::new();
    for named in [
        &facts.judged,
        &facts.played,
        &facts.broken_by,
        &facts.untested,
    ] {
        let strangers = named.iter().filter(|(id, _)| !known(id));
        unknown.extend(strangers.map(|(id, place)| (place.clone(), id.clone())));
    }
    let prefixes: BTreeSet<&str> = facts
        .catalogue
        .keys()
        .filter_map(|id| id.split_once('-'))
        .map(|(p, _)| p)
        .collect();
    for file in files.iter().filter(|file| is_read(file)) {
        for (line, id) in mentions(file, &prefixes)
            .into_iter()
            .filter(|(_, id)| !known(id))
        {
            unknown.insert((
                Place {
                    file: file.path.clone(),
                    line,
                },
                id,
            ));
        }
    }
    unknown
        .into_iter()
        .map(|(place, id)| Broken {
            rule: "ids",
            what: format!("{id} is in no catalogue"),
            who: format!("whoever wrote {}", place.file),
            next: format!(
                "use an id of {}, or add the requirement there",
                catalogue::FILE
            ),
            file: place.file,
            line: place.line,
        })
        .collect()
}

/// Recorded runs, snapshots and tests hold what they hold.
fn is_read(file: &File) -> bool {
    READ.contains(&file.ending())
        && !file.is_test()
        && !file.path.contains("/testdata/")
        && file.path != catalogue::FILE
}

/// Lines and texts of everything that begins with a catalogue prefix and a hyphen and goes on with a digit.
fn mentions(file: &File, prefixes: &BTreeSet<&str>) -> Vec<(usize, String)> {
    let tests = if file.ending() == "rs" {
        source::test_modules(&source::blank(&file.text))
    } else {
        Vec::new()
    };
    let mut mentions = Vec::new();
    for (index, text) in file.text.lines().enumerate() {
        let line = index + 1;
        if tests
            .iter()
            .any(|&(first, last)| (first..=last).contains(&line))
        {
            continue;
        }
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')) {
            let numbered = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
            if word
                .split_once('-')
                .is_some_and(|(prefix, rest)| prefixes.contains(prefix) && numbered(rest))
            {
                mentions.push((line, word.trim_end_matches('-').to_owned()));
            }
        }
    }
    mentions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let catalogue =
            "life:\n  LIFE-01: {level: MUST, roles: [reader], ja: a, en: b, source: c}\n";
        let files = [catalogue::FILE, path]
            .into_iter()
            .zip([catalogue, text])
            .map(|(path, text)| File {
                path: path.into(),
                text: text.into(),
            })
            .collect::<Vec<_>>();
        let (facts, _) = Facts::read(&files);
        check(&facts, &files)
            .into_iter()
            .map(|broken| (broken.line, broken.what))
            .collect()
    }

    #[test]
    fn an_unknown_id_is_named_wherever_it_stands() {
        for (path, text) in [
            ("ARCHITECTURE.md", "see LIFE-09."),
            ("conformance/judge/src/lib.rs", "let x = \"LIFE-09\";"),
            ("scenarios/features/a.feature", "@LIFE-09"),
            (
                "conformance/impostors/impostors.yaml",
                "- {id: a, breaks: [LIFE-09]}",
            ),
            ("conformance/requirements/untested.yaml", "LIFE-09: later"),
        ] {
            assert_eq!(
                found(path, text),
                [(1, "LIFE-09 is in no catalogue".to_owned())],
                "{path}"
            );
        }
        assert_eq!(
            found("conformance/judge/src/rules/eyes_09.rs", ""),
            [(1, "EYES-09 is in no catalogue".to_owned())]
        );
        assert_eq!(
            found("a.md", "\nLIFE-1 and LIFE-011"),
            [
                (2, "LIFE-011 is in no catalogue".to_owned()),
                (2, "LIFE-1 is in no catalogue".to_owned())
            ]
        );
    }

    #[test]
    fn known_ids_other_words_and_tests_pass() {
        for (path, text) in [
            ("a.md", "LIFE-01, UTF-16, SIM-E201, LIFE-long"),
            (
                "sim/a/src/lib.rs",
                "//! LIFE-01\n#[cfg(test)]\nmod tests {\n  const X: &str = \"LIFE-77\";\n}\n",
            ),
            ("sim/a/tests/api.rs", "\"LIFE-77\""),
            ("sim/a/keys/x.pem", "LIFE-77"),
        ] {
            assert_eq!(found(path, text), [], "{path}");
        }
    }
}
