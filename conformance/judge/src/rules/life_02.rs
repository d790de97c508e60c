//! LIFE-02: for three months after expiry the qualification is confirmed, no medical information is
//! given whatever consent is chosen, and the notice is shown.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use super::notice;
use crate::case::Case;
use crate::decode::result::{CONSENT_FLAGS, Outcome};
use crate::expect::{Due, grace_end};
use crate::expiry::grace_ends;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-02",
    roles: &["reader", SERVER],
    clause: (
        "期限切れ後3か月の猶予の間は、資格だけを確認し、同意の内容にかかわらず医療情報を渡さず、案内を表示する",
        "In the three months after expiry the qualification alone is confirmed, every consent counts as not given, and the notice is shown.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let in_grace = asked(case).filter(|a| a.expected.due() == Due::ExpiredGrace);
    let mut findings: Vec<Finding> = in_grace.map(|asked| server(case, &asked)).collect();
    findings.extend(notice::shown(case, RULE.id, Due::ExpiredGrace));
    findings
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
                &[(server, Pass), ("reader", Pass)],
            ),
            (
                "empty flags",
                Answer::confirmed("SIM-N102", ""),
                NOTICE,
                &[(server, Pass), ("reader", Pass)],
            ),
            (
                "consent granted",
                Answer::confirmed("SIM-N102", "1"),
                NOTICE,
                &[(server, Fail), ("reader", Pass)],
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
                &[(server, Pass), ("reader", Fail)],
            ),
            (
                "reader tells of something else",
                Answer::confirmed("SIM-N102", "0"),
                SOON,
                &[(server, Pass), ("reader", Fail)],
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
    fn outside_the_grace_there_is_nothing_to_say() {
        for last_day in ["2026-06-30", "2026-10-15", "2027-10-15"] {
            assert_eq!(said(last_day, Play::default()), [], "{last_day}");
        }
    }
}
