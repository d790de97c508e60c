//! PKI-01: a certificate is accepted only with a valid chain to the right authority, inside its
//! validity (grace aside), with the right key usage and policy; every single deviation is refused.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;
use crate::Finding;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-01",
    roles: &[SERVER],
    clause: (
        "信頼する認証局に連なり、有効期間の開始後で、用途とポリシーの正しい証明書だけを受け入れる",
        "Only a certificate of a trusted authority, begun, with the right usage and policy is accepted.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter_map(|asked| if asked.expected.flaws.is_empty() { sound(case, &asked) } else { flawed(case, &asked) }).collect()
}

fn flawed(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let because = t(
        asked.expected.flaws.iter().map(|f| f.ja.as_str()).collect::<Vec<_>>().join("、"),
        asked.expected.flaws.iter().map(|f| f.en.as_str()).collect::<Vec<_>>().join("; "),
    );
    let expected = refused_with(case, Due::CertificateInvalid, because);
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let holds = match asked.reply() {
        Reply::Refuses(_, outcome) => outcome.code == code(case, Due::CertificateInvalid),
        Reply::Error(..) => true,
        Reply::Confirms(..) | Reply::Broken(..) | Reply::Nothing => false,
    };
    let advice = t(
        "失効確認の前に、発行者の署名・鍵用途・拡張鍵用途・開始日を検証する",
        "Check issuer signature, key usage, extended key usage and begin before anything else is asked.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

fn sound(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let expected = t("正しい証明書なので、それを理由には断らない", "The certificate is sound: it is no reason to refuse.");
    match asked.reply() {
        Reply::Confirms(..) => Some(say.pass(expected, asked.actual(), asked.quotes())),
        Reply::Refuses(_, outcome) if outcome.code == code(case, Due::CertificateInvalid) => {
            let advice = t("信頼する認証局の一覧と時計を確かめる", "Check the list of trusted authorities and the clock.");
            Some(say.fail(expected, asked.actual(), advice, asked.quotes()))
        }
        _ => None,
    }
}
