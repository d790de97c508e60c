//! `report.html`: one file that fetches nothing, Japanese and English. Both languages stand in the
//! document; a few lines of script hide one of them, and without script both are readable.

use askama::Template;
use askama::filters::HtmlSafe;
use judge::{Text, Verdict};
use serde_json::Value;

use crate::page::{FindingPart, ProfilePart, ScenarioPart};
use crate::write::ReportError;
use crate::{Message, Page, json, labels};

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
pub fn html(page: &Page) -> Result<String, ReportError> {
    let report = Report {
        page,
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
        scenario.first_divergence == Some(message.seq)
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
