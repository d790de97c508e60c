//! The verdict of a run in a sentence: what was broken and who is at fault, or how far it passed.

use std::collections::BTreeSet;

use judge::{Judgement, Text, Verdict};

use crate::labels::{counted, name_of, said};

/// How many requirements have a verdict for some role.
fn with_verdict(judgement: &Judgement, verdict: Verdict) -> usize {
    let ids: BTreeSet<_> = judgement
        .requirements
        .iter()
        .filter(|r| r.verdict == verdict)
        .map(|r| r.requirement.as_str())
        .collect();
    ids.len()
}

/// The headline of a run in which nothing judged went wrong, and not everything binding was judged.
pub(crate) fn as_far_as_judged(judgement: &Judgement) -> Option<Text> {
    match judgement.verdict {
        Verdict::Pass | Verdict::NotApplicable => {
            Some(said("判定した範囲では適合", "passed as far as judged"))
        }
        Verdict::Waived => {
            let count = with_verdict(judgement, Verdict::Waived);
            Some(said(
                format!("判定した範囲では、許容した要求 {count} 件を除き適合"),
                format!(
                    "passed as far as judged, but for {} waived",
                    counted(count, "requirement", "requirements")
                ),
            ))
        }
        _ => None,
    }
}

/// The verdict in a sentence, with who is at fault.
pub(crate) fn headline(judgement: &Judgement) -> Text {
    let broken = |verdict: Verdict| with_verdict(judgement, verdict);
    match judgement.verdict {
        Verdict::Pass | Verdict::NotApplicable => said(
            "判定した要求はすべて満たしている",
            "Every requirement that was judged is met",
        ),
        Verdict::Waived => {
            let count = broken(Verdict::Waived);
            said(
                format!("判定した要求は、許容した要求 {count} 件を除き、すべて満たしている"),
                format!(
                    "Every requirement that was judged is met, but for {} waived",
                    counted(count, "requirement", "requirements")
                ),
            )
        }
        Verdict::Fail if broken(Verdict::Fail) == 0 => idle_waivers(judgement),
        Verdict::Fail => {
            let blamed = blamed(judgement);
            let ja: Vec<_> = blamed.iter().map(|id| name_of(id).ja).collect();
            let en: Vec<_> = blamed.iter().map(|id| name_of(id).en).collect();
            let count = broken(Verdict::Fail);
            said(
                format!(
                    "要求 {count} 件に違反。責任: {}",
                    or_nobody(&ja, "不明", "、")
                ),
                format!(
                    "{} broken; at fault: {}",
                    counted(count, "requirement", "requirements"),
                    or_nobody(&en, "unknown", ", ")
                ),
            )
        }
        Verdict::Inconclusive | Verdict::NotTested => {
            let count = broken(Verdict::Inconclusive) + broken(Verdict::NotTested);
            said(
                format!("違反は見つかっていないが、判定不能の要求が {count} 件ある"),
                format!(
                    "nothing broken was found, but {} inconclusive",
                    counted(count, "requirement is", "requirements are")
                ),
            )
        }
        Verdict::BedError => said(
            "試験環境または証跡に問題があり、製品の合否は言えない",
            "The bed or its evidence is at fault; nothing is said about the product",
        ),
    }
}

/// No product failed; waivers nobody needs or that hold no longer fail the run.
fn idle_waivers(judgement: &Judgement) -> Text {
    let ids: Vec<_> = judgement
        .idle_waivers()
        .map(|line| line.waiver.id.as_str())
        .collect();
    let blamed = name_of("configuration");
    said(
        format!(
            "使われなかった、または期限の切れた許容がある（{}）。責任: {}",
            ids.join("、"),
            blamed.ja
        ),
        format!(
            "{} unused or expired ({}); at fault: {}",
            counted(ids.len(), "waiver", "waivers"),
            ids.join(", "),
            blamed.en
        ),
    )
}

/// Who is at fault for the failures, in the order they appear.
fn blamed(judgement: &Judgement) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for finding in judgement
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
    {
        let id = finding.at_fault.as_deref().unwrap_or(&finding.role);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn or_nobody(names: &[String], nobody: &str, between: &str) -> String {
    match names {
        [] => nobody.to_owned(),
        names => names.join(between),
    }
}
