//! A message in another character set, as the terminal needs it between server and shared folder: nothing
//! is lost that the set can carry, and what it cannot is either shown to be lost or refused.

use super::{Element, HEADER, XmlError, read};
use crate::face_file::{self, Charset, Unmappable};

/// Elements whose text people read and no program compares: what a character set cannot carry may be
/// shown as ● in them, as the field does with names (facts/eligibility.md 7.4). Everywhere else it is refused.
pub const MARKED: [&str; 15] = [
    "Address",
    "DrugN",
    "ErrorMessage",
    "InsuredName",
    "InsurerName",
    "KanaName",
    "MessageContents",
    "Name",
    "NameKana",
    "NameOfOther",
    "NameOfOtherKana",
    "ProcessingResultMessage",
    "Unit",
    "UsageN",
    "WelfareOfficeName",
];

/// Why a message was not brought into another character set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTranscoded {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] XmlError),
    /// It carries, outside [`MARKED`], what the set lacks.
    #[error(transparent)]
    Character(#[from] Unmappable),
}

/// The same message in another character set, with elements this program does not know kept. What the
/// set cannot carry becomes ● in [`MARKED`] elements and is refused in others; CharacterCodeIdentifier,
/// where there is one, says the set.
pub fn transcode(bytes: &[u8], charset: Charset) -> Result<Vec<u8>, NotTranscoded> {
    let mut message = read(bytes)?;
    if let Some(header) = message.children.iter_mut().find(|e| e.name == HEADER) {
        let identifiers = header.children.iter_mut();
        identifiers
            .filter(|e| e.name == "CharacterCodeIdentifier")
            .for_each(|e| e.text = charset.code().to_owned());
    }
    if charset == Charset::ShiftJis {
        mark(&mut message);
    }
    Ok(message.to_bytes(charset)?)
}

fn mark(element: &mut Element) {
    if MARKED.contains(&element.name.as_str()) {
        element.text = face_file::mark_unmappable(&element.text);
    }
    element.children.iter_mut().for_each(mark);
}
