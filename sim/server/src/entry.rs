//! One gain or loss as fed by the intermediate server, read into types: whatever is wrong with it is
//! refused at the door, so that nothing in the store can surprise a confirmation later.

use identifiers::{
    BranchNumber, CertificateSerial, InsuredNumber, InsurerNumber, LinkNumber, NumberError, Symbol,
};
use rules::{Date, History, InsuredKey, Loss, LossReason};
use wire::registration::{Benefits, Kind, Qualification};

/// Longest name of a person or an insurer taken, in characters.
const LONGEST_NAME: usize = 100;
/// OQSCD010.
const CARD_CLASSIFICATIONS: [&str; 8] = ["01", "02", "03", "04", "05", "06", "07", "A1"];

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

pub(crate) fn wrong(error: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Wrong {
    Wrong {
        error,
        ja: ja.into(),
        en: en.into(),
    }
}

impl Entry {
    /// Reads an entry; the first thing wrong is the refusal.
    pub(crate) fn read(text: Qualification) -> Result<Self, Wrong> {
        let key = key(
            &text.insurer_number,
            &text.symbol,
            &text.number,
            &text.branch,
        )?;
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
        benefits(&text.benefits)?;
        Ok(Self {
            key,
            said,
            birthdate,
            text,
        })
    }
}

impl Entry {
    /// Whether it is a loss whose gain is not among these.
    pub(crate) fn is_early(&self, known: &[Entry]) -> bool {
        let gained = |one: &Entry| one.key == self.key && matches!(one.said, Said::Gain(_));
        matches!(self.said, Said::Loss(_)) && !known.iter().any(gained)
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

/// An individual insured number as it stands in four texts; symbol and branch may be empty.
pub(crate) fn key(
    insurer: &str,
    symbol: &str,
    number: &str,
    branch: &str,
) -> Result<InsuredKey, Wrong> {
    let insurer = InsurerNumber::parse(insurer).map_err(insurer_number)?;
    let symbol = match symbol {
        "" => None,
        symbol => Some(Symbol::parse(symbol).map_err(|e| malformed("symbol", "記号", &e))?),
    };
    let number = InsuredNumber::parse(number).map_err(|e| malformed("number", "番号", &e))?;
    let branch = match branch {
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

/// A certificate's serial in hex.
pub(crate) fn serial(name: &'static str, text: &str) -> Result<CertificateSerial, Wrong> {
    CertificateSerial::parse(text).map_err(|e| {
        wrong(
            name,
            format!("{name}が発行番号として正しくありません。16進数で送ってください。"),
            e.to_string(),
        )
    })
}

/// A link number.
pub(crate) fn link_number(text: &str) -> Result<LinkNumber, Wrong> {
    LinkNumber::parse(text).map_err(|e| {
        wrong(
            "link-number",
            "紐付番号が正しくありません。発行されたとおりに送ってください。",
            e.to_string(),
        )
    })
}

fn benefits(said: &Benefits) -> Result<(), Wrong> {
    if let Some(classification) = &said.card_classification {
        one_of("card-classification", classification, &CARD_CLASSIFICATIONS)?;
    }
    if let Some(address) = &said.address {
        name("address", address)?;
    }
    if let Some(other) = &said.name_of_other {
        name("name-of-other", other)?;
    }
    if let Some(ratio) = &said.contribution_ratio {
        one_of("contribution-ratio", ratio, &["010", "020", "030"])?;
    }
    if let Some(elderly) = &said.elderly {
        one_of("elderly-ratio", &elderly.ratio, &["020", "030"])?;
        span("elderly", &elderly.from, &elderly.to)?;
    }
    if let Some(limit) = &said.limit {
        one_of(
            "limit-classification",
            &limit.classification,
            &["01", "02", "03"],
        )?;
        // New classes come; an unknown one is passed on as it is.
        name("limit-class", &limit.class)?;
        span("limit", &limit.from, &limit.to)?;
    }
    Ok(())
}

fn span(name: &'static str, from: &str, to: &str) -> Result<(), Wrong> {
    if date(name, from)? <= date(name, to)? {
        return Ok(());
    }
    Err(wrong(
        name,
        format!("{name}の終わりの日が始まりの日より前です。直して送り直してください。"),
        format!("{name} ends before it begins: correct its days"),
    ))
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

/// A day as `YYYY-MM-DD`.
pub(crate) fn date(name: &'static str, text: &str) -> Result<Date, Wrong> {
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

pub(crate) fn name(name: &'static str, text: &str) -> Result<(), Wrong> {
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use rules::Standing;

    /// A gain nothing is wrong with.
    pub(crate) fn gain() -> Qualification {
        Qualification {
            kind: Kind::Gain,
            insurer_number: InsurerNumber::from_body("0699123").unwrap().to_string(),
            insurer_name: "模擬健康保険組合".into(),
            symbol: "１２３".into(),
            number: "４５６".into(),
            branch: "01".into(),
            on: "2020-04-01".into(),
            name: "模擬　花子".into(),
            name_kana: "ﾓｷﾞ ﾊﾅｺ".into(),
            birthdate: "1980-02-17".into(),
            sex: "2".into(),
            relationship: "1".into(),
            reason_of_loss: None,
            benefits: Benefits::default(),
        }
    }

    /// The loss that ends it.
    pub(crate) fn loss() -> Qualification {
        Qualification {
            kind: Kind::Loss,
            on: "2026-10-01".into(),
            reason_of_loss: Some("03".into()),
            ..gain()
        }
    }

    #[test]
    fn a_right_entry_is_read_and_kept_as_text() {
        let entry = Entry::read(loss()).unwrap();
        assert_eq!(entry.text, loss());
        assert!(matches!(entry.said, Said::Loss(l) if l.reason == LossReason::OtherInsurance));
        let sparse = Qualification {
            symbol: String::new(),
            branch: String::new(),
            ..gain()
        };
        let entry = Entry::read(sparse).unwrap();
        assert_eq!((entry.key.symbol, entry.key.branch), (None, None));
    }

    #[test]
    fn each_wrong_field_is_named() {
        type Spoil = fn(&mut Qualification);
        let table: [(Spoil, &str); 20] = [
            (
                |q| q.insurer_number = "06991234".into(),
                "insurer-number-check-digit",
            ),
            (|q| q.insurer_number = "0699".into(), "insurer-number"),
            (
                |q| q.insurer_number = "０６９９１２３５".into(),
                "insurer-number",
            ),
            (|q| q.symbol = "1".repeat(21), "symbol"),
            (|q| q.number = String::new(), "number"),
            (|q| q.number = "1\n2".into(), "number"),
            (|q| q.branch = "1".into(), "branch"),
            (|q| q.on = "2026-02-29".into(), "on"),
            (|q| q.on = "20260201".into(), "on"),
            (|q| q.on = "2026-2-1".into(), "on"),
            (|q| q.on = "2026-02-01T00:00".into(), "on"),
            (|q| q.birthdate = "1867-12-31".into(), "birthdate"),
            (|q| q.birthdate = String::new(), "birthdate"),
            (|q| q.sex = "9".into(), "sex"),
            (|q| q.relationship = "0".into(), "relationship"),
            (|q| q.name = " \u{3000}".into(), "name"),
            (|q| q.name_kana = "ﾓ".repeat(101), "name-kana"),
            (|q| q.insurer_name = "組合\u{7}".into(), "insurer-name"),
            (|q| q.reason_of_loss = Some("03".into()), "reason-of-loss"),
            (|q| q.kind = Kind::Loss, "reason-of-loss"),
        ];
        for (spoil, error) in table {
            let mut text = gain();
            spoil(&mut text);
            let wrong = Entry::read(text.clone()).unwrap_err();
            assert_eq!(wrong.error, error, "{text:?}");
            assert!(!wrong.ja.is_empty() && !wrong.en.is_empty());
        }
        let unknown = Qualification {
            reason_of_loss: Some("04".into()),
            ..loss()
        };
        assert_eq!(Entry::read(unknown).unwrap_err().error, "reason-of-loss");
    }

    #[test]
    fn entries_make_one_history_whatever_their_order() {
        let read = |text| Entry::read(text).unwrap();
        let day = jiff::civil::date(2026, 10, 15);
        let forth = history(&[read(gain()), read(loss())]);
        let back = history(&[read(loss()), read(gain()), read(gain())]);
        assert_eq!(forth, back);
        assert!(matches!(forth.on(day), Standing::Lost(_)));
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(field in 0usize..8, text in "\\PC{0,30}|[0-9-]{0,12}") {
            let mut entry = gain();
            let slot = [
                &mut entry.insurer_number, &mut entry.symbol, &mut entry.number, &mut entry.branch,
                &mut entry.on, &mut entry.birthdate, &mut entry.name, &mut entry.sex,
            ];
            for (at, place) in slot.into_iter().enumerate() {
                if at == field {
                    place.clone_from(&text);
                }
            }
            let _ = Entry::read(entry);
        }
    }
}
