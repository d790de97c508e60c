//! Revocation answers nobody may rely on although the scenario laid down no fault: none came in time, or it was
//! spoiled on its way. Whoever asked is then in the same place as with a responder that is out of order.

use evidence::{Act, FaultKind};

use super::facts::Fault;
use super::{Case, Exchange, Revocation};
use crate::calendar::Instant;

/// Seconds clocks may be apart.
const CLOCKS: i64 = 300;

/// Faults seen at single questions: from what led to the question until that was answered.
pub(super) fn faults(case: &Case) -> Vec<Fault> {
    let doubtful = case.revocations.iter().filter_map(|asked| of(case, asked));
    doubtful.flatten().collect()
}

fn of(case: &Case, asked: &Revocation) -> Option<[Fault; 2]> {
    let by_portal = asked.from.role == "portal";
    let exchange = match by_portal {
        true => during(&case.portal, asked)?,
        false => during(&case.feed, asked).or_else(|| during(&case.eligibility, asked))?,
    };
    let until = exchange.last();
    let kind = doubt(case, asked, until)?;
    if case.facts.fault(&["ocsp", "jlis"], asked.at).is_some() {
        return None;
    }
    let fault = |seq, kind, from| Fault {
        seq,
        // What the portal was told does not touch what the server asks for itself.
        house: if by_portal { "agency" } else { "ocsp" }.to_owned(),
        kind,
        from,
        declared: false,
    };
    let begun = fault(asked.seq, kind, wished(case, exchange));
    Some([begun, fault(until, FaultKind::Mended, case.when(until)?)])
}

/// When somebody's hands asked for what an exchange does; when it began, where none did.
fn wished(case: &Case, exchange: &Exchange) -> Instant {
    let last = case.acts.iter().rev().find(|(seq, _)| *seq < exchange.seq);
    let registers = |act: &Act| {
        matches!(
            act,
            Act::RegisterAtPortal { .. } | Act::AnswerRegistration { .. }
        )
    };
    let hands = last.filter(|(_, act)| registers(act));
    hands
        .and_then(|(seq, _)| case.when(*seq))
        .unwrap_or(exchange.at)
}

/// The exchange during which it was asked.
fn during<'a>(exchanges: &'a [Exchange], asked: &Revocation) -> Option<&'a Exchange> {
    let mut open = exchanges.iter().rev();
    open.find(|e| e.seq < asked.seq && e.last() > asked.seq)
}

/// Why an answer proves nothing, as a fault would name it; none when it does.
fn doubt(case: &Case, asked: &Revocation, until: u32) -> Option<FaultKind> {
    let response = match &asked.answer {
        Some((seq, Ok(response))) if *seq < until => response,
        Some((seq, Err(_))) if *seq < until => return Some(FaultKind::TryLater),
        _ => return Some(FaultKind::Silent),
    };
    if response.status != 0 {
        return Some(FaultKind::TryLater);
    }
    if !response.signed_under(&case.facts.trusted("jpki")) {
        return Some(FaultKind::WrongSignature);
    }
    let Some(single) = asked.serials.iter().find_map(|serial| response.of(serial)) else {
        return Some(FaultKind::WrongSubject);
    };
    let now = asked.at.unix();
    let begun = utc(&single.this_update).is_none_or(|begins| begins <= now + CLOCKS);
    let over = single.next_update.as_deref().and_then(utc);
    let timely = begun && over.is_none_or(|ends| ends >= now - CLOCKS);
    let own = asked.nonce.is_none() || response.nonce == asked.nonce;
    (!(timely && own)).then_some(FaultKind::Old)
}

/// Seconds since 1970 of a GeneralizedTime.
fn utc(text: &str) -> Option<i64> {
    const JAPAN: i64 = 9 * 3600;
    let local = Instant::compact(text.strip_suffix('Z')?)?;
    Some(local.unix() + JAPAN)
}
