//! What several rules look at: the card confirmations asked of the server, each with what was due to
//! it, and what stood in the way of an answer that could be judged.

use crate::case::{Card, Case, Confirmation, Exchange, Said};
use crate::decode::DecodeError;
use crate::decode::result::{Numbers, Outcome};
use crate::expect::{self, Due, Expected};
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

pub(crate) const SERVER: &str = "eligibility-server";

/// A confirmation asked by an enrolled facility with a declared card, and what is due to it.
pub(crate) struct Asked<'a> {
    pub confirmation: &'a Confirmation,
    pub card: &'a Card,
    pub expected: Expected,
}

/// What the server did with it.
pub(crate) enum Reply<'a> {
    /// It gave a confirmation away.
    Confirms(u32, &'a Outcome),
    /// A result message that refuses.
    Refuses(u32, &'a Outcome),
    /// An HTTP error.
    Error(u32, u16, &'a str),
    /// Bytes that are no message.
    Broken(u32, &'a DecodeError),
    /// Nothing.
    Nothing,
}

/// Confirmations the server must answer by the rules: strangers' are SEC-01's alone.
pub(crate) fn asked(case: &Case) -> impl Iterator<Item = Asked<'_>> {
    case.confirmations.iter().filter_map(|confirmation| {
        let enrolled = case
            .facts
            .facility(&confirmation.facility)
            .is_none_or(|f| f.enrolled);
        let card = case.card_of(confirmation).filter(|_| enrolled)?;
        let expected = expect::expected(case, card, confirmation.at);
        Some(Asked {
            confirmation,
            card,
            expected,
        })
    })
}

impl<'a> Asked<'a> {
    pub fn reply(&self) -> Reply<'a> {
        match &self.confirmation.answer {
            None => Reply::Nothing,
            Some((seq, Said::Outcome(outcome))) if outcome.confirms() => {
                Reply::Confirms(*seq, outcome)
            }
            Some((seq, Said::Outcome(outcome))) => Reply::Refuses(*seq, outcome),
            Some((seq, Said::Error(status, name))) => Reply::Error(*seq, *status, name),
            Some((seq, Said::Broken(error))) => Reply::Broken(*seq, error),
        }
    }

    /// Quotes of request and answer.
    pub fn quotes(&self) -> Vec<Quote> {
        let mut quotes = vec![q(
            self.confirmation.seq,
            "POST /v1/card-confirmations",
            self.card.card.clone(),
        )];
        match self.reply() {
            Reply::Confirms(seq, outcome) | Reply::Refuses(seq, outcome) => {
                quotes.extend(quoted(seq, outcome))
            }
            Reply::Error(seq, status, name) => {
                quotes.push(q(seq, "HTTP", format!("{status} {name}")))
            }
            Reply::Broken(seq, error) => quotes.push(q(seq, "HTTP", error.to_string())),
            Reply::Nothing => {}
        }
        quotes
    }

    /// What the server answered, in words.
    pub fn actual(&self) -> Text {
        match self.reply() {
            Reply::Confirms(_, outcome) | Reply::Refuses(_, outcome) => described(outcome),
            Reply::Error(_, status, name) => t(
                format!("HTTP {status}（{name}）を返した"),
                format!("It answered HTTP {status} ({name})."),
            ),
            Reply::Broken(_, error) => t(
                format!("応答を読み取れない（{error}）"),
                format!("Its answer is no message of this interface ({error})."),
            ),
            Reply::Nothing => t("応答がなかった", "It gave no answer."),
        }
    }

    /// Speaks when an answer that confirms cannot be judged: the server did not have what it needs
    /// for it, or see [`Asked::unanswered`].
    pub fn unjudged(&self, case: &Case, say: Speaker<'_>, expected: &Text) -> Option<Finding> {
        match undelivered(case, self) {
            Some((role, why)) => Some(say.unclear(role, expected.clone(), why, self.quotes())),
            None => self.unanswered(case, say, expected),
        }
    }

    /// Speaks when nothing can be judged: no fair question, no answer, or no readable one.
    pub fn unanswered(&self, case: &Case, say: Speaker<'_>, expected: &Text) -> Option<Finding> {
        if let Some((role, why)) = unfair(case, self) {
            return Some(say.unclear(role, expected.clone(), why, self.quotes()));
        }
        match self.reply() {
            Reply::Nothing => {
                let fault = case
                    .facts
                    .fault(&["eligibility-server", "server"], self.confirmation.at);
                let role = if fault.is_some() { "bed" } else { SERVER };
                Some(say.unclear(role, expected.clone(), self.actual(), self.quotes()))
            }
            Reply::Broken(..) => Some(say.fail(
                expected.clone(),
                self.actual(),
                mend_message(),
                self.quotes(),
            )),
            _ => None,
        }
    }
}

fn mend_message() -> Text {
    t(
        "送ったバイト列を引用の記録で確かめ、電文の形式を直す",
        "Look at the bytes of the quoted record and mend the message's form.",
    )
}

/// Quotes of a result message.
pub(crate) fn quoted(seq: u32, outcome: &Outcome) -> Vec<Quote> {
    let status = outcome.status.clone().unwrap_or_default();
    let validity = outcome.validity.clone().unwrap_or_default();
    vec![
        q(seq, "ProcessingResultStatus", status),
        q(seq, "ProcessingResultCode", outcome.code.clone()),
        q(seq, "QualificationValidity", validity),
    ]
}

/// A result message in words.
pub(crate) fn described(outcome: &Outcome) -> Text {
    let status = outcome.status.as_deref().unwrap_or("-");
    let validity = outcome.validity.as_deref().unwrap_or("-");
    let code = if outcome.code.is_empty() {
        "-"
    } else {
        &outcome.code
    };
    let persons = outcome.persons.len();
    t(
        format!(
            "処理結果状況{status}、処理結果コード{code}、資格有効性{validity}、資格情報{persons}件"
        ),
        format!("Status {status}, code {code}, validity {validity}, {persons} person block(s)."),
    )
}

/// What is wrong with the question itself, and who is at fault for that.
fn unfair(case: &Case, asked: &Asked<'_>) -> Option<(&'static str, Text)> {
    let request = match &asked.confirmation.request {
        Ok(request) => request,
        Err(error) => {
            return Some((
                "terminal",
                t(
                    format!("要求を読み取れない（{error}）"),
                    format!("The request cannot be read: {error}."),
                ),
            ));
        }
    };
    if evidence::digest_hex(&request.der) != asked.card.digest {
        return Some((
            "terminal",
            t(
                "送られた証明書がカードのものでない",
                "The certificate sent is not the one on the card.",
            ),
        ));
    }
    if asked.card.genuine && expect::signature_holds(case, asked.confirmation) != Some(true) {
        return Some((
            "terminal",
            t(
                "正しいカードなのに署名が検証できない",
                "The card is genuine, yet the signature sent does not verify.",
            ),
        ));
    }
    None
}

/// Whether an insurer's entry or the registration never reached the server.
fn undelivered(case: &Case, asked: &Asked<'_>) -> Option<(&'static str, Text)> {
    if case.feed.is_empty() && case.registrations.is_empty() {
        return None;
    }
    let (at, seq) = (asked.confirmation.at, asked.confirmation.seq);
    let fed = |path: &'static str| {
        case.feed
            .iter()
            .filter(move |e| e.posts(path) && e.accepted() && e.seq < seq)
    };
    for entry in expect::entries(&case.facts, &asked.card.holder, at) {
        let same = |exchange: &Exchange| {
            exchange.body().is_ok_and(|body| {
                numbers(&body) == entry.numbers && text(&body, "kind") == kind(entry.kind)
            })
        };
        if fed("/v1/feed/qualifications").any(same) {
            continue;
        }
        let sent = case
            .registrations
            .iter()
            .any(|e| e.posts("/v1/registrations") && e.accepted() && same(e));
        let role = if sent { "intermediate" } else { "insurer" };
        let number = &entry.numbers;
        return Some((
            role,
            t(
                format!("保険者の入力（{number}）がサーバーに届いていない"),
                format!("The insurer's entry ({number}) never reached the server."),
            ),
        ));
    }
    let registered = case
        .facts
        .registrations
        .iter()
        .any(|r| r.serial == asked.card.serial && r.at <= at);
    let linked = fed("/v1/feed/links").any(|e| {
        e.body()
            .is_ok_and(|body| text(&body, "serial").trim_start_matches('0') == asked.card.serial)
    });
    (registered && !linked).then(|| {
        (
            "intermediate",
            t(
                "利用登録がサーバーに届いていない",
                "The use registration never reached the server.",
            ),
        )
    })
}

fn kind(kind: evidence::EntryKind) -> &'static str {
    match kind {
        evidence::EntryKind::Gain => "gain",
        evidence::EntryKind::Loss => "loss",
    }
}

/// A text member; empty when it is not there.
pub(crate) fn text<'a>(body: &'a serde_json::Value, member: &str) -> &'a str {
    body.get(member)
        .and_then(serde_json::Value::as_str)
        .unwrap_or("")
}

/// What names the qualification in a registration body.
pub(crate) fn numbers(body: &serde_json::Value) -> Numbers {
    Numbers::new(
        text(body, "insurer_number"),
        text(body, "symbol"),
        text(body, "number"),
        text(body, "branch"),
    )
}

/// Code of an outcome in the run's profile.
pub(crate) fn code(case: &Case, due: Due) -> &str {
    case.profile
        .get(&due.profile_key())
        .map_or("", String::as_str)
}

/// "Refused with this code", as an expectation.
pub(crate) fn refused_with(case: &Case, due: Due, because: Text) -> Text {
    let code = code(case, due);
    let name = due.name();
    t(
        format!(
            "{}ので、処理結果状況2・コード{code}（{name}）で断り、資格情報を返さない",
            because.ja
        ),
        format!(
            "{}: refuse with status 2 and code {code} ({name}), no person block.",
            because.en
        ),
    )
}
