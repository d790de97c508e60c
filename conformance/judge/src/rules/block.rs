//! Whether a result's person block says what insurers had entered: every element that can be worked out from
//! the facts.

use crate::Text;
use crate::calendar::Day;
use crate::case::Case;
use crate::decode::result::{Person, normal};
use crate::expect::Spell;
use crate::finding::t;

use super::words::is_of;

pub(crate) fn differs(element: &str, due: &str, found: &str) -> Text {
    t(
        format!("{element}は「{due}」のはずが「{found}」"),
        format!("{element} should be \"{due}\" and is \"{found}\"."),
    )
}

/// Whether a text came through: as it was, or with ● for characters the interface lacks.
pub(crate) fn same_text(due: &str, found: &str) -> bool {
    let (due, found) = (normal(due), normal(found));
    let lacking = |c: char| encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut [0; 4])).2;
    let as_it_was = |(d, f): (char, char)| d == f || (f == '●' && lacking(d));
    due.chars().count() == found.chars().count() && due.chars().zip(found.chars()).all(as_it_was)
}

/// Whether a text was carried as it was, its width too: in Shift_JIS some characters are written as others of
/// the same look, and ● stands for those it lacks.
pub(crate) fn same_letters(due: &str, found: &str) -> bool {
    let written = |c: char| {
        let mut own = [0; 4];
        let (bytes, _, lacking) = encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut own));
        let (back, _) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes);
        (!lacking).then(|| back.into_owned())
    };
    let alike = |(d, f): (char, char)| {
        d == f
            || match written(d) {
                None => f == '●',
                Some(own) => written(f).is_some_and(|other| own == other),
            }
    };
    due.chars().count() == found.chars().count() && due.chars().zip(found.chars()).all(alike)
}

/// Elements whose presence other rules judge.
fn of_others(path: &str) -> bool {
    ["Limit", "Elderly", "InsuredPartialContributionRatio"]
        .iter()
        .any(|group| path.starts_with(group))
}

/// The first element of a person block that is not as entered; `seq` is the record of the question.
pub(crate) fn deviation(
    case: &Case,
    block: &Person,
    spell: &Spell<'_>,
    on: Day,
    seq: u32,
) -> Option<Text> {
    let mut wanted: Vec<(&str, String)> = vec![("QualificationDate", spell.gain.on.to_compact())];
    if let Some(person) = case.facts.person(&spell.gain.person) {
        wanted.push(("Name", person.name.clone()));
        wanted.push(("NameKana", person.kana.clone()));
        wanted.push(("Sex1", person.sex.clone()));
        wanted.push(("Birthdate", person.birth.to_compact()));
    }
    let lost = spell.lost().map(Day::to_compact).unwrap_or_default();
    let told = block.text("DisqualificationDate");
    // A loss that lies ahead may be told or kept.
    let ahead = spell.lost().is_some_and(|lost| lost > on) && told.is_empty();
    if !ahead {
        wanted.push(("DisqualificationDate", lost));
    }
    wanted.extend(as_fed(case, spell, seq));
    let classified = spell.gain.carries.contains_key("InsuredCardClassification");
    if !classified {
        wanted.push(("InsuredCardClassification", "01".to_owned()));
    }
    let carried = spell.gain.carries.iter();
    let carried = carried.filter(|(path, _)| !of_others(path) && *path != "ReasonOfLoss");
    let of_carried = carried.map(|(path, value)| {
        let found = block.paths.get(path).map_or("", String::as_str);
        (path.as_str(), value.clone(), found)
    });
    let plain = wanted
        .into_iter()
        .map(|(element, due)| (element, due, block.text(element)));
    let mut all = plain.chain(of_carried);
    all.find_map(|(element, due, found)| {
        (!same_text(&due, found)).then(|| differs(element, &due, found))
    })
    .or_else(|| invented(block, spell))
}

/// Words of the last registration that reached the server.
fn as_fed(case: &Case, spell: &Spell<'_>, seq: u32) -> Vec<(&'static str, String)> {
    let fed = |entry: &crate::case::Entry| {
        let own = case
            .feed
            .iter()
            .rev()
            .filter(|e| e.seq < seq && e.accepted() && e.posts("/v1/feed/qualifications"));
        { own }
            .filter_map(|e| e.body.as_ref().ok())
            .find(|body| is_of(body, entry))
    };
    let mut words = Vec::new();
    if let Some(body) = fed(spell.gain) {
        let of = |member| super::words::text(body, member).to_owned();
        words.push(("InsurerName", of("insurer_name")));
        words.push(("PersonalFamilyClassification", of("relationship")));
    }
    if let Some(body) = spell.loss.and_then(fed) {
        let reason = super::words::text(body, "reason_of_loss").to_owned();
        words.push(("ReasonOfLoss", reason));
    }
    words
}

/// An address nobody entered.
fn invented(block: &Person, spell: &Spell<'_>) -> Option<Text> {
    let entered = |element: &str| spell.gain.carries.contains_key(element);
    ["Address", "NameOfOther", "PostNumber"]
        .into_iter()
        .find(|element| !entered(element) && !block.text(element).is_empty())
        .map(|element| differs(element, "", block.text(element)))
}

/// The first of the elements carried under these paths that does not stand in a block as entered.
pub(crate) fn carried(block: &Person, spell: &Spell<'_>, groups: &[&str]) -> Option<Text> {
    let of = |path: &str| groups.iter().any(|group| path.starts_with(group));
    let entered = spell.gain.carries.iter().filter(|(path, _)| of(path));
    let missing = { entered }.find_map(|(path, due)| {
        let found = block.paths.get(path).map_or("", String::as_str);
        (plain(found) != plain(due)).then(|| differs(path, due, found))
    });
    let flags = |path: &str| path.ends_with("ConsFlg") || path.ends_with("ConsTime");
    missing.or_else(|| {
        let mut more = block
            .paths
            .iter()
            .filter(|(path, _)| of(path) && !flags(path));
        more.find(|(path, value)| !value.is_empty() && !spell.gain.carries.contains_key(*path))
            .map(|(path, found)| differs(path, "", found))
    })
}

fn plain(value: &str) -> String {
    let value = normal(value);
    match Day::parse(&value) {
        Some(day) => day.to_compact(),
        None => value,
    }
}
