//! What should have happened, computed from the declared facts alone: the outcome due to a card
//! check and to a question by number, who is registered when, which consent holds. The second reading
//! of every rule the simulator also has.

mod certificate;
mod consent;
mod due;
mod number;
mod qualification;
mod standing;

pub use certificate::{flaws, revocation, status};
pub use consent::{Consent, consent_for, drugs_due, granted};
pub use due::{ALL, Due};
pub use number::{NumberDue, by_number, owners};
pub use qualification::{
    Qualified, Spell, check_digit_holds, entries, qualification, same_insurer, spells,
};
pub use standing::{Standing, Tie, Way, pair_of, standing, standing_without, ties};

use crate::Text;
use crate::calendar::Instant;
use crate::case::{Card, Case, Identification};
use crate::expiry::{GraceEnd, Period, grace_ends, period};

/// What is due to one card confirmation.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Reasons to refuse, the one looked at first in front; empty when it is to be confirmed.
    pub troubles: Vec<Due>,
    /// What is wrong with the certificate, when it is none to trust.
    pub flaws: Vec<Text>,
    /// Period of the certificate's life.
    pub period: Period,
    /// How the card's use registration stands.
    pub standing: Standing,
    /// The qualification the answer should carry.
    pub qualification: Option<Qualified>,
}

impl Expected {
    /// The outcome due.
    pub fn due(&self) -> Due {
        let notice = match self.period {
            Period::Notice => Due::ExpiresSoon,
            Period::Grace => Due::ExpiredGrace,
            Period::NotYet | Period::Valid | Period::After => Due::Confirmed,
        };
        self.troubles.first().copied().unwrap_or(notice)
    }

    /// Why the card itself is refused or cannot be checked, whoever holds it; none when it is sound.
    pub fn card_trouble(&self) -> Option<Due> {
        self.troubles.first().copied().filter(|due| due.of_card())
    }
}

/// The grace end of the profile; its absence is the bed's error, noted when the case is read.
pub fn grace_end(case: &Case) -> GraceEnd {
    GraceEnd::parse(case.value("grace_end")).unwrap_or(GraceEnd::MonthEnd)
}

/// Last day of the grace of a certificate.
pub fn last_grace_day(case: &Case, card: &Card) -> crate::calendar::Day {
    grace_ends(card.last_day, grace_end(case))
}

/// Computes what is due to a card that was proved at one instant and is confirmed at another.
pub fn expected(case: &Case, card: &Card, proved: Instant, at: Instant) -> Expected {
    let facts = &case.facts;
    let flaws = flaws(facts, card.certificate.as_ref(), at);
    let period = period(card.first_day, card.last_day, at.day, grace_end(case));
    let standing = standing(case, &card.serial, at);
    let qualification = qualification(facts, &card.holder, at.day, at);
    let unregistered = match standing {
        Standing::Registered => None,
        Standing::Never => Some(Due::NotRegistered),
        Standing::Lapsed => Some(Due::Lapsed),
        Standing::Released => Some(Due::Released),
    };
    let troubles = [
        (!flaws.is_empty()).then_some(Due::CertificateInvalid),
        (!card.genuine).then_some(Due::SignatureInvalid),
        revocation(case, &card.serial, proved),
        (period == Period::After).then_some(Due::Expired),
        unregistered,
        qualification.is_none().then_some(Due::NoQualification),
    ];
    Expected {
        troubles: troubles.into_iter().flatten().collect(),
        flaws,
        period,
        standing,
        qualification,
    }
}

/// What is due to every confirmation of a case.
pub fn all_due(case: &Case) -> Vec<Option<Expected>> {
    let of = |confirmation| {
        let card = case.card_of(confirmation)?;
        let proved = case
            .proof_of(confirmation)
            .map_or(confirmation.at, |p| p.at);
        Some(expected(case, card, proved, confirmation.at))
    };
    case.confirmations.iter().map(of).collect()
}

/// What is due to a card shown to the server, and which card it is.
pub fn of_proof<'a>(case: &'a Case, proof: &Identification) -> Option<(&'a Card, Expected)> {
    let card = case.card_proved(proof)?;
    Some((card, expected(case, card, proof.at, proof.at)))
}
