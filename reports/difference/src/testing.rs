//! Small reports to compare: one by hand, and as many as a property asks for.

use judge::{Text, Verdict, WaiverState};
use proptest::prelude::*;
use reports::{
    ByRole, Count, FindingPart, Page, ProductPart, ProfilePart, RequirementPart, RunPart,
    ScenarioPart, StatementPart, UntestedPart, WaiverPart, name_of,
};

/// A finding: requirement, role, verdict.
pub(crate) type Found = (&'static str, &'static str, Verdict);

fn text(words: &str) -> Text {
    Text {
        ja: format!("{words}（日本語）"),
        en: words.into(),
    }
}

/// Two scenarios: one that passed, one in which a reader failed.
pub(crate) fn page() -> Page {
    of(&[
        ("pin-right", &[("AUTH-05", "reader", Verdict::Pass)]),
        (
            "expires-soon",
            &[
                ("LIFE-01", "reader", Verdict::Fail),
                ("LIFE-01", "eligibility-server", Verdict::Pass),
            ],
        ),
    ])
}

/// A report of these scenarios; requirements, roles and verdicts follow from the findings.
pub(crate) fn of(scenarios: &[(&str, &[Found])]) -> Page {
    let scenarios: Vec<_> = scenarios
        .iter()
        .map(|(id, found)| scenario(id, found))
        .collect();
    let mut page = Page {
        schema: "shikaku-report/1".into(),
        verdict: Verdict::Pass,
        headline: text("headline"),
        missing: text("missing"),
        run: RunPart {
            suite: "5".repeat(64),
            seed: "1".into(),
            edition: "2026-10-15".into(),
            evidence: "e".repeat(64),
        },
        counts: Count::default(),
        products: ["reader", "eligibility-server"].map(product).to_vec(),
        roles: Vec::new(),
        requirements: Vec::new(),
        scenarios,
        untested: vec![UntestedPart {
            id: "LIFE-05".into(),
            level: Some("MUST".into()),
            roles: vec![name_of("terminal")],
            title: text("a rule of LIFE-05"),
            reason: text("awaits"),
        }],
        bed_errors: Vec::new(),
        profile: vec![ProfilePart {
            name: "grace_end".into(),
            value: "month_end".into(),
            usual: Some("month_end".into()),
            meaning: text("when the grace ends"),
        }],
        lacks: Vec::new(),
        waivers: vec![WaiverPart {
            id: "W-1".into(),
            requirement: "AUTH-05".into(),
            role: Some(name_of("reader")),
            scenario: None,
            reason: "mended in 2.2".into(),
            owner: "Example Works".into(),
            expires: "2027-03-31".into(),
            state: WaiverState::NotReached,
            covers: Vec::new(),
        }],
        statements: vec![StatementPart {
            requirement: "READER-07".into(),
            role: name_of("reader"),
            statement: "not offered".into(),
        }],
        exceptions_replaced: false,
    };
    settle(&mut page);
    page
}

/// Works out the coarser verdicts from the findings, as the judge does.
pub(crate) fn settle(page: &mut Page) {
    page.requirements.clear();
    for scenario in &mut page.scenarios {
        let worst = scenario.findings.iter().map(|f| f.verdict).max();
        scenario.verdict = worst.unwrap_or(Verdict::NotTested);
        for finding in &scenario.findings {
            let known = page.requirements.iter_mut();
            let known = known.into_iter().find(|r| r.id == finding.requirement);
            let part = match known {
                Some(part) => part,
                None => {
                    page.requirements.push(requirement(&finding.requirement));
                    page.requirements.last_mut().unwrap()
                }
            };
            match part.by_role.iter_mut().find(|by| by.role == finding.role) {
                Some(by) => by.verdict = by.verdict.max(finding.verdict),
                None => part.by_role.push(ByRole {
                    role: finding.role.clone(),
                    verdict: finding.verdict,
                    scenarios: Vec::new(),
                }),
            }
        }
    }
    let worst = page.scenarios.iter().map(|s| s.verdict).max();
    page.verdict = worst.unwrap_or(Verdict::NotTested);
}

fn product(role: &str) -> ProductPart {
    ProductPart {
        role: name_of(role),
        name: format!("Example {role}"),
        version: "2.1".into(),
        vendor: "Example Works".into(),
        digest: format!("sha256:{}", "7".repeat(64)),
    }
}

fn requirement(id: &str) -> RequirementPart {
    RequirementPart {
        id: id.into(),
        level: "MUST".into(),
        ja: format!("{id} の題"),
        en: format!("wording of {id}"),
        source: "public source".into(),
        verdict: Verdict::NotTested,
        by_role: Vec::new(),
        unjudged: Vec::new(),
    }
}

fn scenario(id: &str, found: &[Found]) -> ScenarioPart {
    ScenarioPart {
        id: id.into(),
        title: text(id),
        place: format!("features/{id}.feature:3"),
        requirements: found.iter().map(|f| f.0.to_owned()).collect(),
        roles: Vec::new(),
        verdict: Verdict::NotTested,
        at_fault: Vec::new(),
        replay: format!("shikaku replay {id}"),
        steps: Vec::new(),
        findings: found.iter().map(|f| finding(*f)).collect(),
        bed_errors: Vec::new(),
        look_first: None,
        records: 3,
    }
}

fn finding((requirement, role, verdict): Found) -> FindingPart {
    FindingPart {
        requirement: requirement.into(),
        role: name_of(role),
        verdict,
        at_fault: (verdict != Verdict::Pass).then(|| name_of(role)),
        expected: text("expected"),
        actual: text("actual"),
        advice: None,
        waiver: None,
        rests_on: Vec::new(),
    }
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop::sample::select(Verdict::ALL.to_vec())
}

fn found() -> impl Strategy<Value = Found> {
    let requirement = prop::sample::select(vec!["AUTH-05", "LIFE-01", "PKI-07"]);
    let role = prop::sample::select(vec!["reader", "terminal"]);
    (requirement, role, verdict())
}

/// Any report: scenarios, faults, coarser verdicts that may contradict the finer ones, terms of the run.
pub(crate) fn any_page() -> impl Strategy<Value = Page> {
    let id = prop::sample::select(vec!["one", "two", "three"]);
    let scenarios = prop::collection::vec((id, prop::collection::vec(found(), 0..4)), 0..4);
    let blamed = prop::sample::select(vec!["reader", "bed", "configuration"]);
    (
        scenarios,
        verdict(),
        verdict(),
        blamed,
        "[12]",
        "(must|should)",
    )
        .prop_map(|(scenarios, whole, by_role, blamed, seed, level)| {
            let scenarios: Vec<_> = scenarios
                .iter()
                .map(|(id, found)| (*id, found.as_slice()))
                .collect();
            let mut page = of(&scenarios);
            page.verdict = whole;
            page.run.seed = seed;
            if let Some(first) = page.requirements.first_mut() {
                first.level = level;
                first.by_role[0].verdict = by_role;
            }
            if let Some(first) = page.scenarios.first_mut() {
                first.at_fault = vec![name_of(blamed)];
                if let Some(finding) = first.findings.first_mut() {
                    finding.at_fault = Some(name_of(blamed));
                }
            }
            page
        })
}
