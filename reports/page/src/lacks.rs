//! Everything that stands between a run and a certificate, the most serious first, and the sentence that
//! counts it. What the judge said, sorted anew: nothing is decided here.

use std::collections::BTreeSet;

use judge::{Finding, Judgement, RequirementVerdict, Text, Verdict, WaiverState, WaiverVerdict};

use crate::labels::{counted, name_of, said, terms};
use crate::page::{LackKind, LackPart, RequirementPart, UntestedPart};

/// All lacks of a run. Roles count that a product was played in, every role when the run names no product.
pub(crate) fn lacks(
    judgement: &Judgement,
    requirements: &[RequirementPart],
    untested: &[UntestedPart],
) -> Vec<LackPart> {
    let products = &judgement.run.products;
    let under_test =
        |role: &str| products.is_empty() || products.iter().any(|product| product.role == role);
    let mut lacks: Vec<LackPart> = judgement.bed_errors.iter().map(bed_error).collect();
    lacks.extend(judgement.idle_waivers().map(idle));
    lacks.extend(
        judgement
            .requirements
            .iter()
            .filter(|line| line.level == "MUST")
            .filter_map(|line| open(line, judgement)),
    );
    for requirement in requirements.iter().filter(|r| r.level == "MUST") {
        for role in requirement.unjudged.iter().filter(|r| under_test(&r.id)) {
            lacks.push(unjudged(&requirement.id, &role.id));
        }
    }
    for row in untested
        .iter()
        .filter(|row| row.level.as_deref() == Some("MUST"))
    {
        for role in row.roles.iter().filter(|role| under_test(&role.id)) {
            let told = lacks.iter().any(|lack| is_about(lack, &row.id, &role.id));
            if !told {
                let mut lack = about(LackKind::NoCheck, &row.id, &role.id);
                lack.what = row.reason.clone();
                lacks.push(lack);
            }
        }
    }
    for line in &judgement.roles {
        if line.judged == 0 && under_test(&line.role) {
            lacks.push(nothing_judged(Some(&line.role)));
        }
    }
    if lacks.is_empty() && judgement.verdict == Verdict::NotTested {
        lacks.push(nothing_judged(None));
    }
    if judgement.run.part {
        lacks.push(bare(
            LackKind::PartOfSuite,
            said(
                "試験スイートの一部だけを実行した。全体の実行が要る",
                "Only a part of the suite was played; a certificate needs the whole",
            ),
        ));
    }
    lacks.sort_by_key(|lack| lack.kind);
    lacks
}

/// The sentence that counts them: requirements by kind, each once, and whatever else there is.
pub(crate) fn in_short(lacks: &[LackPart]) -> Text {
    if lacks.is_empty() {
        return said(
            "適合証明書に足りないものはない",
            "Nothing is missing for the certificate",
        );
    }
    let kinds: BTreeSet<LackKind> = lacks.iter().map(|lack| lack.kind).collect();
    let (mut ja, mut en) = (Vec::new(), Vec::new());
    for kind in kinds {
        let tally = Tally::of(lacks, kind);
        let told = counted_kind(tally, kind);
        ja.push(told.ja);
        en.push(told.en);
    }
    said(
        format!("適合証明書に足りないもの: {}", ja.join("、")),
        format!("Missing for the certificate: {}", en.join(", ")),
    )
}

/// How many lacks of one kind there are, in both units a reader meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Requirements, each once; whatever else is counted where the kind is about no requirement.
    pub times: usize,
    /// Entries of the list, a requirement once for each role.
    pub entries: usize,
}

impl Tally {
    /// Counts one kind.
    pub(crate) fn of(lacks: &[LackPart], kind: LackKind) -> Self {
        let of_kind = || lacks.iter().filter(|lack| lack.kind == kind);
        let waivers = [LackKind::ExpiredWaiver, LackKind::UnusedWaiver].contains(&kind);
        let ids: BTreeSet<_> = of_kind()
            .filter_map(|lack| lack.requirement.as_ref())
            .collect();
        let entries = of_kind().count();
        let times = if ids.is_empty() || waivers {
            entries
        } else {
            ids.len()
        };
        Tally { times, entries }
    }

    /// The second unit, where it is another number: so that headline and list can be reconciled.
    pub(crate) fn by_role(self) -> Text {
        if self.times == self.entries {
            return Text::default();
        }
        said(
            format!("（{}では {} 件）", terms::PAIR.ja, self.entries),
            format!(" ({}: {})", terms::PAIR.en, self.entries),
        )
    }
}

/// A kind with its number, in both units where they differ.
pub(crate) fn counted_kind(tally: Tally, kind: LackKind) -> Text {
    let n = tally.times;
    let requirements = counted(n, "requirement", "requirements");
    let waivers = counted(n, "waiver", "waivers");
    let (ja, en) = match kind {
        LackKind::BedError => (
            format!("試験環境の誤り {n} 件の解消"),
            format!("{} of the bed to mend", counted(n, "fault", "faults")),
        ),
        LackKind::Failed => (
            format!("違反した要求 {n} 件"),
            format!("{requirements} broken"),
        ),
        LackKind::ExpiredWaiver => (
            format!("期限切れの許容 {n} 件"),
            format!("{waivers} expired"),
        ),
        LackKind::UnusedWaiver => (
            format!("使われなかった許容 {n} 件"),
            format!("{waivers} unused"),
        ),
        LackKind::Inconclusive => (
            format!("判定不能の要求 {n} 件"),
            format!("{requirements} inconclusive"),
        ),
        LackKind::NotTested => (
            format!("未試験（今回は判定なし）の要求 {n} 件"),
            format!("{requirements} not tested, not reached"),
        ),
        LackKind::NoCheck => (
            format!("未試験（検査なし）の要求 {n} 件"),
            format!("{requirements} not tested, no check yet"),
        ),
        LackKind::PartOfSuite => (
            "試験スイート全体の実行".to_owned(),
            "a run of the whole suite".to_owned(),
        ),
    };
    let by_role = tally.by_role();
    said(ja + &by_role.ja, en + &by_role.en)
}

fn bed_error(error: &judge::BedError) -> LackPart {
    let what = said(
        format!("試験環境の誤り: {}", error.error),
        format!("The bed is at fault: {}", error.error),
    );
    LackPart {
        scenarios: scenarios(&error.scenario),
        ..bare(LackKind::BedError, what)
    }
}

/// Scenarios of a line that may name none.
fn scenarios(id: &str) -> Vec<String> {
    match id {
        "" => Vec::new(),
        id => vec![id.to_owned()],
    }
}

fn idle(line: &WaiverVerdict) -> LackPart {
    let waiver = &line.waiver;
    let (kind, what) = match line.state {
        WaiverState::Expired => (
            LackKind::ExpiredWaiver,
            said(
                format!(
                    "許容 {} は {} で期限が切れた。延長するか、違反を直して外す",
                    waiver.id, waiver.expires
                ),
                format!(
                    "Waiver {} held until {}: renew it, or mend the deviation and take it out",
                    waiver.id, waiver.expires
                ),
            ),
        ),
        _ => (
            LackKind::UnusedWaiver,
            said(
                format!("許容 {} に当たる違反がない。外す", waiver.id),
                format!(
                    "Waiver {} covers nothing that failed: take it out",
                    waiver.id
                ),
            ),
        ),
    };
    LackPart {
        requirement: Some(waiver.requirement.clone()),
        role: waiver.role.as_deref().map(name_of),
        scenarios: waiver.scenario.iter().cloned().collect(),
        ..bare(kind, what)
    }
}

/// A MUST that was not met, decided or reached for a role.
fn open(line: &RequirementVerdict, judgement: &Judgement) -> Option<LackPart> {
    let kind = match line.verdict {
        Verdict::Fail => LackKind::Failed,
        Verdict::Inconclusive => LackKind::Inconclusive,
        Verdict::NotTested => LackKind::NotTested,
        // A fault of the bed is told as such.
        _ => return None,
    };
    let own = |finding: &&Finding| {
        finding.requirement == line.requirement
            && finding.role == line.role
            && finding.verdict == line.verdict
    };
    let mut scenarios: Vec<String> = Vec::new();
    for finding in judgement.findings.iter().filter(own) {
        if !scenarios.contains(&finding.scenario) {
            scenarios.push(finding.scenario.clone());
        }
    }
    Some(LackPart {
        scenarios,
        ..about(kind, &line.requirement, &line.role)
    })
}

/// A role a requirement binds and that no finding speaks of: not reached, or beyond what its check can judge.
fn unjudged(requirement: &str, role: &str) -> LackPart {
    let can = judge::rules()
        .iter()
        .any(|rule| rule.id == requirement && rule.roles.contains(&role));
    let kind = if can {
        LackKind::NotTested
    } else {
        LackKind::NoCheck
    };
    about(kind, requirement, role)
}

/// No requirement at all was judged, for a role or in the whole run.
fn nothing_judged(role: Option<&str>) -> LackPart {
    let named = role.map(name_of);
    let (ja, en) = match &named {
        Some(named) => (
            format!("（{}）", named.ja),
            format!(" for the {}", named.en),
        ),
        None => (String::new(), String::new()),
    };
    let what = said(
        format!("判定した要求が一つもない{ja}"),
        format!("No requirement at all was judged{en}"),
    );
    LackPart {
        role: named,
        ..bare(LackKind::NotTested, what)
    }
}

fn is_about(lack: &LackPart, requirement: &str, role: &str) -> bool {
    lack.requirement.as_deref() == Some(requirement)
        && lack.role.as_ref().is_some_and(|named| named.id == role)
}

fn about(kind: LackKind, requirement: &str, role: &str) -> LackPart {
    let named = name_of(role);
    let (ja, en) = match kind {
        LackKind::Failed => ("要求を満たしていない", "breaks it"),
        LackKind::Inconclusive => (
            "判定不能。証跡からは決まらない",
            "inconclusive: the evidence does not decide it",
        ),
        LackKind::NotTested => (
            "未試験。どのシナリオも判定に至らなかった",
            "not tested: no scenario reached it",
        ),
        _ => (
            "未試験。この試験スイートには検査がまだない",
            "not tested: this suite has no check for it yet",
        ),
    };
    LackPart {
        requirement: Some(requirement.to_owned()),
        // Requirement and role stand beside it; said here too, every list would say them twice.
        what: said(ja, en),
        role: Some(named),
        ..bare(kind, Text::default())
    }
}

fn bare(kind: LackKind, what: Text) -> LackPart {
    LackPart {
        kind,
        what,
        requirement: None,
        role: None,
        scenarios: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headline_and_list_can_be_reconciled() {
        let lacks: Vec<_> = ["reader", "terminal", "portal"]
            .iter()
            .map(|role| about(LackKind::NoCheck, "LIFE-05", role))
            .chain([about(LackKind::NoCheck, "TRN-01", "reader")])
            .collect();
        let told = in_short(&lacks);
        assert_eq!(
            told.en,
            "Missing for the certificate: 2 requirements not tested, no check yet (requirement × role: 4)"
        );
        assert_eq!(
            told.ja,
            "適合証明書に足りないもの: 未試験（検査なし）の要求 2 件（要求×役割では 4 件）"
        );
    }
}
