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

/// A character that Shift_JIS cannot carry. It is never replaced in silence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the character {character:?} (U+{code:04X}) at position {position} cannot be written in Shift_JIS", code = *.character as u32)]
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

/// Encodes text, noticing what cannot be mapped.
pub fn encode(text: &str, charset: Charset) -> Result<Vec<u8>, Unmappable> {
    if charset == Charset::Utf8 {
        return Ok(text.as_bytes().to_vec());
    }
    let (bytes, _, lossy) = SHIFT_JIS.encode(text);
    let first_lost = || {
        text.chars().enumerate().find(|(_, c)| {
            let mut buffer = [0; 4];
            SHIFT_JIS.encode(c.encode_utf8(&mut buffer)).2
        })
    };
    match lossy.then(first_lost).flatten() {
        Some((position, character)) => Err(Unmappable {
            character,
            position,
        }),
        None => Ok(bytes.into_owned()),
    }
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
    }

    #[test]
    fn the_name_is_the_field_s() {
        assert_eq!(
            name("9910000019", "0123456789abcdef", "20261015090003"),
            "OQSsiquc01res_face_991000001901234567_20261015090003.xml"
        );
    }
}
