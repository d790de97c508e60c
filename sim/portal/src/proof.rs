//! The login at home: the card's certificate and signature are looked at like anybody's who relies on them,
//! and an expired certificate registers nothing, the grace being for confirmations only.

use identifiers::CertificateSerial;
use relying::{Bend, Examined, Refusal};
use rules::{CertificateCheck, Date, Revocation, SignatureCheck};
use wire::eligibility::from_base64;
use wire::portal::{HomeRegistration, signed_bytes};

use crate::conduct::{CertificateFault, Conduct};
use crate::house::Portal;
use crate::refused::Refused;

/// A bent answer counts at once, so that what comes after it is still looked at.
struct Bent<'a>(&'a dyn Conduct);

impl Bend for Bent<'_> {
    fn chain_ok(&self, found: Result<(), Refusal>) -> Result<(), Refusal> {
        found.or_else(|refusal| {
            let verdict = self.0.certificate_ok(Err(CertificateFault::Invalid));
            verdict.map_err(|_| refusal)
        })
    }

    fn signature_ok(&self, found: bool) -> bool {
        self.0.accepts_unsigned(found)
    }
}

impl Portal {
    /// Proves the card of a request. The session is used up, unless the request itself is refused.
    pub(crate) async fn prove(
        &self,
        request: &HomeRegistration,
    ) -> Result<(CertificateSerial, Date), Refused> {
        let base64 = |member: &'static str, text: &str| {
            from_base64(text).map_err(|said| Refused::Base64 { member, said })
        };
        let certificate = base64("certificate", &request.certificate)?;
        let signature = base64("signature", &request.signature)?;
        let now = self.clock.now_ms();
        let challenge = self.sessions().take(&request.session, now);
        let challenge = challenge.map_err(Refused::Session)?;
        let signed = signed_bytes(&challenge, &request.session);
        let bent = Bent(&*self.conduct);
        let found = self
            .relying
            .examine(&certificate, &signed, &signature, &bent);
        let found = found.await;
        let trusted = matches!(found.certificate, CertificateCheck::Trusted { .. });
        if trusted && found.signature == SignatureCheck::Wrong {
            return Err(Refused::Signature);
        }
        let verdict = self
            .conduct
            .certificate_ok(fault(&found, self.clock.today()));
        verdict.map_err(Refused::Certificate)?;
        // Not even a portal that takes everything knows the serial of what is no certificate.
        let card = found.card;
        let card = card.ok_or(Refused::Certificate(CertificateFault::Invalid))?;
        Ok((card.serial, card.last_valid))
    }
}

/// What speaks against the certificate; revocation before expiry, as at a confirmation.
fn fault(found: &Examined, today: Date) -> Result<(), CertificateFault> {
    let CertificateCheck::Trusted {
        first_day,
        last_valid,
    } = found.certificate
    else {
        return Err(CertificateFault::Invalid);
    };
    if today < first_day {
        return Err(CertificateFault::Invalid);
    }
    match found.revocation {
        Revocation::Revoked => Err(CertificateFault::Revoked),
        Revocation::Suspended => Err(CertificateFault::Suspended),
        Revocation::Unknown => Err(CertificateFault::Unknown),
        Revocation::Unavailable => Err(CertificateFault::Unasked),
        Revocation::Good if last_valid < today => Err(CertificateFault::Expired),
        Revocation::Good => Ok(()),
    }
}
