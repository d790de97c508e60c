//! House numbers: functions up to 70 lines, files up to 500 without their tests. A ratchet: what is longer
//! stands in `exceptions.yaml` with its length and reason and may only shrink.

use serde::Deserialize;

use crate::broken::Broken;
use crate::source;
use crate::tree::File;
use crate::trouble::Trouble;

/// The longest function, in lines from `fn` to its brace.
const FUNCTION: usize = 70;
/// The longest file, in lines without its test modules.
const WHOLE_FILE: usize = 500;
/// Where the exceptions lie in the tree.
const EXCEPTIONS: &str = "ci/house/exceptions.yaml";

/// Something that may be longer, for a reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    file: String,
    /// Without it the row is about the file.
    function: Option<String>,
    lines: usize,
    because: String,
}

/// Something longer than the house numbers.
struct Long {
    file: String,
    line: usize,
    function: Option<String>,
    lines: usize,
}

impl Exception {
    fn is_about(&self, long: &Long) -> bool {
        self.file == long.file && self.function == long.function
    }
}

/// The exceptions this program was built with.
pub fn exceptions() -> Result<Vec<Exception>, Trouble> {
    serde_saphyr::from_str(include_str!("../exceptions.yaml")).map_err(|error| Trouble::OwnTable {
        file: EXCEPTIONS,
        reason: error.to_string(),
    })
}

/// Names what is too long and not excused, and the excuses that excuse nothing.
pub fn check(files: &[File], exceptions: &[Exception]) -> Vec<Broken> {
    let long: Vec<Long> = files
        .iter()
        .filter(|file| file.ending() == "rs" && !file.is_test())
        .flat_map(too_long)
        .collect();
    let mut broken: Vec<Broken> = long
        .iter()
        .filter_map(|long| judge(long, exceptions))
        .collect();
    for row in exceptions {
        let what = if row.because.trim().is_empty() {
            "gives no reason"
        } else if !long.iter().any(|long| row.is_about(long)) {
            "excuses nothing: what it names is gone or short enough"
        } else {
            continue;
        };
        let name = row.function.as_deref().unwrap_or("the file");
        broken.push(broken_at(
            EXCEPTIONS,
            1,
            format!("the row for {name} in {} {what}", row.file),
            "take the row out, or mend it",
        ));
    }
    broken
}

fn judge(long: &Long, exceptions: &[Exception]) -> Option<Broken> {
    let (name, limit) = match &long.function {
        Some(function) => (format!("the function {function}"), FUNCTION),
        None => ("the file without its tests".to_owned(), WHOLE_FILE),
    };
    let excused = exceptions
        .iter()
        .find(|row| row.is_about(long))
        .map(|row| row.lines);
    let next = match excused {
        Some(lines) if lines == long.lines => return None,
        Some(lines) if lines > long.lines => format!(
            "well done: tighten its row in {EXCEPTIONS} to {}",
            long.lines
        ),
        Some(lines) => format!("it has grown from the {lines} it was excused for: split it"),
        None => "split it where it needs an \"and\"".to_owned(),
    };
    Some(broken_at(
        &long.file,
        long.line,
        format!("{name} has {} lines, {limit} are allowed", long.lines),
        &next,
    ))
}

fn too_long(file: &File) -> Vec<Long> {
    let code = source::blank(&file.text);
    let tests = source::test_modules(&code);
    let of_tests: usize = tests.iter().map(|(first, last)| last - first + 1).sum();
    let lines = file.text.lines().count().saturating_sub(of_tests);
    let mut long = Vec::new();
    if lines > WHOLE_FILE {
        long.push(Long {
            file: file.path.clone(),
            line: 1,
            function: None,
            lines,
        });
    }
    for function in source::functions(&code) {
        let in_tests = tests
            .iter()
            .any(|&(first, last)| (first..=last).contains(&function.first));
        let lines = function.last - function.first + 1;
        if lines > FUNCTION && !in_tests {
            long.push(Long {
                file: file.path.clone(),
                line: function.first,
                function: Some(function.name),
                lines,
            });
        }
    }
    long
}

fn broken_at(file: &str, line: usize, what: String, next: &str) -> Broken {
    Broken {
        rule: "sizes",
        file: file.into(),
        line,
        what,
        who: format!("whoever wrote {file}"),
        next: next.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: String) -> File {
        File {
            path: "sim/a/src/lib.rs".into(),
            text,
        }
    }

    fn function(lines: usize) -> String {
        format!(
            "//! a\nfn long() {{\n{}}}\n",
            "    x();\n".repeat(lines - 2)
        )
    }

    fn row(function: Option<&str>, lines: usize) -> Exception {
        let function = function.map(str::to_owned);
        Exception {
            file: "sim/a/src/lib.rs".into(),
            function,
            lines,
            because: "one table".into(),
        }
    }

    fn found(text: String, rows: &[Exception]) -> Vec<String> {
        check(&[file(text)], rows)
            .into_iter()
            .map(|b| format!("{}:{} {} / {}", b.file, b.line, b.what, b.next))
            .collect()
    }

    #[test]
    fn the_table_of_this_house_can_be_read() {
        exceptions().unwrap();
    }

    #[test]
    fn the_numbers_are_exact() {
        assert!(found(function(70), &[]).is_empty());
        assert_eq!(found(function(71), &[]).len(), 1);
        assert!(
            found(function(71), &[])[0]
                .starts_with("sim/a/src/lib.rs:2 the function long has 71 lines")
        );
        assert!(found("//! a\n".repeat(500), &[]).is_empty());
        assert_eq!(found("//! a\n".repeat(501), &[]).len(), 1);
    }

    #[test]
    fn tests_are_not_counted_and_code_behind_them_is() {
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "    // x\n".repeat(600)
        );
        assert!(found(format!("//! a\n{tests}"), &[]).is_empty());
        let behind = format!("{tests}{}", "// code\n".repeat(501));
        assert_eq!(found(behind, &[]).len(), 1);
        let long_test = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(90));
        assert!(found(long_test, &[]).is_empty());
    }

    #[test]
    fn an_exception_is_a_ratchet() {
        for (length, rows, expected) in [
            (80, vec![row(Some("long"), 80)], None),
            (
                81,
                vec![row(Some("long"), 80)],
                Some("it has grown from the 80"),
            ),
            (
                79,
                vec![row(Some("long"), 80)],
                Some("tighten its row in ci/house/exceptions.yaml to 79"),
            ),
            (60, vec![row(Some("long"), 80)], Some("excuses nothing")),
            (60, vec![row(None, 80)], Some("the row for the file")),
            (
                80,
                vec![Exception {
                    because: " ".into(),
                    ..row(Some("long"), 80)
                }],
                Some("gives no reason"),
            ),
        ] {
            let found = found(function(length), &rows);
            match expected {
                None => assert!(found.is_empty(), "{found:?}"),
                Some(words) => assert!(
                    found.len() == 1 && found[0].contains(words),
                    "{words}: {found:?}"
                ),
            }
        }
    }
}
