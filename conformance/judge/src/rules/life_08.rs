//! LIFE-08: the certificate's expiry never touches the insurance itself: a query by number is answered as
//! before.

use super::Rule;
use super::common::SERVER;
use super::numbered::{Numbered, numbered};
use crate::Finding;
use crate::case::{Card, Case};
use crate::expect::{self, Standing, grace_end};
use crate::expiry::{Period, period};
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-08",
    roles: &[SERVER],
    clause: (
        "電子証明書が切れても失効しても、記号番号での照会には元どおり答える",
        "Whatever became of the certificate, a query by number is answered as before.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    numbered(case).filter_map(|n| of(case, &n)).collect()
}

/// Whether a card is of no use, or of little, at the time.
fn spent(case: &Case, card: &Card, asked: &Numbered<'_>) -> bool {
    let at = asked.question.at;
    let period = period(card.first_day, card.last_day, at.day, grace_end(case));
    let gone = expect::status(&case.facts, &card.serial, at).is_some();
    let standing = expect::standing(case, &card.serial, at);
    let released = matches!(standing, Standing::Lapsed | Standing::Released);
    gone || released || matches!(period, Period::Grace | Period::After)
}

fn of(case: &Case, asked: &Numbered<'_>) -> Option<Finding> {
    let person = asked.due.person?;
    let own = case
        .facts
        .cards
        .iter()
        .filter(|c| c.holder == person && c.genuine);
    let card = { own }.find(|card| spent(case, card, asked))?;
    let say = case.of(RULE.id, SERVER);
    let (last, due) = (card.last_day, asked.expected());
    let expected = t(
        format!("電子証明書（期限{last}）にかかわらず、{}", due.ja),
        format!("Whatever the certificate (until {last}): {}", due.en),
    );
    let advice = t(
        "番号での照会では、カードや電子証明書の状態を見ない",
        "Asked by number, do not look at the person's card or certificate.",
    );
    let wrong = (!asked.valid()).then(|| asked.actual());
    Some(asked.decide(case, say, expected, wrong, advice))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::Revoked;

    #[test]
    fn the_number_goes_on_as_before() {
        for (last_day, revoked, validity, block, due) in [
            ("2026-06-15", false, "1", NUMBER, vec![Pass]),
            ("2026-06-15", false, "2", "", vec![Fail]),
            ("2026-08-15", false, "1", NUMBER, vec![Pass]),
            ("2029-02-15", true, "4", "", vec![Fail]),
            ("2029-02-15", false, "1", NUMBER, vec![]),
        ] {
            let mut scene = Scene::with_card(&Leaf {
                last_day,
                ..Leaf::default()
            });
            if revoked {
                scene.event("1001", Revoked, "2026-10-10T09:00:00.000+09:00");
            }
            scene.ask(&Ask {
                validity,
                block,
                ..Ask::default()
            });
            let said: Vec<_> = scene.said("LIFE-08").into_iter().map(|s| s.1).collect();
            assert_eq!(said, due, "{last_day} {validity}");
        }
    }
}
