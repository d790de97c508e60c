//! Builds a page from what the judge said, the evidence, and the list of what nothing judges yet.
//! It counts and sorts; every verdict on it is the judge's.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Evidence, RequirementLine, Run, ScenarioLine, Statement};
use judge::{Finding, Judgement, Text, Verdict, WaiverVerdict};
use requirements::{Catalogue, Level, Profile, Requirement, Role, Untested};

use crate::headline::{as_far_as_judged, headline};
use crate::labels::{Named, name_of, said};
use crate::lacks::{in_short, lacks};
use crate::messages::look_first;
use crate::page::{
    Bed, ByRole, Count, CoveredPart, FindingPart, Page, ProductPart, ProfilePart, RequirementPart,
    RolePart, RunPart, SCHEMA, ScenarioPart, StatementPart, UntestedPart, WaiverPart,
};
use crate::standing::Standing;
use crate::write::ReportError;

impl Page {
    /// Builds the page. `untested` is what no check judges yet, as `requirements::untested` gives it.
    /// Fails only when this version's own catalogue or profile cannot be read.
    pub fn build(
        judgement: &Judgement,
        evidence: &Evidence,
        untested: &[Untested],
    ) -> Result<Page, ReportError> {
        let catalogue = Catalogue::shipped().map_err(ReportError::own_data)?;
        let profile = Profile::shipped().map_err(ReportError::own_data)?;
        let run = &judgement.run;
        let untested: Vec<_> = untested
            .iter()
            .filter_map(|row| still_bound(lacking(row, &catalogue), run))
            .collect();
        let requirements: Vec<_> = run
            .requirements
            .iter()
            .chain(&judged_beside(judgement, &catalogue))
            .map(|line| requirement(line, judgement))
            .collect();
        let scenarios: Vec<_> = run
            .scenarios
            .iter()
            .map(|line| scenario(line, judgement, evidence))
            .collect();
        let lacks = lacks(judgement, &requirements, &untested);
        let mut page = Page {
            schema: SCHEMA.to_owned(),
            verdict: judgement.verdict,
            headline: headline(judgement),
            missing: in_short(&lacks),
            lacks,
            run: RunPart {
                suite: run.suite.clone(),
                seed: run.seed.to_string(),
                edition: run.edition.clone(),
                evidence: judgement.evidence.clone(),
            },
            counts: counts(&scenarios, &requirements),
            products: products(judgement),
            roles: roles(judgement, &untested),
            requirements,
            scenarios,
            untested,
            bed_errors: bed_errors(judgement),
            profile: run
                .profile
                .iter()
                .map(|(name, value)| profile_part(name, value, &profile))
                .collect(),
            waivers: judgement.waivers.iter().map(waiver_part).collect(),
            statements: run.statements.iter().map(statement_part).collect(),
            exceptions_replaced: judgement.exceptions_replaced,
        };
        if page.standing() == Standing::Incomplete {
            page.headline = as_far_as_judged(judgement).unwrap_or(page.headline);
        }
        Ok(page)
    }
}

/// Requirements the run did not name and the judge spoke of all the same, worded as in this version's
/// catalogue: no verdict may be lost on the way to the reader.
fn judged_beside(judgement: &Judgement, catalogue: &Catalogue) -> Vec<RequirementLine> {
    let named: BTreeSet<_> = judgement.run.requirements.iter().map(|r| &r.id).collect();
    let mut lines: Vec<RequirementLine> = Vec::new();
    for verdict in &judgement.requirements {
        let id = &verdict.requirement;
        if named.contains(id) || lines.iter().any(|line| line.id == *id) {
            continue;
        }
        let known = catalogue.get(id);
        lines.push(RequirementLine {
            id: id.clone(),
            level: verdict.level.clone(),
            roles: Vec::new(),
            ja: known.map_or_else(|| id.clone(), |r| r.ja.clone()),
            en: known.map_or_else(|| id.clone(), |r| r.en.clone()),
            source: known.map(|r| r.source.clone()).unwrap_or_default(),
        });
    }
    lines
}

fn counts(scenarios: &[ScenarioPart], requirements: &[RequirementPart]) -> Count {
    let tally = |verdicts: &mut dyn Iterator<Item = Verdict>| {
        let mut counts = BTreeMap::new();
        for verdict in verdicts {
            *counts.entry(verdict.name().to_owned()).or_insert(0) += 1;
        }
        counts
    };
    Count {
        scenarios: tally(&mut scenarios.iter().map(|s| s.verdict)),
        requirements: tally(&mut requirements.iter().map(|r| r.verdict)),
    }
}

fn products(judgement: &Judgement) -> Vec<ProductPart> {
    judgement
        .run
        .products
        .iter()
        .map(|product| ProductPart {
            role: name_of(&product.role),
            name: product.name.clone(),
            version: product.version.clone(),
            vendor: product.vendor.clone(),
            digest: product.digest.clone(),
        })
        .collect()
}

fn roles(judgement: &Judgement, untested: &[UntestedPart]) -> Vec<RolePart> {
    judgement
        .roles
        .iter()
        .map(|line| {
            let of = |wanted: &[Verdict]| {
                judgement
                    .requirements
                    .iter()
                    .filter(|r| r.role == line.role && wanted.contains(&r.verdict))
                    .map(|r| r.requirement.clone())
                    .collect()
            };
            RolePart {
                role: name_of(&line.role),
                verdict: line.verdict,
                judged: line.judged,
                failed: of(&[Verdict::Fail]),
                open: of(&[Verdict::Inconclusive, Verdict::NotTested, Verdict::BedError]),
                untested: untested
                    .iter()
                    .filter(|row| row.roles.iter().any(|role| role.id == line.role))
                    .count(),
            }
        })
        .collect()
}

fn requirement(line: &RequirementLine, judgement: &Judgement) -> RequirementPart {
    let by_role: Vec<_> = judgement
        .requirements
        .iter()
        .filter(|verdict| verdict.requirement == line.id)
        .map(|verdict| ByRole {
            role: name_of(&verdict.role),
            verdict: verdict.verdict,
            scenarios: verdict.scenarios.clone(),
        })
        .collect();
    let unjudged: Vec<_> = line
        .roles
        .iter()
        .filter(|role| !by_role.iter().any(|by| by.role.id == **role))
        .map(|role| name_of(role))
        .collect();
    RequirementPart {
        id: line.id.clone(),
        level: line.level.clone(),
        ja: line.ja.clone(),
        en: line.en.clone(),
        source: line.source.clone(),
        verdict: worst(&by_role, &unjudged),
        by_role,
        unjudged,
    }
}

/// The worst of its roles. What one role leaves out says nothing of the roles nobody judged.
fn worst(by_role: &[ByRole], unjudged: &[Named]) -> Verdict {
    match by_role.iter().map(|by| by.verdict).max() {
        None => Verdict::NotTested,
        Some(Verdict::NotApplicable) if !unjudged.is_empty() => Verdict::NotTested,
        Some(worst) => worst,
    }
}

fn scenario(line: &ScenarioLine, judgement: &Judgement, evidence: &Evidence) -> ScenarioPart {
    let findings: Vec<_> = judgement
        .findings
        .iter()
        .filter(|finding| finding.scenario == line.id)
        .collect();
    let verdict = judgement.scenarios.iter().find(|s| s.scenario == line.id);
    let records = evidence
        .scenario(&line.id)
        .map_or(&[][..], |scenario| &scenario.records);
    ScenarioPart {
        id: line.id.clone(),
        title: said(&line.ja, &line.en),
        place: line.place.clone(),
        requirements: line.requirements.clone(),
        roles: line.roles.iter().map(|role| name_of(role)).collect(),
        verdict: verdict.map_or(Verdict::NotTested, |s| s.verdict),
        at_fault: verdict
            .map(|s| s.at_fault.iter().map(|id| name_of(id)).collect())
            .unwrap_or_default(),
        replay: format!("shikaku replay {}", line.replay),
        steps: line.steps.iter().map(|[ja, en]| said(ja, en)).collect(),
        findings: findings
            .iter()
            .map(|finding| FindingPart {
                waiver: waiver_of(finding, &judgement.waivers),
                advice: advice(finding, &findings),
                ..finding_part(finding)
            })
            .collect(),
        bed_errors: judgement
            .bed_errors
            .iter()
            .filter(|bed| bed.scenario == line.id)
            .map(|bed| bed.error.clone())
            .collect(),
        look_first: look_first(records, &findings),
        records: records.len(),
    }
}

/// What to do next. What was left open beside a failure usually follows from it, so that is mended first.
fn advice(finding: &Finding, findings: &[&Finding]) -> Option<Text> {
    let mut failed: Vec<&str> = Vec::new();
    for other in findings.iter().filter(|f| f.verdict == Verdict::Fail) {
        if !failed.contains(&other.requirement.as_str()) {
            failed.push(&other.requirement);
        }
    }
    if finding.verdict != Verdict::Inconclusive || failed.is_empty() {
        return finding.advice.clone();
    }
    let own = finding.advice.clone().unwrap_or_default();
    Some(said(
        format!(
            "まず {} の違反を直し、もう一度試験する。{}",
            failed.join("、"),
            own.ja
        ),
        format!(
            "First mend {} and play it again. {}",
            failed.join(", "),
            own.en
        )
        .trim_end(),
    ))
}

/// The name of the waiver that covers a waived finding.
fn waiver_of(finding: &Finding, waivers: &[WaiverVerdict]) -> Option<String> {
    let covers = |line: &&WaiverVerdict| {
        let (scenario, role) = (&finding.scenario, &finding.role);
        line.waiver.requirement == finding.requirement
            && line.covers.iter().any(|(s, r)| s == scenario && r == role)
    };
    let waived = finding.verdict == Verdict::Waived;
    let line = waivers.iter().find(covers).filter(|_| waived)?;
    Some(line.waiver.id.clone())
}

pub(crate) fn finding_part(finding: &Finding) -> FindingPart {
    FindingPart {
        waiver: None,
        requirement: finding.requirement.clone(),
        role: name_of(&finding.role),
        verdict: finding.verdict,
        at_fault: finding.at_fault.as_deref().map(name_of),
        expected: finding.expected.clone(),
        actual: finding.actual.clone(),
        advice: finding.advice.clone(),
        rests_on: finding.rests_on.clone(),
    }
}

fn lacking(row: &Untested, catalogue: &Catalogue) -> UntestedPart {
    let known = catalogue.get(&row.id);
    let roles = |requirement: &Requirement| {
        requirement
            .roles
            .iter()
            .map(|role: &Role| name_of(role.name()))
            .collect()
    };
    UntestedPart {
        id: row.id.clone(),
        level: known.map(|requirement| match requirement.level {
            Level::Must => "MUST".to_owned(),
            Level::Should => "SHOULD".to_owned(),
        }),
        roles: known.map(roles).unwrap_or_default(),
        title: known
            .map(|requirement| said(&requirement.ja, &requirement.en))
            .unwrap_or_default(),
        reason: said(&row.reason.ja, &row.reason.en),
    }
}

/// What a vendor's statement leaves out is no longer untested for the roles it names.
fn still_bound(mut row: UntestedPart, run: &Run) -> Option<UntestedPart> {
    let bound = row.roles.len();
    row.roles.retain(|role| {
        let mut statements = run.statements.iter();
        !statements.any(|s| s.requirement == row.id && s.role == role.id)
    });
    (!row.roles.is_empty() || bound == 0).then_some(row)
}

fn waiver_part(line: &WaiverVerdict) -> WaiverPart {
    let waiver = &line.waiver;
    WaiverPart {
        id: waiver.id.clone(),
        requirement: waiver.requirement.clone(),
        role: waiver.role.as_deref().map(name_of),
        scenario: waiver.scenario.clone(),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        expires: waiver.expires.clone(),
        state: line.state,
        covers: line
            .covers
            .iter()
            .map(|(scenario, role)| CoveredPart {
                scenario: scenario.clone(),
                role: name_of(role),
            })
            .collect(),
    }
}

fn statement_part(line: &Statement) -> StatementPart {
    StatementPart {
        requirement: line.requirement.clone(),
        role: name_of(&line.role),
        statement: line.statement.clone(),
    }
}

fn bed_errors(judgement: &Judgement) -> Vec<Bed> {
    judgement
        .bed_errors
        .iter()
        .map(|bed| Bed {
            scenario: bed.scenario.clone(),
            error: bed.error.clone(),
        })
        .collect()
}

fn profile_part(name: &str, value: &str, profile: &Profile) -> ProfilePart {
    let known = profile.parameters.iter().find(|p| p.name == name);
    ProfilePart {
        name: name.to_owned(),
        value: value.to_owned(),
        usual: known.map(|parameter| parameter.value.clone()),
        meaning: match known {
            Some(parameter) => said(&parameter.ja, &parameter.en),
            None => said("この版の知らない値", "A value this version does not know"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_page_says_who_is_at_fault_and_what_is_missing() {
        let page = testing::page();
        assert_eq!(
            page.headline.en,
            "1 requirement broken; at fault: card reader"
        );
        assert_eq!(
            page.missing.en,
            "Missing for the certificate: 2 faults of the bed to mend, 1 requirement broken, 1 requirement inconclusive, 1 requirement not tested, no check yet"
        );
        let roles: Vec<_> = page
            .roles
            .iter()
            .map(|r| {
                (
                    r.role.id.as_str(),
                    r.failed.join(" "),
                    r.open.join(" "),
                    r.untested,
                )
            })
            .collect();
        assert_eq!(
            roles,
            [
                ("reader", "LIFE-01".into(), String::new(), 0),
                ("eligibility-server", String::new(), "PKI-07".into(), 1),
            ]
        );
        let gaps: Vec<_> = page
            .gaps()
            .map(|r| (r.id.as_str(), r.verdict, r.unjudged[0].id.as_str()))
            .collect();
        assert_eq!(
            gaps,
            [
                ("LIFE-01", Verdict::Fail, "terminal"),
                ("SEC-03", Verdict::NotTested, "terminal")
            ]
        );
    }

    #[test]
    fn every_verdict_has_its_headline() {
        let (mut judgement, _) = testing::sample();
        for (verdict, words) in [
            (Verdict::Pass, "is met"),
            (Verdict::Waived, "but for 0 requirements waived"),
            (Verdict::Fail, "at fault: card reader"),
            (Verdict::Inconclusive, "1 requirement is inconclusive"),
            (Verdict::NotTested, "inconclusive"),
            (Verdict::BedError, "nothing is said about the product"),
        ] {
            judgement.verdict = verdict;
            let said = headline(&judgement);
            assert!(said.en.contains(words) && !said.ja.is_empty(), "{said:?}");
        }
    }

    #[test]
    fn records_carry_their_marks_and_views() {
        let page = testing::page();
        let scenario = &page.scenarios[1];
        assert_eq!(
            scenario.look_first,
            Some(5),
            "the screen of the reader at fault"
        );
        assert_eq!(
            scenario.replay,
            "shikaku replay 1-expires-soon-18446744073709551615"
        );
    }

    #[test]
    fn what_was_left_open_beside_a_failure_says_what_to_mend_first() {
        let (mut judgement, evidence) = testing::sample();
        judgement.findings[3].scenario = "expires-soon".into();
        let page = Page::build(&judgement, &evidence, &[]).unwrap();
        let advice = |id: &str| {
            let of = |f: &&FindingPart| f.requirement == id && f.advice.is_some();
            let found = page.scenarios[1].findings.iter().find(of);
            found.unwrap().advice.clone().unwrap().en
        };
        assert_eq!(
            advice("PKI-07"),
            "First mend LIFE-01 and play it again. Check the OCSP address."
        );
        assert_eq!(advice("LIFE-01"), "Choose the screen by the result code.");
    }

    #[test]
    fn a_verdict_on_a_requirement_the_run_did_not_name_is_shown_too() {
        let (mut judgement, evidence) = testing::sample();
        judgement.run.requirements.retain(|r| r.id != "LIFE-01");
        let page = Page::build(&judgement, &evidence, &[]).unwrap();
        let last = page.requirements.last().unwrap();
        assert_eq!((last.id.as_str(), last.verdict), ("LIFE-01", Verdict::Fail));
        assert_eq!((last.ja.as_str(), last.by_role.len()), ("更新案内", 2));
    }

    #[test]
    fn profile_values_are_explained() {
        let page = testing::page();
        let told: Vec<_> = page
            .profile
            .iter()
            .map(|p| (p.name.as_str(), p.value.as_str(), p.usual.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("grace_end", "same_day", Some("month_end")),
                ("of_tomorrow", "1", None)
            ]
        );
        assert!(page.profile[0].meaning.ja.contains("猶予"));
    }
}
