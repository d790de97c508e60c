//! A change in words, in both languages, for whichever printer wants them.

use judge::{Text, Verdict};
use reports::{name_of, terms, verdict_name};

use crate::change::{Change, Difference, Kind, Side};

/// A change as a reader sees it.
pub(crate) struct Told {
    /// What it is about.
    pub subject: Text,
    /// How it read before, and how it reads now.
    pub step: Text,
    /// Who is at fault.
    pub blame: Option<Text>,
}

fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        ja: ja.into(),
        en: en.into(),
    }
}

/// The headline: what got worse, or that nothing did.
pub(crate) fn headline(difference: &Difference) -> Text {
    if difference.is_empty() {
        return text("違いはない", "Nothing differs");
    }
    let count = |kind| difference.of(kind).count();
    let (fails, lost) = (count(Kind::NewlyFailing), count(Kind::NoLongerCovered));
    if difference.worse {
        return text(
            format!("悪化。新たな不適合 {fails} 件、判定されなくなったもの {lost} 件"),
            format!("Worse: {fails} newly failing, {lost} no longer covered"),
        );
    }
    let all = difference.changes.len();
    text(
        format!("悪化はない。違い {all} 件"),
        format!("Nothing newly fails, nothing is lost; changes: {all}"),
    )
}

/// What a kind of change is called.
pub(crate) fn kind(kind: Kind) -> Text {
    let (ja, en) = match kind {
        Kind::NewlyFailing => ("新たな不適合", "Newly failing"),
        Kind::NoLongerCovered => ("判定されなくなったもの", "No longer covered"),
        Kind::AtFault => ("責任が移ったもの", "Somebody else at fault"),
        Kind::Verdict => ("判定が変わったもの", "Verdict changed"),
        Kind::NewlyPassing => ("新たに適合したもの", "Newly passing"),
        Kind::NewlyCovered => ("新たに判定されたもの", "Newly covered"),
        Kind::JudgedElsewhere => ("ほかのシナリオで判定したもの", "Judged elsewhere"),
        Kind::Product => ("製品の変更", "Product changed"),
        Kind::Waiver => ("許容の変更", "Waiver changed"),
        Kind::Statement => ("申告の変更", "Vendor's statement changed"),
        Kind::Rule => ("要求の変更", "Requirement changed"),
        Kind::RuleAdded => ("加わった要求", "Requirement added"),
        Kind::RuleRemoved => ("なくなった要求", "Requirement removed"),
        Kind::Suite => ("試験スイートの変更", "Suite changed"),
        Kind::Edition => ("基準日の変更", "Edition changed"),
        Kind::Seed => ("乱数の種の変更", "Seed changed"),
        Kind::Profile => ("選んだ値の変更", "Profile value changed"),
        Kind::ScenarioAdded => ("加わったシナリオ", "Scenario added"),
        Kind::ScenarioRemoved => ("なくなったシナリオ", "Scenario removed"),
        Kind::ScenarioRetitled => ("題名の変わったシナリオ", "Scenario retitled"),
    };
    text(ja, en)
}

/// One change in words.
pub(crate) fn told(change: &Change) -> Told {
    let side = |side: &Option<String>| match side {
        None => text("なし", "none"),
        Some(said) if change.kind.of_verdicts() => verdict(said),
        Some(said) => text(said, said),
    };
    let (before, after) = (side(&change.before), side(&change.after));
    Told {
        subject: subject(change),
        step: text(
            format!("{} → {}", before.ja, after.ja),
            format!("{} → {}", before.en, after.en),
        ),
        blame: blame(change),
    }
}

/// Words for a verdict's name; a name this version does not know stands for itself.
fn verdict(name: &str) -> Text {
    serde_json::from_value::<Verdict>(name.into()).map_or_else(|_| text(name, name), verdict_name)
}

fn subject(change: &Change) -> Text {
    let about = &change.about;
    let mut words = text("", "");
    let mut add = |ja: &str, en: &str| {
        for (all, word) in [(&mut words.ja, ja), (&mut words.en, en)] {
            if !all.is_empty() && !word.is_empty() {
                all.push(' ');
            }
            all.push_str(word);
        }
    };
    if let Some(id) = &about.requirement {
        add(id, id);
    }
    if let Some(id) = &about.role {
        let role = name_of(id);
        add(&role.ja, &role.en);
    }
    if let Some(part) = &about.part {
        let part = self::part(part);
        add(&part.ja, &part.en);
    }
    match about.scenarios.as_slice() {
        [id] if about.requirement.is_none() => add(id, id),
        _ if *about == Default::default() => add("実行全体", "the whole run"),
        _ => {}
    }
    words
}

fn part(name: &str) -> Text {
    match name {
        "name" => text("名称", "name"),
        "version" => text("バージョン", "version"),
        "vendor" => text("製造元", "vendor"),
        "digest" => text("ビルドのダイジェスト", "build digest"),
        "level" => text("水準", "level"),
        "ja" => text("題名（日本語）", "Japanese title"),
        "en" => text("英文", "English wording"),
        "source" => text("出典", "source"),
        other => text(other, other),
    }
}

fn blame(change: &Change) -> Option<Text> {
    let name = |ids: &Option<String>| {
        let named: Vec<_> = ids.as_deref()?.split(", ").map(name_of).collect();
        let of = |tongue: fn(&reports::Named) -> &str, between| {
            named.iter().map(tongue).collect::<Vec<_>>().join(between)
        };
        Some(text(of(|n| &n.ja, "、"), of(|n| &n.en, ", ")))
    };
    let (before, after) = (name(&change.at_fault_before), name(&change.at_fault_after));
    match (before, after) {
        (None, None) => None,
        (before, after) if change.kind == Kind::AtFault => {
            let nobody = || text("なし", "nobody");
            let (before, after) = (before.unwrap_or_else(nobody), after.unwrap_or_else(nobody));
            Some(text(
                format!("責任: {} → {}", before.ja, after.ja),
                format!("at fault: {} → {}", before.en, after.en),
            ))
        }
        (_, Some(now)) => Some(text(
            format!("責任: {}", now.ja),
            format!("at fault: {}", now.en),
        )),
        (Some(then), None) => Some(text(
            format!("以前の責任: {}", then.ja),
            format!("was at fault: {}", then.en),
        )),
    }
}

/// One side in a line.
pub(crate) fn side(side: &Side) -> Text {
    let standing = side.standing.word();
    let run = &side.run;
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    text(
        format!(
            "{}（{} {}、{} {}、{} {}、{} {}）",
            standing.ja,
            terms::EDITION.ja,
            run.edition,
            terms::SEED.ja,
            run.seed,
            terms::SUITE.ja,
            short(&run.suite),
            terms::EVIDENCE.ja,
            short(&run.evidence)
        ),
        format!(
            "{} (edition {}, seed {}, suite {}, evidence {})",
            standing.en,
            run.edition,
            run.seed,
            short(&run.suite),
            short(&run.evidence)
        ),
    )
}
