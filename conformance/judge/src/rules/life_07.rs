//! LIFE-07: each border is exact to the day: three months before, the last valid day, the first grace day,
//! the last grace day, the day after; month ends and leap days included.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::calendar::Day;
use crate::case::{Card, Case};
use crate::expect::{Due, last_grace_day};
use crate::expiry::Period;
use crate::finding::t;
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-07",
    roles: &[SERVER],
    clause: (
        "期限の3か月前、最終日、猶予の初日、猶予の最終日、その翌日の扱いを、日付どおりに切り替える",
        "Each border is exact to the day: notice, last valid day, first and last grace day, the day after.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter_map(|asked| of(case, &asked)).collect()
}

/// Which border a day lies at, in words; none when it lies at none.
fn border(case: &Case, card: &Card, today: Day) -> Option<Text> {
    let notice = card.last_day.plus_months(-3);
    let end = last_grace_day(case, card);
    let away = |from: Day| from.days_to(today);
    if let away @ (-1 | 0) = away(card.first_day) {
        let first = card.first_day;
        return Some(match away {
            0 => t(
                format!("有効期間の初日{first}"),
                format!("the first valid day, {first}"),
            ),
            _ => t(
                format!("有効期間の初日{first}の前日"),
                format!("the day before the first valid day, {first}"),
            ),
        });
    }
    let near = match (away(notice), away(card.last_day), away(end)) {
        (-1, ..) => t(
            format!("案内の始まる{notice}の前日"),
            format!("the day before the notice starts on {notice}"),
        ),
        (0, ..) => t(
            format!("案内の初日{notice}"),
            format!("the first day of the notice, {notice}"),
        ),
        (_, 0, _) => t(
            format!("有効期限の最終日{today}"),
            format!("the last valid day, {today}"),
        ),
        (_, 1, _) => t(
            format!("期限の翌日、猶予の初日{today}"),
            format!("the first day of the grace, {today}"),
        ),
        (.., 0) => t(
            format!("猶予の最終日{today}"),
            format!("the last day of the grace, {today}"),
        ),
        (.., 1) => t(
            format!("猶予の終わった{end}の翌日"),
            format!("the day after the grace ended on {end}"),
        ),
        _ => return None,
    };
    Some(near)
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let at = asked.confirmation.at;
    let due = asked.expected.due();
    let early = asked.expected.period == Period::NotYet;
    let by_day = due.confirms() || due == Due::Expired || (early && due == Due::CertificateInvalid);
    let near = border(case, asked.card, at.day).filter(|_| by_day)?;
    let say = case.of(RULE.id, SERVER);
    let (ja, en) = match asked.expected.period {
        Period::Notice => (
            "確認し、更新の案内を付ける",
            "confirmed with the renewal notice",
        ),
        Period::Grace => (
            "資格だけを確認し、猶予の案内を付ける",
            "the qualification alone, with the notice of the grace",
        ),
        Period::After => ("カードでは確認しない", "nothing is confirmed by card"),
        Period::NotYet => ("まだカードでは確認しない", "nothing is confirmed yet"),
        Period::Valid => ("案内なしで確認する", "confirmed without notice"),
    };
    let expected = t(
        format!("{}なので、{ja}", near.ja),
        format!("It is {}: {en}.", near.en),
    );
    let judged = match asked.expected.period {
        Period::After | Period::NotYet => asked.unanswered(case, say, &expected),
        _ => asked.unjudged(case, say, &expected),
    };
    if judged.is_some() {
        return judged;
    }
    let advice = t(
        "境の日を含むか含まないか、月末と閏日の扱いを、日本の暦日で確かめる",
        "Check in Japanese calendar days which side each border day belongs to, at month ends and leap days too.",
    );
    let holds = holds(case, asked);
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

fn holds(case: &Case, asked: &Asked<'_>) -> bool {
    let is = |due| code(case, due);
    match asked.reply() {
        Reply::Confirms(_, outcome) => match asked.expected.period {
            Period::Notice => outcome.code == is(Due::ExpiresSoon),
            Period::Grace => outcome.code == is(Due::ExpiredGrace),
            Period::After | Period::NotYet => false,
            Period::Valid => {
                ![is(Due::ExpiresSoon), is(Due::ExpiredGrace)].contains(&outcome.code.as_str())
            }
        },
        Reply::Refuses(_, outcome) if asked.expected.due().confirms() => {
            ![is(Due::Expired), is(Due::CertificateInvalid)].contains(&outcome.code.as_str())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(last_day: &'static str, grace_end: &str, answer: Answer) -> Vec<Verdict> {
        let mut scene = Scene::with_card(&Leaf {
            last_day,
            ..Leaf::default()
        });
        scene
            .run
            .profile
            .insert("grace_end".into(), grace_end.into());
        scene.visit(&Play {
            answer,
            ..Play::default()
        });
        scene.said("LIFE-07").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn each_border_day_belongs_to_its_side() {
        let (month, day) = ("month_end", "same_day");
        let plain = || Answer::confirmed("", "1");
        let soon = || Answer::confirmed("SIM-N101", "1");
        let grace = || Answer::confirmed("SIM-N102", "0");
        let over = || Answer::refused("SIM-E201");
        // Today is 2026-10-15.
        for (name, last, reading, right, wrong) in [
            (
                "the day before the notice",
                "2027-01-16",
                month,
                plain(),
                soon(),
            ),
            (
                "first day of the notice",
                "2027-01-15",
                month,
                soon(),
                plain(),
            ),
            ("last valid day", "2026-10-15", month, soon(), grace()),
            (
                "first day of the grace",
                "2026-10-14",
                month,
                grace(),
                soon(),
            ),
            (
                "last day of the grace by the day",
                "2026-07-15",
                day,
                grace(),
                over(),
            ),
            ("the day after it", "2026-07-14", day, over(), grace()),
        ] {
            assert_eq!(said(last, reading, right), [Pass], "{name}");
            assert_eq!(said(last, reading, wrong), [Fail], "{name}");
        }
    }

    #[test]
    fn it_begins_on_its_first_day() {
        let (confirmed, refused) = (Answer::confirmed("", "1"), Answer::refused("SIM-E206"));
        for (first_day, answer, due) in [
            ("2026-10-16", refused.clone(), Pass),
            ("2026-10-16", confirmed.clone(), Fail),
            ("2026-10-15", confirmed, Pass),
            ("2026-10-15", refused, Fail),
        ] {
            let mut scene = Scene::with_card(&Leaf {
                first_day,
                ..Leaf::default()
            });
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("LIFE-07")[0].1, due, "{first_day}");
        }
    }

    #[test]
    fn month_ends_and_days_between() {
        for (last, reading) in [
            ("2029-02-15", "month_end"),
            ("2026-07-15", "month_end"),
            ("2026-12-01", "same_day"),
        ] {
            assert_eq!(said(last, reading, Play::default().answer), [], "{last}");
        }
        let mut scene = Scene::with_card(&Leaf {
            last_day: "2027-11-30",
            ..Leaf::default()
        });
        scene.at("2028-02-29T09:00:00");
        scene.visit(&Play {
            answer: Answer::confirmed("SIM-N102", "0"),
            ..Play::default()
        });
        assert_eq!(scene.said("LIFE-07")[0].1, Pass, "a leap day");
    }
}
