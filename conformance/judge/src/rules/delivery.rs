//! Whether the server had what it needs for an answer: insurers' entries, use registrations, pairs of
//! serials and releases. Whoever kept them back, or bent them on the way, is at fault, not the server.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::common::{Asked, SERVER, SERVER_HOUSES};
use super::words::{deviation, is_of, numbers};
use crate::calendar::Instant;
use crate::case::{Case, Entry, Exchange, Release};
use crate::decode::result::Numbers;
use crate::expect::{self, Tie, Way};
use crate::finding::{q, t};
use crate::{Finding, Text};

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
    let unsaid = expect::entries(&case.facts, person, at).find_map(|e| entry(case, e, seq));
    unsaid.or_else(|| linked(case, person, at, seq))
}

/// Whether a message says an entry as it was made.
pub(crate) fn says(case: &Case, exchange: &Exchange, entry: &Entry) -> bool {
    let body = exchange.body.as_ref();
    body.is_ok_and(|b| is_of(b, entry) && deviation(case, b, entry).is_none())
}

fn entry(case: &Case, entry: &Entry, seq: u32) -> Option<Kept> {
    let sent: Vec<&Exchange> = case
        .registrations
        .iter()
        .filter(|e| e.posts("/v1/registrations") && says(case, e, entry))
        .collect();
    let as_sent = |fed: &Exchange| sent.is_empty() || sent.iter().any(|s| same_words(s, fed));
    if fed(case, "/v1/feed/qualifications", seq).any(|e| says(case, e, entry) && as_sent(e)) {
        return None;
    }
    let role = match sent.is_empty() {
        true => "insurer",
        false => "intermediate",
    };
    let number = &entry.numbers;
    Some((
        role,
        t(
            format!("保険者の入力（{number}）がそのままサーバーに届いていない"),
            format!("The insurer's entry ({number}) never reached the server as it was made."),
        ),
    ))
}

/// Whether what was passed on has every member as the insurer sent it; what names the person aside.
fn same_words(sent: &Exchange, fed: &Exchange) -> bool {
    let (Some(sent), Some(fed)) = (members(sent), members(fed)) else {
        return false;
    };
    let own = |name: &str| !["individual_number", "link_number"].contains(&name);
    let said = |of: &Map<String, Value>| of.keys().filter(|name| own(name)).count();
    said(sent) == said(fed) && sent.iter().all(|(n, v)| !own(n) || fed.get(n) == Some(v))
}

fn members(exchange: &Exchange) -> Option<&Map<String, Value>> {
    exchange.body.as_ref().ok()?.as_object()
}

/// One person has one link number, in every message that tells it.
fn linked(case: &Case, person: &str, at: Instant, seq: u32) -> Option<Kept> {
    let links = links(case, person, at, seq);
    (links.len() > 1).then(|| {
        let all = links.iter().copied().collect::<Vec<_>>().join(", ");
        (
            "intermediate",
            t(
                format!("同じ人の紐付番号が一つでない（{all}）"),
                format!("One person was given more than one link number ({all})."),
            ),
        )
    })
}

/// Link numbers the intermediate server gave a person until a record.
pub(crate) fn links<'a>(case: &'a Case, person: &str, at: Instant, seq: u32) -> BTreeSet<&'a str> {
    let own: Vec<&Entry> = expect::entries(&case.facts, person, at).collect();
    let feeds = fed(case, "/v1/feed/qualifications", seq);
    let feeds = feeds.filter(|e| own.iter().any(|entry| says(case, e, entry)));
    let feeds = feeds.map(|e| e.text("link_number"));
    let answers = case.insured.iter().filter(|e| e.seq < seq && e.accepted());
    let answers = answers.filter(|e| {
        let told = told_insured(e);
        own.iter()
            .any(|entry| told.as_ref() == Some(&entry.numbers))
    });
    let answers = answers.map(|e| e.answered("link_number"));
    feeds.chain(answers).collect()
}

/// Whether the intermediate server had fed anything under a link number before a record.
pub(crate) fn known_link(case: &Case, link: &str, seq: u32) -> bool {
    fed(case, "/v1/feed/qualifications", seq).any(|e| e.text("link_number") == link)
}

/// The insured number a report of a registration names.
pub(crate) fn told_insured_in(exchange: &Exchange) -> Option<Numbers> {
    exchange.body.as_ref().ok()?.get("insured").map(numbers)
}

/// The insured number an answer of the intermediate server names.
pub(crate) fn told_insured(exchange: &Exchange) -> Option<Numbers> {
    let answer = exchange.answer.as_ref()?.body.as_ref().ok()?;
    answer.get("insured").map(numbers)
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
            && of_card(case, e.text("old_serial"), e.text("old_last_day"))
            && of_card(case, e.text("new_serial"), e.text("new_last_day"))
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

/// Whether a day is the last one of a serial's certificate, as far as its card was declared.
fn of_card(case: &Case, serial: &str, last_day: &str) -> bool {
    let card = case.facts.card_of_serial(serial);
    card.is_none_or(|c| c.last_day.to_string() == last_day)
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

/// Messages of a kind the server turned away although they were sound and nothing was out of order.
pub(crate) fn turned_away<'a>(
    case: &'a Case,
    path: &'a str,
    sound: impl Fn(&Exchange) -> bool + 'a,
) -> impl Iterator<Item = &'a Exchange> {
    case.feed.iter().filter_map(move |e| {
        let refused = e.from.role != "bed" && e.posts(path) && !e.accepted();
        let well = refused && case.facts.fault(&SERVER_HOUSES, e.at).is_none() && sound(e);
        e.status().filter(|_| well).map(|_| e)
    })
}

/// What a rule says of one of them.
pub(crate) fn not_taken(case: &Case, rule: &'static str, path: &str, told: &Exchange) -> Finding {
    let said = told.said();
    let expected = t(
        "正しい知らせを受け入れる",
        "What was rightly told is taken in.",
    );
    let actual = t(
        format!("{said}と断った"),
        format!("It refused with {said}."),
    );
    let advice = t(
        "断った理由を引用の電文で確かめ、決まりどおりの知らせは受け入れる",
        "Look in the quoted message for what was minded, and take what is as laid down.",
    );
    let quotes = vec![q(told.seq, format!("POST {path}"), said)];
    case.of(rule, SERVER).fail(expected, actual, advice, quotes)
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
    let own = links(case, &release.person, release.known_at, seq);
    let rightly = |e: &Exchange| {
        e.text("effective_on") == day && (own.is_empty() || own.contains(e.text("link_number")))
    };
    if fed(case, "/v1/feed/releases", seq).any(rightly) {
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
