//! `report.html`: one file that fetches nothing, Japanese and English. Verdicts, findings and tables stand in
//! it as text, both languages side by side; script hides one language, filters, and draws the records of a
//! scenario when it is opened. Without script everything but the pictures can be read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::Evidence;
use judge::{Text, Verdict};

use crate::embed::{Embedded, embed};
use crate::labels::{Named, Term, terms};
use crate::lacks::{self, Tally};
use crate::page::{
    ByRole, FindingPart, LackKind, ProfilePart, RequirementPart, RolePart, ScenarioPart, WaiverPart,
};
use crate::standing::Standing;
use crate::write::ReportError;
use crate::{Page, labels};

/// The only script in the page. Its hash stands in the page's content security policy, so that no other
/// script could run even if escaping failed.
const SCRIPT: &str = concat!(
    "(function () {\n\"use strict\";\n",
    include_str!("../templates/make.js"),
    include_str!("../templates/detail.js"),
    include_str!("../templates/picture.js"),
    include_str!("../templates/page.js"),
    "})();\n"
);
/// The looks every page of ours shares: type, colours, tables, and how they stack on a phone.
pub const SHARED: &str = include_str!("../templates/report.css");
const STYLE: &str = concat!(
    include_str!("../templates/report.css"),
    include_str!("../templates/picture.css"),
    include_str!("../templates/print.css")
);
/// So many scenarios are named one by one; of more only the number, with a way to list them.
const NAMED: usize = 6;

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    page: &'a Page,
    embedded: Embedded,
    failures: Vec<Failure<'a>>,
    script_hash: String,
    script: &'static str,
    style: &'static str,
}

/// What failed in the same way: one requirement, one party at fault.
struct Failure<'a> {
    id: &'a str,
    at_fault: Option<&'a Named>,
    /// Where it was found, in the order of scenarios; never empty.
    cases: Vec<(&'a ScenarioPart, &'a FindingPart)>,
}

/// Lacks of one kind.
struct LackGroup<'a> {
    title: Text,
    lines: Vec<LackLine<'a>>,
}

/// What is lacking of one requirement, with every role it is lacking for.
struct LackLine<'a> {
    requirement: Option<&'a String>,
    what: &'a Text,
    roles: Vec<&'a Named>,
}

impl LackLine<'_> {
    /// Whether something stands before what is lacking.
    fn tells(&self) -> bool {
        self.requirement.is_some() || !self.roles.is_empty()
    }
}

/// Both languages of a text; the page's style or script shows one of them.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span lang="ja">{{ ja }}</span><span lang="en">{{ en }}</span>"#
)]
pub struct Both<'a> {
    /// Japanese.
    pub ja: &'a str,
    /// English.
    pub en: &'a str,
}

impl HtmlSafe for Both<'_> {}

/// A verdict as a reader sees it.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="v {{ class }}"><span class="sign" aria-hidden="true">{{ sign }}</span><span lang="ja">{{ word.ja }}</span><span lang="en">{{ word.en }}</span></span>"#
)]
struct Badge {
    class: &'static str,
    sign: &'static str,
    word: Text,
}

impl HtmlSafe for Badge {}

/// The report as one HTML file.
pub fn html(page: &Page, evidence: &Evidence) -> Result<String, ReportError> {
    let report = Report {
        page,
        embedded: embed(page, evidence)?,
        failures: failures(page),
        script_hash: script_hash(),
        script: SCRIPT,
        style: STYLE,
    };
    report
        .render()
        .map(|text| visible(&text).into_owned())
        .map_err(|error| ReportError::print("report.html", error))
}

/// Base64 of the SHA-256 of [`SCRIPT`], as a content security policy wants it.
fn script_hash() -> String {
    let hex = evidence::digest_hex(SCRIPT.as_bytes());
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).filter_map(byte).collect();
    STANDARD.encode(bytes)
}

/// Characters that turn the direction of a line, written out: a name must not rearrange what stands beside it.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(turns) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match turns(c) {
            true => shown.push_str(&format!("⟦U+{:04X}⟧", u32::from(c))),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn failures(page: &Page) -> Vec<Failure<'_>> {
    let mut groups: Vec<Failure<'_>> = Vec::new();
    let mut places: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for (scenario, finding) in page.failures() {
        let at_fault = finding.at_fault.as_ref();
        let key = (
            finding.requirement.as_str(),
            at_fault.map(|who| who.id.as_str()),
        );
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Failure {
                id: &finding.requirement,
                at_fault,
                cases: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].cases.push((scenario, finding));
    }
    groups
}

impl Report<'_> {
    /// A text that came with the page.
    fn t<'t>(&self, text: &'t Text) -> Both<'t> {
        self.l(&text.ja, &text.en)
    }

    /// The name of whoever plays a part.
    fn n<'t>(&self, name: &'t Named) -> Both<'t> {
        self.l(&name.ja, &name.en)
    }

    /// A fixed label in both languages.
    fn l<'t>(&self, ja: &'t str, en: &'t str) -> Both<'t> {
        Both { ja, en }
    }

    /// A word of the glossary at the head of something.
    fn head(&self, term: Term) -> Both<'static> {
        Both {
            ja: term.ja,
            en: term.head,
        }
    }

    /// What the whole report may claim, with its sign.
    fn stands(&self) -> Badge {
        let standing = self.page.standing();
        Badge {
            class: standing.name(),
            sign: match standing {
                Standing::Conforming => "✓",
                Standing::Failing => "×",
                Standing::Spoiled => "!",
                Standing::Waived | Standing::Incomplete => "–",
            },
            word: standing.word(),
        }
    }

    /// Lacks by kind, the most serious first; a requirement once with all its roles.
    fn lacks(&self) -> Vec<LackGroup<'_>> {
        let mut groups: Vec<(LackKind, LackGroup)> = Vec::new();
        for lack in &self.page.lacks {
            if groups.last().is_none_or(|(kind, _)| *kind != lack.kind) {
                let title = lacks::counted_kind(Tally::of(&self.page.lacks, lack.kind), lack.kind);
                let lines = Vec::new();
                groups.push((lack.kind, LackGroup { title, lines }));
            }
            let Some((_, group)) = groups.last_mut() else {
                continue;
            };
            let same = |line: &&mut LackLine| {
                lack.requirement.is_some()
                    && line.requirement == lack.requirement.as_ref()
                    && *line.what == lack.what
            };
            match group.lines.iter_mut().find(same) {
                Some(line) => line.roles.extend(&lack.role),
                None => group.lines.push(LackLine {
                    requirement: lack.requirement.as_ref(),
                    what: &lack.what,
                    roles: lack.role.iter().collect(),
                }),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// How many of the requirements without a check stand in the way of a certificate.
    fn unchecked(&self) -> Text {
        let tally = Tally::of(&self.page.lacks, LackKind::NoCheck);
        let by_role = tally.by_role();
        labels::said(
            format!(
                "全 {} 件のうち、試験した役割の必須（MUST）の要求は {} 件{}。",
                self.page.untested.len(),
                tally.times,
                by_role.ja
            ),
            format!(
                "Of all {}, {} binding (MUST) for a role under test{}.",
                self.page.untested.len(),
                labels::counted(tally.times, "is", "are"),
                by_role.en
            ),
        )
    }

    /// Requirements, those with the worst verdict first.
    fn requirements(&self) -> Vec<&RequirementPart> {
        let mut all: Vec<&RequirementPart> = self.page.requirements.iter().collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.verdict));
        all
    }

    /// A verdict with its sign: colour alone never tells.
    fn badge(&self, verdict: &Verdict) -> Badge {
        Badge {
            class: verdict.name(),
            sign: self.sign(verdict),
            word: labels::verdict(*verdict),
        }
    }

    fn sign(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Pass => "✓",
            Verdict::Fail => "×",
            Verdict::BedError => "!",
            Verdict::Inconclusive => "?",
            Verdict::NotApplicable | Verdict::Waived | Verdict::NotTested => "–",
        }
    }

    /// Verdicts somebody got, by their names, with how many scenarios got them.
    fn tally(&self) -> Vec<(Verdict, usize)> {
        const WORST_FIRST: [Verdict; 7] = [
            Verdict::BedError,
            Verdict::Fail,
            Verdict::Inconclusive,
            Verdict::NotTested,
            Verdict::Waived,
            Verdict::NotApplicable,
            Verdict::Pass,
        ];
        WORST_FIRST
            .into_iter()
            .filter_map(|verdict| {
                let count = self.page.counts.scenarios.get(verdict.name())?;
                Some((verdict, *count))
            })
            .collect()
    }

    fn word(&self, verdict: &Verdict) -> Text {
        labels::verdict(*verdict)
    }

    fn waiver_state(&self, waiver: &WaiverPart) -> Text {
        labels::waiver_state(waiver.state)
    }

    fn scenario(&self, id: &str) -> bool {
        self.page.scenarios.iter().any(|scenario| scenario.id == id)
    }

    /// What a value usually is, where this run used another.
    fn unusual<'t>(&self, value: &'t ProfilePart) -> Option<&'t str> {
        value.usual.as_deref().filter(|usual| *usual != value.value)
    }

    fn requirement(&self, id: &str) -> Option<&RequirementPart> {
        self.page.requirements.iter().find(|r| r.id == id)
    }

    /// The failing scenario that lies open when the page does: the first.
    fn opens(&self, scenario: &ScenarioPart) -> bool {
        let first = self.failures.first().and_then(|f| f.cases.first());
        first.is_some_and(|(first, _)| first.id == scenario.id)
    }

    fn shows(&self, scenario: &ScenarioPart, seq: &u32) -> bool {
        *seq > 0 && *seq as usize <= scenario.records
    }

    fn open_findings(&self) -> Vec<(&ScenarioPart, &FindingPart)> {
        self.page.findings(Verdict::Inconclusive).collect()
    }

    /// Findings that did not pass.
    fn troubles<'t>(&self, scenario: &'t ScenarioPart) -> Vec<&'t FindingPart> {
        let of = |f: &&FindingPart| f.verdict != Verdict::Pass;
        scenario.findings.iter().filter(of).collect()
    }

    /// Requirements that passed in a scenario, role by role.
    fn passed<'t>(&self, scenario: &'t ScenarioPart) -> Vec<(&'t Named, Vec<&'t str>)> {
        let mut roles: Vec<(&Named, Vec<&str>)> = Vec::new();
        let passed = |f: &&FindingPart| f.verdict == Verdict::Pass;
        for finding in scenario.findings.iter().filter(passed) {
            match roles.iter_mut().find(|(role, _)| **role == finding.role) {
                Some((_, ids)) => ids.push(&finding.requirement),
                None => roles.push((&finding.role, vec![&finding.requirement])),
            }
        }
        roles
    }

    /// The scenarios worth naming under a requirement, and how many more there are.
    fn named<'t>(&self, by: &'t ByRole) -> (&'t [String], usize) {
        let (named, rest) = by.scenarios.split_at(by.scenarios.len().min(NAMED));
        (named, rest.len())
    }

    /// Roles, those with the worst verdict first.
    fn worst_first(&self) -> Vec<&RolePart> {
        let mut roles: Vec<&RolePart> = self.page.roles.iter().collect();
        roles.sort_by_key(|line| std::cmp::Reverse(line.verdict));
        roles
    }

    fn made(&self, role: &str) -> Option<&crate::ProductPart> {
        self.page.products.iter().find(|p| p.role.id == role)
    }

    fn product(&self, role: &str) -> String {
        self.made(role)
            .map(|product| format!("{} {}", product.name, product.version))
            .unwrap_or_default()
    }

    /// Short names in one attribute.
    fn ids(&self, names: &[Named]) -> String {
        let ids: Vec<_> = names.iter().map(|name| name.id.as_str()).collect();
        ids.join(" ")
    }

    /// Every role that was judged or tested, once.
    fn all_roles(&self) -> Vec<&Named> {
        let mut roles: Vec<&Named> = Vec::new();
        let of_scenarios = self.page.scenarios.iter().flat_map(|s| &s.roles);
        for role in self
            .page
            .roles
            .iter()
            .map(|line| &line.role)
            .chain(of_scenarios)
        {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;
    use crate::testing;

    fn all<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
        Regex::new(pattern)
            .unwrap()
            .captures_iter(text)
            .map(|found| found.get(1).unwrap().as_str())
            .collect()
    }

    /// The page's own words: without style, script and packed records.
    fn words(text: &str) -> String {
        let body = text.split_once("<main").unwrap().1;
        body.split_once("</main>").unwrap().0.to_owned()
    }

    #[test]
    fn a_report_reads_as_it_always_did() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        insta::assert_snapshot!(words(&text));
    }

    #[test]
    fn nothing_is_fetched_and_no_other_script_may_run() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        for fetches in [
            "src=", "url(", "@import", "<link", "<img", "<iframe", "http://", "https://",
        ] {
            assert!(!text.contains(fetches), "{fetches}");
        }
        let hash = STANDARD.decode(script_hash()).unwrap();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, evidence::digest_hex(SCRIPT.as_bytes()));
        assert!(text.contains(&format!("<script>{SCRIPT}</script>")));
        assert!(text.contains(&format!("script-src 'sha256-{}'", script_hash())));
    }

    #[test]
    fn whatever_came_with_the_evidence_is_escaped() {
        let evil = r#""><script>alert('資格')</script><b title=""#;
        let (mut judgement, parts) = testing::sample();
        let mut records = parts.scenario("expires-soon").unwrap().clone();
        judgement.run.scenarios[1].ja = evil.into();
        judgement.run.products[0].name = evil.into();
        judgement.findings[1].rests_on[0].said = evil.into();
        judgement.bed_errors[0].error = evil.into();
        let evidence::What::Declared(declared) = &mut records.records[0].what else {
            panic!("the first record is a fact")
        };
        declared.fact = evidence::Fact::Person {
            person: evil.into(),
            name: evil.into(),
            kana: String::new(),
            birth: String::new(),
            sex: "1".into(),
            address: evil.into(),
        };
        let run = judgement.run.clone();
        let whole = evidence::Evidence::from_parts(run, vec![records]);
        let text = html(&Page::build(&judgement, &whole, &[]).unwrap(), &whole).unwrap();
        let blocks = all(
            r#"<script type="application/octet-stream" id="[^"]*">([^<]*)<"#,
            &text,
        );
        assert_eq!(
            text.matches("<script").count(),
            1 + blocks.len(),
            "only the page's own"
        );
        let base64 = Regex::new("^[A-Za-z0-9+/]*=*$").unwrap();
        assert!(blocks.len() == 2 && blocks.iter().all(|block| base64.is_match(block)));
        assert_eq!(text.matches("<b ").count(), 0);
        assert!(text.matches("alert(").count() >= 4, "it is still shown");
    }

    #[test]
    fn a_name_cannot_turn_the_line_round() {
        let mut page = testing::page();
        page.products[0].name = "reader\u{202e}gpj\u{2066}".into();
        let text = html(&page, &testing::evidence()).unwrap();
        assert!(text.contains("reader⟦U+202E⟧gpj⟦U+2066⟧"));
        assert_eq!(visible("資格"), "資格");
    }

    #[test]
    fn what_fails_in_one_way_is_told_once() {
        let mut page = testing::page();
        let again = page.scenarios[1].findings[0].clone();
        page.scenarios[0].findings.push(again.clone());
        page.scenarios[2].findings.push(FindingPart {
            at_fault: None,
            ..again
        });
        let told: Vec<_> = failures(&page)
            .iter()
            .map(|f| (f.id.to_owned(), f.at_fault.is_some(), f.cases.len()))
            .collect();
        let id = "LIFE-01".to_owned();
        assert_eq!(told, [(id.clone(), true, 2), (id, false, 1)]);
    }

    #[test]
    fn tags_are_balanced_ids_unique_and_links_lead_somewhere() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        let body = text.replace(SCRIPT, "").replace(STYLE.trim_end(), "");
        let mut open: Vec<&str> = Vec::new();
        for tag in all(r"<(/?[a-zA-Z0-9]+)[^>]*>", &body) {
            match tag.strip_prefix('/') {
                _ if ["meta", "br", "input"].contains(&tag) => {}
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None => open.push(tag),
            }
        }
        assert!(open.is_empty(), "{open:?}");
        let ids = all(r#" id="([^"]*)""#, &body);
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        for target in all(r##"href="#([^"]*)""##, &body) {
            let (target, record) = target.split_once("/record-").unwrap_or((target, "1"));
            assert!(ids.contains(&target), "#{target} leads nowhere");
            assert!(record.parse().is_ok_and(|n: u32| (1..=5).contains(&n)));
        }
        for anchor in [
            "scenario-expires-soon",
            "requirement-LIFE-01",
            "role-reader",
        ] {
            assert!(ids.contains(&anchor), "{anchor}");
        }
    }

    #[test]
    fn both_languages_stand_in_the_page_and_every_table_is_labelled() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        let (ja, en) = ("<span lang=\"ja\">", "<span lang=\"en\">");
        assert_eq!(text.matches(ja).count(), text.matches(en).count());
        assert_eq!(
            text.matches("<table").count(),
            text.matches("<caption").count()
        );
        let bare = all(r"<(th[^>]*)>", &text)
            .into_iter()
            .find(|th| !th.contains("scope=") && *th != "thead");
        assert_eq!(bare, None);
        assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"ja\">"));
    }

    #[test]
    fn the_first_failure_lies_open_and_the_rest_closed() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        let open = all(r#"<details[^>]* id="([^"]*)"[^>]* open>"#, &text);
        assert_eq!(open, ["scenario-expires-soon"]);
        assert!(text.contains("data-first=\"5\""));
        let calm = html(&testing::calm_page(), &testing::evidence()).unwrap();
        assert!(!calm.contains(" open>") && !calm.contains("data-first"));
    }
}
