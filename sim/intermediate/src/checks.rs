//! What a registration must be before it is taken: numbers with right check digits, real dates,
//! half-width kana, codes of the tables, lengths of the interface. Each refusal has a stable name.

use identifiers::{
    BranchNumber, IndividualNumber, InsuredNumber, InsurerNumber, NumberError, Symbol,
};
use jiff::civil::Date;
use wire::failure::Failure;
use wire::registration::{Kind, Registration};

/// Longest name, in characters; the interface's own limit is not public (simulated interface).
const LONGEST_NAME: usize = 100;

/// Checks all of it; the first fault is told. `today` is a Japanese calendar day.
pub(crate) fn check(registration: &Registration, today: Date) -> Result<IndividualNumber, Failure> {
    let person = individual_number(&registration.individual_number)?;
    let entry = &registration.qualification;
    insurer_number(&entry.insurer_number)?;
    texts(registration)?;
    dates(&entry.birthdate, &entry.on, today)?;
    code("sex", "性別", &entry.sex, &["1", "2", "3"])?;
    code(
        "relationship",
        "本人・家族の別",
        &entry.relationship,
        &["1", "2"],
    )?;
    match (entry.kind, &entry.reason_of_loss) {
        (Kind::Gain, None) => Ok(person),
        (Kind::Loss, Some(reason)) => {
            code("reason-of-loss", "資格喪失事由", reason, &["01", "02", "03", "99"]).map(|()| person)
        }
        (Kind::Gain, Some(_)) => Err(failure(
            "reason-of-loss-with-gain",
            "資格取得の登録に資格喪失事由があります。取得と喪失のどちらかを確認してください。".to_owned(),
            "a gain carries a reason of loss; send either a gain without it or a loss".to_owned(),
        )),
        (Kind::Loss, None) => Err(failure(
            "reason-of-loss-missing",
            "資格喪失の登録に資格喪失事由がありません。01、02、03、99のいずれかを指定してください。".to_owned(),
            "a loss carries no reason of loss; give 01, 02, 03 or 99".to_owned(),
        )),
    }
}

fn failure(error: &str, message_ja: String, message_en: String) -> Failure {
    Failure::new(error, message_ja, message_en)
}

/// Never shows a digit: neither error of the number does.
fn individual_number(text: &str) -> Result<IndividualNumber, Failure> {
    IndividualNumber::parse(text).map_err(|error| {
        let ja = "個人番号が正しくありません。この模擬環境では、検査用数字をわざと誤らせた12桁の架空の番号だけを使います。";
        failure("individual-number", ja.to_owned(), error.to_string())
    })
}

fn insurer_number(text: &str) -> Result<(), Failure> {
    InsurerNumber::parse(text).map(drop).map_err(|error| match &error {
        NumberError::CheckDigit { number, found, right, .. } => failure(
            "insurer-number-check-digit",
            format!("保険者番号 {number} の検証番号 {found} は誤りです。正しくは {right} です。番号を確認してください。"),
            error.to_string(),
        ),
        _ => failure(
            "insurer-number",
            "保険者番号は6桁または8桁の半角数字です。番号を確認してください。".to_owned(),
            error.to_string(),
        ),
    })
}

fn texts(registration: &Registration) -> Result<(), Failure> {
    let entry = &registration.qualification;
    if !entry.symbol.is_empty() {
        Symbol::parse(&entry.symbol)
            .map_err(|e| malformed("symbol", "記号は20文字以内です。", &e))?;
    }
    InsuredNumber::parse(&entry.number)
        .map_err(|e| malformed("number", "番号は1文字以上20文字以内です。", &e))?;
    if !entry.branch.is_empty() {
        BranchNumber::parse(&entry.branch)
            .map_err(|e| malformed("branch", "枝番は2桁の半角数字です。", &e))?;
    }
    name("name", "氏名", &entry.name)?;
    name("insurer-name", "保険者名称", &entry.insurer_name)?;
    name("name-kana", "カナ氏名", &entry.name_kana)?;
    match entry.name_kana.chars().find(|c| !half_width(*c)) {
        None => Ok(()),
        Some(found) => Err(failure(
            "name-kana-half-width",
            format!(
                "カナ氏名に半角カナでない文字「{found}」があります。半角カナと半角の空白で入力してください。"
            ),
            format!(
                "the kana name holds {found:?}, which is not half-width; send half-width kana and blanks"
            ),
        )),
    }
}

fn malformed(error: &str, ja: &str, said: &impl std::error::Error) -> Failure {
    failure(
        error,
        format!("{ja}内容を確認してください。"),
        said.to_string(),
    )
}

fn name(error: &str, ja: &str, text: &str) -> Result<(), Failure> {
    let length = text.chars().count();
    if !text.trim().is_empty() && length <= LONGEST_NAME && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(failure(
        error,
        format!(
            "{ja}は1文字以上{LONGEST_NAME}文字以内で、制御文字を含められません。内容を確認してください。"
        ),
        format!(
            "{error} has {length} characters; give 1 to {LONGEST_NAME} without control characters"
        ),
    ))
}

/// Half-width katakana and its marks; names of foreign residents also hold Latin letters.
fn half_width(c: char) -> bool {
    matches!(
        c,
        '\u{FF61}'..='\u{FF9F}' | ' ' | '-' | '.' | '(' | ')' | '\'' | ','
    ) || c.is_ascii_alphanumeric()
}

fn dates(birthdate: &str, on: &str, today: Date) -> Result<(), Failure> {
    let birth = date("birthdate", "生年月日", birthdate)?;
    let day = date("on", "資格取得・喪失年月日", on)?;
    if birth > today {
        return Err(failure(
            "birthdate-in-future",
            format!("生年月日 {birthdate} が今日より後です。日付を確認してください。"),
            format!("the birth date {birthdate} lies after today {today}; correct it"),
        ));
    }
    if day < birth {
        return Err(failure(
            "on-before-birth",
            format!(
                "資格取得・喪失年月日 {on} が生年月日 {birthdate} より前です。日付を確認してください。"
            ),
            format!("the day {on} lies before the birth date {birthdate}; correct one of them"),
        ));
    }
    Ok(())
}

fn date(error: &str, ja: &str, text: &str) -> Result<Date, Failure> {
    // Parsing alone would also take other notations of ISO 8601.
    let parsed = text
        .parse::<Date>()
        .ok()
        .filter(|date| date.to_string() == text);
    parsed.ok_or_else(|| {
        failure(
            error,
            format!("{ja}「{text}」は日付ではありません。YYYY-MM-DDの形で、暦にある日を指定してください。"),
            format!("{error} {text:?} is no date; give a day of the calendar as YYYY-MM-DD"),
        )
    })
}

fn code(error: &str, ja: &str, text: &str, allowed: &[&str]) -> Result<(), Failure> {
    if allowed.contains(&text) {
        return Ok(());
    }
    let list = allowed.join(", ");
    Err(failure(
        error,
        format!("{ja}「{text}」は使えません。{list} のいずれかを指定してください。"),
        format!("{error} {text:?} is not one of {list}"),
    ))
}

#[cfg(test)]
mod tests;
