//! Why the rules could not be checked at all: the house's own trouble, never a room's.

/// The house cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The start folder lies in no checkout of the project.
    #[error(
        "{0} lies in no checkout of the project (looked upwards for ci/house/edges.yaml); run it from inside one"
    )]
    NotInProject(String),
    /// A folder or file of the tree cannot be read.
    #[error("cannot read {path}: {reason}; see to its permissions and run again")]
    Unreadable {
        /// What was to be read.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// A rule table of the house itself is malformed.
    #[error("{file} of the house is malformed: {reason}")]
    OwnTable {
        /// The table's path in the tree.
        file: &'static str,
        /// Where and what.
        reason: String,
    },
    /// Cargo would not answer.
    #[error(
        "`cargo {command}` failed: {reason}\nnext: run it by hand in the root folder and mend what it says"
    )]
    Cargo {
        /// The arguments given to cargo.
        command: String,
        /// What cargo said, or why it could not be started.
        reason: String,
    },
}
