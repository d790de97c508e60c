//! Whether what an insurer registered, or what was passed on of it, says what its clerk entered: numbers,
//! days, the person, certificates and shares.

use evidence::EntryKind;
use serde_json::Value;

use crate::Text;
use crate::case::{Case, Entry};
use crate::decode::result::{Numbers, normal};
use crate::finding::t;

/// A text member; empty when it is not there.
pub(crate) fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body.get(member).and_then(Value::as_str).unwrap_or("")
}

/// What names the qualification in a body.
pub(crate) fn numbers(body: &Value) -> Numbers {
    Numbers::new(
        text(body, "insurer_number"),
        text(body, "symbol"),
        text(body, "number"),
        text(body, "branch"),
    )
}

/// Whether a body is about an entry at all: its kind, numbers and day.
pub(crate) fn is_of(body: &Value, entry: &Entry) -> bool {
    let kind = match entry.kind {
        EntryKind::Gain => "gain",
        EntryKind::Loss => "loss",
    };
    numbers(body) == entry.numbers
        && text(body, "kind") == kind
        && text(body, "on") == entry.on.to_string()
}

/// Whether an insurer had its time to send an entry: others were sent later, somebody asked, or a minute
/// passed, and nothing was in its way.
pub(crate) fn had_time(case: &Case, entry: &Entry) -> bool {
    let (Some(made), Some(last)) = (case.when(entry.seq), case.times.last()) else {
        return false;
    };
    let asked = case.confirmations.iter().map(|c| c.seq);
    let asked = asked.chain(case.questions.iter().map(|a| a.seq));
    let others = case
        .registrations
        .iter()
        .filter(|e| e.posts("/v1/registrations") && e.from.name == entry.insurer);
    let later = asked
        .chain(others.map(|e| e.seq))
        .any(|seq| seq > entry.seq);
    let houses = ["intermediate", "insurer"];
    (later || last.millis_since(made) >= 60_000)
        && !case.facts.troubled(&houses, made, *last)
        && !case.registrations.is_empty()
}

/// Members of the benefits and the elements of the result they become.
const BENEFITS: [(&str, &str); 10] = [
    ("card_classification", "InsuredCardClassification"),
    ("address", "Address"),
    ("name_of_other", "NameOfOther"),
    ("contribution_ratio", "InsuredPartialContributionRatio"),
    (
        "elderly/ratio",
        "ElderlyRecipientCertificateInfo/ElderlyRecipientContributionRatio",
    ),
    (
        "elderly/from",
        "ElderlyRecipientCertificateInfo/ElderlyRecipientValidStartDate",
    ),
    (
        "elderly/to",
        "ElderlyRecipientCertificateInfo/ElderlyRecipientValidEndDate",
    ),
    (
        "limit/classification",
        "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassification",
    ),
    (
        "limit/class",
        "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag",
    ),
    (
        "limit/from",
        "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateValidStartDate",
    ),
];

/// The first member of a body that does not say what was entered; none when all do.
pub(crate) fn deviation(case: &Case, body: &Value, entry: &Entry) -> Option<Text> {
    let person = case.facts.person(&entry.person);
    let birth = person.map(|p| p.birth.to_string());
    let mut wanted: Vec<(&str, String)> = Vec::new();
    if let Some(person) = person {
        wanted.push(("name", person.name.clone()));
        wanted.push(("name_kana", person.kana.clone()));
        wanted.push(("sex", person.sex.clone()));
    }
    wanted.extend(birth.map(|birth| ("birthdate", birth)));
    if let Some(reason) = entry.carries.get("ReasonOfLoss") {
        wanted.push(("reason_of_loss", reason.clone()));
    }
    let plain = wanted.iter().find_map(|(member, due)| {
        let found = text(body, member);
        (plain(found) != plain(due)).then(|| differs(member, due, found))
    });
    plain.or_else(|| benefits(body, entry))
}

/// Days and widths are written in more than one way.
fn plain(value: &str) -> String {
    let value = normal(value);
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is_day = value.len() == 10 && digits.len() == 8;
    if is_day { digits } else { value }
}

fn benefits(body: &Value, entry: &Entry) -> Option<Text> {
    if entry.kind == EntryKind::Loss {
        return None;
    }
    let members = BENEFITS
        .iter()
        .chain([&("limit/to", "…/LimitApplicationCertificateValidEndDate")]);
    let mut members = members.map(|(member, path)| {
        let pointer = format!("/benefits/{member}");
        let found = body.pointer(&pointer).and_then(Value::as_str).unwrap_or("");
        (*member, *path, found)
    });
    members.find_map(|(member, path, found)| {
        let due = carried(entry, path);
        let free = due.is_empty() && member == "card_classification" && found == "01";
        (plain(found) != plain(due) && !free).then(|| differs(member, due, found))
    })
}

/// The value an entry carries under a path. Certificates' elements are found by how their names end, since
/// the public sources abbreviate the names in the middle.
fn carried<'a>(entry: &'a Entry, path: &str) -> &'a str {
    let end = [
        "ContributionRatio",
        "ValidStartDate",
        "ValidEndDate",
        "ClassificationFlag",
        "Classification",
    ]
    .into_iter()
    .find(|end| path.ends_with(end));
    let group = ["ElderlyRecipient", "LimitApplication"]
        .into_iter()
        .find(|group| path.contains(group));
    let found = entry.carries.iter().find(|(key, _)| match (group, end) {
        (Some(group), Some(end)) => key.starts_with(group) && key.ends_with(end),
        _ => key.as_str() == path,
    });
    found.map_or("", |(_, value)| value.as_str())
}

fn differs(member: &str, due: &str, found: &str) -> Text {
    t(
        format!("{member}は「{due}」のはずが「{found}」"),
        format!("{member} should be \"{due}\" and is \"{found}\""),
    )
}
