//! The comparison itself: verdicts first, then whatever explains them.

use std::collections::BTreeMap;

use reports::Page;

use crate::change::{Change, Difference, Kind, Place, SCHEMA, Side};
use crate::{run, verdicts};

/// What differs between two reports: `before` is compared against, `after` is compared.
pub fn compare(before: &Page, after: &Page) -> Difference {
    let mut changes = Vec::new();
    for differ in [
        verdicts::changes,
        run::products,
        run::waivers,
        run::statements,
        run::rules,
        run::terms,
        run::scenarios,
    ] {
        changes.extend(differ(before, after));
    }
    changes.sort();
    Difference {
        schema: SCHEMA,
        worse: changes.iter().any(|change| change.kind.is_loss()),
        before: side(before),
        after: side(after),
        changes,
    }
}

fn side(page: &Page) -> Side {
    Side {
        standing: page.standing(),
        verdict: page.verdict,
        run: page.run.clone(),
        products: page.products.clone(),
    }
}

/// Every key of two maps once, in order, with what each map has under it.
pub(crate) fn paired<'a, K: Ord, V>(
    before: &'a BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>, Option<&'a V>)> {
    let all = before.keys().chain(after.keys());
    let all: std::collections::BTreeSet<&K> = all.collect();
    all.into_iter()
        .map(|key| (key, before.get(key), after.get(key)))
}

/// A change of a text, when it is one.
pub(crate) fn reworded(
    kind: Kind,
    about: Place,
    before: Option<&str>,
    after: Option<&str>,
) -> Option<Change> {
    (before != after).then(|| Change {
        kind,
        about,
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
        at_fault_before: None,
        at_fault_after: None,
    })
}

#[cfg(test)]
mod tests {
    use judge::{Verdict, WaiverState};
    use proptest::prelude::*;
    use reports::name_of;

    use super::*;
    use crate::testing::{any_page, of, page, settle};

    /// Each change in short: kind, what it is about, from, to.
    fn told(before: &Page, after: &Page) -> Vec<String> {
        let mut lines = Vec::new();
        for change in compare(before, after).changes {
            let kind = serde_json::to_value(change.kind).unwrap();
            let about = &change.about;
            let mut words = vec![kind.as_str().unwrap().to_owned()];
            words.extend(about.requirement.clone());
            words.extend(about.role.clone());
            words.extend(about.part.clone());
            words.extend(about.scenarios.clone());
            let side = |side: Option<String>| side.unwrap_or_else(|| "-".into());
            lines.push(format!(
                "{}: {} > {}",
                words.join(" "),
                side(change.before),
                side(change.after)
            ));
        }
        lines
    }

    fn changed(bend: impl FnOnce(&mut Page)) -> Vec<String> {
        let mut after = page();
        bend(&mut after);
        told(&page(), &after)
    }

    #[test]
    fn what_newly_fails_or_passes_is_told_once_at_its_finest() {
        let good = of(&[("one", &[("A-01", "reader", Verdict::Pass)])]);
        let bad = of(&[("one", &[("A-01", "reader", Verdict::Fail)])]);
        assert_eq!(
            told(&good, &bad),
            ["newly-failing A-01 reader one: pass > fail"]
        );
        assert_eq!(
            told(&bad, &good),
            ["newly-passing A-01 reader one: fail > pass"]
        );
        assert_eq!(compare(&good, &bad).exit_code(), 1);
        assert_eq!(compare(&bad, &good).exit_code(), 0);
    }

    #[test]
    fn a_second_failure_of_a_requirement_that_failed_already_is_a_new_one() {
        let pass = |id| (id, "reader", Verdict::Pass);
        let fail = |id| (id, "reader", Verdict::Fail);
        let before = of(&[
            ("one", &[fail("A-01"), fail("A-02")]),
            ("two", &[fail("A-01"), pass("A-02")]),
        ]);
        let after = of(&[
            ("one", &[fail("A-01"), fail("A-02")]),
            ("two", &[fail("A-01"), fail("A-02")]),
        ]);
        assert_eq!(
            told(&before, &after),
            ["newly-failing A-02 reader two: pass > fail"]
        );
    }

    #[test]
    fn every_step_between_verdicts_has_its_kind() {
        let named = |before, after| Kind::between(before, after);
        use Verdict::*;
        for (before, after, kind) in [
            (Pass, Fail, Kind::NewlyFailing),
            (NotTested, Fail, Kind::NewlyFailing),
            (Waived, Fail, Kind::NewlyFailing),
            (Fail, Pass, Kind::NewlyPassing),
            (Pass, Inconclusive, Kind::NoLongerCovered),
            (Fail, NotTested, Kind::NoLongerCovered),
            (Pass, BedError, Kind::NoLongerCovered),
            (Pass, NotApplicable, Kind::NoLongerCovered),
            (Inconclusive, Pass, Kind::NewlyCovered),
            (NotTested, Waived, Kind::NewlyCovered),
            (Fail, Waived, Kind::Verdict),
            (NotTested, Inconclusive, Kind::Verdict),
        ] {
            assert_eq!(named(before, after), Some(kind), "{before:?} {after:?}");
            assert_eq!(named(after, after), None);
        }
    }

    #[test]
    fn scenarios_that_came_and_went_bring_and_take_what_they_covered() {
        let one: (&str, &[crate::testing::Found]) = ("one", &[("A-01", "reader", Verdict::Pass)]);
        let two: (&str, &[crate::testing::Found]) = ("two", &[("A-01", "reader", Verdict::Pass)]);
        let (few, many) = (of(&[one]), of(&[one, two]));
        assert_eq!(
            told(&few, &many),
            [
                "newly-covered A-01 reader two: not-tested > pass",
                "scenario-added two: - > two（日本語） / two",
            ]
        );
        assert_eq!(compare(&many, &few).exit_code(), 1, "coverage is lost");
        assert_eq!(compare(&few, &many).exit_code(), 0);
    }

    #[test]
    fn a_requirement_that_other_scenarios_decide_still_is_no_loss() {
        // A wrong product was judged in one scenario more than a right one is: that is a pure fix.
        let kept = ("two", &[("A-02", "reader", Verdict::Pass)][..]);
        let bad = of(&[
            (
                "one",
                &[
                    ("A-01", "reader", Verdict::Fail),
                    ("A-02", "reader", Verdict::Pass),
                ],
            ),
            kept,
        ]);
        let good = of(&[("one", &[("A-01", "reader", Verdict::Pass)]), kept]);
        let fix = compare(&bad, &good);
        assert_eq!(
            told(&bad, &good),
            [
                "newly-passing A-01 reader one: fail > pass",
                "judged-elsewhere A-02 reader one: pass > not-tested",
            ]
        );
        assert_eq!(fix.exit_code(), 0);
        let headline = crate::words::headline(&fix).en;
        assert!(headline.starts_with("Nothing newly fails"), "{headline}");
        // Where nothing else decides it, it is lost.
        let lost = of(&[
            ("one", &[("A-01", "reader", Verdict::Pass)]),
            ("two", &[("A-03", "reader", Verdict::Pass)]),
        ]);
        assert_eq!(compare(&bad, &lost).exit_code(), 1);
    }

    #[test]
    fn whatever_explains_a_verdict_is_told_by_its_name() {
        type Bend = fn(&mut Page);
        let cases: [(Bend, &str); 17] = [
            (
                |p| p.products[0].version = "2.2".into(),
                "product reader version: 2.1 > 2.2",
            ),
            (
                |p| p.products[0].name = "Other".into(),
                "product reader name: Example reader > Other",
            ),
            (
                |p| p.products[0].digest.clear(),
                "product reader digest: sha256:",
            ),
            (
                |p| p.waivers[0].state = WaiverState::Expired,
                "waiver AUTH-05 W-1: reader: mended in 2.2 (Example Works, 2027-03-31, not-reached) > reader: mended in 2.2 (Example Works, 2027-03-31, expired)",
            ),
            (|p| p.waivers.clear(), "waiver AUTH-05 W-1: reader: mended"),
            (
                |p| p.statements[0].statement = "planned".into(),
                "statement READER-07 reader: not offered > planned",
            ),
            (
                |p| p.statements.clear(),
                "statement READER-07 reader: not offered > -",
            ),
            (|p| p.run.suite = "new".into(), "suite: 5"),
            (
                |p| p.run.edition = "2027-04-01".into(),
                "edition: 2026-10-15 > 2027-04-01",
            ),
            (|p| p.run.seed = "2".into(), "seed: 1 > 2"),
            (
                |p| p.profile[0].value = "same_day".into(),
                "profile grace_end: month_end > same_day",
            ),
            (|p| p.profile.clear(), "profile grace_end: month_end > -"),
            (
                |p| p.requirements[0].level = "SHOULD".into(),
                "rule AUTH-05 level: MUST > SHOULD",
            ),
            (
                |p| p.requirements[0].en = "new".into(),
                "rule AUTH-05 en: wording of AUTH-05 > new",
            ),
            (
                |p| p.requirements[0].source = "new".into(),
                "rule AUTH-05 source: public source > new",
            ),
            (
                |p| p.untested.clear(),
                "rule-removed LIFE-05: a rule of LIFE-05（日本語） > -",
            ),
            (
                |p| p.scenarios[0].title.en = "new".into(),
                "scenario-retitled pin-right: pin-right",
            ),
        ];
        for (bend, words) in cases {
            let lines = changed(bend);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].starts_with(words), "{words:?} in {lines:?}");
        }
    }

    #[test]
    fn a_rule_that_is_judged_at_last_is_no_new_rule() {
        let lines = changed(|p| {
            let row = p.untested.remove(0);
            p.requirements[0].id = row.id;
            p.requirements[0].ja = row.title.ja;
            p.requirements[0].en = row.title.en;
            p.requirements[0].by_role[0].role = name_of("terminal");
        });
        assert!(
            lines.contains(&"newly-covered LIFE-05 terminal: not-tested > pass".into()),
            "{lines:?}"
        );
        assert!(
            !lines.iter().any(|l| l.contains("added LIFE-05")),
            "{lines:?}"
        );
    }

    #[test]
    fn a_fault_that_moves_is_told_though_the_verdict_stays() {
        let lines = changed(|p| p.scenarios[1].findings[0].at_fault = Some(name_of("bed")));
        assert_eq!(lines, ["at-fault LIFE-01 reader expires-soon: fail > fail"]);
    }

    #[test]
    fn a_run_the_bed_spoiled_is_a_loss_even_with_every_scenario_as_it_was() {
        let lines = changed(|p| p.verdict = Verdict::BedError);
        assert_eq!(lines, ["no-longer-covered: fail > bed-error"]);
    }

    #[test]
    fn order_counts_for_nothing() {
        let mut turned = page();
        turned.scenarios.reverse();
        turned.requirements.reverse();
        turned.products.reverse();
        turned.untested.reverse();
        turned
            .scenarios
            .iter_mut()
            .for_each(|s| s.findings.reverse());
        turned.run.evidence = "f".repeat(64);
        turned.headline.en = "other words".into();
        assert_eq!(told(&page(), &turned), Vec::<String>::new());
        settle(&mut turned);
        assert_eq!(told(&page(), &turned), Vec::<String>::new());
    }

    /// The same change seen from the other report.
    fn mirrored(change: &Change) -> Change {
        let verdict = |said: &Option<String>| -> Verdict {
            serde_json::from_value(said.clone().unwrap().into()).unwrap()
        };
        let kind = match change.kind {
            Kind::AtFault => Kind::AtFault,
            kind if kind.of_verdicts() => {
                Kind::between(verdict(&change.after), verdict(&change.before)).unwrap()
            }
            Kind::RuleAdded => Kind::RuleRemoved,
            Kind::RuleRemoved => Kind::RuleAdded,
            Kind::ScenarioAdded => Kind::ScenarioRemoved,
            Kind::ScenarioRemoved => Kind::ScenarioAdded,
            kind => kind,
        };
        Change {
            kind,
            about: change.about.clone(),
            before: change.after.clone(),
            after: change.before.clone(),
            at_fault_before: change.at_fault_after.clone(),
            at_fault_after: change.at_fault_before.clone(),
        }
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(page in any_page()) {
            let difference = compare(&page, &page);
            prop_assert!(difference.is_empty() && !difference.worse, "{difference:?}");
        }

        #[test]
        fn there_and_back_mirror_each_other(a in any_page(), b in any_page()) {
            let there = compare(&a, &b);
            let mut mirror: Vec<_> = there.changes.iter().map(mirrored).collect();
            mirror.sort();
            let back = compare(&b, &a);
            // Whether another scenario decides it is a matter of one report, and no change shows it.
            let mut anywhere: Vec<_> = back.changes.iter().map(mirrored).map(|c| mirrored(&c)).collect();
            anywhere.sort();
            prop_assert_eq!(mirror, anywhere);
            prop_assert_eq!(there.before, back.after);
        }

        #[test]
        fn a_new_failure_of_the_judges_own_is_never_missed(a in any_page(), b in any_page()) {
            let failing = |page: &Page| page.scenarios.iter().any(|s| {
                s.findings.iter().any(|f| f.verdict == Verdict::Fail)
            });
            if !failing(&a) && failing(&b) {
                prop_assert!(compare(&a, &b).worse || b.verdict == Verdict::BedError || spoiled(&b));
            }
        }
    }

    /// Whether a worse finding covers each failing one, so that the bed's fault is what is told.
    fn spoiled(page: &Page) -> bool {
        let findings = || page.scenarios.iter().flat_map(|s| &s.findings);
        findings().any(|f| f.verdict == Verdict::BedError)
    }
}
