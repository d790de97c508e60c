//! SEC-04: a crash at any point loses no confirmed entry, repeats none and leaves no half of one.

use evidence::FaultKind;

use super::Rule;
use super::answers::answers;
use super::common::{SERVER, SERVER_HOUSES, limping};
use super::drugs::drug_asks;
use super::reg_03;
use crate::calendar::Instant;
use crate::case::{Case, Exchange};
use crate::expect::Consent;
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-04",
    roles: &[SERVER],
    clause: (
        "サーバーが途中で落ちても、受け付けたものを失わず、繰り返さず、半端にしない",
        "A crash loses nothing that was acknowledged, repeats nothing and leaves no half.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let crashes = case.facts.faults.iter();
    let crashes = crashes.filter(|f| {
        let kinds = [
            FaultKind::Restarted,
            FaultKind::DiskFull,
            FaultKind::StoreBroken,
        ];
        kinds.contains(&f.kind) && SERVER_HOUSES.contains(&f.house.as_str())
    });
    let Some(crash) = { crashes }.map(|f| (f.from, f.seq)).min() else {
        return Vec::new();
    };
    let after = |at: Instant, seq: u32| at >= crash.0 && seq > crash.1;
    let mut findings: Vec<Finding> = answers(case)
        .into_iter()
        .filter(|a| after(a.at, a.seq))
        .filter_map(|a| a.finding(case, RULE.id, advice()))
        .collect();
    let shown = case.identifications.iter().filter(|p| after(p.at, p.seq));
    findings.extend(shown.filter_map(|p| reg_03::proof(case, p, RULE.id)));
    let viewed = drug_asks(case).filter(|d| after(d.question.at, d.question.seq));
    findings.extend(viewed.filter_map(|asked| {
        let holds = match asked.consent {
            Consent::Holds => asked.gives(case),
            Consent::None if asked.person.is_some() => {
                asked.refuses(case, "medical_code.no-consent")
            }
            _ => return None,
        };
        let expected = t(
            "落ちる前に受けた同意は、そのまま残っている",
            "Consents taken before the crash are as they were.",
        );
        let say = case.of(RULE.id, SERVER);
        Some(asked.decide(case, say, holds, expected, advice()))
    }));
    findings.extend(repeated(case, crash.1));
    let told = case.eligibility.iter().chain(&case.feed);
    let told = told.filter(|e| after(e.at, e.seq) && limping(case, e.at, e.status()));
    findings.extend(told.map(|e| unacknowledged(case, e)));
    findings
}

/// What cannot be kept is not acknowledged, and the answer says so.
fn unacknowledged(case: &Case, exchange: &Exchange) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "記録できない間は、受け付けたと答えず理由を示す",
        "While nothing can be kept, nothing is acknowledged, and the answer says why.",
    );
    let said = exchange.said();
    let named = ["error", "message_ja", "message_en"];
    let holds = named
        .iter()
        .all(|member| !exchange.answered(member).is_empty());
    let actual = t(format!("{said}と答えた"), format!("It answered {said}."));
    let quotes = vec![q(exchange.last(), "HTTP", said)];
    say.decide(holds, expected, actual, advice(), quotes)
}

fn advice() -> Text {
    t(
        "受け付けたと答える前にディスクに書き終え、立て直した後は書かれたものだけから始める",
        "Have everything on disk before acknowledging it, and start again from what was written alone.",
    )
}

/// What was told again after the crash must be known already.
fn repeated(case: &Case, crash: u32) -> Option<Finding> {
    let ties = || {
        case.feed
            .iter()
            .filter(|e| e.posts("/v1/feed/use-registrations"))
    };
    let same = |one: &Exchange, other: &Exchange| {
        one.text("serial") == other.text("serial")
            && one.text("link_number") == other.text("link_number")
    };
    let before = ties().find(|e| e.last() < crash && e.accepted())?;
    let again = ties().find(|e| e.seq > crash && same(e, before) && e.answer.is_some())?;
    if !case.facts.releases.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "落ちる前に受け付けた登録が再び届いても、新しいものとしない",
        "A registration acknowledged before the crash is not new when it is told again.",
    );
    let said = again.said();
    let actual = t(format!("{said}と答えた"), format!("It answered {said}."));
    let quotes = vec![
        q(before.seq, "POST /v1/feed/use-registrations", before.said()),
        q(again.seq, "POST /v1/feed/use-registrations", said),
    ];
    Some(say.decide(
        again.status() == Some(200),
        expected,
        actual,
        advice(),
        quotes,
    ))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::FaultKind::Restarted;

    fn said(scene: &Scene) -> Vec<Verdict> {
        scene.said("SEC-04").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn what_was_acknowledged_outlives_the_crash() {
        for (standing, answer, due) in [
            ("registered", Play::default().answer, vec![Pass, Pass]),
            (
                "never-registered",
                Answer::refused("SIM-E301"),
                vec![Fail, Fail],
            ),
            ("registered", Answer::refused("SIM-E302"), vec![Fail, Pass]),
        ] {
            let mut scene = Scene::registered();
            scene.fault("eligibility-server", Restarted);
            scene.visit(&Play {
                standing: Ok(standing),
                answer,
                ..Play::default()
            });
            assert_eq!(said(&scene), due, "{standing}");
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(said(&scene), [], "no crash");
    }

    #[test]
    fn while_nothing_can_be_kept_nothing_is_acknowledged() {
        let mut scene = Scene::registered();
        scene.fault("eligibility-server", evidence::FaultKind::DiskFull);
        scene.visit(&Play {
            answer: Answer::Error(500, "store-failed"),
            ..Play::default()
        });
        // The standing is known, and the synthetic refusal gives no sentence.
        assert_eq!(said(&scene), [Pass, Fail]);
    }

    #[test]
    fn consents_and_ties_outlive_it_too() {
        for (code, drugs, due) in [("1", &["模擬錠"][..], Pass), ("SIM-M401", &[], Fail)] {
            let mut scene = Scene::registered();
            scene.drug("模擬錠");
            scene.visit(&Play::default());
            scene.fault("eligibility-server", Restarted);
            scene.ask_drugs(CLINIC, code, drugs);
            assert_eq!(said(&scene), [due]);
        }
        for (status, due) in [(200, Pass), (201, Fail)] {
            let mut scene = Scene::registered();
            scene.fault("eligibility-server", Restarted);
            scene.tied("1001", NUMBER, status);
            assert_eq!(said(&scene), [due]);
        }
    }
}
