//! What several rules look at: the card confirmations asked of the server, each with what was due to
//! it, and what stood in the way of an answer that could be judged.

use super::delivery;
use crate::calendar::Instant;
use crate::case::{Card, Case, Confirmation, Identification, Said, Screen};
use sha2::Digest;

use crate::decode::DecodeError;
use crate::decode::apdu::Command;
use crate::decode::result::Outcome;
use crate::expect::{Due, Expected};
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

pub(crate) const SERVER: &str = "eligibility-server";
pub(crate) const TERMINAL: &str = "terminal";
pub(crate) const READER: &str = "reader";
pub(crate) const PORTAL: &str = "portal";
pub(crate) const INSURER: &str = "insurer";
/// The server under the names faults give it.
pub(crate) const SERVER_HOUSES: [&str; 2] = ["eligibility-server", "server"];

/// The published ways beside 資格確認書.
const SHEETS: [&str; 3] = ["資格情報のお知らせ", "マイナポータル", "申立書"];

/// Whether a screen names the ways on where a card confirms nothing.
pub(crate) fn names_fallbacks(screen: &Screen) -> bool {
    screen.says("資格確認書") && SHEETS.iter().any(|sheet| screen.says(sheet))
}

/// A confirmation asked by an enrolled facility with a declared card, and what is due to it.
pub(crate) struct Asked<'a> {
    pub confirmation: &'a Confirmation,
    /// The card's proof in that session, when there was one.
    pub proof: Option<&'a Identification>,
    pub card: &'a Card,
    pub expected: &'a Expected,
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

/// Whether the server said by an error that it is out of order while it was made to be: SEC-04 and SEC-05
/// look at that, nobody else.
pub(crate) fn limping(case: &Case, at: Instant, status: Option<u16>) -> bool {
    status.is_some_and(|s| s >= 500) && case.facts.fault(&SERVER_HOUSES, at).is_some()
}

/// Confirmations the server must answer by the rules: strangers' are SEC-01's alone, the bed's own SEC-05's.
pub(crate) fn asked(case: &Case) -> impl Iterator<Item = Asked<'_>> {
    let all = case.confirmations.iter().zip(&case.due);
    all.filter_map(|(confirmation, expected)| {
        let expected = expected.as_ref()?;
        let enrolled = case
            .facts
            .facility(&confirmation.facility)
            .is_none_or(|f| f.enrolled);
        let status = match &confirmation.answer {
            Some((_, Said::Error(status, _))) => Some(*status),
            _ => None,
        };
        let limping = limping(case, confirmation.at, status);
        let own = enrolled && confirmation.from.role != "bed" && !limping;
        let card = case.card_of(confirmation).filter(|_| own)?;
        Some(Asked {
            confirmation,
            proof: case.proof_of(confirmation),
            card,
            expected,
        })
    })
}

impl<'a> Asked<'a> {
    pub fn reply(&self) -> Reply<'a> {
        let answer = self.confirmation.answer.as_ref();
        answer.map_or(Reply::Nothing, |(seq, said)| reply(*seq, said))
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
        match delivery::undelivered(case, self) {
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
                let fault = case.facts.fault(&SERVER_HOUSES, self.confirmation.at);
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

pub(crate) fn mend_message() -> Text {
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

/// An answer as a reply.
pub(crate) fn reply(seq: u32, said: &Said) -> Reply<'_> {
    match said {
        Said::Outcome(outcome) if outcome.confirms() => Reply::Confirms(seq, outcome),
        Said::Outcome(outcome) => Reply::Refuses(seq, outcome),
        Said::Error(status, name) => Reply::Error(seq, *status, name),
        Said::Broken(error) => Reply::Broken(seq, error),
        // Drugs are told nobody's qualification by.
        Said::Drugs(_) => Reply::Nothing,
    }
}

/// What is wrong with the question itself, and who is at fault for that.
fn unfair(case: &Case, asked: &Asked<'_>) -> Option<(&'static str, Text)> {
    if let Err(error) = &asked.confirmation.request {
        return Some((TERMINAL, unreadable(error)));
    }
    let Some(proof) = asked.proof else {
        return Some((
            TERMINAL,
            t(
                "カードを示していないセッションで照会した",
                "It asked in a session in which no card had been shown.",
            ),
        ));
    };
    unfair_proof(case, proof, asked.card)
}

fn unreadable(error: &DecodeError) -> Text {
    t(
        format!("要求を読み取れない（{error}）"),
        format!("The request cannot be read: {error}."),
    )
}

/// What is wrong with a proof itself, and who is at fault for that.
pub(crate) fn unfair_proof(
    case: &Case,
    proof: &Identification,
    card: &Card,
) -> Option<(&'static str, Text)> {
    let request = match &proof.request {
        Ok(request) => request,
        Err(error) => return Some((TERMINAL, unreadable(error))),
    };
    if request.digest != card.digest {
        return Some((
            TERMINAL,
            t(
                "送られた証明書がカードのものでない",
                "The certificate sent is not the one on the card.",
            ),
        ));
    }
    if card.genuine && proof.proves != Some(true) {
        let role = if signed_by_card(case, proof) {
            "card"
        } else {
            TERMINAL
        };
        return Some((
            role,
            t(
                "正しいカードなのに署名が検証できない",
                "The card is genuine, yet the signature sent does not verify.",
            ),
        ));
    }
    None
}

/// Whether the signature sent is what the card answered to the command asked of it.
fn signed_by_card(case: &Case, proof: &Identification) -> bool {
    let Ok(request) = &proof.request else {
        return false;
    };
    let Some(visit) = case.stay(&proof.from, proof.seq) else {
        return false;
    };
    let fresh = proof.fresh && request.certificate.is_ok();
    fresh
        && visit.card_exchanges.iter().any(|e| {
            let signs = matches!(&e.command, Ok(Command::ComputeSignature(_, _, data)) if digest_info(case, proof).as_deref() == Some(data));
            let answered = matches!(&e.response, Some((_, Ok(r))) if r.data == request.signature);
            signs && answered
        })
}

/// The DigestInfo a card is to sign for a proof: SHA-256 of challenge, session and facility code.
fn digest_info(case: &Case, proof: &Identification) -> Option<Vec<u8>> {
    let request = proof.request.as_ref().ok()?;
    let given = case
        .challenges
        .iter()
        .rfind(|c| c.session == request.session && c.seq < proof.seq)?;
    let code = &case.facts.facility(&proof.facility)?.code;
    let message = [
        given.challenge.as_slice(),
        request.session.as_bytes(),
        code.as_bytes(),
    ]
    .concat();
    let head = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    Some([&head[..], &sha2::Sha256::digest(message)].concat())
}

/// Code of an outcome in the run's profile.
pub(crate) fn code(case: &Case, due: Due) -> &str {
    case.value(&due.profile_key())
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
