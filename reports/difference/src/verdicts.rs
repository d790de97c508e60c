//! Verdicts side by side, from the finest to the coarsest: what a rule says of a role in a scenario, what is
//! said of a requirement for a role, of a scenario, of the run. A coarser verdict is told only where no finer
//! one tells the same.

use std::collections::{BTreeMap, BTreeSet};

use judge::Verdict;
use reports::{Page, ScenarioPart};

use crate::change::{Change, Kind, Place, decided};
use crate::compare::paired;

/// A verdict and who is at fault for it. What is not there is not tested.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    verdict: Verdict,
    at_fault: Option<String>,
}

const NOTHING: Said = Said {
    verdict: Verdict::NotTested,
    at_fault: None,
};

/// From what, to what.
type Step = (Said, Said);

/// Requirement and role.
type Bound = (String, String);

/// Every verdict that changed, and every fault that moved.
pub(crate) fn changes(before: &Page, after: &Page) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut told = Told::default();
    let found = paired_steps(&findings(before), &findings(after));
    let mut grouped: BTreeMap<(Bound, Step, bool), Vec<String>> = BTreeMap::new();
    for ((bound, scenario), step) in found {
        told.scenarios.insert((scenario.clone(), verdicts(&step)));
        told.bound.insert((bound.clone(), verdicts(&step)));
        // A scenario that is gone is told apart from one that decides less: the first is a loss by itself.
        let both = [before, after].iter().all(|page| plays(page, &scenario));
        let group = grouped.entry((bound, step, both)).or_default();
        group.push(scenario);
    }
    for (((requirement, role), step, _), scenarios) in grouped {
        let about = Place {
            requirement: Some(requirement),
            role: Some(role),
            scenarios,
            part: None,
        };
        changes.extend(change(about, step).map(|mut one| {
            if elsewhere(before, after, &one) {
                one.kind = Kind::JudgedElsewhere;
            }
            one
        }));
    }
    for (bound, step) in paired_steps(&requirements(before), &requirements(after)) {
        if told.bound.insert((bound.clone(), verdicts(&step))) {
            let (requirement, role) = bound;
            let about = Place {
                requirement: Some(requirement),
                role: Some(role),
                ..Place::default()
            };
            changes.extend(change(about, step));
        }
    }
    for (scenario, step) in paired_steps(&scenarios(before), &scenarios(after)) {
        if told.scenarios.insert((scenario.clone(), verdicts(&step))) {
            let about = Place {
                scenarios: vec![scenario],
                ..Place::default()
            };
            changes.extend(change(about, step));
        }
    }
    let whole = (said(before.verdict, None), said(after.verdict, None));
    if !told.steps().contains(&verdicts(&whole)) {
        changes.extend(change(Place::default(), whole));
    }
    changes
}

fn plays(page: &Page, scenario: &str) -> bool {
    page.scenarios.iter().any(|one| one.id == scenario)
}

/// Whether the report in which a scenario decides nothing of a requirement decides it all the same, in others,
/// and plays the scenario still: then coverage was neither lost nor won.
fn elsewhere(before: &Page, after: &Page, change: &Change) -> bool {
    let without = match change.kind {
        Kind::NoLongerCovered => after,
        Kind::NewlyCovered => before,
        _ => return false,
    };
    let about = &change.about;
    let (Some(requirement), Some(role)) = (&about.requirement, &about.role) else {
        return false;
    };
    let bound = (requirement.clone(), role.clone());
    let still = requirements(without)
        .get(&bound)
        .is_some_and(|said| decided(said.verdict));
    let both = |id: &String| plays(before, id) && plays(after, id);
    still && about.scenarios.iter().all(both)
}

/// Steps that were told, so that nothing coarser tells them again.
#[derive(Default)]
struct Told {
    bound: BTreeSet<(Bound, (Verdict, Verdict))>,
    scenarios: BTreeSet<(String, (Verdict, Verdict))>,
}

impl Told {
    fn steps(&self) -> BTreeSet<(Verdict, Verdict)> {
        let of_bound = self.bound.iter().map(|(_, step)| *step);
        of_bound
            .chain(self.scenarios.iter().map(|(_, step)| *step))
            .collect()
    }
}

fn verdicts(step: &Step) -> (Verdict, Verdict) {
    (step.0.verdict, step.1.verdict)
}

fn said(verdict: Verdict, at_fault: Option<String>) -> Said {
    Said { verdict, at_fault }
}

/// Everything that is not the same on both sides.
fn paired_steps<K: Ord + Clone>(
    before: &BTreeMap<K, Said>,
    after: &BTreeMap<K, Said>,
) -> Vec<(K, Step)> {
    paired(before, after)
        .map(|(key, before, after)| {
            let step = (
                before.unwrap_or(&NOTHING).clone(),
                after.unwrap_or(&NOTHING).clone(),
            );
            (key.clone(), step)
        })
        .filter(|(_, (before, after))| before != after)
        .collect()
}

fn change(about: Place, (before, after): Step) -> Option<Change> {
    let kind = match Kind::between(before.verdict, after.verdict) {
        Some(kind) => kind,
        None if before.at_fault != after.at_fault => Kind::AtFault,
        None => return None,
    };
    Some(Change {
        kind,
        about,
        before: Some(before.verdict.name().to_owned()),
        after: Some(after.verdict.name().to_owned()),
        at_fault_before: before.at_fault,
        at_fault_after: after.at_fault,
    })
}

fn findings(page: &Page) -> BTreeMap<(Bound, String), Said> {
    let mut all: BTreeMap<(Bound, String), Said> = BTreeMap::new();
    for scenario in &page.scenarios {
        for finding in &scenario.findings {
            let bound = (finding.requirement.clone(), finding.role.id.clone());
            let who = finding.at_fault.as_ref().map(|who| who.id.clone());
            keep_worst(
                &mut all,
                (bound, scenario.id.clone()),
                said(finding.verdict, who),
            );
        }
    }
    all
}

fn requirements(page: &Page) -> BTreeMap<Bound, Said> {
    let mut all = BTreeMap::new();
    for requirement in &page.requirements {
        for by in &requirement.by_role {
            let bound = (requirement.id.clone(), by.role.id.clone());
            keep_worst(&mut all, bound, said(by.verdict, None));
        }
    }
    all
}

fn scenarios(page: &Page) -> BTreeMap<String, Said> {
    let mut all = BTreeMap::new();
    for scenario in &page.scenarios {
        let who = faults_beside_findings(scenario);
        keep_worst(&mut all, scenario.id.clone(), said(scenario.verdict, who));
    }
    all
}

/// Who is at fault for a scenario and is blamed by none of its findings: nobody else is told twice.
fn faults_beside_findings(scenario: &ScenarioPart) -> Option<String> {
    let blamed = |id: &str| {
        let of = |f: &reports::FindingPart| f.at_fault.as_ref().is_some_and(|who| who.id == id);
        scenario.findings.iter().any(of)
    };
    let mut ids: Vec<&str> = scenario
        .at_fault
        .iter()
        .map(|who| who.id.as_str())
        .collect();
    ids.retain(|id| !blamed(id));
    ids.sort_unstable();
    ids.dedup();
    (!ids.is_empty()).then(|| ids.join(", "))
}

/// The worse of two verdicts on the same thing counts, as it does for the judge.
fn keep_worst<K: Ord>(all: &mut BTreeMap<K, Said>, key: K, said: Said) {
    match all.get_mut(&key) {
        Some(there) if *there >= said => {}
        Some(there) => *there = said,
        None => {
            all.insert(key, said);
        }
    }
}
