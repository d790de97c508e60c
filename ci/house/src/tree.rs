//! The files the rules look at: everything in the tree that is text, except what programs write there.

use std::path::{Path, PathBuf};

use crate::trouble::Trouble;

/// One text file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// Content, UTF-8.
    pub text: String,
}

impl File {
    /// The part after the last dot of the name; empty without one.
    pub fn ending(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or("");
        name.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// Whether the file holds tests, or what only tests use: it lies in a folder, or is a module, called
    /// `tests` or `testing`.
    pub fn is_test(&self) -> bool {
        let names = ["tests", "tests.rs", "testing", "testing.rs"];
        self.path.split('/').any(|part| names.contains(&part))
    }
}

/// Folders that hold no work of ours: what cargo, git and `shikaku certify` write.
const SKIPPED: [&str; 4] = [".git", "node_modules", "shikaku-report", "target"];

/// Finds the project's root by walking up from `start`.
pub fn root(start: &Path) -> Result<PathBuf, Trouble> {
    let absolute = start.canonicalize().map_err(|error| Trouble::Unreadable {
        path: start.display().to_string(),
        reason: error.to_string(),
    })?;
    absolute
        .ancestors()
        .find(|folder| folder.join("ci/house/edges.yaml").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| Trouble::NotInProject(start.display().to_string()))
}

/// Reads every text file under `root`, in path order. Files that are not UTF-8 are no text and left out.
pub fn read(root: &Path) -> Result<Vec<File>, Trouble> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), Trouble> {
    let unreadable = |error: std::io::Error| Trouble::Unreadable {
        path: folder.display().to_string(),
        reason: error.to_string(),
    };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable)?;
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
            walk(&entry.path(), &path, files)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(entry.path()).map_err(|error| Trouble::Unreadable {
                path: path.clone(),
                reason: error.to_string(),
            })?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File { path, text });
            }
        }
    }
    Ok(())
}

/// The line (from 1) of the first place where `word` stands alone in `text`; 1 when it does not.
pub fn line_of(text: &str, word: &str) -> usize {
    text.lines()
        .position(|line| stands_in(line, word))
        .map_or(1, |index| index + 1)
}

/// Whether `word` stands in `line` with no letter, digit, `_` or `-` touching it.
pub fn stands_in(line: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices(word).any(|(at, found)| {
        !line[..at].chars().next_back().is_some_and(part_of_a_word)
            && !line[at + found.len()..]
                .chars()
                .next()
                .is_some_and(part_of_a_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_skips_what_programs_wrote_and_finds_the_root_from_below() {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in [
            ("ci/house/edges.yaml", b"rooms: []".as_slice()),
            ("sim/a/src/lib.rs", b"//! a"),
            ("sim/a/key.pk8", b"\xff\xfe\x00"),
            ("target/debug/x.rs", b"left out"),
            ("shikaku-report/report.html", b"left out"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let root = root(&folder.path().join("sim/a")).unwrap();
        let paths: Vec<String> = read(&root)
            .unwrap()
            .into_iter()
            .map(|file| file.path)
            .collect();
        assert_eq!(paths, ["ci/house/edges.yaml", "sim/a/src/lib.rs"]);
    }

    #[test]
    fn a_folder_outside_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(root(folder.path()), Err(Trouble::NotInProject(_))));
        assert!(matches!(
            root(&folder.path().join("nowhere")),
            Err(Trouble::Unreadable { .. })
        ));
    }

    #[test]
    fn endings_and_tests_are_told_by_the_path() {
        for (path, ending, test) in [
            ("sim/a/src/lib.rs", "rs", false),
            ("ci/test", "", false),
            ("sim/a.b/plain", "", false),
            ("sim/a/tests/api.rs", "rs", true),
            ("sim/a/src/tests.rs", "rs", true),
            ("sim/a/src/testing.rs", "rs", true),
            ("sim/a/src/contests.rs", "rs", false),
        ] {
            let file = File {
                path: path.into(),
                text: String::new(),
            };
            assert_eq!((file.ending(), file.is_test()), (ending, test), "{path}");
        }
    }

    #[test]
    fn a_word_must_stand_alone() {
        for (line, word, expected) in [
            ("world.workspace = true", "world", true),
            ("the-world = 1", "world", false),
            ("worldly = 1", "world", false),
            ("worldly world", "world", true),
            ("[LIFE-02]", "LIFE-02", true),
            ("LIFE-021", "LIFE-02", false),
            ("", "x", false),
        ] {
            assert_eq!(stands_in(line, word), expected, "{line}");
        }
        assert_eq!(line_of("a\nb\nc", "c"), 3);
        assert_eq!(line_of("a", "z"), 1);
    }
}
