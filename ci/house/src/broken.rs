//! One broken rule, said so that the reader can act: where, what, whose, and what to do next.

use std::fmt;

/// A place in the tree that breaks a house rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule's short name, as printed in the summary.
    pub rule: &'static str,
    /// Path from the root of the project, with `/`.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What was found.
    pub what: String,
    /// Whose it is: a room, a row, a page.
    pub who: String,
    /// What to do next.
    pub next: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}:{}", self.rule, self.file, self.line)?;
        writeln!(f, "  what  {}", self.what)?;
        writeln!(f, "  who   {}", self.who)?;
        write!(f, "  next  {}", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_comes_first_and_can_be_clicked() {
        let broken = Broken {
            rule: "edges",
            file: "conformance/judge/Cargo.toml".into(),
            line: 14,
            what: "judge → world: not in the table".into(),
            who: "the room judge".into(),
            next: "take the dependency out".into(),
        };
        let text = broken.to_string();
        assert!(text.starts_with("edges: conformance/judge/Cargo.toml:14\n"));
        for part in [
            "what  judge → world: not in the table",
            "who   the room judge",
            "next  take",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
