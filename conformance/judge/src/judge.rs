//! From evidence to a judgement: every rule on every scenario, then the worst of what was said, by
//! scenario, by requirement and role, by role, and for the run. Incomplete never looks whole.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Evidence, Reading, Run, ScenarioLine};

use crate::finding::t;
use crate::{
    BedError, Case, Finding, Judgement, RequirementVerdict, RoleVerdict, Rule, ScenarioVerdict, Text, Verdict, rules,
};

/// Judges a run from what was read of its evidence. Damage is the bed's error, never the product's.
pub fn judge(reading: &Reading) -> Judgement {
    let run = &reading.evidence.run;
    let mut bed_errors: Vec<BedError> = Vec::new();
    for (scenario, damage) in &reading.damage {
        bed_errors.push(BedError { scenario: scenario.clone(), error: damage.to_string() });
    }
    let mut findings = Vec::new();
    for line in &run.scenarios {
        match of_scenario(&reading.evidence, line, &mut bed_errors) {
            Some(found) => findings.extend(found),
            None => findings.extend(tagged(run, line, Verdict::BedError, &unplayed())),
        }
    }
    let requirements = by_requirement(run, &findings);
    let scenarios = run.scenarios.iter().map(|line| of_line(line, &findings, &bed_errors)).collect();
    let verdict = overall(&requirements, &bed_errors);
    Judgement {
        run: run.clone(),
        evidence: reading.evidence.digest.clone(),
        roles: by_role(run, &requirements),
        findings,
        requirements,
        scenarios,
        bed_errors,
        verdict,
    }
}

/// Findings of one scenario; none when the bed could not play or keep it.
fn of_scenario(evidence: &Evidence, line: &ScenarioLine, bed_errors: &mut Vec<BedError>) -> Option<Vec<Finding>> {
    let damaged = bed_errors.iter().any(|e| e.scenario == line.id);
    let Some(records) = evidence.scenario(&line.id) else {
        if !damaged {
            let error = "run.json names this scenario, but its records are not there; play the run again".to_owned();
            bed_errors.push(BedError { scenario: line.id.clone(), error });
        }
        return None;
    };
    let case = Case::read(line, records, &evidence.run);
    for error in &case.facts.bed {
        bed_errors.push(BedError { scenario: line.id.clone(), error: error.clone() });
    }
    if damaged || !case.facts.bed.is_empty() {
        return None;
    }
    let mut findings: Vec<Finding> = rules().iter().flat_map(|rule| (rule.check)(&case)).collect();
    let silent: BTreeSet<&str> = findings.iter().map(|f| f.requirement.as_str()).collect();
    let mut unheard = line.clone();
    unheard.requirements.retain(|id| !silent.contains(id.as_str()));
    findings.extend(tagged(&evidence.run, &unheard, Verdict::Inconclusive, &untouched()));
    findings.sort_by_key(|f| (f.requirement.clone(), f.role.clone(), f.rests_on.first().map_or(0, |q| q.seq)));
    Some(findings)
}

fn untouched() -> Text {
    t(
        "このシナリオの記録には、この要件を判定できるものがなかった",
        "Nothing in this scenario's records lets this requirement be judged.",
    )
}

fn unplayed() -> Text {
    t(
        "試験台の誤り、または証拠の損傷のため、このシナリオからは何も言えない",
        "The bed failed or its evidence is damaged: this scenario proves nothing.",
    )
}

fn rule(id: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.id == id)
}

/// Roles a tagged requirement should have judged in a scenario.
fn due_roles(run: &Run, line: &ScenarioLine, id: &str) -> Vec<String> {
    let listed = run.requirements.iter().find(|r| r.id == id).map(|r| r.roles.clone()).unwrap_or_default();
    let can: Vec<String> = rule(id).map_or(listed, |r| r.roles.iter().map(|r| (*r).to_owned()).collect());
    let exercised: Vec<String> = can.iter().filter(|role| line.roles.contains(role)).cloned().collect();
    if exercised.is_empty() { can } else { exercised }
}

/// One finding for each tagged requirement and role that could not be judged.
fn tagged(run: &Run, line: &ScenarioLine, verdict: Verdict, actual: &Text) -> Vec<Finding> {
    let at_fault = (verdict == Verdict::BedError).then(|| "bed".to_owned());
    let advice = t(
        "このシナリオをもう一度実行し、手順と記録を確かめる",
        "Play this scenario again and compare its steps with what was recorded.",
    );
    let of = |id: &String, role: String| Finding {
        requirement: id.clone(),
        role,
        scenario: line.id.clone(),
        verdict,
        at_fault: at_fault.clone(),
        expected: rule(id).map_or_else(Text::default, |r| t(r.clause.0, r.clause.1)),
        actual: actual.clone(),
        advice: Some(advice.clone()),
        rests_on: Vec::new(),
    };
    let ids = line.requirements.iter();
    let mut findings: Vec<Finding> =
        ids.flat_map(|id| due_roles(run, line, id).into_iter().map(move |role| of(id, role))).collect();
    findings.sort_by_key(|f| (f.requirement.clone(), f.role.clone()));
    findings
}

fn level(run: &Run, id: &str) -> String {
    run.requirements.iter().find(|r| r.id == id).map_or_else(|| "MUST".to_owned(), |r| r.level.clone())
}

fn by_requirement(run: &Run, findings: &[Finding]) -> Vec<RequirementVerdict> {
    let mut pairs: BTreeMap<(String, String), (Verdict, Vec<String>)> = BTreeMap::new();
    for line in &run.scenarios {
        for id in &line.requirements {
            for role in due_roles(run, line, id).into_iter().filter(|role| line.roles.contains(role)) {
                pairs.entry((id.clone(), role)).or_insert((Verdict::NotTested, Vec::new()));
            }
        }
    }
    for finding in findings {
        let key = (finding.requirement.clone(), finding.role.clone());
        let (verdict, scenarios) = pairs.entry(key).or_insert((finding.verdict, Vec::new()));
        let first = scenarios.is_empty();
        *verdict = if first { finding.verdict } else { finding.verdict.max(*verdict) };
        if !scenarios.contains(&finding.scenario) {
            scenarios.push(finding.scenario.clone());
        }
    }
    let line = |((requirement, role), (verdict, scenarios)): ((String, String), (Verdict, Vec<String>))| {
        let level = level(run, &requirement);
        RequirementVerdict { requirement, role, level, verdict, scenarios }
    };
    pairs.into_iter().map(line).collect()
}

fn of_line(line: &ScenarioLine, findings: &[Finding], bed_errors: &[BedError]) -> ScenarioVerdict {
    let own: Vec<&Finding> = findings.iter().filter(|f| f.scenario == line.id).collect();
    let broken = bed_errors.iter().any(|e| e.scenario == line.id);
    let worst = own.iter().map(|f| f.verdict).max().unwrap_or(Verdict::NotTested);
    let mut at_fault: BTreeSet<String> = own.iter().filter_map(|f| f.at_fault.clone()).collect();
    if broken {
        at_fault.insert("bed".to_owned());
    }
    ScenarioVerdict {
        scenario: line.id.clone(),
        verdict: if broken { Verdict::BedError } else { worst },
        at_fault: at_fault.into_iter().collect(),
    }
}

fn by_role(run: &Run, requirements: &[RequirementVerdict]) -> Vec<RoleVerdict> {
    let played = run.products.iter().map(|p| p.role.clone());
    let roles: BTreeSet<String> = played.chain(requirements.iter().map(|r| r.role.clone())).collect();
    let of = |role: String| {
        let own: Vec<&RequirementVerdict> = requirements.iter().filter(|r| r.role == role).collect();
        let must = own.iter().filter(|r| r.level == "MUST").map(|r| r.verdict).max();
        let judged = own.iter().filter(|r| !r.scenarios.is_empty()).count();
        RoleVerdict { verdict: must.unwrap_or(Verdict::NotTested), judged, role }
    };
    roles.into_iter().map(of).collect()
}

fn overall(requirements: &[RequirementVerdict], bed_errors: &[BedError]) -> Verdict {
    if !bed_errors.is_empty() {
        return Verdict::BedError;
    }
    let must = requirements.iter().filter(|r| r.level == "MUST").map(|r| r.verdict);
    must.max().unwrap_or(Verdict::NotTested)
}
