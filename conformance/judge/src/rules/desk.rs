//! What the rules about the receipt computer share: the results that had come for a person when a chart was
//! looked at, what the chart shows of them, and when the receipt computer was switched off.

use std::cmp::Ordering;

use evidence::Act;

use super::common::SERVER_HOUSES;
use crate::case::{Case, Chart, File, Insurance, Person};
use crate::decode::result::{self, Outcome, normal};

pub(super) const DESK: &str = "receipt-computer";

/// Milliseconds a receipt computer may take to see a file: the folder is looked through every 0.5 to 1 s.
pub(super) const POLL: i64 = 2_000;

/// A result about the person of a chart, readable and normal.
pub(super) struct Came<'a> {
    pub file: &'a File,
    pub outcome: &'a Outcome,
    pub block: &'a result::Person,
}

impl Came<'_> {
    /// Day asked for, `yyyyMMdd`.
    pub fn asked_on(&self) -> &str {
        self.outcome.header("QualificationConfirmationDate")
    }

    /// QualificationValidity.
    pub fn validity(&self) -> &str {
        self.outcome.validity.as_deref().unwrap_or("")
    }

    /// Whether it is about public aid (医療扶助), which is no insurance and stands in a place of its own.
    pub fn is_aid(&self) -> bool {
        self.block.text("InsuredCardClassification") == "A1"
    }

    /// Name as a chart names its source: without folders.
    pub fn is_named(&self, name: &str) -> bool {
        name.rsplit('/').next() == Some(self.file.name.as_str())
    }
}

/// Kana that is written in different widths and sizes, made one: full-width, large, without spaces.
pub(super) fn fold(kana: &str) -> String {
    const HALF: &str = "ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ";
    const FULL: &str = "ヲアイウエオヤユヨツーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";
    const SMALL: &str = "ァィゥェォャュョッヮヵヶ";
    const LARGE: &str = "アイウエオヤユヨツワカケ";
    let mapped = |c: char, from: &str, to: &str| {
        let at = from.chars().position(|f| f == c)?;
        to.chars().nth(at)
    };
    let mut folded = String::new();
    for c in kana.chars().filter(|c| !c.is_whitespace()) {
        let step = match c {
            'ﾞ' | '\u{3099}' | '゛' => 1,
            'ﾟ' | '\u{309A}' | '゜' => 2,
            _ => 0,
        };
        if step > 0 {
            if let Some(last) = folded.pop() {
                folded.push(voiced(last, step));
            }
            continue;
        }
        let full = match c {
            'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
            '-' | '‐' | '－' => 'ー',
            other => mapped(other, HALF, FULL).unwrap_or(other),
        };
        folded.push(mapped(full, SMALL, LARGE).unwrap_or(full));
    }
    folded
}

/// A kana with a voiced (1) or half-voiced (2) mark; others stay as they are.
fn voiced(kana: char, step: u32) -> char {
    const VOICED: &str = "カキクケコサシスセソタチツテトハヒフヘホ";
    match (kana, step) {
        ('ウ', 1) => 'ヴ',
        (_, 1) if VOICED.contains(kana) => char::from_u32(u32::from(kana) + 1).unwrap_or(kana),
        ('ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ', _) => {
            char::from_u32(u32::from(kana) + 2).unwrap_or(kana)
        }
        _ => kana,
    }
}

/// Whether a block is about somebody, by kana and birth date.
pub(super) fn is_about(block: &result::Person, kana: &str, birth: &str) -> bool {
    block.text("Birthdate") == birth && fold(block.text("NameKana")) == fold(kana)
}

/// Result files of a facility before a record, whole, one for each name as it lay last; echoes of a 照会番号
/// that was registered are no results.
pub(super) fn files<'a>(case: &'a Case, facility: &str, seq: u32) -> Vec<&'a File> {
    let own = case.files.iter().filter(|f| {
        f.facility == facility
            && f.seq < seq
            && f.folder != "req"
            && f.outcome().is_some()
            && !f.name.starts_with("OQSsiimm")
            && f.planted.as_ref().is_none_or(|(whole, _)| *whole)
    });
    let mut files: Vec<&File> = Vec::new();
    for file in own {
        let same = |other: &&File| other.name == file.name && other.folder == file.folder;
        // The same bytes again are the same result; its first coming counts.
        match files.iter().position(same) {
            Some(at) if files[at].digest == file.digest => {}
            Some(at) => files[at] = file,
            None => files.push(file),
        }
    }
    files
}

/// The person a chart is about.
pub(super) fn person<'a>(case: &'a Case, chart: &Chart) -> Option<&'a Person> {
    case.facts.person(&chart.person)
}

/// Whether the processing ended normally.
fn is_usual(outcome: &Outcome) -> bool {
    outcome.status.as_deref() == Some("1") && outcome.segment.as_deref() != Some("9")
}

/// Results about the person of a chart that had come before it was looked at, in order of their coming; but
/// for answers nobody asked for.
pub(super) fn came<'a>(case: &'a Case, chart: &Chart) -> Vec<Came<'a>> {
    let all = all_came(case, chart).into_iter();
    all.filter(|c| !is_unasked(case, c.file)).collect()
}

/// The same, with those.
pub(super) fn all_came<'a>(case: &'a Case, chart: &Chart) -> Vec<Came<'a>> {
    let Some(person) = person(case, chart) else {
        return Vec::new();
    };
    let birth = person.birth.to_compact();
    let files = files(case, &chart.facility, chart.seq).into_iter();
    let of = |file: &'a File| {
        let outcome = file.outcome()?.as_ref().ok()?;
        let blocks = outcome.persons.iter();
        let block = { blocks }.find(|b| is_about(b, &person.kana, &birth))?;
        is_usual(outcome).then_some(Came {
            file,
            outcome,
            block,
        })
    };
    files.filter_map(of).collect()
}

/// Results a chart must show by now: the receipt computer had its time, and they wait for nobody. Whether what
/// had to wait is taken in at all is ELIG-18's.
pub(super) fn ready<'a>(case: &'a Case, chart: &Chart) -> Vec<Came<'a>> {
    let mut ready = came(case, chart);
    ready.retain(|r| {
        let lost = waited(case, r.file) && imports(chart, r) != Some(1);
        !lost && !waits(chart, r) && had_time(case, chart, r.file)
    });
    ready
}

/// A result that names nobody: the one asked about has no qualification under what was asked, or several.
pub(super) struct Nameless<'a> {
    pub file: &'a File,
    pub outcome: &'a Outcome,
}

impl Nameless<'_> {
    /// QualificationValidity.
    pub fn validity(&self) -> &str {
        self.outcome.validity.as_deref().unwrap_or("")
    }
}

/// Results without a person's block that answered about the person of a chart before it was looked at.
pub(super) fn nameless<'a>(case: &'a Case, chart: &Chart) -> Vec<Nameless<'a>> {
    let files = files(case, &chart.facility, chart.seq).into_iter();
    let of = |file: &'a File| {
        let outcome = file.outcome()?.as_ref().ok()?;
        let own = is_usual(outcome) && outcome.persons.is_empty() && outcome.validity.is_some();
        let own = own && !is_unasked(case, file) && whose(case, file) == Some(&*chart.person);
        own.then_some(Nameless { file, outcome })
    };
    files.filter_map(of).collect()
}

/// Whom a file was asked about: who showed the card, whom the clerk asked for, whom the suite had in mind.
fn whose<'a>(case: &'a Case, file: &'a File) -> Option<&'a str> {
    if let Some((_, person)) = &file.planted {
        return Some(person);
    }
    if file.folder == "face" {
        let mut visits = case.visits.iter();
        let visit = visits.find(|v| v.covers(&file.from.name, file.seq))?;
        return Some(&case.facts.card(&visit.card)?.holder);
    }
    let request = request_of(case, file)?;
    let asked = case.acts.iter().filter(|(seq, _)| *seq < request.seq);
    let mut asked = asked.filter_map(|(_, act)| match act {
        Act::AskByNumber {
            facility, person, ..
        } if *facility == file.facility => Some(person.as_str()),
        _ => None,
    });
    asked.next_back()
}

/// Whether a result counts as later than another. Where the day asked for and the order of coming say
/// different things, each counts as later than the other: neither is held against a product.
pub(super) fn is_later(one: (&File, &Outcome), than: (&File, &Outcome)) -> bool {
    let day = |outcome: &Outcome| outcome.header("QualificationConfirmationDate").to_owned();
    let made = |outcome: &Outcome| outcome.header("ProcessExecutionTime").to_owned();
    match day(one.1).cmp(&day(than.1)) {
        Ordering::Less => false,
        Ordering::Equal => one.0.seq > than.0.seq || made(one.1) > made(than.1),
        Ordering::Greater => true,
    }
}

/// The result an insurance of a chart names as its source, with the block that has its numbers.
pub(super) fn source<'a, 'b>(came: &'b [Came<'a>], insurance: &Insurance) -> Option<&'b Came<'a>> {
    let held = |c: &&Came<'a>| c.block.numbers == insurance.numbers;
    match insurance.source.as_deref().filter(|s| !s.is_empty()) {
        Some(name) => came.iter().filter(held).find(|c| c.is_named(name)),
        None => came.iter().rev().find(held),
    }
}

/// Insurances a chart shows; none when they cannot be read.
pub(super) fn insurances(chart: &Chart) -> &[Insurance] {
    chart.insurances.as_deref().unwrap_or_default()
}

/// How often a chart shows that a result was taken in; none when it cannot be told.
pub(super) fn imports(chart: &Chart, came: &Came<'_>) -> Option<usize> {
    if let Some(checks) = &chart.checks {
        return Some(
            checks
                .iter()
                .filter(|(file, _)| came.is_named(file))
                .count(),
        );
    }
    let rows = insurances(chart).iter();
    let mut own = rows.filter(|i| i.numbers == came.block.numbers).peekable();
    own.peek()?;
    let sources = own.filter_map(|i| i.source.as_deref());
    let named = sources.filter(|s| came.is_named(s)).count();
    // A row names its latest result alone: of an earlier one nothing can be told.
    (named > 0).then_some(named)
}

/// Whether a result waits for staff to say whose it is.
pub(super) fn waits(chart: &Chart, came: &Came<'_>) -> bool {
    chart.undecided.iter().any(|u| came.is_named(&u.file))
}

/// Records at which a facility's receipt computer was switched, and to what.
fn switches<'a>(case: &'a Case, facility: &'a str) -> impl Iterator<Item = (u32, bool)> + 'a {
    case.acts.iter().filter_map(move |(seq, act)| match act {
        Act::SwitchDesk { facility: at, on } if at == facility => Some((*seq, *on)),
        _ => None,
    })
}

/// Whether the receipt computer was off at a record.
pub(super) fn is_off(case: &Case, facility: &str, seq: u32) -> bool {
    let before = switches(case, facility).filter(|(at, _)| *at < seq);
    before.last().is_some_and(|(_, on)| !on)
}

/// Whether the receipt computer had its time to see a file before a chart was looked at.
pub(super) fn had_time(case: &Case, chart: &Chart, file: &File) -> bool {
    if is_off(case, &chart.facility, chart.seq) {
        return false;
    }
    let on = switches(case, &chart.facility).filter(|(seq, on)| *on && *seq < chart.seq);
    let since = on.filter_map(|(seq, _)| case.when(seq)).last();
    let since = since
        .filter(|at| at.millis_since(file.at) > 0)
        .unwrap_or(file.at);
    chart.at.millis_since(since) >= POLL
}

/// Whether the server or a receipt computer was down at any time.
pub(super) fn troubled(case: &Case) -> bool {
    let mut faults = case.facts.faults.iter();
    let down = faults.any(|f| SERVER_HOUSES.contains(&f.house.as_str()));
    let mut acts = case.acts.iter();
    down || acts.any(|(_, a)| matches!(a, Act::SwitchDesk { .. }))
}

/// The question of the receipt computer that a file answers, by its name.
pub(super) fn request_of<'a>(case: &'a Case, file: &File) -> Option<&'a File> {
    let mut before = case.files.iter().filter(|f| f.seq < file.seq);
    before.find(|f| {
        let named = f.name.replacen("req", "res", 1) == file.name;
        f.folder == "req" && f.facility == file.facility && named
    })
}

/// Whether a file is the answer to a question the receipt computer had put.
fn is_requested(case: &Case, file: &File) -> bool {
    request_of(case, file).is_some()
}

/// Whether a file is an answer the suite planted and nobody asked for.
pub(super) fn is_unasked(case: &Case, file: &File) -> bool {
    file.folder == "res" && file.planted.is_some() && !is_requested(case, file)
}

/// Whether a result had to wait: for the receipt computer, or for the server to be asked (ELIG-18).
pub(super) fn waited(case: &Case, file: &File) -> bool {
    let off = is_off(case, &file.facility, file.seq);
    off || (file.folder == "res" && is_requested(case, file) && troubled(case))
}

/// Names compared as a clinic writes them: in one width, without spaces.
pub(super) fn plain_name(name: &str) -> String {
    normal(name)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kana_is_one_in_every_width() {
        for (one, other) in [
            ("ﾀｶﾊｼ ｹﾝﾀ", "タカハシ　ケンタ"),
            ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダハナコ"),
            ("ﾊﾟﾋﾟ", "パピ"),
            ("ｼﾖｳｲﾁ", "ショウイチ"),
            ("ｳﾞｨ", "ヴイ"),
            ("たなか", "ﾀﾅｶ"),
        ] {
            assert_eq!(fold(one), fold(other), "{one}");
        }
        assert_ne!(fold("ﾀﾅｶ"), fold("ﾀﾅｶﾞ"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[ぁ-んァ-ヶｦ-ﾟ ー-]{0,12}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
