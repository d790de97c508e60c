//! The head of a run as it is read: of this format, in the form it is written in, and saying nothing that a head may
//! not say. What it says may be copied into a shell and shown on a terminal.

use std::collections::BTreeSet;

use crate::damage::{Damage, broken, harmless};
use crate::write::pretty;
use crate::{Run, SCHEMA};

const MAX_ID: usize = 100;

/// Reads the bytes of `run.json`.
pub(crate) fn read_head(bytes: &[u8]) -> Result<Run, Damage> {
    let head: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| {
        broken(
            &format!("run.json:{}:{}", e.line(), e.column()),
            "JSON",
            e.to_string(),
        )
    })?;
    let schema = head
        .get("schema")
        .and_then(|s| s.as_str())
        .unwrap_or("none");
    if schema != SCHEMA {
        return Err(Damage::Schema {
            expected: SCHEMA,
            found: harmless(&schema.chars().take(80).collect::<String>()),
        });
    }
    let run: Run = serde_json::from_slice(bytes).map_err(|e| {
        broken(
            &format!("run.json:{}:{}", e.line(), e.column()),
            "a run head",
            e.to_string(),
        )
    })?;
    if let Some(product) = run.products.iter().find(|p| !p.digest_reads()) {
        return Err(broken(
            "run.json",
            format!(
                "sha256: and 64 hex digits as digest of the {}",
                product.role
            ),
            product.digest.chars().take(80).collect::<String>(),
        ));
    }
    match problem_with(&run) {
        Some((expected, found)) => Err(broken("run.json", expected, found)),
        // A member standing twice, or spelled in another way, could be read differently by two readers.
        None if pretty(&run) != bytes => Err(broken(
            "run.json",
            "the form it is written in",
            "another order, other blanks or a member twice",
        )),
        None => Ok(run),
    }
}

/// What a head of the right shape may not say: expected and found.
fn problem_with(run: &Run) -> Option<(&'static str, String)> {
    let scenarios: Vec<&str> = run.scenarios.iter().map(|line| line.id.as_str()).collect();
    if let Some(id) = scenarios.iter().find(|id| !plain_id(id)) {
        let found: String = id.chars().take(MAX_ID).collect();
        return Some((
            "scenario ids of letters, digits, - and _, which name files",
            format!("{found:?}"),
        ));
    }
    if let Some(twice) = twice(scenarios.iter().copied()) {
        return Some(("each scenario once", format!("{twice} twice")));
    }
    if let Some(twice) = twice(run.requirements.iter().map(|line| line.id.as_str())) {
        return Some(("each requirement once", format!("{twice:?} twice")));
    }
    if let Some(twice) = twice(run.waivers.iter().map(|line| line.id.as_str())) {
        return Some(("each waiver once", format!("{twice:?} twice")));
    }
    if let Some(problem) = exception_problem(run) {
        return Some(problem);
    }
    let said = [&run.suite, &run.edition].into_iter();
    let said = said.chain(run.scenarios.iter().map(|line| &line.replay));
    let mut said = said.chain(run.profile.iter().flat_map(|(name, value)| [name, value]));
    if let Some(odd) = said.find(|text| !text.bytes().all(plain_token)) {
        let found: String = odd.chars().take(MAX_ID).collect();
        return Some((
            "suite, edition, profile and replay lines of letters, digits and : = . _ -, which are copied into a shell",
            format!("{found:?}"),
        ));
    }
    let products = run.products.iter();
    let mut words = products.flat_map(|p| [&p.role, &p.name, &p.version, &p.vendor]);
    if let Some(odd) = words.find(|text| !one_line(text)) {
        return Some(("products named in one plain line", format!("{odd:?}")));
    }
    let mut levels = run.requirements.iter().map(|line| line.level.as_str());
    let level = levels.find(|level| !["MUST", "SHOULD"].contains(level))?;
    Some(("level MUST or SHOULD", format!("{level:?}")))
}

/// What waivers and statements may not say, however they came into the head: the same as where people write them.
fn exception_problem(run: &Run) -> Option<(&'static str, String)> {
    let filled = |text: &str| !text.trim().is_empty() && one_line(text);
    let waived = run.waivers.iter().find(|w| {
        let named = [&w.role, &w.scenario].into_iter().flatten();
        let mut all = named.chain([&w.id, &w.requirement, &w.reason, &w.owner]);
        !all.all(|text| filled(text)) || !is_day(&w.expires)
    });
    if let Some(waiver) = waived {
        return Some((
            "waivers with id, requirement, reason and owner in plain words and a last day YYYY-MM-DD",
            format!("the waiver {:?}", waiver.id),
        ));
    }
    let mut stated = run.statements.iter();
    let odd = stated.find(|s| !filled(&s.requirement) || !filled(&s.role) || !filled(&s.statement));
    odd.map(|statement| {
        (
            "statements with requirement, role and plain words",
            format!("the statement about {:?}", statement.requirement),
        )
    })
}

/// Nothing in it moves a terminal, breaks the line or turns the text around.
fn one_line(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

/// `YYYY-MM-DD`, a day the calendar has.
fn is_day(text: &str) -> bool {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(5..7), part(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    shaped && (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn plain_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b":=._-".contains(&b)
}

fn plain_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(plain)
}

fn twice<'a>(mut ids: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    ids.find(|id| !seen.insert(*id))
}
