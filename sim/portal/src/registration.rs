//! The one function behind every way to a use registration: agency code, insured person, report of the tie.
//! Whether the tie is new is the eligibility server's word: it alone sees both of two that come at once.

use identifiers::CertificateSerial;
use rules::Date;
use wire::eligibility::HOST as ELIGIBILITY_HOST;
use wire::portal::{
    AGENCY_CODES, AgencyCode, AgencyCodeQuestion, INSURED_PERSONS, InsuredPerson, JLIS_HOST,
};
use wire::registration::{FEED_USE_REGISTRATIONS, FedUseRegistration, INTERMEDIATE_HOST};

use crate::conduct::CertificateFault;
use crate::house::Portal;
use crate::neighbours::{Neighbour, Reply, agency_hop, feed_hop, insured_hop};
use crate::refused::{Refused, Who};

impl Portal {
    /// Registers a card's use; true when that is new.
    pub(crate) async fn register(
        &self,
        serial: CertificateSerial,
        last_day: Date,
    ) -> Result<bool, Refused> {
        let serial = format!("{:x}", serial.value());
        let code = self.conduct.agency(self.agency_code(&serial).await?);
        let insured = self.insured_person(code).await?;
        let insured = self.conduct.insured_person(insured);
        let person = insured.ok_or(Refused::NoInsuredPerson)?;
        let tie = FedUseRegistration {
            serial,
            last_day: last_day.to_string(),
            link_number: person.link_number,
            insured: person.insured,
        };
        let new = self.report(&tie).await?;
        Ok(self.conduct.tells_result(new))
    }

    async fn agency_code(&self, serial: &str) -> Result<String, Refused> {
        let neighbour = Neighbour {
            who: Who::Jlis,
            host: JLIS_HOST,
            path: AGENCY_CODES,
            hop: agency_hop(),
        };
        let question = AgencyCodeQuestion {
            serial: serial.to_owned(),
        };
        let reply = self.neighbours.ask(&neighbour, &question).await?;
        if reply.refuses(404, "unknown-serial") {
            return Err(Refused::Certificate(CertificateFault::Unknown));
        }
        let code: AgencyCode = reply.expected(&neighbour, &[200])?;
        Ok(code.agency_code)
    }

    async fn insured_person(&self, agency_code: String) -> Result<Option<InsuredPerson>, Refused> {
        let neighbour = Neighbour {
            who: Who::Intermediate,
            host: INTERMEDIATE_HOST,
            path: INSURED_PERSONS,
            hop: insured_hop(),
        };
        let question = AgencyCode { agency_code };
        let reply = self.neighbours.ask(&neighbour, &question).await?;
        if reply.refuses(404, "no-insured-person") {
            return Ok(None);
        }
        reply.expected(&neighbour, &[200]).map(Some)
    }

    async fn report(&self, tie: &FedUseRegistration) -> Result<bool, Refused> {
        let neighbour = Neighbour {
            who: Who::Eligibility,
            host: ELIGIBILITY_HOST,
            path: FEED_USE_REGISTRATIONS,
            hop: feed_hop(),
        };
        let reply = self.neighbours.ask(&neighbour, tie).await?;
        match reply.answer.status {
            201 => Ok(true),
            200 => Ok(false),
            _ => Err(declined(&reply).unwrap_or_else(|| reply.unexpected(&neighbour))),
        }
    }
}

/// What the eligibility server has against a tie, in the portal's own words.
fn declined(reply: &Reply) -> Option<Refused> {
    let failure = reply.failure()?;
    match (reply.answer.status, failure.error.as_str()) {
        (422, "certificate-not-good") => Some(Refused::CertificateNotGood(failure.message_en)),
        (422, "serial-of-another") => Some(Refused::TiedToAnother),
        (503, "revocation-unavailable") => Some(Refused::Certificate(CertificateFault::Unasked)),
        _ => None,
    }
}
