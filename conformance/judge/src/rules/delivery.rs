//! Whether the server had what it needs for an answer: insurers' entries, use registrations, pairs of
//! serials and releases. Whoever kept them back, or bent them on the way, is at fault, not the server.

use super::common::Asked;
use super::words::{deviation, is_of};
use crate::Text;
use crate::calendar::Instant;
use crate::case::{Case, Entry, Exchange, Release};
use crate::expect::{self, Tie, Way};
use crate::finding::t;

/// Who is at fault, and for what.
pub(crate) type Kept = (&'static str, Text);

/// What never reached the server of all a confirmation rests on.
pub(crate) fn undelivered(case: &Case, asked: &Asked<'_>) -> Option<Kept> {
    let (at, seq) = (asked.confirmation.at, asked.confirmation.seq);
    entries(case, &asked.card.holder, at, seq)
        .or_else(|| registration(case, &asked.card.serial, at, seq))
        .or_else(|| releases(case, &asked.card.holder, at, seq))
}

/// What never reached the server of all the standing of a serial rests on.
pub(crate) fn standing(
    case: &Case,
    serial: &str,
    holder: &str,
    at: Instant,
    seq: u32,
) -> Option<Kept> {
    registration(case, serial, at, seq).or_else(|| releases(case, holder, at, seq))
}

/// Feeds of a kind before a record. One the server refused without reason is its own fault.
fn fed<'a>(case: &'a Case, path: &'a str, seq: u32) -> impl Iterator<Item = &'a Exchange> + 'a {
    let before = case.feed.iter().filter(move |e| e.seq < seq);
    before.filter(move |e| e.posts(path) && (e.accepted() || e.status().is_some()))
}

/// Insurers' entries about a person.
pub(crate) fn entries(case: &Case, person: &str, at: Instant, seq: u32) -> Option<Kept> {
    if case.feed.is_empty() && case.registrations.is_empty() {
        return None;
    }
    let says = |exchange: &Exchange, entry: &Entry| {
        exchange
            .body
            .as_ref()
            .is_ok_and(|b| is_of(b, entry) && deviation(case, b, entry).is_none())
    };
    expect::entries(&case.facts, person, at).find_map(|entry| {
        if fed(case, "/v1/feed/qualifications", seq).any(|e| says(e, entry)) {
            return None;
        }
        let mut sent = case.registrations.iter();
        let sent = sent.any(|e| e.posts("/v1/registrations") && says(e, entry));
        let role = if sent { "intermediate" } else { "insurer" };
        let number = &entry.numbers;
        Some((
            role,
            t(
                format!("保険者の入力（{number}）がそのままサーバーに届いていない"),
                format!("The insurer's entry ({number}) never reached the server as it was made."),
            ),
        ))
    })
}

/// The registration of a serial, or the pair that hands it on.
fn registration(case: &Case, serial: &str, at: Instant, seq: u32) -> Option<Kept> {
    if case.feed.is_empty() {
        return None;
    }
    let own = case.ties.iter().rev();
    let tie = { own }.find(|t| t.serial == serial && t.at <= at);
    match tie {
        Some(tie) => untied(case, tie, seq),
        None => unpaired(case, serial, at, seq),
    }
}

fn unpaired(case: &Case, serial: &str, at: Instant, seq: u32) -> Option<Kept> {
    let pair = expect::pair_of(case, serial, at)?;
    let told = fed(case, "/v1/feed/serial-pairs", seq).any(|e| {
        e.text("old_serial") == pair.old_serial
            && e.text("new_serial") == pair.new_serial
            && e.text("renewed_on") == pair.on.to_string()
    });
    if told {
        return registration(case, &pair.old_serial, pair.known_at, seq);
    }
    Some((
        "jlis",
        t(
            "新旧発行番号の組がそのままサーバーに届いていない",
            "The pair of old and new serial never reached the server as it was.",
        ),
    ))
}

/// Where the way from the patient's wish to the server broke off.
pub(crate) fn untied(case: &Case, tie: &Tie, seq: u32) -> Option<Kept> {
    let path = "/v1/feed/use-registrations";
    // What the server was told unasked is there too.
    let told = |t: &Tie| t.way == Way::Told && t.serial == tie.serial && t.seq < seq;
    if case.ties.iter().any(told) {
        return None;
    }
    let rightly =
        |e: &&Exchange| e.text("serial") == tie.serial && e.seq > tie.seq && is_right(case, e);
    let told = fed(case, path, seq).any(|e| rightly(&e));
    let anything = case.feed.iter().any(|e| e.posts(path));
    if told || (tie.way == Way::Before && !anything) {
        return None;
    }
    let gone = |role, ja: &str, en: &str| {
        let ja = format!("{ja}ため、利用登録がサーバーに届いていない");
        Some((
            role,
            t(
                ja,
                format!("{en}; the use registration never reached the server."),
            ),
        ))
    };
    let after = |e: &&Exchange| e.seq > tie.seq && e.seq < seq;
    match tie.way {
        Way::Before | Way::Told => gone(
            "portal",
            "ポータルが知らせなかった",
            "The portal did not report it",
        ),
        Way::Home => gone(
            "portal",
            "ポータルが登録を終えなかった",
            "The portal did not finish it",
        ),
        Way::Clinic => {
            let passed = case.eligibility.iter().filter(after);
            if !{ passed }.any(|e| e.posts("/v1/use-registrations")) {
                let said = case.visits.iter().flat_map(|v| &v.lines);
                let agreed = { said }.any(|l| {
                    l.from_reader && l.kind() == "registration" && l.seq > tie.seq && l.seq < seq
                });
                let role = if agreed { "terminal" } else { "reader" };
                return gone(role, "登録を頼まなかった", "It was not asked for");
            }
            // Without an order to the portal the server itself let it drop.
            case.clinic_registrations.iter().find(after)?;
            gone(
                "portal",
                "ポータルが登録を終えなかった",
                "The portal did not finish it",
            )
        }
    }
}

/// Whether a report of a registration says the certificate's last day and the link number last asked for.
fn is_right(case: &Case, told: &Exchange) -> bool {
    let card = case.facts.card_of_serial(told.text("serial"));
    let last_day = card.map(|c| c.last_day.to_string());
    let links = || {
        case.insured
            .iter()
            .filter(|e| e.seq < told.seq && e.accepted())
    };
    let link = links().next().is_none()
        || links().any(|e| e.answered("link_number") == told.text("link_number"));
    last_day.is_none_or(|day| told.text("last_day") == day) && link
}

/// Releases in effect for a person.
pub(crate) fn releases(case: &Case, person: &str, at: Instant, seq: u32) -> Option<Kept> {
    let mut due = case
        .facts
        .releases
        .iter()
        .filter(|r| r.person == person && r.known_at <= at);
    due.find_map(|release| unreleased(case, release, seq))
}

fn unreleased(case: &Case, release: &Release, seq: u32) -> Option<Kept> {
    let day = release.effective_on.to_string();
    if fed(case, "/v1/feed/releases", seq).any(|e| e.text("effective_on") == day) {
        return None;
    }
    let sent = case.registrations.iter();
    let sent = { sent }.any(|e| e.posts("/v1/releases") && e.text("effective_on") == day);
    let role = if sent { "intermediate" } else { "insurer" };
    Some((
        role,
        t(
            format!("{day}からの利用登録解除がサーバーに届いていない"),
            format!("The release from {day} on never reached the server."),
        ),
    ))
}
