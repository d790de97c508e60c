//! One gain or loss as fed by the intermediate server, read into types: whatever is wrong with it is
//! refused at the door, so that nothing in the store can surprise a confirmation later.

use identifiers::{BranchNumber, InsuredNumber, InsurerNumber, NumberError, Symbol};
use rules::{Date, History, InsuredKey, Loss, LossReason};
use wire::registration::{Kind, Qualification};

/// Longest name of a person or an insurer taken, in characters.
const LONGEST_NAME: usize = 100;

/// What was said about a qualification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Gain(Date),
    Loss(Loss),
}

/// A checked entry: whose qualification, what was said, and the words for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: InsuredKey,
    pub(crate) said: Said,
    pub(crate) birthdate: Date,
    /// The entry as it came; the fields not read above travel on as text.
    pub(crate) text: Qualification,
}

/// What is wrong with an entry: a stable name, and a sentence in both languages. The sender's fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) error: &'static str,
    pub(crate) ja: String,
    pub(crate) en: String,
}

fn wrong(error: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Wrong {
    Wrong {
        error,
        ja: ja.into(),
        en: en.into(),
    }
}

impl Entry {
    /// Reads an entry; the first thing wrong is the refusal.
    pub(crate) fn read(text: Qualification) -> Result<Self, Wrong> {
        let key = key(&text)?;
        let on = date("on", &text.on)?;
        let birthdate = date("birthdate", &text.birthdate)?;
        let said = match (text.kind, text.reason_of_loss.as_deref()) {
            (Kind::Gain, None) => Said::Gain(on),
            (Kind::Gain, Some(_)) => {
                return Err(wrong(
                    "reason-of-loss",
                    "資格取得に喪失事由は付けられません。取り除いてください。",
                    "a gain carries no reason of loss: leave it out",
                ));
            }
            (Kind::Loss, code) => Said::Loss(Loss {
                on,
                reason: reason(code)?,
            }),
        };
        one_of("sex", &text.sex, &["1", "2", "3"])?;
        one_of("relationship", &text.relationship, &["1", "2"])?;
        name("name", &text.name)?;
        name("name-kana", &text.name_kana)?;
        name("insurer-name", &text.insurer_name)?;
        Ok(Self {
            key,
            said,
            birthdate,
            text,
        })
    }
}

/// One history out of a person's entries, in whatever order they came.
pub(crate) fn history(entries: &[Entry]) -> History {
    let mut history = History::new();
    for entry in entries {
        match entry.said {
            Said::Gain(on) => history.gain(entry.key.clone(), on),
            Said::Loss(loss) => history.lose(entry.key.clone(), loss),
        }
    }
    history
}

fn key(text: &Qualification) -> Result<InsuredKey, Wrong> {
    let insurer = InsurerNumber::parse(&text.insurer_number).map_err(insurer_number)?;
    let symbol = match text.symbol.as_str() {
        "" => None,
        symbol => Some(Symbol::parse(symbol).map_err(|e| malformed("symbol", "記号", &e))?),
    };
    let number =
        InsuredNumber::parse(&text.number).map_err(|e| malformed("number", "番号", &e))?;
    let branch = match text.branch.as_str() {
        "" => None,
        branch => Some(BranchNumber::parse(branch).map_err(|e| malformed("branch", "枝番", &e))?),
    };
    Ok(InsuredKey {
        insurer,
        symbol,
        number,
        branch,
    })
}

fn insurer_number(error: NumberError) -> Wrong {
    let name = match error {
        NumberError::CheckDigit { .. } => "insurer-number-check-digit",
        NumberError::Length { .. } | NumberError::NotADigit { .. } => "insurer-number",
    };
    wrong(
        name,
        "保険者番号が正しくありません。検証番号まで証のとおりに送ってください。",
        error.to_string(),
    )
}

fn malformed(name: &'static str, ja: &str, error: &dyn std::error::Error) -> Wrong {
    wrong(
        name,
        format!("{ja}が正しくありません。証のとおりに送ってください。"),
        error.to_string(),
    )
}

fn date(name: &'static str, text: &str) -> Result<Date, Wrong> {
    let shaped = text.len() == 10 && text.is_ascii() && !text.starts_with(['-', '+']);
    let read = text.parse::<Date>().ok().filter(|_| shaped);
    read.filter(|day| day.year() >= 1868).ok_or_else(|| {
        wrong(
            name,
            format!("{name}はYYYY-MM-DDの形の実在する日付（1868年以後）でなければなりません。"),
            format!("{name} must be a day that exists, as YYYY-MM-DD, of 1868 or later"),
        )
    })
}

fn reason(code: Option<&str>) -> Result<LossReason, Wrong> {
    code.and_then(LossReason::from_code).ok_or_else(|| {
        wrong(
            "reason-of-loss",
            "資格喪失には喪失事由（01、02、03、99）が必要です。",
            "a loss carries its reason: 01, 02, 03 or 99",
        )
    })
}

fn one_of(name: &'static str, text: &str, allowed: &[&str]) -> Result<(), Wrong> {
    if allowed.contains(&text) {
        return Ok(());
    }
    let allowed = allowed.join(", ");
    Err(wrong(
        name,
        format!("{name}は次のいずれかでなければなりません: {allowed}"),
        format!("{name} must be one of {allowed}"),
    ))
}

fn name(name: &'static str, text: &str) -> Result<(), Wrong> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= LONGEST_NAME
        && !text.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    Err(wrong(
        name,
        format!("{name}は1〜{LONGEST_NAME}文字で、制御文字を含めずに送ってください。"),
        format!("{name} must have 1 to {LONGEST_NAME} characters and no control character"),
    ))
}
