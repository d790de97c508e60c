//! The face file: the server's result with the facility's code and character set, dropped whole.
//! A character the set lacks becomes the field's ● in texts that people read and is an error anywhere
//! else; nothing is replaced in silence.

use wire::face_file::{self, Charset};
use wire::result::EligibilityResult;
use wire::xml::{MARKED, NotTranscoded, transcode};

use super::Conduct;
use super::config::{Config, face_folder_hop};

/// Why no file was dropped.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoFile {
    #[error("the result cannot be written: {0}; the server must send it in the agreed characters")]
    Characters(#[from] NotTranscoded),
    #[error("the shared folder refused the file: {0}; check that it is there and may be written")]
    Folder(#[from] std::io::Error),
}

impl NoFile {
    /// The same for patient and desk.
    pub(super) fn message_ja(&self) -> String {
        match self {
            NoFile::Characters(NotTranscoded::Character(lost)) => format!(
                "資格確認の結果に、このシステムで扱えない文字「{}」が含まれているため、受付に渡せませんでした。",
                lost.character
            ),
            NoFile::Characters(NotTranscoded::Read(_)) => {
                "資格確認の結果をファイルに書けないため、受付に渡せませんでした。窓口の職員はサーバーの担当者に連絡してください。"
                    .to_owned()
            }
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
    conduct: &dyn Conduct,
    session: &str,
    result: EligibilityResult,
) -> Result<(), NoFile> {
    let code = config.facility_code.as_str();
    let bytes = bytes_of(result, code, config.charset, conduct)?;
    let name = face_file::name(code, session, &config.clock.compact());
    config.shared.drop_face_file(&name, &bytes)?;
    let hop = face_folder_hop(&config.party(), &config.facility_name);
    config.tap.file(&hop, &name, &bytes);
    Ok(())
}

fn bytes_of(
    mut result: EligibilityResult,
    facility: &str,
    charset: Charset,
    conduct: &dyn Conduct,
) -> Result<Vec<u8>, NotTranscoded> {
    result.medical_institution_code = facility.to_owned();
    result.character_code_identifier = charset.code().to_owned();
    if charset == Charset::ShiftJis {
        let elements = result
            .results
            .iter_mut()
            .flat_map(|block| &mut block.elements);
        for (path, value) in elements {
            if MARKED.contains(&path.rsplit('/').next().unwrap_or_default()) {
                *value = conduct.cleaned_name(value);
            }
        }
    }
    transcode(&result.to_bytes(Charset::Utf8)?, charset)
}

#[cfg(test)]
mod tests {
    use wire::result::PersonBlock;

    use super::*;
    use crate::terminal::Reference;

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
        ("NameKana", "𠮷ﾀﾞ", Some("●ﾀﾞ")),
        ("InsuredCardSymbol", "𠮷", None),
        ("InsuredIdentificationNumber", "12−34…é", None),
    ];

    #[test]
    fn shift_jis_marks_names_and_refuses_the_rest() {
        for (element, text, shown) in CHARACTERS {
            let bytes = bytes_of(
                with(element, text),
                "9910000019",
                Charset::ShiftJis,
                &Reference,
            );
            let read = bytes.map(|b| EligibilityResult::from_bytes(&b).unwrap());
            let got = read.as_ref().ok().map(|r| r.results[0].get(element));
            assert_eq!(got, shown, "{element} {text}");
        }
    }

    #[test]
    fn utf_8_carries_everything() {
        for (element, text, _) in CHARACTERS {
            let bytes =
                bytes_of(with(element, text), "9910000019", Charset::Utf8, &Reference).unwrap();
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
            &Reference,
        )
        .unwrap_err();
        assert!(NoFile::from(lost).message_ja().contains("「𠮷」"));
    }
}
