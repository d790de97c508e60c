//! What a registration must be before it is taken: numbers with right check digits, real dates,
//! half-width kana, codes of the tables, lengths of the interface. Each refusal has a stable name.

use identifiers::{
    BranchNumber, IndividualNumber, InsuredNumber, InsurerNumber, NumberError, Symbol,
};
use jiff::civil::Date;
use rules::{InsuredKey, Loss, LossReason};
use wire::failure::Failure;
use wire::registration::{Benefits, Kind, Qualification, Registration, Release};

/// Longest name or address, in characters; the interface's own limit is not public (simulated interface).
const LONGEST_NAME: usize = 100;

/// Longest 適用区分 (OQSCD012); those of today have three characters.
const LONGEST_CLASS: usize = 8;
/// 被保険者証区分 (OQSCD010) of medical insurance.
const CARDS: [&str; 7] = ["01", "02", "03", "04", "05", "06", "07"];

/// What a sound registration says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) person: IndividualNumber,
    pub(crate) key: InsuredKey,
    pub(crate) said: Said,
}

/// Gain or loss, with its day.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Gain(Date),
    Loss(Loss),
}

/// Checks all of it; the first fault is told. `today` is a Japanese calendar day.
pub(crate) fn check(registration: &Registration, today: Date) -> Result<Checked, Failure> {
    let person = individual_number(&registration.individual_number)?;
    let entry = &registration.qualification;
    let insurer = insurer_number(&entry.insurer_number)?;
    let key = texts(entry, insurer)?;
    let on = dates(&entry.birthdate, &entry.on, today)?;
    code("sex", "性別", &entry.sex, &["1", "2", "3"])?;
    code(
        "relationship",
        "本人・家族の別",
        &entry.relationship,
        &["1", "2"],
    )?;
    benefits(&entry.benefits)?;
    let said = said(entry, on)?;
    Ok(Checked { person, key, said })
}

/// Checks a release; gives whose it is.
pub(crate) fn check_release(release: &Release) -> Result<IndividualNumber, Failure> {
    let person = individual_number(&release.individual_number)?;
    date("effective-on", "利用登録の解除日", &release.effective_on)?;
    Ok(person)
}

fn said(entry: &Qualification, on: Date) -> Result<Said, Failure> {
    match (entry.kind, entry.reason_of_loss.as_deref()) {
        (Kind::Gain, None) => Ok(Said::Gain(on)),
        (Kind::Loss, Some(_)) if !entry.benefits.is_empty() => Err(failure(
            "benefits-with-loss",
            "資格喪失の登録に負担割合や証の情報があります。資格取得の登録だけに付けてください。"
                .to_owned(),
            "a loss carries shares or certificates; send them with a gain only".to_owned(),
        )),
        (Kind::Loss, Some(text)) => LossReason::from_code(text)
            .map(|reason| Said::Loss(Loss { on, reason }))
            .ok_or_else(|| {
                unlisted(
                    "reason-of-loss",
                    "資格喪失事由",
                    text,
                    &["01", "02", "03", "99"],
                )
            }),
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

/// Forms only: which insurer may say what is the insurer's own check. The class of a limit certificate
/// passes on as it came, known or not (facts/eligibility.md 8 A 23).
fn benefits(said: &Benefits) -> Result<(), Failure> {
    if let Some(card) = &said.card_classification {
        code("card-classification", "被保険者証区分", card, &CARDS)?;
    }
    if let Some(address) = &said.address {
        text("address", "住所", address, LONGEST_NAME)?;
    }
    if let Some(other) = &said.name_of_other {
        text("name-of-other", "氏名（その他）", other, LONGEST_NAME)?;
    }
    if let Some(ratio) = &said.contribution_ratio {
        let ratios = ["010", "020", "030"];
        code("contribution-ratio", "一部負担金割合", ratio, &ratios)?;
    }
    if let Some(elderly) = &said.elderly {
        let ja = "高齢受給者証の負担割合";
        code("elderly-ratio", ja, &elderly.ratio, &["020", "030"])?;
        let ja = "高齢受給者証の有効期間";
        period("elderly-period", ja, &elderly.from, &elderly.to)?;
    }
    if let Some(limit) = &said.limit {
        let (ja, kinds) = ("限度額適用認定証の区分", ["01", "02", "03"]);
        code("limit-classification", ja, &limit.classification, &kinds)?;
        text(
            "limit-class",
            "限度額の適用区分",
            &limit.class,
            LONGEST_CLASS,
        )?;
        let ja = "限度額適用認定証の有効期間";
        period("limit-period", ja, &limit.from, &limit.to)?;
    }
    Ok(())
}

fn period(error: &str, ja: &str, from: &str, to: &str) -> Result<(), Failure> {
    if date(error, ja, from)? <= date(error, ja, to)? {
        return Ok(());
    }
    Err(failure(
        error,
        format!("{ja}の終わり {to} が始まり {from} より前です。日付を確認してください。"),
        format!("{error} ends on {to}, before it begins on {from}; correct one of them"),
    ))
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

fn insurer_number(text: &str) -> Result<InsurerNumber, Failure> {
    InsurerNumber::parse(text).map_err(|error| match &error {
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

fn texts(entry: &Qualification, insurer: InsurerNumber) -> Result<InsuredKey, Failure> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let symbol = some(&entry.symbol)
        .map(|text| Symbol::parse(&text))
        .transpose()
        .map_err(|e| malformed("symbol", "記号は20文字以内です。", &e))?;
    let number = InsuredNumber::parse(&entry.number)
        .map_err(|e| malformed("number", "番号は1文字以上20文字以内です。", &e))?;
    let branch = some(&entry.branch)
        .map(|text| BranchNumber::parse(&text))
        .transpose()
        .map_err(|e| malformed("branch", "枝番は2桁の半角数字です。", &e))?;
    text("name", "氏名", &entry.name, LONGEST_NAME)?;
    text(
        "insurer-name",
        "保険者名称",
        &entry.insurer_name,
        LONGEST_NAME,
    )?;
    text("name-kana", "カナ氏名", &entry.name_kana, LONGEST_NAME)?;
    if let Some(found) = entry.name_kana.chars().find(|c| !half_width(*c)) {
        return Err(failure(
            "name-kana-half-width",
            format!(
                "カナ氏名に半角カナでない文字「{found}」があります。半角カナと半角の空白で入力してください。"
            ),
            format!(
                "the kana name holds {found:?}, which is not half-width; send half-width kana and blanks"
            ),
        ));
    }
    Ok(InsuredKey {
        insurer,
        symbol,
        number,
        branch,
    })
}

fn malformed(error: &str, ja: &str, said: &impl std::error::Error) -> Failure {
    failure(
        error,
        format!("{ja}内容を確認してください。"),
        said.to_string(),
    )
}

fn text(error: &str, ja: &str, text: &str, longest: usize) -> Result<(), Failure> {
    let length = text.chars().count();
    if !text.trim().is_empty() && length <= longest && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(failure(
        error,
        format!(
            "{ja}は1文字以上{longest}文字以内で、制御文字を含められません。内容を確認してください。"
        ),
        format!("{error} has {length} characters; give 1 to {longest} without control characters"),
    ))
}

/// Half-width katakana and its marks; names of foreign residents also hold Latin letters.
fn half_width(c: char) -> bool {
    matches!(
        c,
        '\u{FF61}'..='\u{FF9F}' | ' ' | '-' | '.' | '(' | ')' | '\'' | ','
    ) || c.is_ascii_alphanumeric()
}

fn dates(birthdate: &str, on: &str, today: Date) -> Result<Date, Failure> {
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
    Ok(day)
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
    match allowed.contains(&text) {
        true => Ok(()),
        false => Err(unlisted(error, ja, text, allowed)),
    }
}

fn unlisted(error: &str, ja: &str, text: &str, allowed: &[&str]) -> Failure {
    let list = allowed.join(", ");
    failure(
        error,
        format!("{ja}「{text}」は使えません。{list} のいずれかを指定してください。"),
        format!("{error} {text:?} is not one of {list}"),
    )
}

#[cfg(test)]
mod tests;
