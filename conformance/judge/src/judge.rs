//! From evidence to a judgement: every rule on every scenario, then the worst of what was said, by
//! scenario, by requirement and role, by role, and for the run. Incomplete never looks whole.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Evidence, Reading, Run, ScenarioLine};
use rayon::prelude::*;

use crate::exceptions::{self, Exceptions};
use crate::finding::t;
use crate::{
    BedError, Case, Finding, Judgement, RequirementVerdict, RoleVerdict, Rule, ScenarioVerdict,
    Text, Verdict, WaiverVerdict, rules,
};

/// Judges a run from what was read of its evidence. Damage is the bed's error, never the product's.
pub fn judge(reading: &Reading) -> Judgement {
    decide(reading, &reading.evidence.run, false)
}

/// The same with waivers or statements handed in anew, in place of those the run was made with.
pub fn judge_with(reading: &Reading, exceptions: &Exceptions) -> Judgement {
    let mut run = reading.evidence.run.clone();
    exceptions.put_into(&mut run);
    decide(reading, &run, !exceptions.is_empty())
}

fn decide(reading: &Reading, run: &Run, exceptions_replaced: bool) -> Judgement {
    let mut bed_errors: Vec<BedError> = Vec::new();
    for (scenario, damage) in &reading.damage {
        bed_errors.push(BedError {
            scenario: scenario.clone(),
            error: damage.to_string(),
        });
    }
    let damaged: BTreeSet<&str> = reading.damage.iter().map(|(id, _)| id.as_str()).collect();
    // No scenario knows another, so they may be judged at once; what is said stays in the order of the run.
    let judged: Vec<_> = run
        .scenarios
        .par_iter()
        .map(|line| of_scenario(&reading.evidence, line, damaged.contains(line.id.as_str())))
        .collect();
    let mut findings = Vec::new();
    for (line, judged) in run.scenarios.iter().zip(judged) {
        match judged {
            Ok(found) => findings.extend(found),
            Err(errors) => {
                bed_errors.extend(errors);
                findings.extend(tagged(run, line, Verdict::BedError, &unplayed()));
            }
        }
    }
    exceptions::declare(run, &mut findings, &mut bed_errors);
    let waivers = exceptions::waive(run, &mut findings);
    let requirements = by_requirement(run, &findings);
    let scenarios = run
        .scenarios
        .iter()
        .map(|line| of_line(line, &findings, &bed_errors))
        .collect();
    let verdict = overall(&requirements, &bed_errors, &waivers);
    Judgement {
        run: run.clone(),
        evidence: reading.evidence.digest.clone(),
        roles: by_role(run, &requirements),
        findings,
        requirements,
        scenarios,
        bed_errors,
        waivers,
        exceptions_replaced,
        verdict,
    }
}

/// Findings of one scenario, or what went wrong with the bed that played or kept it; damage is told elsewhere.
fn of_scenario(
    evidence: &Evidence,
    line: &ScenarioLine,
    damaged: bool,
) -> Result<Vec<Finding>, Vec<BedError>> {
    let bed = |error: &str| BedError {
        scenario: line.id.clone(),
        error: error.to_owned(),
    };
    let Some(records) = evidence.scenario(&line.id) else {
        let gone =
            "run.json names this scenario, but its records are not there; play the run again";
        return Err(if damaged { vec![] } else { vec![bed(gone)] });
    };
    let case = Case::read(line, records, &evidence.run);
    if damaged || !case.facts.bed.is_empty() {
        return Err(case.facts.bed.iter().map(|error| bed(error)).collect());
    }
    let mut findings: Vec<Finding> = rules()
        .iter()
        .flat_map(|rule| (rule.check)(&case))
        .collect();
    let silent: BTreeSet<&str> = findings.iter().map(|f| f.requirement.as_str()).collect();
    let mut unheard = line.clone();
    unheard
        .requirements
        .retain(|id| !silent.contains(id.as_str()));
    findings.extend(tagged(
        &evidence.run,
        &unheard,
        Verdict::Inconclusive,
        &untouched(),
    ));
    findings.sort_by_key(|f| {
        (
            f.requirement.clone(),
            f.role.clone(),
            f.rests_on.first().map_or(0, |q| q.seq),
        )
    });
    Ok(findings)
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
    let listed = run
        .requirements
        .iter()
        .find(|r| r.id == id)
        .map(|r| r.roles.clone())
        .unwrap_or_default();
    let can: Vec<String> = rule(id).map_or(listed, |r| {
        r.roles.iter().map(|r| (*r).to_owned()).collect()
    });
    let exercised: Vec<String> = can
        .iter()
        .filter(|role| line.roles.contains(role))
        .cloned()
        .collect();
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
    let mut findings: Vec<Finding> = ids
        .flat_map(|id| {
            due_roles(run, line, id)
                .into_iter()
                .map(move |role| of(id, role))
        })
        .collect();
    findings.sort_by_key(|f| (f.requirement.clone(), f.role.clone()));
    findings
}

fn level(run: &Run, id: &str) -> String {
    run.requirements
        .iter()
        .find(|r| r.id == id)
        .map_or_else(|| "MUST".to_owned(), |r| r.level.clone())
}

fn by_requirement(run: &Run, findings: &[Finding]) -> Vec<RequirementVerdict> {
    let mut pairs: BTreeMap<(String, String), (Verdict, Vec<String>)> = BTreeMap::new();
    for line in &run.scenarios {
        for id in &line.requirements {
            for role in due_roles(run, line, id)
                .into_iter()
                .filter(|role| line.roles.contains(role))
            {
                pairs
                    .entry((id.clone(), role))
                    .or_insert((Verdict::NotTested, Vec::new()));
            }
        }
    }
    for finding in findings {
        let key = (finding.requirement.clone(), finding.role.clone());
        let (verdict, scenarios) = pairs.entry(key).or_insert((finding.verdict, Vec::new()));
        let first = scenarios.is_empty();
        *verdict = if first {
            finding.verdict
        } else {
            finding.verdict.max(*verdict)
        };
        if !scenarios.contains(&finding.scenario) {
            scenarios.push(finding.scenario.clone());
        }
    }
    for left_out in &run.statements {
        let key = (left_out.requirement.clone(), left_out.role.clone());
        let silent = pairs
            .get(&key)
            .is_none_or(|(_, scenarios)| scenarios.is_empty());
        if silent && exceptions::may_be_left_out(run, left_out) {
            pairs.insert(key, (Verdict::NotApplicable, Vec::new()));
        }
    }
    if run.part {
        let reached: BTreeSet<&String> = findings.iter().map(|f| &f.requirement).collect();
        pairs.retain(|(id, _), (verdict, scenarios)| {
            *verdict == Verdict::NotApplicable || !scenarios.is_empty() || !reached.contains(id)
        });
    }
    let line = |((requirement, role), (verdict, scenarios)): (
        (String, String),
        (Verdict, Vec<String>),
    )| {
        let level = level(run, &requirement);
        RequirementVerdict {
            requirement,
            role,
            level,
            verdict,
            scenarios,
        }
    };
    pairs.into_iter().map(line).collect()
}

fn of_line(line: &ScenarioLine, findings: &[Finding], bed_errors: &[BedError]) -> ScenarioVerdict {
    let own: Vec<&Finding> = findings.iter().filter(|f| f.scenario == line.id).collect();
    let broken = bed_errors.iter().any(|e| e.scenario == line.id);
    let worst = own
        .iter()
        .map(|f| f.verdict)
        .max()
        .unwrap_or(Verdict::NotTested);
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
    let roles: BTreeSet<String> = played
        .chain(requirements.iter().map(|r| r.role.clone()))
        .collect();
    let of = |role: String| {
        let own: Vec<&RequirementVerdict> =
            requirements.iter().filter(|r| r.role == role).collect();
        let must = own
            .iter()
            .filter(|r| r.level == "MUST")
            .map(|r| r.verdict)
            .max();
        let judged = own.iter().filter(|r| !r.scenarios.is_empty()).count();
        RoleVerdict {
            verdict: must.unwrap_or(Verdict::NotTested),
            judged,
            role,
        }
    };
    roles.into_iter().map(of).collect()
}

/// The worst MUST. A waiver nobody needs, or that holds no longer, fails the run though no product did.
fn overall(
    requirements: &[RequirementVerdict],
    bed_errors: &[BedError],
    waivers: &[WaiverVerdict],
) -> Verdict {
    if !bed_errors.is_empty() {
        return Verdict::BedError;
    }
    if waivers.iter().any(|line| line.state.fails()) {
        return Verdict::Fail;
    }
    let must = requirements
        .iter()
        .filter(|r| r.level == "MUST")
        .map(|r| r.verdict);
    must.max().unwrap_or(Verdict::NotTested)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WaiverState;
    use crate::testing::{Answer, Play, Scene};
    use evidence::{Damage, Fact, ScenarioRecords};

    fn tagged_scene(ids: &[&str], play: &Play) -> Scene {
        let mut scene = Scene::registered();
        scene.line.requirements = ids.iter().map(|id| (*id).to_owned()).collect();
        scene.visit(play);
        scene
    }

    /// A run of several scenarios, named a, b, …
    fn reading(scenes: &[Scene]) -> Reading {
        let mut run = scenes[0].run.clone();
        let mut all = Vec::new();
        for (scene, id) in scenes.iter().zip(["a", "b", "c"]) {
            run.scenarios.push(ScenarioLine {
                id: id.into(),
                ..scene.line.clone()
            });
            all.push(ScenarioRecords {
                id: id.into(),
                ..scene.records.clone()
            });
        }
        Reading {
            evidence: Evidence::from_parts(run, all),
            damage: vec![],
        }
    }

    fn of<'a>(judged: &'a Judgement, id: &str, role: &str) -> &'a RequirementVerdict {
        judged
            .requirements
            .iter()
            .find(|r| r.requirement == id && r.role == role)
            .unwrap()
    }

    #[test]
    fn the_worse_verdict_wins() {
        let fine = tagged_scene(&["ELIG-01"], &Play::default());
        let bad = tagged_scene(
            &["ELIG-01"],
            &Play {
                answer: Answer::refused("SIM-E302"),
                last: ("REFUSED", &["資格がまだ登録されていません。"]),
                chart: None,
                ..Play::default()
            },
        );
        let judged = judge(&reading(&[fine, bad]));
        let found = of(&judged, "ELIG-01", "eligibility-server");
        assert_eq!(
            (found.verdict, found.scenarios.len(), found.level.as_str()),
            (Verdict::Fail, 2, "MUST")
        );
        let scenarios: Vec<_> = judged
            .scenarios
            .iter()
            .map(|s| (s.verdict, s.at_fault.join(",")))
            .collect();
        assert_eq!(
            scenarios,
            [
                (Verdict::Pass, String::new()),
                (Verdict::Fail, "eligibility-server".into())
            ]
        );
        let server = judged
            .roles
            .iter()
            .find(|r| r.role == "eligibility-server")
            .unwrap();
        let reader = judged.roles.iter().find(|r| r.role == "reader").unwrap();
        assert_eq!(
            (server.verdict, reader.verdict, judged.verdict),
            (Verdict::Fail, Verdict::Pass, Verdict::Fail)
        );
        assert!(server.judged > 3);
    }

    #[test]
    fn a_tag_without_anything_to_judge_is_inconclusive() {
        let judged = judge(&reading(&[tagged_scene(
            &["LIFE-03", "AUTH-05"],
            &Play::default(),
        )]));
        let open: Vec<_> = judged
            .findings
            .iter()
            .filter(|f| f.verdict == Verdict::Inconclusive)
            .collect();
        let ids: Vec<_> = open
            .iter()
            .map(|f| (f.requirement.as_str(), f.role.as_str()))
            .collect();
        assert_eq!(
            ids,
            [
                ("AUTH-05", "reader"),
                ("LIFE-03", "eligibility-server"),
                ("LIFE-03", "reader")
            ]
        );
        assert!(
            open.iter()
                .all(|f| f.advice.is_some() && !f.expected.en.is_empty())
        );
        assert_eq!(judged.verdict, Verdict::Inconclusive);
    }

    #[test]
    fn a_role_never_given_a_chance_is_not_tested() {
        let mut scene = tagged_scene(
            &["SEC-03"],
            &Play {
                chart: None,
                ..Play::default()
            },
        );
        let judged = judge(&reading(&[scene]));
        assert_eq!(
            of(&judged, "SEC-03", "receipt-computer").verdict,
            Verdict::NotTested
        );
        assert_eq!(of(&judged, "SEC-03", "terminal").verdict, Verdict::Pass);
        assert_eq!(judged.verdict, Verdict::NotTested);
        scene = tagged_scene(
            &["SEC-03"],
            &Play {
                chart: None,
                ..Play::default()
            },
        );
        scene.line.roles.retain(|role| role != "receipt-computer");
        assert_eq!(
            judge(&reading(&[scene])).verdict,
            Verdict::Pass,
            "no scenario exercises it"
        );
    }

    #[test]
    fn a_should_is_listed_and_does_not_block() {
        let play = Play {
            answer: Answer::refused("SIM-E302"),
            chart: None,
            ..Play::default()
        };
        let mut scene = tagged_scene(&["ELIG-01"], &play);
        scene
            .run
            .requirements
            .iter_mut()
            .for_each(|r| r.level = "SHOULD".into());
        scene
            .run
            .requirements
            .iter_mut()
            .filter(|r| r.id == "SEC-03")
            .for_each(|r| r.level = "MUST".into());
        let judged = judge(&reading(&[scene]));
        assert_eq!(
            of(&judged, "ELIG-01", "eligibility-server").verdict,
            Verdict::Fail
        );
        let server = judged
            .roles
            .iter()
            .find(|r| r.role == "eligibility-server")
            .unwrap();
        assert_eq!(
            (server.verdict, judged.verdict),
            (Verdict::Pass, Verdict::Pass)
        );
    }

    fn waiver(id: &str, requirement: &str) -> evidence::Waiver {
        evidence::Waiver {
            id: id.into(),
            requirement: requirement.into(),
            role: None,
            scenario: None,
            reason: "known".into(),
            owner: "somebody".into(),
            expires: "2999-12-31".into(),
        }
    }

    /// Two scenarios in which the server alone breaks ELIG-01, and what they give under waivers.
    fn waived(waivers: Vec<evidence::Waiver>, part: bool) -> Judgement {
        let refused = || Play {
            answer: Answer::refused("SIM-E302"),
            chart: None,
            ..Play::default()
        };
        let mut all = reading(&[
            tagged_scene(&["ELIG-01"], &refused()),
            tagged_scene(&["ELIG-01"], &refused()),
        ]);
        all.evidence.run.waivers = waivers;
        all.evidence.run.part = part;
        judge(&all)
    }

    /// A waiver for each requirement those scenarios break.
    fn needed() -> Vec<evidence::Waiver> {
        let broken: BTreeSet<_> = waived(vec![], false)
            .findings
            .into_iter()
            .filter(|f| f.verdict == Verdict::Fail)
            .map(|f| f.requirement)
            .collect();
        assert!(broken.contains("ELIG-01"), "{broken:?}");
        let named = |id: &String| waiver(&format!("W-{id}"), id);
        broken.iter().map(named).collect()
    }

    #[test]
    fn a_waiver_covers_what_it_names_and_no_more() {
        let all = needed();
        let judged = waived(all.clone(), false);
        assert_eq!((judged.verdict, judged.exit_code()), (Verdict::Waived, 0));
        assert!(judged.waivers.iter().all(|w| w.state == WaiverState::Used));
        assert_eq!(judged.scenarios[0].verdict, Verdict::Waived);
        let server = judged.roles.iter().find(|r| r.role == "eligibility-server");
        assert_eq!(server.unwrap().verdict, Verdict::Waived);
        let kept = judged
            .findings
            .iter()
            .find(|f| f.verdict == Verdict::Waived)
            .unwrap();
        assert!(
            kept.at_fault.is_some() && kept.advice.is_some(),
            "nothing is forgotten"
        );

        let mut narrow = all.clone();
        narrow
            .iter_mut()
            .for_each(|w| w.scenario = Some("a".into()));
        let judged = waived(narrow, false);
        assert_eq!((judged.verdict, judged.exit_code()), (Verdict::Fail, 1));
        let verdicts: Vec<_> = judged.scenarios.iter().map(|s| s.verdict).collect();
        assert_eq!(verdicts, [Verdict::Waived, Verdict::Fail]);
        assert!(
            judged
                .waivers
                .iter()
                .all(|w| w.covers.iter().all(|(id, _)| id == "a"))
        );
    }

    #[test]
    fn a_waiver_nobody_needs_or_that_is_over_fails_the_run() {
        let broken = needed();
        let edition = reading(&[Scene::bare()]).evidence.run.edition;
        type Change = fn(&mut evidence::Waiver, &str);
        let cases: [(Change, bool, WaiverState, u8); 9] = [
            (
                |w, today| w.expires = today.into(),
                false,
                WaiverState::Used,
                0,
            ),
            (
                |w, _| w.expires = "2001-01-01".into(),
                false,
                WaiverState::Expired,
                2,
            ),
            (
                |w, _| w.expires = "zzzz-12-31".into(),
                false,
                WaiverState::Expired,
                2,
            ),
            (
                |w, _| w.expires = "2999-02-30".into(),
                false,
                WaiverState::Expired,
                2,
            ),
            (
                |w, _| w.role = Some("insurer".into()),
                false,
                WaiverState::Unused,
                2,
            ),
            (
                |w, _| w.scenario = Some("elsewhere".into()),
                false,
                WaiverState::Unused,
                2,
            ),
            (
                |w, _| w.scenario = Some("elsewhere".into()),
                true,
                WaiverState::NotReached,
                1,
            ),
            (
                |w, _| w.requirement = "NO-SUCH".into(),
                false,
                WaiverState::Unused,
                2,
            ),
            (
                |w, _| w.requirement = "NO-SUCH".into(),
                true,
                WaiverState::NotReached,
                1,
            ),
        ];
        for (place, (change, part, state, code)) in cases.into_iter().enumerate() {
            let mut waivers = broken.clone();
            waivers.iter_mut().for_each(|w| change(w, &edition));
            let judged = waived(waivers, part);
            assert!(
                judged.waivers.iter().all(|w| w.state == state),
                "{place}: {:?}",
                judged.waivers
            );
            let fails = if code == 0 {
                Verdict::Waived
            } else {
                Verdict::Fail
            };
            assert_eq!(
                (judged.verdict, judged.exit_code()),
                (fails, code),
                "{place}"
            );
        }
        let mut idle = broken.clone();
        idle.push(waiver("W-again", &broken[0].requirement));
        let judged = waived(idle, false);
        assert_eq!((judged.verdict, judged.exit_code()), (Verdict::Fail, 2));
        assert!(
            judged
                .requirements
                .iter()
                .all(|r| r.verdict != Verdict::Fail)
        );
        let ids: Vec<_> = judged
            .idle_waivers()
            .map(|w| w.waiver.id.as_str())
            .collect();
        assert_eq!(
            ids,
            ["W-again"],
            "what another waiver covers needs no second"
        );
    }

    #[test]
    fn a_statement_leaves_out_a_should_and_never_a_must() {
        let play = Play {
            answer: Answer::refused("SIM-E302"),
            chart: None,
            ..Play::default()
        };
        let left_out = |level: &str, requirement: &str| {
            let mut scene = tagged_scene(&["ELIG-01"], &play);
            scene
                .run
                .requirements
                .iter_mut()
                .for_each(|r| r.level = level.into());
            scene.run.statements = vec![evidence::Statement {
                requirement: requirement.into(),
                role: "eligibility-server".into(),
                statement: "Not in this model.".into(),
            }];
            judge(&reading(&[scene]))
        };
        let judged = left_out("SHOULD", "ELIG-01");
        let line = of(&judged, "ELIG-01", "eligibility-server");
        assert_eq!(line.verdict, Verdict::NotApplicable);
        let own: Vec<_> = judged
            .findings
            .iter()
            .filter(|f| f.requirement == "ELIG-01" && f.role == "eligibility-server")
            .collect();
        assert!(!own.is_empty() && own.iter().all(|f| f.at_fault.is_none()));
        let judged = left_out("SHOULD", "CARD-01");
        assert_eq!(
            of(&judged, "CARD-01", "eligibility-server").verdict,
            Verdict::NotApplicable,
            "what nobody judged is left out all the same"
        );
        let judged = left_out("MUST", "ELIG-01");
        assert_eq!((judged.verdict, judged.exit_code()), (Verdict::BedError, 3));
        assert!(
            judged.bed_errors[0]
                .error
                .contains("No statement is taken of a MUST")
        );
        assert_eq!(
            of(&judged, "ELIG-01", "eligibility-server").verdict,
            Verdict::Fail
        );
    }

    #[test]
    fn what_does_not_apply_gives_way() {
        let [na, pass, fail] = [Verdict::NotApplicable, Verdict::Pass, Verdict::Fail];
        assert_eq!([na, pass].into_iter().max(), Some(pass));
        assert_eq!([na, fail].into_iter().max(), Some(fail));
    }

    #[test]
    fn what_the_bed_spoilt_proves_nothing() {
        let mut stuck = tagged_scene(
            &["ELIG-01"],
            &Play {
                answer: Answer::refused("SIM-E302"),
                ..Play::default()
            },
        );
        stuck.declare(Fact::BedError {
            step: "カードを置く".into(),
            error: "no slot".into(),
        });
        let mut poor = tagged_scene(&["ELIG-01"], &Play::default());
        poor.records.records[0].at = "yesterday".into();
        let judged = judge(&reading(&[
            tagged_scene(&["ELIG-01"], &Play::default()),
            stuck,
            poor,
        ]));
        let errors: Vec<_> = judged
            .bed_errors
            .iter()
            .map(|e| (e.scenario.as_str(), e.error.as_str()))
            .collect();
        assert_eq!(
            errors,
            [
                ("b", "step \"カードを置く\": no slot"),
                ("c", "record 1: no instant in \"yesterday\"")
            ]
        );
        assert_eq!(
            of(&judged, "ELIG-01", "eligibility-server").verdict,
            Verdict::BedError
        );
        assert!(
            judged.findings.iter().all(|f| f.verdict != Verdict::Fail),
            "the spoilt one convicts nobody"
        );
        assert_eq!(judged.scenarios[1].at_fault, ["bed"]);
        assert_eq!(
            (judged.verdict, judged.verdict.exit_code()),
            (Verdict::BedError, 3)
        );
    }

    #[test]
    fn a_part_need_not_reach_every_role_and_the_whole_must() {
        // REG-05 is judged nowhere here; ELIG-19 is judged, but not for the receipt computer.
        let untouched = |part: bool| -> Vec<(String, String)> {
            let unseen = Play {
                chart: None,
                ..Play::default()
            };
            let mut scene = tagged_scene(&["ELIG-19", "REG-05"], &unseen);
            scene.run.part = part;
            let roles = ["receipt-computer", "terminal", "eligibility-server"];
            scene.line.roles = roles.map(str::to_owned).to_vec();
            let judged = judge(&reading(&[scene]));
            let open = { judged.requirements }
                .into_iter()
                .filter(|r| [Verdict::NotTested, Verdict::Inconclusive].contains(&r.verdict));
            open.map(|r| (r.requirement, r.role)).collect()
        };
        let pair = |id: &str, role: &str| (id.to_owned(), role.to_owned());
        let never = pair("REG-05", "eligibility-server");
        let desk = pair("ELIG-19", "receipt-computer");
        assert_eq!(untouched(false), [desk, never.clone()]);
        assert_eq!(untouched(true), [never]);
    }

    #[test]
    fn missing_and_damaged_scenarios_are_named() {
        let mut all = reading(&[tagged_scene(&["ELIG-01"], &Play::default())]);
        let mut line = all.evidence.run.scenarios[0].clone();
        line.id = "gone".into();
        all.evidence.run.scenarios.push(line);
        let judged = judge(&all);
        assert_eq!(judged.bed_errors.len(), 1);
        assert!(
            judged.bed_errors[0].scenario == "gone"
                && judged.bed_errors[0].error.contains("not there")
        );
        assert_eq!(judged.scenarios[1].verdict, Verdict::BedError);

        let mut all = reading(&[tagged_scene(&["ELIG-01"], &Play::default())]);
        let broken = Damage::Broken {
            path: "scenarios/a.jsonl".into(),
            expected: "x".into(),
            found: "y".into(),
        };
        all.damage.push(("a".into(), broken));
        let judged = judge(&all);
        assert_eq!(
            (judged.verdict, judged.scenarios[0].verdict),
            (Verdict::BedError, Verdict::BedError)
        );
    }

    #[test]
    fn a_profile_with_holes_is_the_beds_error() {
        for key in ["grace_end", "result_code.certificate-revoked"] {
            let mut scene = tagged_scene(&["ELIG-01"], &Play::default());
            scene.run.profile.remove(key);
            let judged = judge(&reading(&[scene]));
            assert!(
                judged.bed_errors[0].error.contains(key),
                "{:?}",
                judged.bed_errors
            );
        }
    }

    #[test]
    fn an_empty_run_is_not_tested_and_order_is_stable() {
        let mut nothing = reading(&[Scene::bare()]);
        nothing.evidence.run.scenarios.clear();
        assert_eq!(judge(&nothing).verdict, Verdict::NotTested);
        let scene = tagged_scene(&["ELIG-01", "SEC-03"], &Play::default());
        let judged = judge(&reading(&[scene]));
        assert_eq!(
            judged,
            judge(&reading(&[tagged_scene(
                &["ELIG-01", "SEC-03"],
                &Play::default()
            )]))
        );
        let order: Vec<_> = judged
            .findings
            .iter()
            .map(|f| (f.requirement.clone(), f.role.clone()))
            .collect();
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(order, sorted);
    }
}
