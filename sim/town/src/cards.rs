//! The town's cards: issued, copied by forgers, tried elsewhere, and what the authority says of
//! their certificates.

use std::sync::{Arc, Mutex};

use identifiers::CertificateSerial;
use jiff::civil::Date;
use jlis::{Holder, Leaf};
use virtual_card::{Card, CardContents, CardKey, CardProfile, Credential};
use wire::apdu;
use world::keys;

use crate::slot::{SharedCard, lock};
use crate::town::{Town, TownError};

/// Which authority makes a card's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The simulated J-LIS.
    Jpki,
    /// An authority of the same name that nobody trusts.
    Foreign,
}

/// What the authority is to say of a certificate from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Revoked for good.
    Revoked,
    /// Suspended by a loss report.
    Suspended,
    /// Never heard of.
    Unknown,
}

/// A card to be issued.
#[derive(Clone, Debug)]
pub struct CardOrder {
    /// Name of the card.
    pub card: String,
    /// Which keys of the pool; different people get different ones.
    pub key: usize,
    /// First valid day of its certificates.
    pub first_day: Date,
    /// Last valid day.
    pub last_day: Date,
    /// Who makes the certificates.
    pub maker: Maker,
    /// The card it imitates: the simulated J-LIS's certificates are copied without their keys,
    /// a foreign authority makes its own under the same serial.
    pub copy_of: Option<String>,
    /// Authentication PIN.
    pub pin: String,
}

/// A card as issued.
#[derive(Clone, Debug)]
pub struct CardIssued {
    /// User-authentication certificate, DER.
    pub certificate: Vec<u8>,
    /// Its serial, lower-case hex.
    pub serial: String,
    /// First valid day.
    pub first_day: Date,
    /// Last valid day.
    pub last_day: Date,
}

/// A card somebody holds.
pub(crate) struct Held {
    pub(crate) shared: SharedCard,
    contents: CardContents,
    issued: CardIssued,
}

impl Town {
    /// Issues a card and enters its certificate as good, unless it is a copy or foreign.
    pub fn issue_card(&mut self, order: &CardOrder) -> Result<CardIssued, TownError> {
        let failed = |e: &dyn std::fmt::Display| TownError::Card(order.card.clone(), e.to_string());
        let (contents, issued) = match (&order.copy_of, order.maker) {
            (Some(victim), Maker::Jpki) => self.copied(order, victim)?,
            _ => self.fresh(order)?,
        };
        let card =
            Card::issue(contents.clone(), self.products.card.clone()).map_err(|e| failed(&e))?;
        let held = Held {
            shared: Arc::new(Mutex::new(card)),
            contents,
            issued: issued.clone(),
        };
        self.cards.insert(order.card.clone(), held);
        Ok(issued)
    }

    fn fresh(&mut self, order: &CardOrder) -> Result<(CardContents, CardIssued), TownError> {
        let failed = |e: &dyn std::fmt::Display| TownError::Card(order.card.clone(), e.to_string());
        let serial = self.serial_for(order)?;
        let CardOrder {
            first_day,
            last_day,
            ..
        } = *order;
        let (own, signing) = (keys::card(2 * order.key), keys::card(2 * order.key + 1));
        let leaf = |key| Leaf {
            serial,
            first_day,
            last_day,
            key,
        };
        let maker = match order.maker {
            Maker::Jpki => &self.authorities.jpki,
            Maker::Foreign => &self.authorities.foreign,
        };
        let certificate = maker.issue_authentication(&leaf(&own.pair));
        let holder = Holder {
            name: "模擬　太郎",
            address: "模擬県模擬市１－１",
            birth: first_day,
            sex: "3",
        };
        let card_key = |key: &world::Key| {
            CardKey::from_loaded(key.pair.clone(), key.pkcs8.into()).map_err(|e| failed(&e))
        };
        let contents = CardContents {
            authentication: Credential {
                certificate: certificate.clone(),
                ca_certificate: maker.certificate.clone(),
                key: card_key(&own)?,
                secret: order.pin.clone(),
            },
            signing: Some(Credential {
                certificate: self
                    .authorities
                    .signing
                    .issue_signing(&leaf(&signing.pair), &holder),
                ca_certificate: self.authorities.signing.certificate.clone(),
                key: card_key(&signing)?,
                secret: "SIM1234".into(),
            }),
            seed: self.seed.stream(&order.card).block(),
            profile: CardProfile::default(),
        };
        if order.maker == Maker::Jpki {
            self.register.set(serial, jlis::Standing::Good);
        }
        let serial = format!("{:x}", serial.value());
        Ok((
            contents,
            CardIssued {
                certificate,
                serial,
                first_day,
                last_day,
            },
        ))
    }

    fn serial_for(&mut self, order: &CardOrder) -> Result<CertificateSerial, TownError> {
        let failed = |e: &dyn std::fmt::Display| TownError::Card(order.card.clone(), e.to_string());
        match &order.copy_of {
            Some(victim) => {
                CertificateSerial::parse(&self.held(victim)?.issued.serial).map_err(|e| failed(&e))
            }
            None => CertificateSerial::new(0x10_0000 + self.serials.below(0x3FFF_FFFF))
                .map_err(|e| failed(&e)),
        }
    }

    fn copied(
        &self,
        order: &CardOrder,
        victim: &str,
    ) -> Result<(CardContents, CardIssued), TownError> {
        let held = self.held(victim)?;
        let other = keys::card(2 * order.key);
        let key = CardKey::from_loaded(other.pair.clone(), other.pkcs8.into())
            .map_err(|e| TownError::Card(order.card.clone(), e.to_string()))?;
        let mut contents = held.contents.cloned_over(key);
        contents.authentication.secret.clone_from(&order.pin);
        Ok((contents, held.issued.clone()))
    }

    pub(crate) fn held(&self, card: &str) -> Result<&Held, TownError> {
        self.cards
            .get(card)
            .ok_or_else(|| TownError::Nothing("card", card.to_owned()))
    }

    /// Spends tries of a card's PIN before the story begins, elsewhere and untapped.
    pub fn try_wrong_pin(&mut self, card: &str, wrong: &str, times: i32) -> Result<(), TownError> {
        let failed = |e: &dyn std::fmt::Display| TownError::Card(card.to_owned(), e.to_string());
        let verify = apdu::verify(wrong.as_bytes()).map_err(|e| failed(&e))?;
        let mut held = lock(&self.held(card)?.shared);
        held.power_on();
        for _ in 0..times {
            held.handle(
                &apdu::select_application(&apdu::JPKI_APPLICATION)
                    .map_err(|e| failed(&e))?
                    .to_bytes(),
            );
            held.handle(&apdu::select_file(apdu::file::AUTHENTICATION_PIN).to_bytes());
            held.handle(&verify.to_bytes());
        }
        held.power_off();
        Ok(())
    }

    /// Lets the authority say something else of a card's certificate; returns the serial.
    pub fn set_certificate(&mut self, card: &str, standing: Standing) -> Result<String, TownError> {
        let serial = self.held(card)?.issued.serial.clone();
        let number = CertificateSerial::parse(&serial)
            .map_err(|e| TownError::Card(card.to_owned(), e.to_string()))?;
        let now = self.clock.now_ms();
        let standing = match standing {
            Standing::Revoked => jlis::Standing::Revoked(now),
            Standing::Suspended => jlis::Standing::Suspended(now),
            Standing::Unknown => jlis::Standing::Unknown,
        };
        self.register.set(number, standing);
        Ok(serial)
    }
}
