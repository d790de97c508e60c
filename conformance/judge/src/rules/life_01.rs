//! LIFE-01: from three months before expiry the result is normal and the patient sees the renewal
//! notice; before that there is none.

use super::Rule;
use super::common::{Asked, READER, Reply, SERVER, TERMINAL, asked, code};
use super::notice;
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-01",
    roles: &[READER, TERMINAL, SERVER],
    clause: (
        "期限の3か月前から、結果は正常のまま更新の案内を出す。それより前には出さない",
        "From three months before expiry the result is normal with the renewal notice; before that there is none.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let server = asked(case).filter_map(|asked| match asked.expected.due() {
        Due::ExpiresSoon => Some(due(case, &asked)),
        Due::Confirmed => not_due(case, &asked),
        _ => None,
    });
    let mut findings: Vec<Finding> = server.collect();
    findings.extend(notice::carried(case, RULE.id, Due::ExpiresSoon));
    findings.extend(notice::shown(case, RULE.id, Due::ExpiresSoon));
    findings.extend(notice::not_shown(case, RULE.id));
    findings
}

fn due(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let code = code(case, Due::ExpiresSoon);
    let last = asked.card.last_day;
    let expected = t(
        format!("期限{last}まで3か月以内なので、処理結果状況1・コード{code}（更新の案内）を返す"),
        format!("It expires on {last}, within three months: status 1 with notice code {code}."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return finding;
    }
    let holds = match asked.reply() {
        Reply::Confirms(_, outcome) => {
            outcome.status.as_deref() == Some("1") && outcome.code == code
        }
        _ => false,
    };
    let advice = t(
        "有効期限の3か月前の応当日（その日がなければ月末）から案内のコードを付ける",
        "Add the notice code from the day three months before the last valid day (its month's end if there is no such day).",
    );
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}

fn not_due(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    let say = case.of(RULE.id, SERVER);
    let last = asked.card.last_day;
    let expected = t(
        format!("期限{last}まで3か月を超えるので、更新の案内を付けない"),
        format!("It expires on {last}, more than three months ahead: no notice."),
    );
    let notices = [Due::ExpiresSoon, Due::ExpiredGrace].map(|due| code(case, due));
    let advice = t(
        "案内を始める日の計算を確かめる",
        "Check how the first day of the notice is worked out.",
    );
    let holds = !notices.contains(&outcome.code.as_str());
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;

    const NOTICE: (&str, &[&str]) = (
        "DONE_NOTICE",
        &[
            "電子証明書の有効期限が近づいています。",
            "更新してください。",
        ],
    );
    const AS_CAME: (&str, &[&str]) = ("DONE_NOTICE", &["電子証明書の", "更新をお願いします"]);
    const DONE: (&str, &[&str]) = ("DONE", &["受付が完了しました。"]);
    const BARE: (&str, &[&str]) = ("DONE_NOTICE", &["お知らせ"]);

    fn said(last_day: &'static str, play: Play) -> Vec<(String, Verdict)> {
        let mut scene = Scene::with_card(&Leaf {
            last_day,
            ..Leaf::default()
        });
        scene.visit(&play);
        scene
            .said("LIFE-01")
            .into_iter()
            .map(|(role, verdict, _)| (role, verdict))
            .collect()
    }

    fn owned(due: &[(&str, Verdict)]) -> Vec<(String, Verdict)> {
        due.iter()
            .map(|(role, verdict)| ((*role).to_owned(), *verdict))
            .collect()
    }

    #[test]
    fn in_the_last_three_months_the_notice_is_due() {
        let server = "eligibility-server";
        let soon = || Answer::confirmed("SIM-N101", "1");
        for (name, answer, last, due) in [
            (
                "as due",
                soon(),
                NOTICE,
                vec![(server, Pass), ("terminal", Pass), ("reader", Pass)],
            ),
            (
                "in the server's words",
                soon(),
                AS_CAME,
                vec![(server, Pass), ("terminal", Pass), ("reader", Pass)],
            ),
            (
                "server forgets",
                Answer::confirmed("", "1"),
                DONE,
                vec![(server, Fail)],
            ),
            (
                "server refuses",
                Answer::refused("SIM-E201"),
                ("REFUSED", DONE.1),
                vec![(server, Fail)],
            ),
            (
                "reader hides",
                soon(),
                DONE,
                vec![(server, Pass), ("terminal", Pass), ("reader", Fail)],
            ),
            (
                "reader says nothing",
                soon(),
                BARE,
                vec![(server, Pass), ("terminal", Pass), ("reader", Fail)],
            ),
        ] {
            for last_day in ["2026-10-15", "2027-01-15"] {
                let found = said(
                    last_day,
                    Play {
                        answer: answer.clone(),
                        last,
                        ..Play::default()
                    },
                );
                assert_eq!(found, owned(&due), "{name}, until {last_day}");
            }
        }
        let play = Play {
            answer: soon(),
            last: DONE,
            told_code: Some(""),
            ..Play::default()
        };
        assert_eq!(
            said("2026-12-01", play),
            owned(&[(server, Pass), ("terminal", Fail), ("reader", Inconclusive)]),
            "terminal keeps it"
        );
    }

    #[test]
    fn before_that_there_is_none() {
        let server = "eligibility-server";
        for (answer, last, due) in [
            (
                Answer::confirmed("", "1"),
                DONE,
                vec![(server, Pass), ("reader", Pass)],
            ),
            (
                Answer::confirmed("", "1"),
                NOTICE,
                vec![(server, Pass), ("reader", Fail)],
            ),
            (
                Answer::confirmed("SIM-N101", "1"),
                NOTICE,
                vec![(server, Fail)],
            ),
            (Answer::refused("SIM-E205"), ("UNAVAILABLE", DONE.1), vec![]),
        ] {
            let found = said(
                "2027-01-16",
                Play {
                    answer,
                    last,
                    ..Play::default()
                },
            );
            assert_eq!(found, owned(&due));
        }
    }
}
