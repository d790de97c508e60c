//! Name and character set of the file a terminal drops into `face/` for the receipt computer.

use encoding_rs::SHIFT_JIS;

/// Sub-folder of the shared folder that takes card results.
pub const FOLDER: &str = "face";
/// How every such file name begins.
pub const PREFIX: &str = "OQSsiquc01res_face_";

/// The two character sets the interface allows (OQSCD005: 0 UTF-8, 1 Shift_JIS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// `CharacterCodeIdentifier` 0.
    Utf8,
    /// `CharacterCodeIdentifier` 1.
    ShiftJis,
}

impl Charset {
    /// The name an XML declaration gives it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::ShiftJis => "Shift_JIS",
        }
    }

    /// Its CharacterCodeIdentifier (OQSCD005).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Utf8 => "0",
            Self::ShiftJis => "1",
        }
    }
}

/// A character that the document cannot carry: one that Shift_JIS lacks, or (in either character set) one
/// that XML does not allow. It is never replaced in silence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the character {character:?} (U+{code:04X}) at position {position} cannot be written in this document's character set", code = *.character as u32)]
pub struct Unmappable {
    /// The character.
    pub character: char,
    /// Its position, counted in characters from 0.
    pub position: usize,
}

/// `OQSsiquc01res_face_<facility code><session part>_<yyyyMMddHHmmss>.xml`.
pub fn name(facility_code: &str, session: &str, time: &str) -> String {
    let part: String = session.chars().take(8).collect();
    format!("{PREFIX}{facility_code}{part}_{time}.xml")
}

/// Encodes text, noticing what cannot be mapped, and what would come back as another character.
pub fn encode(text: &str, charset: Charset) -> Result<Vec<u8>, Unmappable> {
    if let Some(lost) = first(text, |c| !crate::xml::allowed(c)) {
        return Err(lost);
    }
    if charset == Charset::Utf8 {
        return Ok(text.as_bytes().to_vec());
    }
    let (bytes, _, _) = SHIFT_JIS.encode(text);
    if SHIFT_JIS.decode_without_bom_handling(&bytes).0 == text {
        return Ok(bytes.into_owned());
    }
    match first(text, |c| !survives(c)) {
        Some(lost) => Err(lost),
        None => Ok(bytes.into_owned()),
    }
}

fn first(text: &str, lost: impl Fn(char) -> bool) -> Option<Unmappable> {
    let found = text.chars().enumerate().find(|(_, c)| lost(*c));
    found.map(|(position, character)| Unmappable {
        character,
        position,
    })
}

/// The encoder writes a numeric reference for what it lacks, and neighbours for a few (the yen sign
/// becomes a backslash): only what comes back the same has survived.
fn survives(c: char) -> bool {
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    let (bytes, _, lossy) = SHIFT_JIS.encode(text);
    !lossy && SHIFT_JIS.decode_without_bom_handling(&bytes).0 == text
}

/// Replaces what Shift_JIS cannot carry by ●, the field's own mark for such characters.
pub fn mark_unmappable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if encode(&c.to_string(), Charset::ShiftJis).is_ok() {
                c
            } else {
                '●'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmappable_characters_are_noticed_and_named() {
        assert!(encode("山田 花子", Charset::ShiftJis).is_ok());
        let lost = encode("𠮷田", Charset::ShiftJis).unwrap_err();
        assert_eq!((lost.character, lost.position), ('𠮷', 0));
        assert_eq!(mark_unmappable("𠮷田 太郎"), "●田 太郎");
        assert!(encode("𠮷田", Charset::Utf8).is_ok());
        for (text, position) in [("1¥", 1), ("１−２", 1), ("‾", 0), ("山\u{1}", 1)] {
            let lost = encode(text, Charset::ShiftJis).unwrap_err();
            assert_eq!(lost.position, position, "{text}");
        }
        assert!(encode("\u{1}", Charset::Utf8).is_err());
    }

    #[test]
    fn the_name_is_the_field_s() {
        assert_eq!(
            name("9910000019", "0123456789abcdef", "20261015090003"),
            "OQSsiquc01res_face_991000001901234567_20261015090003.xml"
        );
    }
}
