//! One card looked at from end to end: certificate, signature, revocation, in that order and no further
//! than the first refusal. A house may bend what each step found; the next step goes on as if the bent
//! finding were right.

use identifiers::CertificateSerial;
use rules::{CertificateCheck, Revocation, SignatureCheck};
use wire::certificate::SIGNING_SERIAL_BIT;

use crate::authority::{Authority, AuthorityError};
use crate::certificate::CardCertificate;
use crate::chain::{self, Refusal};
use crate::doubt::Doubt;
use crate::revocation::{Revocations, Settings};

/// The decisions of a relying party that a house which errs on purpose may bend, one method each. Every
/// default is the reference behaviour.
pub trait Bend: Send + Sync {
    /// Whether the card's certificate is one to trust (PKI-01); `found` is what the check found.
    fn chain_ok(&self, found: Result<(), Refusal>) -> Result<(), Refusal> {
        found
    }

    /// Whether the card's signature counts (PKI-08); `found` is what the check found.
    fn signature_ok(&self, found: bool) -> bool {
        found
    }

    /// What the answer about revocation counts as (PKI-02, PKI-07); `Unavailable` stands for no answer
    /// to rely on.
    fn revocation(&self, found: Revocation) -> Revocation {
        found
    }
}

/// Bends nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Straight;

impl Bend for Straight {}

/// What was found out about a card.
pub struct Examined {
    /// The certificate, for `rules`: its days are not looked at here.
    pub certificate: CertificateCheck,
    /// The card's signature; `Wrong` when it was not looked at.
    pub signature: SignatureCheck,
    /// The revocation answer; `Unavailable` when it was not asked for.
    pub revocation: Revocation,
    /// A word on what spoke against the card, or in the way of asking; empty when nothing did.
    pub detail: String,
    /// The certificate as read; none when it is none.
    pub card: Option<CardCertificate>,
}

/// A relying party: the authorities it trusts and its way to ask about revocation.
pub struct Relying {
    authorities: Vec<Authority>,
    revocations: Revocations,
}

impl Relying {
    /// Reads the trusted authorities (DER). One that cannot be used is an error of the configuration.
    pub fn new(authorities: &[Vec<u8>], settings: Settings) -> Result<Self, AuthorityError> {
        Ok(Self {
            authorities: Authority::read_all(authorities)?,
            revocations: Revocations::new(settings),
        })
    }

    /// The trusted authorities, in the order they were given.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// Looks at a certificate (DER) and the card's signature over `signed` (PKCS#1 v1.5, SHA-256).
    pub async fn examine(
        &self,
        certificate: &[u8],
        signed: &[u8],
        signature: &[u8],
        bend: &dyn Bend,
    ) -> Examined {
        match CardCertificate::read(certificate) {
            Err(refusal) => Examined::invalid(&refusal, None),
            Ok(card) => self.examine_card(card, signed, signature, bend).await,
        }
    }

    async fn examine_card(
        &self,
        card: CardCertificate,
        signed: &[u8],
        signature: &[u8],
        bend: &dyn Bend,
    ) -> Examined {
        if let Err(refusal) = bend.chain_ok(chain::check(&card, &self.authorities)) {
            return Examined::invalid(&refusal, Some(card));
        }
        let mut found = Examined {
            certificate: CertificateCheck::Trusted {
                first_day: card.first_day,
                last_valid: card.last_valid,
            },
            signature: SignatureCheck::Right,
            revocation: Revocation::Unavailable,
            detail: String::new(),
            card: None,
        };
        if bend.signature_ok(card.proves(signed, signature)) {
            let answered = self.asked_about(&card).await;
            let revocation = answered.unwrap_or_else(|doubt| {
                found.detail = doubt.to_string();
                Revocation::Unavailable
            });
            found.revocation = bend.revocation(revocation);
        } else {
            found.signature = SignatureCheck::Wrong;
            found.detail = "the card's signature does not fit this session".to_owned();
        }
        found.card = Some(card);
        found
    }

    async fn asked_about(&self, card: &CardCertificate) -> Result<Revocation, Doubt> {
        // Past a check that was bent, the first authority answers for a certificate of nobody's.
        let named = chain::named_authority(card, &self.authorities);
        match named.or(self.authorities.first()) {
            Some(authority) => self.revocations.ask(authority, card.serial).await,
            // `new` takes no empty list; nobody at all would know nothing of the serial.
            None => Ok(Revocation::Unknown),
        }
    }

    /// Whether the signing certificate on the same card has been revoked, by the authority's list of those.
    /// It says nothing about the card's use for identification (PKI-05).
    pub async fn signing_revoked(&self, serial: CertificateSerial) -> bool {
        let signing = CertificateSerial::new(serial.value() ^ SIGNING_SERIAL_BIT);
        match signing {
            Ok(signing) => self.revocations.signing_list_names(signing).await,
            Err(_) => false,
        }
    }

    /// Asks about a serial without its certificate at hand: the first authority that knows it answers.
    /// One that cannot be asked ends it, for the serial might be its own.
    pub async fn revocation_of(&self, serial: CertificateSerial) -> Result<Revocation, Doubt> {
        for authority in &self.authorities {
            match self.revocations.ask(authority, serial).await? {
                Revocation::Unknown => {}
                known => return Ok(known),
            }
        }
        Ok(Revocation::Unknown)
    }
}

impl Examined {
    fn invalid(refusal: &Refusal, card: Option<CardCertificate>) -> Self {
        Self {
            certificate: CertificateCheck::Invalid(refusal.fault()),
            signature: SignatureCheck::Wrong,
            revocation: Revocation::Unavailable,
            detail: refusal.to_string(),
            card,
        }
    }
}
