//! The face file: the server's result with the facility's code and character set, dropped whole.
//! A character the set lacks becomes the field's ● in names and addresses and is an error anywhere
//! else; nothing is replaced in silence.

use wire::face_file::{self, Charset, Unmappable};
use wire::result::EligibilityResult;

use super::{Config, face_folder_hop};

/// Elements in which the field itself shows ● for what it cannot write (facts/eligibility.md 7.4).
const MARKED: [&str; 5] = [
    "InsuredName",
    "Name",
    "NameOfOther",
    "Address",
    "InsurerName",
];

/// Why no file was dropped.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoFile {
    #[error("the result cannot be written: {0}; the server must send it in the agreed characters")]
    Characters(#[from] Unmappable),
    #[error("the shared folder refused the file: {0}; check that it is there and may be written")]
    Folder(#[from] std::io::Error),
}

impl NoFile {
    /// The same for patient and desk.
    pub(super) fn message_ja(&self) -> String {
        match self {
            NoFile::Characters(lost) => format!(
                "資格確認の結果に、このシステムで扱えない文字「{}」が含まれているため、受付に渡せませんでした。",
                lost.character
            ),
            NoFile::Folder(_) => {
                "資格確認の結果を共有フォルダーに書き込めませんでした。窓口の職員は共有フォルダーを確認してください。"
                    .to_owned()
            }
        }
    }
}

/// Drops the result of a session and taps it.
pub(super) fn drop_file(
    config: &Config,
    session: &str,
    result: EligibilityResult,
) -> Result<(), NoFile> {
    let bytes = bytes_of(result, config.facility_code.as_str(), config.charset)?;
    let name = face_file::name(
        config.facility_code.as_str(),
        session,
        &config.clock.compact(),
    );
    config.shared.drop_face_file(&name, &bytes)?;
    config
        .tap
        .file(&face_folder_hop(&config.facility_name), &name, &bytes);
    Ok(())
}

fn bytes_of(
    mut result: EligibilityResult,
    facility: &str,
    charset: Charset,
) -> Result<Vec<u8>, Unmappable> {
    result.medical_institution_code = facility.to_owned();
    result.character_code_identifier = match charset {
        Charset::Utf8 => "0".to_owned(),
        Charset::ShiftJis => "1".to_owned(),
    };
    if charset == Charset::ShiftJis {
        for (name, value) in result
            .results
            .iter_mut()
            .flat_map(|block| &mut block.elements)
        {
            if MARKED.contains(&name.as_str()) {
                *value = face_file::mark_unmappable(value);
            }
        }
    }
    face_file::encode(&result.to_xml(charset), charset)
}

#[cfg(test)]
mod tests {
    use wire::result::PersonBlock;

    use super::*;

    fn with(element: &str, text: &str) -> EligibilityResult {
        let mut block = PersonBlock::default();
        block.put(element, text);
        EligibilityResult {
            results: vec![block],
            ..Default::default()
        }
    }

    /// Element, text from the server, what the Shift_JIS file shows (none: no file).
    const CHARACTERS: [(&str, &str, Option<&str>); 13] = [
        ("Name", "山田　花子", Some("山田　花子")),
        ("Name", "𠮷田　太郎", Some("●田　太郎")),
        ("Name", "髙﨑　一郎", Some("髙﨑　一郎")),
        ("Name", "張　梓涵👪", Some("張　梓涵●")),
        ("NameOfOther", "한", Some("●")),
        ("InsuredName", "𠮷田", Some("●田")),
        ("Address", "東京都𠮷町１－２", Some("東京都●町１－２")),
        ("InsurerName", "𠮷野健康保険組合", Some("●野健康保険組合")),
        ("NameKana", "ﾔﾏﾀﾞ ﾊﾅｺ", Some("ﾔﾏﾀﾞ ﾊﾅｺ")),
        ("InsuredCardSymbol", "１２‐３４", Some("１２‐３４")),
        ("NameKana", "𠮷ﾀﾞ", None),
        ("InsuredCardSymbol", "𠮷", None),
        ("InsuredIdentificationNumber", "12−34…é", None),
    ];

    #[test]
    fn shift_jis_marks_names_and_refuses_the_rest() {
        for (element, text, shown) in CHARACTERS {
            let bytes = bytes_of(with(element, text), "9910000019", Charset::ShiftJis);
            let read = bytes.map(|b| EligibilityResult::from_bytes(&b).unwrap());
            let got = read.as_ref().ok().map(|r| r.results[0].get(element));
            assert_eq!(got, shown, "{element} {text}");
        }
    }

    #[test]
    fn utf_8_carries_everything() {
        for (element, text, _) in CHARACTERS {
            let bytes = bytes_of(with(element, text), "9910000019", Charset::Utf8).unwrap();
            let read = EligibilityResult::from_bytes(&bytes).unwrap();
            assert_eq!(read.results[0].get(element), text);
            assert_eq!(
                (
                    read.character_code_identifier.as_str(),
                    read.medical_institution_code.as_str()
                ),
                ("0", "9910000019")
            );
        }
    }

    #[test]
    fn the_message_says_which_character() {
        let lost = bytes_of(
            with("InsuredCardSymbol", "𠮷"),
            "9910000019",
            Charset::ShiftJis,
        )
        .unwrap_err();
        assert!(NoFile::from(lost).message_ja().contains("「𠮷」"));
    }
}
