//! Attempts at a use registration as the portal met them, from a person's device or from the eligibility
//! server for a card at a clinic: both end at one function, so both are looked at alike.

use evidence::EntryKind;

use crate::Quote;
use crate::calendar::Instant;
use crate::case::{Card, Case, Exchange, Identification};
use crate::expect::{self, Standing, grace_end};
use crate::expiry::{Period, period};
use crate::finding::q;

/// Houses whose trouble leaves open how an attempt ends.
const HOUSES: [&str; 8] = [
    "portal",
    "jlis",
    "agency",
    "ocsp",
    "crl",
    "intermediate",
    "eligibility-server",
    "server",
];

/// An attempt.
pub(crate) struct Registering<'a> {
    /// The question to the portal.
    pub exchange: &'a Exchange,
    /// The card's proof, for one made at home.
    pub proof: Option<&'a Identification>,
    /// Serial of the certificate.
    pub serial: String,
    /// The card, when it is a declared one.
    pub card: Option<&'a Card>,
    /// How the registration stood before.
    pub before: Standing,
    /// Whether the card is proved, trusted, valid and not revoked.
    pub sound: bool,
    /// Whether an insurer had entered its holder.
    pub insured: bool,
    /// Whether the sources, or a house out of order, leave open how it ends.
    pub disturbed: bool,
}

/// Every attempt, in order.
pub(crate) fn registerings(case: &Case) -> Vec<Registering<'_>> {
    let home = case
        .portal
        .iter()
        .filter(|e| e.posts("/v1/use-registrations"));
    let home = home.map(|e| {
        let proof = case.home_proofs.iter().find(|p| p.seq == e.seq);
        attempt(case, e, proof)
    });
    let clinic = case.clinic_registrations.iter();
    let clinic = clinic.filter(|e| e.posts("/v1/clinic-registrations"));
    let clinic = clinic.map(|e| attempt(case, e, None));
    let mut all: Vec<Registering<'_>> = home.chain(clinic).collect();
    all.sort_by_key(|r| r.exchange.seq);
    all
}

/// Whether a card is trusted, valid and not revoked, and no house is in the way of its registration.
pub(crate) fn sound(case: &Case, card: &Card, at: Instant) -> bool {
    let age = period(card.first_day, card.last_day, at.day, grace_end(case));
    matches!(age, Period::Valid | Period::Notice)
        && expect::flaws(&case.facts, card.certificate.as_ref(), at).is_empty()
        && expect::revocation(case, &card.serial, at).is_none()
        && case.facts.fault(&HOUSES, at).is_none()
}

fn attempt<'a>(
    case: &'a Case,
    exchange: &'a Exchange,
    proof: Option<&'a Identification>,
) -> Registering<'a> {
    let at = exchange.at;
    let shown = proof.and_then(|p| p.request.as_ref().ok());
    let serial = match shown.map(|p| &p.certificate) {
        Some(Ok(certificate)) => certificate.serial.clone(),
        _ => exchange.text("serial").to_owned(),
    };
    let card = match shown {
        Some(shown) => case.facts.cards.iter().find(|c| c.digest == shown.digest),
        None => case.facts.card_of_serial(&serial),
    };
    let proved = proof.is_none_or(|p| p.proves == Some(true) && p.fresh);
    let trusted = card.is_some_and(|card| {
        expect::flaws(&case.facts, card.certificate.as_ref(), at).is_empty()
            && expect::revocation(case, &card.serial, at).is_none()
    });
    let age = card.map(|c| period(c.first_day, c.last_day, at.day, grace_end(case)));
    let insured = card.is_some_and(|card| {
        expect::entries(&case.facts, &card.holder, at).any(|e| e.kind == EntryKind::Gain)
    });
    let until = exchange.answer.as_ref().map_or(at, |a| a.at);
    // Just before its own tie is made.
    let before = expect::standing_without(case, &serial, exchange.seq, at);
    Registering {
        exchange,
        proof,
        before,
        sound: proved && trusted && matches!(age, Some(Period::Valid | Period::Notice)),
        insured,
        disturbed: case.facts.troubled(&HOUSES, at, until) || age == Some(Period::Grace),
        serial,
        card,
    }
}

impl<'a> Registering<'a> {
    fn within<'b>(
        &self,
        exchanges: &'b [Exchange],
    ) -> impl Iterator<Item = &'b Exchange> + use<'b> {
        let (from, to) = (self.exchange.seq, self.until());
        exchanges.iter().filter(move |e| e.seq > from && e.seq < to)
    }

    fn until(&self) -> u32 {
        match &self.exchange.answer {
            Some(answer) => answer.seq,
            None => u32::MAX,
        }
    }

    /// The portal's question to J-LIS.
    pub fn agency(&self, case: &'a Case) -> Option<&'a Exchange> {
        let own = |e: &&Exchange| e.posts("/v1/agency-codes") && e.text("serial") == self.serial;
        self.within(&case.agency).find(own)
    }

    /// Any question to J-LIS meanwhile.
    pub fn any_agency(&self, case: &'a Case) -> Option<&'a Exchange> {
        self.within(&case.agency).next()
    }

    /// The portal's question to the intermediate server.
    pub fn asked_insured(&self, case: &'a Case) -> Option<&'a Exchange> {
        self.within(&case.insured)
            .find(|e| e.posts("/v1/insured-persons"))
    }

    /// The portal's report to the server.
    pub fn fed(&self, case: &'a Case) -> Option<&'a Exchange> {
        let reports =
            |e: &&Exchange| e.posts("/v1/feed/use-registrations") && e.from.role == "portal";
        let mut all = self.within(&case.feed).filter(reports);
        let first = all.next();
        let own = first.filter(|e| e.text("serial") == self.serial);
        own.or_else(|| all.find(|e| e.text("serial") == self.serial))
            .or(first)
    }

    /// Quotes of question and answer.
    pub fn quotes(&self) -> Vec<Quote> {
        let path = match self.proof {
            Some(_) => "POST /v1/use-registrations",
            None => "POST /v1/clinic-registrations",
        };
        vec![
            q(self.exchange.seq, path, self.serial.clone()),
            q(self.exchange.last(), "HTTP", self.exchange.said()),
        ]
    }
}
