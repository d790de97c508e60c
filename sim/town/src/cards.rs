//! The town's cards: issued, copied by forgers, renewed, tried elsewhere, forced open, and what the authority
//! says of their certificates.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use card_driver::Slot;
use identifiers::{CertificateSerial, IndividualNumber};
use jiff::civil::Date;
use jlis::{Leaf, Reason};
use virtual_card::{
    Card, CardContents, CardKey, CardProfile, Credential, Holder, SecretName, Trace, photo,
};
use wire::apdu;
use world::keys;

use crate::slot::{CardSlot, SharedCard, lock};
use crate::town::{Town, TownError, house};

/// Which authority makes a card's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The simulated J-LIS.
    Jpki,
    /// An authority of the same name that nobody trusts.
    Foreign,
}

/// Kinds of card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Both certificates, every PIN, a photo.
    Adult,
    /// An infant's: neither photo nor signing certificate.
    NoPhoto,
    /// Under 15: no signing certificate.
    Minor,
    /// 顔認証マイナンバーカード: no PIN and no signing certificate.
    FaceOnly,
}

/// What the authority is to say of a certificate from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Revoked for good, with the reason's name in RFC 5280.
    Revoked(String),
    /// Suspended by a loss report.
    Suspended,
    /// The suspension is lifted.
    Lifted,
    /// Never heard of.
    Unknown,
}

/// Whose card it is.
#[derive(Clone, Debug)]
pub struct CardHolder {
    /// Name, family and given name split by U+3000.
    pub name: String,
    /// Address.
    pub address: String,
    /// Birth date.
    pub birth: Date,
    /// OQSCD007.
    pub sex: String,
}

/// A card to be issued.
#[derive(Clone, Debug)]
pub struct CardOrder {
    /// Name of the person in the story.
    pub person: String,
    /// Name of the card.
    pub card: String,
    /// Whose it is.
    pub holder: CardHolder,
    /// Which keys of the pool; different people get different ones.
    pub key: usize,
    /// What kind.
    pub kind: Kind,
    /// First valid day of its certificates.
    pub first_day: Date,
    /// Last valid day.
    pub last_day: Date,
    /// Last valid day of the card itself.
    pub card_last_day: Date,
    /// Who makes the certificates.
    pub maker: Maker,
    /// The card it imitates: the simulated J-LIS's certificates are copied without their keys,
    /// a foreign authority makes its own under the same serial.
    pub copy_of: Option<String>,
    /// Authentication PIN.
    pub pin: String,
    /// Signing password.
    pub sign_password: String,
    /// PIN of the text application.
    pub text_pin: String,
    /// Security code printed on the card.
    pub security_code: String,
    /// The holder's individual number.
    pub individual_number: IndividualNumber,
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
    /// Signing certificate, DER, where there is one.
    pub signing_certificate: Option<Vec<u8>>,
    /// 照合番号B, as printed data give it.
    pub verification_b: String,
}

/// A card that replaced another.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Serial that ended.
    pub old_serial: String,
    /// The new card.
    pub issued: CardIssued,
    /// RFC 3339 instant from which the eligibility server may be told of the pair.
    pub known_at: String,
}

/// A secret of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardSecret {
    /// 利用者証明用PIN.
    Pin,
    /// 署名用パスワード.
    SignPassword,
    /// 券面入力補助用PIN.
    TextPin,
    /// 照合番号A.
    VerificationA,
    /// 照合番号B.
    VerificationB,
    /// Birth date key of the surface application.
    BirthDateKey,
}

/// A card somebody holds.
pub(crate) struct Held {
    pub(crate) shared: SharedCard,
    pub(crate) contents: CardContents,
    issued: CardIssued,
    signing_serial: CertificateSerial,
}

fn failed<E: std::fmt::Display>(card: &str) -> impl Fn(E) -> TownError + '_ {
    move |error| TownError::Card(card.to_owned(), error.to_string())
}

/// The key cards know terminals by (our stand-in for the use without a PIN).
fn terminal_authority() -> Result<[u8; 32], TownError> {
    let pair = Ed25519KeyPair::from_pkcs8(keys::terminal::AUTHORITY);
    let pair = pair.map_err(house("terminal authority"))?;
    let mut public = [0; 32];
    public.copy_from_slice(pair.public_key().as_ref());
    Ok(public)
}

impl Town {
    /// Issues a card and enters its certificate as good, unless it is a copy or foreign.
    pub fn issue_card(&mut self, order: &CardOrder) -> Result<CardIssued, TownError> {
        let card = order.card.as_str();
        let (contents, issued, signing_serial) = match (&order.copy_of, order.maker) {
            (Some(victim), Maker::Jpki) => self.copied(order, victim)?,
            _ => self.fresh(order)?,
        };
        let made =
            Card::issue(contents.clone(), self.products.card.clone()).map_err(failed(card))?;
        self.know(&virtual_card::traces(&contents));
        let held = Held {
            shared: Arc::new(Mutex::new(made)),
            contents,
            issued: issued.clone(),
            signing_serial,
        };
        self.cards.insert(order.card.clone(), held);
        Ok(issued)
    }

    fn fresh(
        &mut self,
        order: &CardOrder,
    ) -> Result<(CardContents, CardIssued, CertificateSerial), TownError> {
        let card = order.card.as_str();
        let serial = self.serial_for(order)?;
        let CardOrder {
            first_day,
            last_day,
            ..
        } = *order;
        let (own, signing) = (keys::card(2 * order.key), keys::card(2 * order.key + 1));
        let maker = match order.maker {
            Maker::Jpki => &self.authorities.jpki,
            Maker::Foreign => &self.authorities.foreign,
        };
        let holder = jlis::Holder {
            name: &order.holder.name,
            address: &order.holder.address,
            birth: order.holder.birth,
            sex: &order.holder.sex,
        };
        let leaf = |serial, key| Leaf {
            serial,
            first_day,
            last_day,
            key,
        };
        let conduct = &*self.products.jlis;
        let certificate =
            maker.issue_authentication_for(&holder, &leaf(serial, &own.pair), conduct);
        let signing_serial =
            CertificateSerial::new(serial.value() ^ wire::certificate::SIGNING_SERIAL_BIT)
                .map_err(failed(card))?;
        let signs = order.kind == Kind::Adult;
        let signing_certificate = signs.then(|| {
            let leaf = leaf(signing_serial, &signing.pair);
            self.authorities.signing.issue_signing(&leaf, &holder)
        });
        let contents = self.contents(order, &certificate, signing_certificate.as_deref())?;
        if order.maker == Maker::Jpki {
            self.registry
                .issue(serial, last_day)
                .map_err(failed(card))?;
            self.know_code(order, serial);
        }
        if signs && order.maker == Maker::Jpki {
            let entered = self.signing_registry.issue(signing_serial, last_day);
            entered.map_err(failed(card))?;
        }
        let issued = CardIssued {
            certificate,
            serial: format!("{:x}", serial.value()),
            first_day,
            last_day,
            signing_certificate,
            verification_b: contents.verification_b(),
        };
        Ok((contents, issued, signing_serial))
    }

    fn contents(
        &self,
        order: &CardOrder,
        certificate: &[u8],
        signing_certificate: Option<&[u8]>,
    ) -> Result<CardContents, TownError> {
        let card = order.card.as_str();
        let card_key = |index: usize| {
            let key = keys::card(index);
            CardKey::from_loaded(key.pair.clone(), key.pkcs8.into()).map_err(failed(card))
        };
        let maker = match order.maker {
            Maker::Jpki => &self.authorities.jpki,
            Maker::Foreign => &self.authorities.foreign,
        };
        let has_pins = order.kind != Kind::FaceOnly;
        let signing = match signing_certificate {
            Some(certificate) => Some(Credential {
                certificate: certificate.to_vec(),
                ca_certificate: self.authorities.signing.certificate.clone(),
                key: card_key(2 * order.key + 1)?,
                secret: Some(order.sign_password.clone()),
            }),
            None => None,
        };
        let face = self.face_of(&order.person);
        Ok(CardContents {
            authentication: Credential {
                certificate: certificate.to_vec(),
                ca_certificate: maker.certificate.clone(),
                key: card_key(2 * order.key)?,
                secret: has_pins.then(|| order.pin.clone()),
            },
            signing,
            holder: Holder {
                name: order.holder.name.clone(),
                address: order.holder.address.clone(),
                birth: order.holder.birth,
                sex: order.holder.sex.chars().next().unwrap_or('0'),
            },
            photo: (order.kind != Kind::NoPhoto).then(|| photo::jp2_with_face(&face)),
            security_code: order.security_code.clone(),
            expires_on: order.card_last_day,
            individual_number: order.individual_number.reveal().to_owned(),
            text_pin: has_pins.then(|| order.text_pin.clone()),
            terminal_authority: terminal_authority()?,
            seed: self.seed.stream(&order.card).block(),
            profile: CardProfile::default(),
        })
    }

    /// The municipality lets J-LIS and the intermediate server know by which code the portal knows the holder.
    fn know_code(&self, order: &CardOrder, serial: CertificateSerial) {
        let block = self
            .seed
            .stream(&format!("agency code {}", order.person))
            .block();
        let code: String = block[..8].iter().map(|b| format!("{b:02x}")).collect();
        self.houses.jlis.know(serial, &code);
        self.houses
            .intermediate
            .know_code(&code, &order.individual_number);
    }

    fn serial_for(&mut self, order: &CardOrder) -> Result<CertificateSerial, TownError> {
        let card = order.card.as_str();
        match &order.copy_of {
            Some(victim) => {
                CertificateSerial::parse(&self.held(victim)?.issued.serial).map_err(failed(card))
            }
            None => CertificateSerial::new(0x10_0000 + self.serials.below(0x3FEF_FFFF))
                .map_err(failed(card)),
        }
    }

    fn copied(
        &self,
        order: &CardOrder,
        victim: &str,
    ) -> Result<(CardContents, CardIssued, CertificateSerial), TownError> {
        let held = self.held(victim)?;
        let other = keys::card(2 * order.key);
        let key = CardKey::from_loaded(other.pair.clone(), other.pkcs8.into());
        let mut contents = held.contents.cloned_over(key.map_err(failed(&order.card))?);
        contents.authentication.secret = Some(order.pin.clone());
        Ok((contents, held.issued.clone(), held.signing_serial))
    }

    pub(crate) fn held(&self, card: &str) -> Result<&Held, TownError> {
        self.cards
            .get(card)
            .ok_or_else(|| TownError::Nothing("card", card.to_owned()))
    }

    /// Replaces a card's certificates (更新), or the card itself (再交付): the old ones are revoked, the serials
    /// paired. Other keys, because a renewal makes new ones.
    pub async fn renew_card(
        &mut self,
        replaced: &str,
        order: &CardOrder,
    ) -> Result<Renewal, TownError> {
        let card = order.card.as_str();
        let old = self.held(replaced)?.issued.serial.clone();
        let old_serial = CertificateSerial::parse(&old).map_err(failed(card))?;
        let now = self.clock.now_ms();
        // A certificate that is revoked already stays what it is.
        let _ = self.registry.revoke(old_serial, Reason::Superseded, now);
        let mut order = order.clone();
        order.key += keys::CARD_KEYS / 4 + 1;
        let issued = self.issue_card(&order)?;
        let new_serial = CertificateSerial::parse(&issued.serial).map_err(failed(card))?;
        let today = self.clock.today();
        let due = self.registry.renew(old_serial, new_serial, today);
        Ok(Renewal {
            old_serial: old,
            issued,
            known_at: world::clock::rfc3339(due.map_err(failed(card))?),
        })
    }

    /// Spends tries of a card's PIN before the story begins, elsewhere and untapped.
    pub fn try_wrong_pin(&mut self, card: &str, wrong: &str, times: i32) -> Result<(), TownError> {
        let select = apdu::select_application(&apdu::JPKI_APPLICATION).map_err(failed(card))?;
        let verify = apdu::verify(wrong.as_bytes()).map_err(failed(card))?;
        let mut held = lock(&self.held(card)?.shared);
        held.power_on();
        for _ in 0..times {
            held.handle(&select.to_bytes());
            held.handle(&apdu::select_file(apdu::file::AUTHENTICATION_PIN).to_bytes());
            held.handle(&verify.to_bytes());
        }
        held.power_off();
        Ok(())
    }

    /// The municipality's counter sets the authentication PIN anew.
    pub fn reset_pin(&mut self, card: &str, new: &str) -> Result<(), TownError> {
        let held = self.held(card)?;
        let reset = lock(&held.shared).reset_secret(SecretName::AuthenticationPin, new);
        reset.map_err(failed(card))
    }

    /// Somebody forces the chip.
    pub fn tamper(&mut self, card: &str) -> Result<(), TownError> {
        lock(&self.held(card)?.shared).tamper();
        Ok(())
    }

    /// Lets the authority say something else of a card's certificate; returns the serial.
    pub fn set_certificate(&mut self, card: &str, standing: Standing) -> Result<String, TownError> {
        let serial = self.held(card)?.issued.serial.clone();
        let number = CertificateSerial::parse(&serial).map_err(failed(card))?;
        let now = self.clock.now_ms();
        let entered = match standing {
            Standing::Revoked(reason) => {
                let reason = Reason::named(&reason)
                    .ok_or(TownError::Nothing("reason of revocation", reason))?;
                self.registry.revoke(number, reason, now)
            }
            Standing::Suspended => self.registry.suspend(number, now),
            Standing::Lifted => self.registry.lift(number),
            Standing::Unknown => {
                self.registry.forget(number);
                Ok(())
            }
        };
        entered.map_err(failed(card))?;
        Ok(serial)
    }

    /// A move revokes the signing certificate alone; returns its serial.
    pub fn revoke_signing(&mut self, card: &str) -> Result<String, TownError> {
        let serial = self.held(card)?.signing_serial;
        let now = self.clock.now_ms();
        let entered = self
            .signing_registry
            .revoke(serial, Reason::AffiliationChanged, now);
        entered.map_err(failed(card))?;
        Ok(format!("{:x}", serial.value()))
    }

    fn know(&self, traces: &[Trace]) {
        for trace in traces {
            self.tap.secret_bytes(trace.kind, &trace.bytes);
        }
    }

    /// A secret of a card, for whoever examines it.
    pub fn secret_of(&self, card: &str, secret: CardSecret) -> Result<String, TownError> {
        let contents = &self.held(card)?.contents;
        if !matches!(secret, CardSecret::Pin | CardSecret::SignPassword) {
            // It opens files whose signatures give the number away.
            let broken = || TownError::Nothing("key of a municipality", card.to_owned());
            self.know(&virtual_card::signed_traces(contents).ok_or_else(broken)?);
        }
        let none = || TownError::Nothing("such secret", card.to_owned());
        Ok(match secret {
            CardSecret::Pin => contents.authentication.secret.clone().ok_or_else(none)?,
            CardSecret::SignPassword => {
                let signing = contents.signing.as_ref().and_then(|s| s.secret.clone());
                // A card without a signing certificate is asked with something all the same.
                signing.unwrap_or_else(|| "S000000X".to_owned())
            }
            CardSecret::TextPin => contents.text_pin.clone().ok_or_else(none)?,
            CardSecret::VerificationA => contents.individual_number.clone(),
            CardSecret::VerificationB => contents.verification_b(),
            CardSecret::BirthDateKey => contents.birth_date_key(),
        })
    }

    /// Puts a card onto the examiner's reader.
    pub fn power_card(&mut self, card: &str) -> Result<(), TownError> {
        let shared = self.held(card)?.shared.clone();
        self.examiner.put(card, &shared);
        Ok(())
    }

    /// Takes the card off the examiner's reader.
    pub fn unpower_card(&mut self, _card: &str) -> Result<(), TownError> {
        self.examiner.take();
        Ok(())
    }

    /// Sends bytes to the card on the examiner's reader. What the card answers is seen on the tap; one that is
    /// mute leaves no answer there.
    pub fn send_to_card(&mut self, _card: &str, command: &[u8]) -> Result<(), TownError> {
        let _ = self.examiner.transmit(command);
        Ok(())
    }

    /// Pulls the card out so many steps into a command, and puts it back.
    pub fn tear_card(&mut self, card: &str, command: &[u8], steps: u32) -> Result<(), TownError> {
        self.examiner.tear(command, steps);
        self.examiner.take();
        self.power_card(card)
    }
}

/// The examiner's own reader.
pub(crate) fn examiner(tap: world::Tap) -> CardSlot {
    CardSlot::new(tap, "examiner", "")
}
