//! The first half of a visit: the card is looked at once, and what was found serves the rest of the
//! session. The terminal learns how the use registration stands, so that its reader can offer one before
//! any consent is asked.

use std::sync::Arc;

use identifiers::{CertificateSerial, FacilityCode};
use relying::{Bend, CardCertificate, Examined, Refusal, chain};
use rules::{
    CertificateCheck, Date, Inputs, Outcome, Registered, Revocation, SignatureCheck,
    UseRegistration,
};
use wire::eligibility::{CardIdentification, Method, Standing, from_base64, signed_bytes};

use crate::conduct::Conduct;
use crate::house::Server;
use crate::refused::Refused;
use crate::sessions::AskedFor;
use crate::store::{Store, StoreError};

/// What was found out about a card, and how the person was proved.
pub(crate) struct Identified {
    pub(crate) certificate: CertificateCheck,
    pub(crate) signature: SignatureCheck,
    pub(crate) revocation: Revocation,
    /// A word on what spoke against the card.
    pub(crate) detail: String,
    pub(crate) serial: Option<CertificateSerial>,
    pub(crate) method: Method,
}

/// Conduct, as whoever looks at the card asks it.
struct Bending<'a>(&'a dyn Conduct);

impl Bend for Bending<'_> {
    fn chain_ok(&self, found: Result<(), Refusal>) -> Result<(), Refusal> {
        self.0.chain_ok(found)
    }

    fn signature_ok(&self, found: bool) -> bool {
        self.0.signature_ok(found)
    }

    fn revocation(&self, found: Revocation) -> Revocation {
        self.0.revocation(found)
    }
}

impl Identified {
    fn of(examined: Examined, method: Method) -> Self {
        Self {
            certificate: examined.certificate,
            signature: examined.signature,
            revocation: examined.revocation,
            detail: examined.detail,
            serial: examined.card.map(|card| card.serial),
            method,
        }
    }

    /// Last valid day of the certificate, if it is one to trust.
    pub(crate) fn last_day(&self) -> Option<Date> {
        match self.certificate {
            CertificateCheck::Trusted { last_valid, .. } => Some(last_valid),
            CertificateCheck::Invalid(_) => None,
        }
    }

    /// The rules' inputs, with the registration as it stands now.
    pub(crate) fn inputs<'a>(&self, registered: UseRegistration<'a>) -> Inputs<'a> {
        Inputs {
            certificate: self.certificate,
            signature: self.signature,
            revocation: self.revocation,
            registered,
        }
    }
}

impl Server {
    /// Looks at a card and says how its use registration stands. The session's challenge is used up.
    pub(crate) async fn identify(
        &self,
        facility: &FacilityCode,
        question: &CardIdentification,
    ) -> Result<Standing, Refused> {
        let base64 = |member: &'static str, text: &str| {
            from_base64(text).map_err(|said| Refused::Base64 { member, said })
        };
        let certificate = base64("certificate", &question.certificate)?;
        let signature = base64("signature", &question.signature)?;
        let session = AskedFor {
            facility,
            name: &question.session,
            now_ms: self.clock.now_ms(),
        };
        let challenge = self
            .sessions()
            .answer(session, |used| self.conduct.refuses_replay(used))
            .map_err(Refused::Session)?;
        let signed = signed_bytes(&challenge, &question.session, facility.as_str());
        let examined = self.examine(&certificate, &signed, &signature).await;
        let found = Arc::new(Identified::of(examined, question.method));
        self.sessions().keep(session, found.clone());
        if self.refuses_card(&found).is_some() {
            return Ok(Standing::Undetermined);
        }
        let registered = self.registered(&self.store(), found.serial)?;
        Ok(match registered {
            Registered::To(_) => Standing::Registered,
            Registered::Released(_) => Standing::Released,
            Registered::Lapsed(_) => Standing::Lapsed,
            Registered::Never => Standing::NeverRegistered,
        })
    }

    async fn examine(&self, certificate: &[u8], signed: &[u8], signature: &[u8]) -> Examined {
        let bend = Bending(&*self.conduct);
        if !self.conduct.asks_revocation_for_expired()
            && let Some(unasked) = self.expired(certificate, signed, signature)
        {
            return unasked;
        }
        let relying = &self.relying;
        let mut examined = relying.examine(certificate, signed, signature, &bend).await;
        if self.conduct.minds_signing_certificate()
            && examined.revocation == Revocation::Good
            && let Some(card) = &examined.card
            && relying.signing_revoked(card.serial).await
        {
            examined.revocation = Revocation::Revoked;
        }
        examined
    }

    /// A trusted certificate that has expired, with a right signature; taken for good without asking.
    fn expired(&self, certificate: &[u8], signed: &[u8], signature: &[u8]) -> Option<Examined> {
        let card = CardCertificate::read(certificate).ok()?;
        chain::check(&card, self.relying.authorities()).ok()?;
        let expired = card.last_valid < self.clock.today() && card.proves(signed, signature);
        expired.then(|| Examined {
            certificate: CertificateCheck::Trusted {
                first_day: card.first_day,
                last_valid: card.last_valid,
            },
            signature: SignatureCheck::Right,
            revocation: Revocation::Good,
            detail: String::new(),
            card: Some(card),
        })
    }

    /// Why the card itself is refused today, whatever its registration; none when nothing speaks
    /// against it.
    pub(crate) fn refuses_card(&self, found: &Identified) -> Option<Outcome> {
        let inputs = found.inputs(UseRegistration::Never);
        let today = self.clock.today();
        let decision = self.conduct.decide(&inputs, &self.profile, today);
        Some(decision.outcome).filter(|outcome| outcome.is_about_the_card())
    }

    /// How the use registration of a serial stands today.
    pub(crate) fn registered(
        &self,
        store: &Store,
        serial: Option<CertificateSerial>,
    ) -> Result<Registered, StoreError> {
        let Some(serial) = serial else {
            return Ok(Registered::Never);
        };
        let holder = store.holder(serial)?;
        let released = match &holder {
            rules::Holder::Tied(link) => !self.releases_in_force(store, link)?.is_empty(),
            rules::Holder::Lapsed(_) | rules::Holder::Nobody => false,
        };
        let found = rules::registration::standing(holder, released);
        Ok(self.conduct.standing(found))
    }

    /// The days of a person's releases that are in force today.
    pub(crate) fn releases_in_force(
        &self,
        store: &Store,
        link: &identifiers::LinkNumber,
    ) -> Result<Vec<Date>, StoreError> {
        let today = self.clock.today();
        let mut days = store.open_releases(link)?;
        days.retain(|day| {
            let effective = self.conduct.release_effective(*day);
            rules::registration::release_in_force(effective, today)
        });
        Ok(days)
    }
}

#[cfg(test)]
impl Identified {
    /// The finding of a card that is none.
    pub(crate) fn nothing() -> Self {
        Self {
            certificate: CertificateCheck::Invalid(rules::CertificateFault::Malformed),
            signature: SignatureCheck::Wrong,
            revocation: Revocation::Unavailable,
            detail: String::new(),
            serial: None,
            method: Method::Pin,
        }
    }
}

#[cfg(test)]
impl Server {
    /// How a serial stands now.
    pub(crate) fn standing_of(&self, serial: u64) -> Registered {
        let serial = CertificateSerial::new(serial).unwrap();
        self.registered(&self.store(), Some(serial)).unwrap()
    }

    /// Whom a serial itself is tied to.
    pub(crate) fn tie_of(&self, serial: u64) -> Option<identifiers::LinkNumber> {
        let serial = CertificateSerial::new(serial).unwrap();
        self.store().tied(&serial.to_string()).unwrap()
    }
}
