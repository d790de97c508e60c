//! What LIFE-05, LIFE-06 and PKI-06 share: confirmations with a card that followed another, sorted by when
//! the renewal came and whether anybody registered the new card itself.

use super::common::{Asked, Reply, asked, code};
use crate::case::{Case, Renewal};
use crate::expect::{self, Due, Standing, last_grace_day};

/// When a renewal came in the life of the certificate before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// While it was valid.
    Valid,
    /// In its grace.
    Grace,
    /// After its grace.
    Late,
}

/// A confirmation with a card whose standing rests on the pair alone.
pub(crate) struct Renewed<'a> {
    pub asked: Asked<'a>,
    /// Whether somebody registered the new card itself as well.
    pub tied: bool,
    pub pair: &'a Renewal,
    pub when: When,
}

/// Confirmations by cards whose certificate followed a registered one, the server knowing of the pair.
pub(crate) fn renewed(case: &Case) -> impl Iterator<Item = Renewed<'_>> {
    asked(case).filter_map(|asked| {
        let at = asked.confirmation.at;
        let pair = expect::pair_of(case, &asked.card.serial, at)?;
        let tied = case
            .ties
            .iter()
            .any(|t| t.serial == asked.card.serial && t.at <= at);
        let old = case.facts.card_of_serial(&pair.old_serial)?;
        let was = expect::standing(case, &pair.old_serial, pair.known_at);
        if was == Standing::Never || asked.expected.card_trouble().is_some() {
            return None;
        }
        let when = if pair.on <= old.last_day {
            When::Valid
        } else if pair.on <= last_grace_day(case, old) {
            When::Grace
        } else {
            When::Late
        };
        Some(Renewed {
            asked,
            tied,
            pair,
            when,
        })
    })
}

/// Whether an answer refuses for want of a registration.
pub(crate) fn unregistered(case: &Case, asked: &Asked<'_>) -> bool {
    let codes = [Due::NotRegistered, Due::Lapsed, Due::Released].map(|due| code(case, due));
    matches!(asked.reply(), Reply::Refuses(_, o) if codes.contains(&o.code.as_str()))
}
