//! What an insurer's clerk may enter, by kind of insurer: the law number (法別番号) tells which shares,
//! certificates and branches there can be. Names, texts and codes beyond that are looked at by the
//! intermediate server. Sources: facts/eligibility.md 3.1, 3.2, 8 A; facts/documents.md 5.

use identifiers::BranchNumber;
use jiff::civil::Date;
use wire::registration::{Benefits, Elderly, Kind, Limit, Qualification};

/// Kind of insurer, by the law number in front of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// 協会けんぽ, 01.
    HealthInsuranceAssociation,
    /// 健康保険組合, 06, and 特定健康保険組合, 63.
    HealthInsuranceSociety,
    /// 船員保険, 02.
    Seamen,
    /// 日雇特例, 03 and 04.
    DayLabourers,
    /// 自衛官等, 07.
    SelfDefence,
    /// 共済組合, 31 to 34 and 72 to 75.
    MutualAid,
    /// 国民健康保険, six digits without a law number; 67 for its retired.
    NationalHealth,
    /// 後期高齢者医療, 39.
    LateElderly,
}

impl Scheme {
    /// The kind an insurer number tells by its length and its first two digits; none for other laws.
    pub fn of(insurer_number: &str) -> Option<Self> {
        if insurer_number.len() == 6 {
            return Some(Self::NationalHealth);
        }
        match insurer_number.get(..2)? {
            "01" => Some(Self::HealthInsuranceAssociation),
            "02" => Some(Self::Seamen),
            "03" | "04" => Some(Self::DayLabourers),
            "06" | "63" => Some(Self::HealthInsuranceSociety),
            "07" => Some(Self::SelfDefence),
            "31" | "32" | "33" | "34" | "72" | "73" | "74" | "75" => Some(Self::MutualAid),
            "67" => Some(Self::NationalHealth),
            "39" => Some(Self::LateElderly),
            _ => None,
        }
    }
}

/// A field of an entry that cannot be right. The clerk who entered it corrects it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message_en}")]
pub struct WrongEntry {
    /// The field as it is called on the wire, such as `elderly.ratio`.
    pub field: &'static str,
    /// What is wrong and what to do, in Japanese.
    pub message_ja: String,
    /// The same in English.
    pub message_en: String,
}

fn wrong(field: &'static str, ja: impl Into<String>, en: impl Into<String>) -> WrongEntry {
    WrongEntry {
        field,
        message_ja: ja.into(),
        message_en: en.into(),
    }
}

/// Checks an entry; the first field wrong is told.
pub(crate) fn check(entry: &Qualification) -> Result<(), WrongEntry> {
    let scheme = Scheme::of(&entry.insurer_number).ok_or_else(|| {
        wrong(
            "insurer_number",
            "保険者番号の法別番号が医療保険のものではありません。国民健康保険の保険者番号は、法別番号のない6桁で入力してください。",
            "its law number is none of medical insurance; national health insurance has six digits and no law number",
        )
    })?;
    branch(&entry.branch, scheme)?;
    day("on", &entry.on)?;
    if entry.kind == Kind::Loss && !entry.benefits.is_empty() {
        return Err(wrong(
            "benefits",
            "資格喪失の登録には負担割合や証の情報を付けられません。取り除いてください。",
            "a loss carries no shares and no certificates; leave them out",
        ));
    }
    benefits(&entry.benefits, scheme)
}

fn branch(text: &str, scheme: Scheme) -> Result<(), WrongEntry> {
    if text.is_empty() {
        return Ok(());
    }
    if scheme == Scheme::LateElderly {
        return Err(wrong(
            "branch",
            "後期高齢者医療の被保険者番号に枝番はありません。空欄にしてください。",
            "numbers of the late-elderly scheme have no branch; leave it empty",
        ));
    }
    BranchNumber::parse(text).map(drop).map_err(|e| {
        wrong(
            "branch",
            "枝番は2桁の半角数字です。確認してください。",
            e.to_string(),
        )
    })
}

fn benefits(said: &Benefits, scheme: Scheme) -> Result<(), WrongEntry> {
    if let Some(ratio) = &said.contribution_ratio {
        contribution_ratio(ratio, scheme)?;
    }
    if let Some(elderly) = &said.elderly {
        self::elderly(elderly, scheme)?;
    }
    if let Some(Limit { from, to, .. }) = &said.limit {
        period(["limit.from", "limit.to"], from, to)?;
    }
    Ok(())
}

fn contribution_ratio(ratio: &str, scheme: Scheme) -> Result<(), WrongEntry> {
    const FIELD: &str = "contribution_ratio";
    if scheme != Scheme::LateElderly {
        return Err(wrong(
            FIELD,
            "一部負担金割合を入力できるのは後期高齢者医療だけです。70歳から74歳までの割合は高齢受給者証に入力してください。",
            "only the late-elderly scheme enters this share; that of ages 70 to 74 stands in the elderly certificate",
        ));
    }
    one_of(FIELD, "一部負担金割合", ratio, &["010", "020", "030"])
}

fn elderly(said: &Elderly, scheme: Scheme) -> Result<(), WrongEntry> {
    if scheme == Scheme::LateElderly {
        return Err(wrong(
            "elderly",
            "後期高齢者医療に高齢受給者証はありません。一部負担金割合に入力してください。",
            "the late-elderly scheme has no elderly certificate; enter the share itself",
        ));
    }
    one_of(
        "elderly.ratio",
        "高齢受給者証の負担割合",
        &said.ratio,
        &["020", "030"],
    )?;
    period(["elderly.from", "elderly.to"], &said.from, &said.to)
}

fn one_of(field: &'static str, ja: &str, text: &str, allowed: &[&str]) -> Result<(), WrongEntry> {
    if allowed.contains(&text) {
        return Ok(());
    }
    let list = allowed.join(", ");
    Err(wrong(
        field,
        format!("{ja}「{text}」は使えません。{list} のいずれかを入力してください。"),
        format!("{text:?} is not one of {list}"),
    ))
}

fn period(fields: [&'static str; 2], from: &str, to: &str) -> Result<(), WrongEntry> {
    if day(fields[0], from)? <= day(fields[1], to)? {
        return Ok(());
    }
    Err(wrong(
        fields[1],
        format!("有効期間の終わり {to} が始まり {from} より前です。日付を確認してください。"),
        format!("{to} lies before the first day {from}; correct one of them"),
    ))
}

/// A day of the calendar as YYYY-MM-DD and in no other notation.
pub(crate) fn day(field: &'static str, text: &str) -> Result<Date, WrongEntry> {
    let read = text.parse::<Date>().ok();
    read.filter(|day| day.to_string() == text).ok_or_else(|| {
        wrong(
            field,
            format!(
                "「{text}」は日付ではありません。YYYY-MM-DDの形で、暦にある日を入力してください。"
            ),
            format!("{text:?} is no day of the calendar as YYYY-MM-DD"),
        )
    })
}

#[cfg(test)]
mod tests;
