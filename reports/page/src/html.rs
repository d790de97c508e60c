//! `report.html`: one file that fetches nothing, Japanese and English. Both languages stand in the
//! document; a few lines of script hide one of them, and without script both are readable.

use askama::Template;
use askama::filters::HtmlSafe;
use evidence::Evidence;
use judge::{Text, Verdict};
use serde_json::Value;

use crate::messages::{Message, messages};
use crate::page::{FindingPart, ProfilePart, ScenarioPart};
use crate::write::ReportError;
use crate::{Page, json, labels};

/// The only script in the page. Its hash stands in the page's content security policy, so that no other
/// script could run even if escaping failed.
const SCRIPT: &str = include_str!("../templates/report.js");
const STYLE: &str = include_str!("../templates/report.css");
/// Base64 of the SHA-256 of [`SCRIPT`].
const SCRIPT_HASH: &str = "makavsfCoqQCHCrWMY3Ta7bFkDwyVB30kRrUsobPV1M=";

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    page: &'a Page,
    evidence: &'a Evidence,
    script: &'static str,
    script_hash: &'static str,
    style: &'static str,
}

/// Both languages of a text.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span lang="ja">{{ ja }}</span><span lang="en">{{ en }}</span>"#
)]
struct Both<'a> {
    ja: &'a str,
    en: &'a str,
}

impl HtmlSafe for Both<'_> {}

/// A verdict as a reader sees it.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="v {{ class }}">{{ sign }} <span lang="ja">{{ word.ja }}</span><span lang="en">{{ word.en }}</span></span>"#
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
        evidence,
        script: SCRIPT,
        script_hash: SCRIPT_HASH,
        style: STYLE,
    };
    report
        .render()
        .map_err(|error| ReportError::print("report.html", error))
}

impl Report<'_> {
    /// A text that came with the page.
    fn t<'t>(&self, text: &'t Text) -> Both<'t> {
        self.l(&text.ja, &text.en)
    }

    /// A fixed label, or a name, in both languages.
    fn l<'t>(&self, ja: &'t str, en: &'t str) -> Both<'t> {
        Both { ja, en }
    }

    /// A verdict with its sign: colour alone never tells.
    fn badge(&self, verdict: &Verdict) -> Badge {
        let sign = match verdict {
            Verdict::Pass => "✓",
            Verdict::Fail => "✗",
            Verdict::BedError => "!",
            Verdict::Inconclusive => "?",
            Verdict::NotApplicable | Verdict::Waived | Verdict::NotTested => "–",
        };
        Badge {
            class: verdict.name(),
            sign,
            word: labels::verdict(*verdict),
        }
    }

    /// What a value usually is, where this run used another.
    fn unusual<'t>(&self, value: &'t ProfilePart) -> Option<&'t str> {
        value.usual.as_deref().filter(|usual| *usual != value.value)
    }

    /// A decoded view as text.
    fn pretty(&self, view: &Value) -> String {
        json::pretty(view.clone()).unwrap_or_else(|_| view.to_string())
    }

    /// Whether a scenario should lie open when the page does.
    fn opens(&self, scenario: &ScenarioPart) -> bool {
        matches!(
            scenario.verdict,
            Verdict::Fail | Verdict::Inconclusive | Verdict::BedError
        )
    }

    fn is_first(&self, scenario: &ScenarioPart, message: &Message) -> bool {
        scenario.look_first == Some(message.seq)
    }

    fn shows(&self, scenario: &ScenarioPart, seq: &u32) -> bool {
        *seq > 0 && *seq as usize <= scenario.records
    }

    fn messages(&self, scenario: &ScenarioPart) -> Vec<Message> {
        let records = self.evidence.scenario(&scenario.id);
        records.map_or_else(Vec::new, |records| messages(records, &scenario.findings))
    }

    fn failures(&self) -> Vec<(&ScenarioPart, &FindingPart)> {
        self.page.failures().collect()
    }

    fn open_findings(&self) -> Vec<(&ScenarioPart, &FindingPart)> {
        self.page.findings(Verdict::Inconclusive).collect()
    }

    fn product(&self, role: &str) -> String {
        let of = |p: &&crate::ProductPart| p.role.id == role;
        let product = self.page.products.iter().find(of);
        product
            .map(|product| format!("{} {}", product.name, product.version))
            .unwrap_or_default()
    }

    /// `HH:MM:SS.mmm` of a virtual time; the whole text when it is no such time.
    fn clock<'t>(&self, at: &'t str) -> &'t str {
        at.get(11..23).unwrap_or(at)
    }

    fn day<'t>(&self, at: &'t str) -> &'t str {
        at.get(..10).unwrap_or(at)
    }

    fn judged_in_run(&self, id: &str) -> bool {
        self.page.requirements.iter().any(|r| r.id == id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base64::Engine;
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

    #[test]
    fn a_report_reads_as_it_always_did() {
        insta::assert_snapshot!(html(&testing::page(), &testing::evidence()).unwrap());
    }

    #[test]
    fn nothing_is_fetched_and_no_other_script_may_run() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        for fetches in [
            "src=", "url(", "@import", "<link", "<img", "<iframe", "http://", "https://",
        ] {
            assert!(!text.contains(fetches), "{fetches}");
        }
        let hash = base64::engine::general_purpose::STANDARD
            .decode(SCRIPT_HASH)
            .unwrap();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            evidence::digest_hex(SCRIPT.as_bytes()),
            "the script changed"
        );
        assert!(text.contains(&format!("<script>{SCRIPT}</script>")));
        assert!(text.contains(&format!("script-src 'sha256-{SCRIPT_HASH}'")));
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
        assert_eq!(text.matches("<script").count(), 1, "only the page's own");
        assert_eq!(text.matches("<b ").count(), 0);
        assert!(text.matches("alert(").count() >= 6, "it is still shown");
    }

    #[test]
    fn tags_are_balanced_ids_unique_and_links_lead_somewhere() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        let body = text.replace(SCRIPT, "").replace(STYLE.trim_end(), "");
        let mut open: Vec<&str> = Vec::new();
        for tag in all(r"<(/?[a-zA-Z0-9]+)[^>]*>", &body) {
            match tag.strip_prefix('/') {
                _ if ["meta", "br"].contains(&tag) => {}
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None => open.push(tag),
            }
        }
        assert!(open.is_empty(), "{open:?}");
        let ids = all(r#" id="([^"]*)""#, &body);
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        for target in all(r##"href="#([^"]*)""##, &body) {
            assert!(ids.contains(&target), "#{target} leads nowhere");
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
            text.matches("<table>").count(),
            text.matches("<caption>").count()
        );
        let bare = all(r"<(th[^>]*)>", &text)
            .into_iter()
            .find(|th| !th.contains("scope=") && *th != "thead");
        assert_eq!(bare, None);
        assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"ja\">"));
    }

    #[test]
    fn the_failure_lies_open_and_the_rest_closed() {
        let text = html(&testing::page(), &testing::evidence()).unwrap();
        assert!(text.contains("id=\"scenario-expires-soon\" open>"));
        assert!(text.contains("id=\"scenario-pin-right\">"));
        assert_eq!(text.matches("look here first").count(), 1);
        let calm = html(&testing::calm_page(), &testing::evidence()).unwrap();
        assert!(!calm.contains(" open>") && !calm.contains("look here first"));
    }
}
