//! PKI-04: revoked, suspended and expired are different answers with different screens.

use super::Rule;
use super::closing;
use super::common::{Asked, READER, Reply, SERVER, asked, code, refused_with};
use super::wording::names_reason;
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-04",
    roles: &[SERVER, READER],
    clause: (
        "失効・一時停止・期限切れは、それぞれ別の答えにし、別の画面で示す",
        "Revoked, suspended and expired are different answers with different screens.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let of_server = asked(case).filter_map(|asked| of(case, &asked));
    let of_reader = asked(case).filter_map(|asked| shown(case, &asked));
    of_server.chain(of_reader).collect()
}

/// The screen that tells the patient which of the three it is.
fn shown(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = asked.expected.due();
    if ![Due::Revoked, Due::Suspended, Due::Expired].contains(&due) {
        return None;
    }
    let refused = closing::refused(case, asked, due)?;
    let expected = t(
        format!(
            "画面を読めば、断られた理由（{}）がほかの理由と区別できる",
            due.name()
        ),
        format!(
            "The screen tells the reason ({}) from the others.",
            due.name()
        ),
    );
    let advice = t(
        "失効・一時停止・期限切れを、それぞれの言葉で画面に書く",
        "Give revoked, suspended and expired each its own words on the screen.",
    );
    let holds = refused.shows(|screen| names_reason(screen, due) == Some(true));
    let say = case.of(RULE.id, READER);
    Some(say.decide(holds, expected, refused.actual(), advice, refused.quotes()))
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = asked.expected.due();
    let because = match due {
        Due::Revoked => t("失効している", "The certificate is revoked"),
        Due::Suspended => t("一時停止中である", "The certificate is suspended"),
        Due::Expired => t(
            "期限が切れ猶予も過ぎている",
            "The certificate's grace is over",
        ),
        _ => return None,
    };
    let say = case.of(RULE.id, SERVER);
    let expected = refused_with(case, due, because);
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let advice = t(
        "失効の確認を期限の確認より先に行い、理由ごとに別のコードを返す",
        "Look at revocation before expiry, and give each reason its own code.",
    );
    match asked.reply() {
        Reply::Refuses(_, outcome) => {
            let holds = outcome.code == code(case, due);
            Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
        }
        // Confirmed after the grace is LIFE-03's to judge.
        Reply::Confirms(..) if due == Due::Expired => None,
        _ => Some(say.fail(expected, asked.actual(), advice, asked.quotes())),
    }
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::{self, Revoked, Suspended};

    #[test]
    fn each_reason_has_its_own_code() {
        let valid = Leaf::default();
        let expired = Leaf {
            last_day: "2026-06-15",
            ..Leaf::default()
        };
        let grace = Leaf {
            last_day: "2026-08-15",
            ..Leaf::default()
        };
        type Row<'a> = (
            &'a str,
            &'a Leaf,
            Option<CertificateEvent>,
            Answer,
            &'a [Verdict],
        );
        let table: [Row<'_>; 10] = [
            (
                "revoked",
                &valid,
                Some(Revoked),
                Answer::refused("SIM-E202"),
                &[Pass],
            ),
            (
                "revoked called expired",
                &valid,
                Some(Revoked),
                Answer::refused("SIM-E201"),
                &[Fail],
            ),
            (
                "revoked by an HTTP error",
                &valid,
                Some(Revoked),
                Answer::Error(403, "refused"),
                &[Fail],
            ),
            (
                "suspended",
                &valid,
                Some(Suspended),
                Answer::refused("SIM-E203"),
                &[Pass],
            ),
            (
                "suspended called revoked",
                &valid,
                Some(Suspended),
                Answer::refused("SIM-E202"),
                &[Fail],
            ),
            (
                "expired",
                &expired,
                None,
                Answer::refused("SIM-E201"),
                &[Pass],
            ),
            (
                "expired called revoked",
                &expired,
                None,
                Answer::refused("SIM-E202"),
                &[Fail],
            ),
            (
                "expired but confirmed is LIFE-03's",
                &expired,
                None,
                Answer::confirmed("", "1"),
                &[],
            ),
            (
                "revoked stays revoked in the grace",
                &grace,
                Some(Revoked),
                Answer::refused("SIM-E202"),
                &[Pass],
            ),
            (
                "revoked stays revoked after it",
                &expired,
                Some(Revoked),
                Answer::refused("SIM-E201"),
                &[Fail],
            ),
        ];
        for (name, leaf, event, answer, due) in table {
            let mut scene = Scene::with_card(leaf);
            if let Some(event) = event {
                scene.event("1001", event, "2026-06-01T09:00:00.000+09:00");
            }
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            let said = scene.said("PKI-04").into_iter();
            let said = said.filter(|s| s.0 == "eligibility-server");
            let found: Vec<Verdict> = said.map(|s| s.1).collect();
            assert_eq!(found, due, "{name}");
        }
    }

    #[test]
    fn each_reason_has_its_own_words_on_the_screen() {
        let revoked = || (Some(Revoked), "SIM-E202");
        let suspended = || (Some(Suspended), "SIM-E203");
        let expired = || (None, "SIM-E201");
        for ((event, code), screen, line, due) in [
            (revoked(), "REFUSED", "証明書が失効しています。", Pass),
            (revoked(), "REFUSED", "このカードは使えません。", Fail),
            (revoked(), "REFUSED", "有効期限が切れています。", Fail),
            (revoked(), "REFUSED", "失効したか期限切れです。", Fail),
            (suspended(), "REFUSED", "一時停止の届出があります。", Pass),
            (suspended(), "REFUSED", "証明書が失効しています。", Fail),
            (expired(), "REFUSED", "有効期限が切れています。", Pass),
            (expired(), "REFUSED", "一時停止の届出があります。", Fail),
        ] {
            let mut scene = Scene::with_card(&Leaf {
                last_day: if event.is_some() {
                    "2029-02-15"
                } else {
                    "2026-06-15"
                },
                ..Leaf::default()
            });
            if let Some(event) = event {
                scene.event("1001", event, "2026-06-01T09:00:00.000+09:00");
            }
            scene.visit(&Play {
                answer: Answer::refused(code),
                last: (screen, Vec::leak(vec![line])),
                ..Play::default()
            });
            let mut said = scene.said("PKI-04").into_iter();
            let found = said.find(|s| s.0 == "reader").map(|s| s.1);
            assert_eq!(found, Some(due), "{code} {line}");
        }
    }
}
