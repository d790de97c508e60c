//! LIFE-01: from three months before expiry the result is normal and the patient sees the renewal
//! notice; before that there is none.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use super::notice;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;
use crate::Finding;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-01",
    roles: &["reader", SERVER],
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
        Reply::Confirms(_, outcome) => outcome.status.as_deref() == Some("1") && outcome.code == code,
        _ => false,
    };
    let advice = t(
        "有効期限の3か月前の応当日（その日がなければ月末）から案内のコードを付ける",
        "Add the notice code from the day three months before the last valid day (its month's end if there is no such day).",
    );
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}

fn not_due(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let Reply::Confirms(_, outcome) = asked.reply() else { return None };
    let say = case.of(RULE.id, SERVER);
    let last = asked.card.last_day;
    let expected = t(
        format!("期限{last}まで3か月を超えるので、更新の案内を付けない"),
        format!("It expires on {last}, more than three months ahead: no notice."),
    );
    let notices = [Due::ExpiresSoon, Due::ExpiredGrace].map(|due| code(case, due));
    let advice = t("案内を始める日の計算を確かめる", "Check how the first day of the notice is worked out.");
    let holds = !notices.contains(&outcome.code.as_str());
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}
