//! One confirmation by card, from question to answer: certificate, signature and revocation are looked
//! at in that order and no further than the first refusal, the person is found by the serial, the rules
//! decide, and the record is written before the answer goes out.

use identifiers::{FacilityCode, LinkNumber};
use rules::{CertificateCheck, Decision, History, Inputs, Revocation, SignatureCheck};
use wire::eligibility::{CardConfirmation, from_base64, signed_bytes};
use wire::face_file::Charset;

use crate::answer::{Given, result};
use crate::certificate::CardCertificate;
use crate::chain;
use crate::entry::{Entry, history};
use crate::house::Server;
use crate::refused::Refused;
use crate::store::Confirmation;

/// What was found out about the card, with a word on what spoke against it.
struct Found {
    certificate: CertificateCheck,
    signature: SignatureCheck,
    revocation: Revocation,
    detail: String,
}

/// The person behind a serial, as far as the store knows.
struct Person {
    link: LinkNumber,
    entries: Vec<Entry>,
    history: History,
}

impl Server {
    /// Confirms by card. The answer is the result document in UTF-8, also when the card is refused.
    pub(crate) async fn confirm(
        &self,
        facility: &FacilityCode,
        question: CardConfirmation,
    ) -> Result<Vec<u8>, Refused> {
        let base64 = |member: &'static str, text: &str| {
            from_base64(text).map_err(|said| Refused::Base64 { member, said })
        };
        let certificate = base64("certificate", &question.certificate)?;
        let signature = base64("signature", &question.signature)?;
        if question.method != "pin" {
            return Err(Refused::ProofMethod(question.method));
        }
        let now = self.clock.now_ms();
        let challenge = self
            .sessions()
            .take(facility, &question.session, now)
            .map_err(Refused::Session)?;
        let signed = signed_bytes(&challenge, &question.session, facility.as_str());

        let card = CardCertificate::read(&certificate);
        let found = match &card {
            Ok(card) => self.examine(card, &signed, &signature).await,
            Err(refusal) => Found::invalid(refusal),
        };
        let person = match &card {
            Ok(card) => self.person(card)?,
            Err(_) => None,
        };
        let decision = self.decide(&found, person.as_ref());
        self.record(
            facility,
            &question,
            card.as_ref().ok(),
            &person,
            &decision,
            &found,
        )?;
        let given = Given {
            facility: facility.as_str(),
            consents: &question.consents,
            entries: person.as_ref().map_or(&[], |person| &person.entries),
        };
        let hours = self.profile.consent_hours;
        let code = decision.outcome.code(&self.profile);
        let result = result(&decision, code, &given, hours, self.clock.now_ms());
        Ok(result.to_xml(Charset::Utf8).into_bytes())
    }

    async fn examine(&self, card: &CardCertificate, signed: &[u8], signature: &[u8]) -> Found {
        let trusted = &self.authorities;
        if let Err(refusal) = self.conduct.chain_ok(chain::check(card, trusted)) {
            return Found::invalid(&refusal);
        }
        let mut found = Found {
            certificate: CertificateCheck::Trusted {
                first_day: card.first_day,
                last_valid: card.last_valid,
            },
            signature: SignatureCheck::Right,
            revocation: Revocation::Unavailable,
            detail: String::new(),
        };
        if !self.conduct.signature_ok(card.proves(signed, signature)) {
            found.signature = SignatureCheck::Wrong;
            found.detail = "the card's signature does not fit this session".to_owned();
            return found;
        }
        let tbs = &card.parsed.tbs_certificate;
        // Past a check that was bent, the first authority answers for a certificate of nobody's.
        let authority = chain::named_authority(tbs, trusted).or(trusted.first());
        let answered = match authority {
            Some(authority) => self.revocations.ask(authority, &tbs.serial_number).await,
            None => return found,
        };
        let revocation = answered.unwrap_or_else(|doubt| {
            found.detail = doubt.to_string();
            Revocation::Unavailable
        });
        found.revocation = self.conduct.revocation(revocation);
        found
    }

    fn person(&self, card: &CardCertificate) -> Result<Option<Person>, Refused> {
        let store = self.store();
        let Some(link) = store.link_of(card.serial)? else {
            return Ok(None);
        };
        let entries = store.entries(&link)?;
        let history = history(&entries);
        Ok(Some(Person {
            link,
            entries,
            history,
        }))
    }

    fn decide(&self, found: &Found, person: Option<&Person>) -> Decision {
        let inputs = Inputs {
            certificate: found.certificate,
            signature: found.signature,
            revocation: found.revocation,
            registered: person.map(|person| &person.history),
        };
        let today = self.clock.today();
        let mut decision = self.conduct.decide(&inputs, &self.profile, today);
        if let Some(person) = person {
            let chosen = decision.qualification.take();
            decision.qualification = self.conduct.choose_qualification(&person.history, chosen);
        }
        decision.consents_honoured = self.conduct.consents_honoured(decision.consents_honoured);
        decision
    }

    fn record(
        &self,
        facility: &FacilityCode,
        question: &CardConfirmation,
        card: Option<&CardCertificate>,
        person: &Option<Person>,
        decision: &Decision,
        found: &Found,
    ) -> Result<(), Refused> {
        let at = self.clock.rfc3339();
        self.store().record(&Confirmation {
            at: &at,
            facility: facility.as_str(),
            session: &question.session,
            serial: card.map(|card| card.serial.to_string()),
            link_number: person.as_ref().map(|person| person.link.as_str()),
            outcome: decision.outcome.name(),
            detail: &found.detail,
        })?;
        Ok(())
    }
}

impl Found {
    fn invalid(refusal: &chain::Refusal) -> Self {
        Self {
            certificate: CertificateCheck::Invalid(refusal.fault()),
            signature: SignatureCheck::Wrong,
            revocation: Revocation::Unavailable,
            detail: refusal.to_string(),
        }
    }
}
