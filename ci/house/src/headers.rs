//! Every source file opens with a header of 1 to 8 lines that says why the room exists.

use crate::broken::Broken;
use crate::tree::File;

/// The longest header, in lines.
const LONGEST: usize = 8;

/// Names the files without a header, or with one that is a chapter. Files of tests may go without.
pub fn check(files: &[File]) -> Vec<Broken> {
    files
        .iter()
        .filter(|file| file.ending() == "rs" && !file.is_test())
        .filter_map(|file| fault(&file.text).map(|what| (file, what)))
        .map(|(file, what)| Broken {
            rule: "headers",
            file: file.path.clone(),
            line: 1,
            what,
            who: "whoever wrote the file".into(),
            next: format!("open it with 1 to {LONGEST} lines of `//!`: what it is for, what it leaves to others"),
        })
        .collect()
}

fn fault(text: &str) -> Option<String> {
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    match lines.len() {
        0 => Some("no module header in the first line".into()),
        length if length > LONGEST => Some(format!("a module header of {length} lines")),
        _ if lines
            .iter()
            .all(|line| line.trim_start_matches("//!").trim().is_empty()) =>
        {
            Some("an empty module header".into())
        }
        _ if lines.iter().any(|line| line.contains("(being written)")) => {
            Some("a module header that says nothing yet".into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_there_short_and_not_empty() {
        let long = "//! x\n".repeat(9);
        for (text, ok) in [
            ("//! Why.\nfn a() {}", true),
            (&"//! x\n".repeat(8), true),
            (&long, false),
            ("//!\n//!\n", false),
            ("//! (being written)\n", false),
            ("// no header\n//! late\n", false),
            ("", false),
        ] {
            assert_eq!(fault(text).is_none(), ok, "{text}");
        }
    }

    #[test]
    fn only_sources_are_asked() {
        let file = |path: &str| File {
            path: path.into(),
            text: "fn a() {}".into(),
        };
        let broken = check(&[
            file("sim/a/src/lib.rs"),
            file("sim/a/tests/b.rs"),
            file("README.md"),
        ]);
        assert_eq!(
            broken
                .iter()
                .map(|broken| broken.file.as_str())
                .collect::<Vec<_>>(),
            ["sim/a/src/lib.rs"]
        );
    }
}
