//! A difference as a page: one file that fetches nothing and runs no script, Japanese and English. Two radio
//! buttons choose the language, by style alone.

use askama::Template;
use judge::Text;
use reports::{Both, STYLE as REPORT};

use crate::PrintError;
use crate::change::{Change, Difference, Kind};
use crate::words::{self, Told};

/// What this page adds to the looks of a report.
const OWN: &str = include_str!("../templates/difference.css");

#[derive(Template)]
#[template(path = "difference.html")]
struct Whole<'a> {
    worse: bool,
    headline: Text,
    before: Text,
    after: Text,
    report: &'static str,
    own: &'static str,
    groups: Vec<Group<'a>>,
}

/// The changes of one kind.
struct Group<'a> {
    name: Text,
    weight: &'static str,
    of_verdicts: bool,
    changes: Vec<(&'a Change, Told)>,
}

/// The difference as one HTML file.
pub fn html(difference: &Difference) -> Result<String, PrintError> {
    let groups = Kind::ALL.iter().map(|kind| Group {
        name: words::kind(*kind),
        weight: weight(*kind),
        of_verdicts: kind.of_verdicts(),
        changes: difference
            .of(*kind)
            .map(|change| (change, words::told(change)))
            .collect(),
    });
    let whole = Whole {
        worse: difference.worse,
        headline: words::headline(difference),
        before: words::side(&difference.before),
        after: words::side(&difference.after),
        report: REPORT,
        own: OWN,
        groups: groups.filter(|group| !group.changes.is_empty()).collect(),
    };
    whole
        .render()
        .map(|text| text + "\n")
        .map_err(|error| PrintError::new("HTML", error))
}

/// Losses stand out.
fn weight(kind: Kind) -> &'static str {
    match kind {
        loss if loss.is_loss() => "worse",
        Kind::NewlyPassing | Kind::NewlyCovered => "better",
        _ => "other",
    }
}

impl Whole<'_> {
    fn l<'b>(&self, ja: &'b str, en: &'b str) -> Both<'b> {
        Both { ja, en }
    }

    fn t<'b>(&self, text: &'b Text) -> Both<'b> {
        self.l(&text.ja, &text.en)
    }
}

#[cfg(test)]
mod tests {
    use judge::Verdict;

    use super::*;
    use crate::compare;
    use crate::testing::{of, page};

    fn worse() -> String {
        let after = of(&[("pin-right", &[("AUTH-05", "reader", Verdict::Fail)])]);
        html(&compare(&page(), &after)).unwrap()
    }

    #[test]
    fn both_languages_stand_in_it_and_losses_come_first() {
        let text = worse();
        let (ja, en) = ("<span lang=\"ja\">", "<span lang=\"en\">");
        assert_eq!(text.matches(ja).count(), text.matches(en).count());
        let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words}"));
        assert!(place("Newly failing") < place("No longer covered"));
        assert!(place("No longer covered") < place("Scenario removed"));
        assert!(text.contains("新たな不適合") && text.contains("適合 → 不適合"));
    }

    #[test]
    fn nothing_is_fetched_and_nothing_runs() {
        let text = worse();
        for fetches in [
            "<script", "src=", "url(", "@import", "<link", "<img", "http://", "https://",
        ] {
            assert!(!text.contains(fetches), "{fetches}");
        }
        assert!(text.contains("default-src 'none'"));
    }

    #[test]
    fn whatever_came_with_a_report_is_escaped() {
        let evil = r#""><script>alert('資格')</script>"#;
        let mut after = page();
        after.products[0].name = evil.into();
        after.scenarios[0].id = evil.into();
        after.requirements[0].id = evil.into();
        after.requirements[0].by_role[0].role.id = evil.into();
        after.profile[0].name = evil.into();
        after.run.seed = evil.into();
        let text = html(&compare(&page(), &after)).unwrap();
        assert!(!text.contains("<script"));
        assert!(text.matches("alert(").count() >= 6, "it is still shown");
    }
}
