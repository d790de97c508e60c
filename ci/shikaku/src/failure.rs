//! Why a command could not do its work, and whose fault that is; the exit code follows.

/// A command's failure; a product's failure is a verdict, not one of these.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The caller's: usage, paths, files.
    #[error("{0}")]
    Configuration(String),
    /// Ours.
    #[error(
        "the bed itself is at fault: {0} This is no verdict about any product; please report it."
    )]
    Bed(String),
}

impl Failure {
    /// The bed's fault, from any error.
    pub fn bed(error: impl std::fmt::Display) -> Self {
        Failure::Bed(error.to_string())
    }

    /// 2 for the caller's fault, 3 for ours.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Configuration(_) => 2,
            Failure::Bed(_) => 3,
        }
    }
}

/// Words in one line, whoever wrote them: nothing moves the terminal or turns the text around.
pub fn harmless(text: &str) -> String {
    let plain = |c: &char| matches!(c, '"' | '\\' | '\'') || c.escape_debug().len() == 1;
    text.chars()
        .map(|c| if plain(&c) { c } else { '\u{fffd}' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_bundle_stay_on_one_line() {
        let hostile = "a\u{1b}[2J\n\u{202e}b\r\"資格\" it's \\u";
        assert_eq!(
            harmless(hostile),
            "a\u{fffd}[2J\u{fffd}\u{fffd}b\u{fffd}\"資格\" it's \\u"
        );
    }
}
