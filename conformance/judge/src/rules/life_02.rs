//! LIFE-02: for three months after expiry the qualification is confirmed, no medical information is
//! given whatever consent is chosen, and the notice is shown.

use super::Rule;
use super::common::{Asked, READER, Reply, SERVER, TERMINAL, asked, code};
use super::drugs::drug_asks;
use super::notice;
use crate::case::{Case, Chart, File};
use crate::decode::result::{CONSENT_FLAGS, Outcome};
use crate::expect::{Consent, Due, grace_end};
use crate::expiry::grace_ends;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

const DESK: &str = "receipt-computer";

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-02",
    roles: &[READER, TERMINAL, DESK, SERVER],
    clause: (
        "期限切れ後3か月の猶予の間は、資格だけを確認し、同意の内容にかかわらず医療情報を渡さず、案内を表示する",
        "In the three months after expiry the qualification alone is confirmed, every consent counts as not given, and the notice is shown.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let in_grace = asked(case).filter(|a| a.expected.due() == Due::ExpiredGrace);
    let mut findings: Vec<Finding> = in_grace.map(|asked| server(case, &asked)).collect();
    findings.extend(viewed(case));
    findings.extend(case.charts.iter().filter_map(|chart| desk(case, chart)));
    findings.extend(notice::carried(case, RULE.id, Due::ExpiredGrace));
    findings.extend(notice::shown(case, RULE.id, Due::ExpiredGrace));
    findings
}

/// The clerk is told of the grace too, in the words of the result or in others that say as much.
fn desk(case: &Case, chart: &Chart) -> Option<Finding> {
    let insurances = chart.insurances.as_ref().ok()?;
    let named = |file: &&File| {
        insurances.iter().any(|i| {
            let source = i.source.as_deref().unwrap_or("");
            i.state == "current" && source.rsplit('/').next() == Some(file.name.as_str())
        })
    };
    let own = case.files.iter().rev();
    let file = { own }.find(|f| f.facility == chart.facility && f.seq < chart.seq && named(f))?;
    let Some(Ok(outcome)) = file.outcome() else {
        return None;
    };
    let code = code(case, Due::ExpiredGrace);
    if outcome.code != code || outcome.validity.as_deref() != Some("1") {
        return None;
    }
    let say = case.of(RULE.id, DESK);
    let expected = t(
        format!("結果に付いた猶予の案内（{code}）を受付にも示す"),
        format!("The notice of the grace in the result ({code}) is shown to the clerk too."),
    );
    let shown = chart.messages.concat();
    let words = ["有効期限", "切れ"].iter().all(|word| shown.contains(word));
    let told = (!outcome.message.is_empty() && shown.contains(&outcome.message)) || words;
    let actual = match told {
        true => t("示した", "It is shown."),
        false => t("示さなかった", "It is not shown."),
    };
    let advice = t(
        "正常終了に付いた処理結果コードとメッセージを、受け取ったまま表示する",
        "Show code and message that come with a normal end as they were received.",
    );
    let quotes = vec![
        q(file.seq, "ProcessingResultCode", outcome.code.clone()),
        q(chart.seq, "chart messages", shown),
    ];
    Some(say.decide(told, expected, actual, advice, quotes))
}

/// Medical information asked for after a check in the grace.
fn viewed(case: &Case) -> Vec<Finding> {
    let checked = |person: &str, facility: &str, seq: u32| {
        let own = asked(case).filter(|a| {
            a.confirmation.seq < seq
                && a.confirmation.facility == facility
                && a.card.holder == person
        });
        { own }.last().map(|a| a.expected.due())
    };
    let judge = |ask: super::drugs::DrugAsk<'_>| {
        let (facility, seq) = (&ask.question.facility, ask.question.seq);
        let due = checked(ask.person?, facility, seq)?;
        if due != Due::ExpiredGrace || ask.consent != Consent::None {
            return None;
        }
        let say = case.of(RULE.id, SERVER);
        let expected = t(
            "猶予の間の確認では同意は残らず、医療情報を渡さない",
            "A check in the grace leaves no consent behind: no medical information is given.",
        );
        let advice = t(
            "猶予の間は、選ばれた同意を記録しない",
            "In the grace record no consent, whatever was chosen.",
        );
        let holds = ask.refuses(case, "medical_code.no-consent");
        Some(ask.decide(case, say, holds, expected, advice))
    };
    drug_asks(case).filter_map(judge).collect()
}

fn server(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let code = code(case, Due::ExpiredGrace);
    let (last, end) = (
        asked.card.last_day,
        grace_ends(asked.card.last_day, grace_end(case)),
    );
    let expected = t(
        format!(
            "{last}に期限切れ、{end}まで猶予なので、処理結果状況1・コード{code}、同意フラグはすべて0とする"
        ),
        format!(
            "Expired on {last}, grace until {end}: status 1, notice code {code}, every consent flag 0."
        ),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return finding;
    }
    let mut quotes = asked.quotes();
    let (holds, actual) = match asked.reply() {
        Reply::Confirms(seq, outcome) => {
            let granted = granted(seq, outcome);
            let plain = outcome.status.as_deref() == Some("1") && outcome.code == code;
            let actual = if granted.is_empty() {
                asked.actual()
            } else {
                given(&granted)
            };
            quotes.extend(granted.iter().cloned());
            (plain && granted.is_empty(), actual)
        }
        _ => (false, asked.actual()),
    };
    let advice = t(
        "猶予の間は選ばれた同意を無視して四つの同意フラグを0にし、案内のコードを付ける",
        "In the grace ignore the consents chosen: set the four flags to 0 and add the notice code.",
    );
    say.decide(holds, expected, actual, advice, quotes)
}

/// Flags that are not 0; an absent flag is none.
fn granted(seq: u32, outcome: &Outcome) -> Vec<Quote> {
    let flags = outcome.persons.iter().flat_map(|person| {
        CONSENT_FLAGS
            .iter()
            .filter_map(|name| person.elements.get(*name).map(|value| (*name, value)))
    });
    flags
        .filter(|(_, value)| !value.is_empty() && *value != "0")
        .map(|(name, value)| q(seq, name, value))
        .collect()
}

fn given(granted: &[Quote]) -> Text {
    let names: Vec<String> = granted
        .iter()
        .map(|g| format!("{}={}", g.what, g.said))
        .collect();
    let names = names.join(", ");
    t(
        format!("同意ありとした（{names}）"),
        format!("It marked consent as given: {names}."),
    )
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    const NOTICE: (&str, &[&str]) = (
        "DONE_NOTICE",
        &["有効期限が切れています。", "更新してください。"],
    );
    const SOON: (&str, &[&str]) = (
        "DONE_NOTICE",
        &["有効期限が近づいています。", "更新してください。"],
    );
    const DONE: (&str, &[&str]) = ("DONE", &["受付が完了しました。"]);

    fn said(last_day: &'static str, play: Play) -> Vec<(String, Verdict)> {
        let mut scene = Scene::with_card(&Leaf {
            last_day,
            ..Leaf::default()
        });
        scene.visit(&play);
        scene
            .said("LIFE-02")
            .into_iter()
            .filter(|s| s.0 != "receipt-computer")
            .map(|(role, verdict, _)| (role, verdict))
            .collect()
    }

    #[test]
    fn in_the_grace_the_qualification_alone() {
        let server = "eligibility-server";
        type Shown = (&'static str, &'static [&'static str]);
        type Row<'a> = (&'a str, Answer, Shown, &'a [(&'a str, Verdict)]);
        let table: [Row<'_>; 7] = [
            (
                "as due",
                Answer::confirmed("SIM-N102", "0"),
                NOTICE,
                &[(server, Pass), ("terminal", Pass), ("reader", Pass)],
            ),
            (
                "empty flags",
                Answer::confirmed("SIM-N102", ""),
                NOTICE,
                &[(server, Pass), ("terminal", Pass), ("reader", Pass)],
            ),
            (
                "consent granted",
                Answer::confirmed("SIM-N102", "1"),
                NOTICE,
                &[(server, Fail), ("terminal", Pass), ("reader", Pass)],
            ),
            (
                "no notice",
                Answer::confirmed("", "0"),
                DONE,
                &[(server, Fail)],
            ),
            (
                "refused",
                Answer::refused("SIM-E201"),
                ("REFUSED", DONE.1),
                &[(server, Fail)],
            ),
            (
                "reader hides",
                Answer::confirmed("SIM-N102", "0"),
                DONE,
                &[(server, Pass), ("terminal", Pass), ("reader", Fail)],
            ),
            (
                "reader tells of something else",
                Answer::confirmed("SIM-N102", "0"),
                SOON,
                &[(server, Pass), ("terminal", Pass), ("reader", Fail)],
            ),
        ];
        for (name, answer, last, due) in table {
            for last_day in ["2026-10-14", "2026-07-01"] {
                let found = said(
                    last_day,
                    Play {
                        answer: answer.clone(),
                        last,
                        ..Play::default()
                    },
                );
                let due: Vec<_> = due.iter().map(|(r, v)| ((*r).to_owned(), *v)).collect();
                assert_eq!(found, due, "{name}, until {last_day}");
            }
        }
    }

    #[test]
    fn the_clerk_is_told_too() {
        for (messages, due) in [
            (vec!["電子証明書の有効期限が切れています"], Pass),
            (vec!["電子証明書の更新をお願いします"], Pass),
            (vec![], Fail),
        ] {
            let mut scene = Scene::with_card(&Leaf {
                last_day: "2026-08-15",
                ..Leaf::default()
            });
            scene.visit(&Play {
                answer: Answer::confirmed("SIM-N102", "0"),
                last: NOTICE,
                ..Play::default()
            });
            for record in &mut scene.records.records {
                if let evidence::What::Attested(attested) = &mut record.what
                    && attested.shows == "chart"
                {
                    attested.seen["messages"] = serde_json::json!(messages);
                }
            }
            let said = scene.said("LIFE-02").into_iter();
            let desk = { said }.find(|s| s.0 == "receipt-computer").unwrap();
            assert_eq!(desk.1, due, "{messages:?}");
        }
    }

    #[test]
    fn nothing_medical_is_given_after_it() {
        for (code, drugs, due) in [("SIM-M401", &[][..], Pass), ("1", &["模擬錠"], Fail)] {
            let mut scene = Scene::with_card(&Leaf {
                last_day: "2026-08-15",
                ..Leaf::default()
            });
            scene.drug("模擬錠");
            scene.visit(&Play {
                answer: Answer::confirmed("SIM-N102", "0"),
                last: NOTICE,
                ..Play::default()
            });
            scene.ask_drugs(CLINIC, code, drugs);
            assert_eq!(scene.said("LIFE-02")[1].1, due, "{code}");
        }
    }

    #[test]
    fn outside_the_grace_there_is_nothing_to_say() {
        for last_day in ["2026-06-30", "2026-10-15", "2027-10-15"] {
            assert_eq!(said(last_day, Play::default()), [], "{last_day}");
        }
    }
}
