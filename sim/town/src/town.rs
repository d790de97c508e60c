//! One town of one story: its houses, its cards, and the doors between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clinic::reader::Touch;
use clinic::terminal;
use identifiers::{CertificateSerial, FacilityCode, IndividualNumber, InsurerNumber, NumberError};
use insurer::Insurer;
use intermediate::IntermediateHandle;
use jiff::civil::{Date, DateTime};
use jlis::Register;
use rules::Profile;
use serde_json::Value;
use server::Durability;
use wire::registration::{Kind, Qualification, Registration};
use world::net::{Fault, Network, Street};
use world::tls::{Caller, Identity};
use world::{Clock, Seed, Stream, Tap, keys};

use crate::authorities::{Authorities, NamedAuthority};
use crate::cards::Held;
use crate::houses::{folder, open_intermediate, open_ocsp, open_server};
use crate::products::Products;
use crate::site::Site;

/// What a town is built from.
pub struct Setup {
    /// Chance of this story.
    pub seed: Seed,
    /// Civil time at the start.
    pub start: DateTime,
    /// Values public sources leave open.
    pub profile: Profile,
    /// Who plays.
    pub products: Products,
    /// How safely the eligibility server writes its state.
    pub durability: Durability,
}

/// Why the town could not do something. Always the bed's own fault.
#[derive(Debug, thiserror::Error)]
pub enum TownError {
    /// A folder.
    #[error("the folder {0} cannot be used: {1}")]
    Folder(String, String),
    /// A house did not open.
    #[error("the {0} does not open: {1}")]
    House(&'static str, String),
    /// Nobody or nothing of that name.
    #[error("the town has no {0} called {1}")]
    Nothing(&'static str, String),
    /// An identifier of the story's people is wrong.
    #[error("an identifier of the invented people is wrong: {0}")]
    Number(#[from] NumberError),
    /// A card could not be issued or used.
    #[error("the card {0} cannot be issued or used: {1}")]
    Card(String, String),
    /// Something that was sent did not arrive.
    #[error("{0} did not reach the eligibility server: {1}")]
    Undelivered(&'static str, String),
}

/// What an insurer's clerk enters.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Gain, or loss.
    pub gain: bool,
    /// Insurer number as typed.
    pub insurer_number: String,
    /// 保険者名称.
    pub insurer_name: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番.
    pub branch: String,
    /// First day with or without the qualification.
    pub on: Date,
    /// 氏名.
    pub name: String,
    /// Half-width kana.
    pub kana: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// OQSCD007.
    pub sex: String,
}

/// A running town.
pub struct Town {
    sites: BTreeMap<String, Site>,
    insurers: BTreeMap<String, Insurer>,
    intermediate: IntermediateHandle,
    pub(crate) cards: BTreeMap<String, Held>,
    pub(crate) serials: Stream,
    next_tls_serial: u64,
    pub(crate) register: Register,
    pub(crate) authorities: Arc<Authorities>,
    street: Street,
    pub(crate) clock: Clock,
    tap: Tap,
    profile: Profile,
    pub(crate) products: Products,
    pub(crate) seed: Seed,
    // Last, so that the houses close before their folder goes.
    dir: tempfile::TempDir,
}

/// Longest the town waits for what one house passes on to another.
const DELIVERY: Duration = Duration::from_secs(30);

pub(crate) fn house<E: std::fmt::Display>(name: &'static str) -> impl Fn(E) -> TownError {
    move |error| TownError::House(name, error.to_string())
}

impl Town {
    /// Builds the town and opens the houses every story needs. Call it inside a tokio runtime
    /// with a paused clock.
    pub async fn build(setup: Setup) -> Result<Self, TownError> {
        let Setup {
            seed,
            start,
            profile,
            products,
            durability,
        } = setup;
        let clock = Clock::starting_at(start);
        let tap = Tap::new(clock.clone());
        let street = Street::default();
        let dir = folder(durability)?;
        let authorities =
            Authorities::of(start.date()).map_err(house("certification authority"))?;
        let register = Register::default();
        open_ocsp(&authorities, &register, &clock, &street, start.date())?;
        open_server(
            &authorities,
            &profile,
            &products,
            &clock,
            &tap,
            &street,
            seed,
            durability,
            dir.path(),
        )?;
        let intermediate = open_intermediate(&authorities, &clock, &tap, &street)?;
        Ok(Town {
            sites: BTreeMap::new(),
            insurers: BTreeMap::new(),
            intermediate,
            cards: BTreeMap::new(),
            serials: seed.stream("serials"),
            next_tls_serial: 100,
            register,
            authorities,
            street,
            clock,
            tap,
            profile,
            products,
            seed,
            dir,
        })
    }

    /// The town's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The town's tap.
    pub fn tap(&self) -> Tap {
        self.tap.clone()
    }

    /// The authorities, as a story declares them.
    pub fn authorities(&self) -> Vec<NamedAuthority> {
        self.authorities.named()
    }

    /// The revocation service stops answering.
    pub fn silence_ocsp(&self) {
        self.street.set_fault(jlis::HOST, Some(Fault::Silent));
    }

    /// Ties a certificate to its holder and waits until the eligibility server knows.
    pub async fn register_use(
        &mut self,
        person: &IndividualNumber,
        serial: &str,
    ) -> Result<(), TownError> {
        let failed = |said: String| TownError::Undelivered("the use registration", said);
        let serial = CertificateSerial::parse(serial).map_err(|e| failed(e.to_string()))?;
        self.intermediate
            .tie(person, serial)
            .map_err(|e| failed(e.to_string()))?;
        self.delivered().await
    }

    async fn delivered(&mut self) -> Result<(), TownError> {
        let settled = self.intermediate.settled(DELIVERY).await;
        match (settled, self.intermediate.refused().first()) {
            (true, None) => Ok(()),
            (_, Some(refused)) => Err(TownError::Undelivered(
                "a registration",
                refused.reason.clone(),
            )),
            (false, None) => Err(TownError::Undelivered(
                "a registration",
                "it still waits".into(),
            )),
        }
    }

    /// Opens a clinic with all it needs; returns its TLS certificate.
    pub async fn open_facility(
        &mut self,
        name: &str,
        code: &FacilityCode,
        enrolled: bool,
    ) -> Result<Vec<u8>, TownError> {
        let (authority, key) = match enrolled {
            true => (&self.authorities.facility, keys::tls::FACILITY),
            false => (&self.authorities.foreign_facility, keys::tls::STRANGER),
        };
        self.next_tls_serial += 1;
        let identity = authority
            .issue(code.as_str(), self.next_tls_serial, key)
            .map_err(house("clinic"))?;
        let caller = self.caller(&identity)?;
        let dir = self.dir.path().join(format!("site{}", self.sites.len()));
        let shared = clinic::Shared::open(&dir.join("OQS")).map_err(house("clinic"))?;
        let config = terminal::Config {
            facility_code: code.clone(),
            facility_name: name.to_owned(),
            caller,
            network: self.network(),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
            charset: terminal::charset_of(&self.profile),
            shared,
        };
        let site = Site::open(&dir, config, &self.profile, &self.products)?;
        self.sites.insert(name.to_owned(), site);
        Ok(identity.chain[0].clone())
    }

    fn caller(&self, identity: &Identity) -> Result<Caller, TownError> {
        let trusted = [self.authorities.facility.certificate.clone()];
        Caller::new(identity, &trusted, &self.clock).map_err(house("TLS party"))
    }

    fn network(&self) -> Arc<dyn Network> {
        Arc::new(self.street.clone())
    }

    /// Opens an insurer.
    pub async fn open_insurer(
        &mut self,
        name: &str,
        number: &InsurerNumber,
    ) -> Result<(), TownError> {
        self.next_tls_serial += 1;
        let issued = self.authorities.facility.issue(
            number.as_str(),
            self.next_tls_serial,
            keys::tls::INSURER,
        );
        let caller = self.caller(&issued.map_err(house("insurer"))?)?;
        let config = insurer::Config {
            name: name.to_owned(),
            caller,
            network: self.network(),
            tap: self.tap.clone(),
        };
        self.insurers.insert(
            name.to_owned(),
            Insurer::new(config, self.products.insurer.clone()),
        );
        Ok(())
    }

    /// An insurer's clerk enters something. What the insurer's product does with it is seen on
    /// the tap; what it says to the clerk is returned.
    pub async fn register(
        &mut self,
        insurer: &str,
        person: &IndividualNumber,
        entry: Entry,
    ) -> Result<(), String> {
        let house = self
            .insurers
            .get(insurer)
            .ok_or_else(|| format!("the town has no insurer called {insurer}"))?;
        let kind = if entry.gain { Kind::Gain } else { Kind::Loss };
        let reason_of_loss = (kind == Kind::Loss).then(|| "99".to_owned());
        let qualification = Qualification {
            kind,
            insurer_number: entry.insurer_number,
            insurer_name: entry.insurer_name,
            symbol: entry.symbol,
            number: entry.number,
            branch: entry.branch,
            on: entry.on.to_string(),
            name: entry.name,
            name_kana: entry.kana,
            birthdate: entry.birth,
            sex: entry.sex,
            relationship: "1".into(),
            reason_of_loss,
        };
        let registration = Registration {
            individual_number: person.reveal().to_owned(),
            qualification,
        };
        house
            .register(registration)
            .await
            .map_err(|e| e.to_string())?;
        self.delivered().await.map_err(|e| e.to_string())
    }

    fn site(&mut self, facility: &str) -> Result<&mut Site, TownError> {
        self.sites
            .get_mut(facility)
            .ok_or_else(|| TownError::Nothing("clinic", facility.to_owned()))
    }

    /// A hand puts a card onto a clinic's reader.
    pub fn place_card(&mut self, facility: &str, card: &str) -> Result<(), TownError> {
        let shared = self.held(card)?.shared.clone();
        let site = self.site(facility)?;
        site.slot.put(card, &shared);
        site.reader.touch(Touch::PlaceCard);
        Ok(())
    }

    /// A hand takes the card off a clinic's reader.
    pub fn take_card(&mut self, facility: &str) -> Result<(), TownError> {
        let site = self.site(facility)?;
        site.slot.take();
        site.reader.touch(Touch::TakeCard);
        Ok(())
    }

    /// A hand touches a clinic's reader.
    pub fn touch(&mut self, facility: &str, touch: Touch) -> Result<(), TownError> {
        self.site(facility)?.reader.touch(touch);
        Ok(())
    }

    /// The screen a clinic's reader shows now.
    pub fn current_screen(&mut self, facility: &str) -> Result<String, TownError> {
        Ok(self.site(facility)?.reader.current().name().to_owned())
    }

    /// Every screen shown since the last call, with its clinic.
    pub fn shown_screens(&mut self) -> Vec<(String, Value)> {
        let shown = self.sites.iter().flat_map(|(name, site)| {
            site.reader
                .observe()
                .into_iter()
                .filter_map(|s| Some((name.clone(), serde_json::to_value(s).ok()?)))
        });
        shown.collect()
    }

    /// What a clinic's receipt computer shows for a person.
    pub fn chart(&mut self, facility: &str, kana: &str, birth: &str) -> Result<Value, TownError> {
        Ok(self.site(facility)?.chart(kana, birth))
    }

    /// A clinic's receipt computer is switched off: results wait in the shared folder.
    pub fn switch_desk_off(&mut self, facility: &str) -> Result<(), TownError> {
        self.site(facility)?.desk = None;
        Ok(())
    }
}
