//! One town of one story: its houses, its clinics, its cards, and the doors between them.

use std::collections::BTreeMap;
use std::time::Duration;

use clinic::reader::Touch;
use identifiers::{CertificateSerial, NumberError};
use insurer::Insurer;
use jiff::civil::{Date, DateTime};
use jlis::Registry;
use rules::Profile;
use serde_json::Value;
use server::Durability;
use world::net::Street;
use world::{Clock, Seed, Stream, Tap};

use crate::authorities::{Authorities, NamedAuthority};
use crate::cards::{Held, examiner};
use crate::houses::{Ground, Houses, folder};
use crate::products::Products;
use crate::site::Site;
use crate::slot::CardSlot;

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
    /// A receipt computer refused what its clerk did.
    #[error("the receipt computer of {0} does not do it: {1}")]
    Desk(String, String),
}

/// A running town.
pub struct Town {
    pub(crate) sites: BTreeMap<String, Site>,
    pub(crate) insurers: BTreeMap<String, Insurer>,
    pub(crate) cards: BTreeMap<String, Held>,
    pub(crate) serials: Stream,
    pub(crate) camera: Stream,
    pub(crate) registry: Registry,
    pub(crate) signing_registry: Registry,
    pub(crate) examiner: CardSlot,
    pub(crate) houses: Houses,
    pub(crate) authorities: std::sync::Arc<Authorities>,
    pub(crate) clock: Clock,
    pub(crate) tap: Tap,
    pub(crate) products: Products,
    pub(crate) seed: Seed,
    pub(crate) ground: Ground,
    // Last, so that the houses close before their folder goes.
    pub(crate) dir: tempfile::TempDir,
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
        let dir = folder(durability)?;
        let authorities =
            Authorities::of(start.date()).map_err(house("certification authority"))?;
        let registry = Registry::new(clock.clone(), profile.pairing_delay_hours);
        let signing_registry = Registry::new(clock.clone(), profile.pairing_delay_hours);
        let ground = Ground {
            authorities: authorities.clone(),
            profile,
            products: products.clone(),
            clock: clock.clone(),
            tap: tap.clone(),
            street: Street::default(),
            seed,
            durability,
        };
        Ok(Town {
            sites: BTreeMap::new(),
            insurers: BTreeMap::new(),
            cards: BTreeMap::new(),
            serials: seed.stream("serials"),
            camera: seed.stream("camera"),
            houses: ground.open(dir.path(), &registry, &signing_registry)?,
            examiner: examiner(tap.clone()),
            registry,
            signing_registry,
            authorities,
            clock,
            tap,
            products,
            seed,
            ground,
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

    /// Moves the civil clock forward. False, and nothing moved, when `to` lies in the past. What waits for a
    /// day in the town is looked at again.
    pub async fn jump_to(&mut self, to: DateTime) -> bool {
        let moved = self.clock.jump_to(to);
        if moved {
            self.houses.jlis.settled(DELIVERY).await;
        }
        moved
    }

    /// Registers the use of a card whose holder did so before the story, by the portal's own function.
    pub async fn register_use(&mut self, serial: &str, last_day: Date) -> Result<(), TownError> {
        let failed = |said: String| TownError::Undelivered("the use registration", said);
        let serial = CertificateSerial::parse(serial).map_err(|e| failed(e.to_string()))?;
        let registered = self.houses.portal.register_known(serial, last_day).await;
        registered.map(drop).map_err(|e| failed(e.message_en))
    }

    /// Waits until what insurers entered is passed on, or cannot be for the time being.
    pub(crate) async fn delivered(&mut self) -> Result<(), TownError> {
        let intermediate = &mut self.houses.intermediate;
        let settled = intermediate.settled(DELIVERY).await;
        match (settled, intermediate.refused().first()) {
            (_, Some(refused)) => Err(TownError::Undelivered(
                "a registration",
                refused.reason.clone(),
            )),
            // A server that is down gets it later.
            _ => Ok(()),
        }
    }

    pub(crate) fn site(&mut self, facility: &str) -> Result<&mut Site, TownError> {
        self.sites
            .get_mut(facility)
            .ok_or_else(|| TownError::Nothing("clinic", facility.to_owned()))
    }

    /// A hand puts a card onto one of a clinic's readers; a second reader is set up when it is first used.
    pub fn place_card(&mut self, facility: &str, reader: u8, card: &str) -> Result<(), TownError> {
        let held = self.held(card)?;
        let shared = held.shared.clone();
        let printed = clinic::reader::PrintedFace {
            verification_b: held.contents.verification_b(),
        };
        self.site(facility)?.set_up(reader);
        let place = self.site(facility)?.place(reader)?;
        place.slot.put(card, &shared);
        let printed = Some(printed);
        place.reader.touch(Touch::PlaceCard { printed });
        Ok(())
    }

    /// A hand takes the card off a clinic's reader.
    pub fn take_card(&mut self, facility: &str, reader: u8) -> Result<(), TownError> {
        let place = self.site(facility)?.place(reader)?;
        place.slot.take();
        place.reader.touch(Touch::TakeCard);
        Ok(())
    }

    /// The card on a reader will slip off before a command of this number, from 1, counted from now. Gives that
    /// command's number in the whole stay.
    pub fn let_slip(&mut self, facility: &str, reader: u8, command: u32) -> Result<u32, TownError> {
        Ok(self.site(facility)?.place(reader)?.slot.let_slip(command))
    }

    /// A hand touches a clinic's reader.
    pub fn touch(&mut self, facility: &str, reader: u8, touch: Touch) -> Result<(), TownError> {
        self.site(facility)?.place(reader)?.reader.touch(touch);
        Ok(())
    }

    /// The screen a clinic's reader shows now.
    pub fn current_screen(&mut self, facility: &str, reader: u8) -> Result<String, TownError> {
        let place = self.site(facility)?.place(reader)?;
        Ok(place.reader.current().name().to_owned())
    }

    /// Every screen shown since the last call, with its reader's name in evidence.
    pub fn shown_screens(&mut self) -> Vec<(String, Value)> {
        let places = self.sites.values().flat_map(Site::places);
        let shown = places.flat_map(|place| {
            let screens = place.reader.observe().into_iter();
            screens.filter_map(|s| Some((place.name.clone(), serde_json::to_value(s).ok()?)))
        });
        shown.collect()
    }
}
