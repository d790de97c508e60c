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
