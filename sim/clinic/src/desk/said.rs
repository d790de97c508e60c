//! What the desk is told of a result: refusals and notices with their code and text, validities in plain
//! words, and what in the file contradicts itself.

use wire::result::EligibilityResult;

use super::conduct::Conduct;

/// What is said beside the entry of a result with a person.
pub(super) fn remarks(conduct: &dyn Conduct, result: &EligibilityResult) -> Vec<String> {
    let notice = coded(result);
    let notice = match normal(result) {
        true if result.processing_result_code.is_empty() => None,
        true if !conduct.shows_notice(&result.processing_result_code) => None,
        true => Some(format!("お知らせ：{notice}")),
        false => Some(format!("エラー：{notice}")),
    };
    validity(conduct, result)
        .into_iter()
        .chain(notice)
        .collect()
}

/// What is said of a result that names nobody: a refusal, or no qualification found.
pub(super) fn without_person(conduct: &dyn Conduct, result: &EligibilityResult) -> Option<String> {
    let coded = coded(result);
    if !normal(result) {
        return Some(format!("資格を確認できませんでした。{coded}"));
    }
    let code = &result.qualification_validity;
    conduct.shows(conduct.state_for(code)).then(|| {
        format!(
            "資格確認の結果に資格情報がありません（資格有効性 {code}）。{}{coded}",
            validity(conduct, result).unwrap_or_default(),
        )
    })
}

/// Whether the processing ended normally (OQSCD003, OQSCD004).
pub(super) fn normal(result: &EligibilityResult) -> bool {
    result.processing_result_status == "1" && result.segment_of_result != "9"
}

fn validity(conduct: &dyn Conduct, result: &EligibilityResult) -> Option<String> {
    if !conduct.shows(conduct.state_for(&result.qualification_validity)) {
        return None;
    }
    let said = match result.qualification_validity.as_str() {
        "1" => return None,
        "2" => "資格は喪失しています。表示は参考で、現在の保険としては使えません。",
        "3" => "この資格は無効で、新しい資格があります。新しい資格を確認してください。",
        "4" => "該当する資格が見つかりません。まだ登録されていないことがあります。",
        "5" => "複数の資格が該当しました。枝番を確認してください。",
        "6" => "医療扶助は有効ですが、今月の医療券が登録されていません。",
        other => {
            return Some(format!(
                "資格有効性「{other}」は扱いが決まっていないため、参考として表示します。"
            ));
        }
    };
    Some(said.to_owned())
}

/// Text and code of the processing result, or of the aborted message.
fn coded(result: &EligibilityResult) -> String {
    let first = |one: &str, other: &str| if one.is_empty() { other } else { one }.to_owned();
    with_code(
        &first(&result.processing_result_message, &result.error_message),
        &first(&result.processing_result_code, &result.error_code),
    )
}

/// A text with its code, either of which may be missing.
pub(super) fn with_code(text: &str, code: &str) -> String {
    match code {
        "" => text.to_owned(),
        code => format!("{text}（{code}）"),
    }
}

/// A character code that is not the declared one (facts/eligibility.md 8, 21): the declaration decided.
pub(super) fn charset(bytes: &[u8], identifier: &str) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}');
    let declaration = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split("?>").next());
    let declaration = declaration.unwrap_or_default();
    let (declared, code) = match declaration.split_once("encoding") {
        Some((_, label)) if !label.contains("utf") => ("Shift_JIS", "1"),
        _ => ("UTF-8", "0"),
    };
    (!identifier.is_empty() && identifier != code).then(|| {
        format!(
            "文字コード識別「{identifier}」がXML宣言（{declared}）と異なります。宣言に従って読みました。"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_decides_and_a_contradiction_is_said() {
        for (head, identifier, contradicts) in [
            ("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>", "1", false),
            ("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>", "0", true),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "0", false),
            ("<?xml version=\"1.0\" encoding=\"utf-8\"?>", "1", true),
            ("<?xml version=\"1.0\"?>", "0", false),
            ("<XmlMsg>encoding", "0", false),
            ("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>", "", false),
            ("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>", "7", true),
        ] {
            let said = charset(head.as_bytes(), identifier);
            assert_eq!(said.is_some(), contradicts, "{head} {identifier}");
        }
    }
}
