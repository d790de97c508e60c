//! The stage a story is played on: the town, the hands that act in it, and the recorder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use evidence::{Act, Fact, Party};
use identifiers::{FacilityCode, IndividualNumber, InsurerNumber};
use serde_json::json;
use town::{Date, Durability, Products, Profile, Setup, Town};
use world::Seed;

use crate::recorder::Recorder;
use crate::{People, PhraseBook, Story, steps};

/// What is handed in to every story of a run.
#[derive(Clone)]
pub struct Cast {
    /// Seed of the run.
    pub seed: u64,
    /// Which draw of the secrets: 0 is the seed's own. Another gives everybody other PINs, passwords, 照合番号 and
    /// individual numbers and nothing else, so that two runs show whether a secret left a trace.
    pub secrets: u64,
    /// Edition date; the town's clock starts on it at 09:00.
    pub edition: Date,
    /// Profile values.
    pub profile: Profile,
    /// The products that play.
    pub products: Products,
}

/// Why a step could not be played. Always the bed's own fault.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// The story speaks of somebody nobody invented.
    #[error("people.yaml knows no {kind} called 「{name}」")]
    Unknown {
        /// What kind of name.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The story acts on something it never laid down.
    #[error("the story never said that {0}")]
    Missing(String),
    /// The town could not do it.
    #[error(transparent)]
    Town(#[from] town::TownError),
    /// A phrase without a step.
    #[error("no step belongs to the phrase {0}")]
    NoStep(String),
}

/// More people than anybody invented: one draw's individual numbers never meet another's.
const PEOPLE: u64 = 100_000;

fn digits(seed: Seed, of: &str, count: u32) -> String {
    let number = seed.stream(of).below(10_u64.pow(count));
    format!("{number:0width$}", width = count as usize)
}

/// A visit under way: who stands where, with whose card.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The person at the reader.
    pub person: String,
    /// The facility.
    pub facility: String,
    /// Which of its readers, from 1.
    pub reader: u8,
    /// The person the card was issued to.
    pub holder: String,
}

/// The stage of one story.
pub struct Stage {
    /// The town.
    pub town: Town,
    /// Records what happens.
    pub recorder: Recorder,
    /// The phrase book and the people.
    pub book: Arc<PhraseBook>,
    /// The last visit of each person, the one that goes on last.
    pub visits: Vec<Visit>,
    /// Insurers and facilities that are open.
    pub opened: BTreeSet<String>,
    /// Facilities with a general-purpose reader.
    pub general: BTreeSet<String>,
    /// How each person is insured, by insurer, as entered first.
    pub insured: BTreeMap<(String, String), Numbers>,
    /// How often each person's PIN was set anew, by the counter or with a new card.
    pub generations: BTreeMap<String, u32>,
    /// How often each person's certificates were renewed.
    pub renewals: BTreeMap<String, u32>,
    seed: Seed,
    secrets: Seed,
    other_numbers: u64,
}

/// What names a qualification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// 保険者番号.
    pub insurer_number: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番.
    pub branch: String,
}

impl Stage {
    /// Builds the town of one story and declares its clock, its profile values and authorities.
    pub async fn open(cast: &Cast, story: &Story, book: Arc<PhraseBook>) -> Result<Self, Stuck> {
        let seed = Seed(cast.seed).child(&story.id);
        let start = cast.edition.at(9, 0, 0, 0);
        let profile = cast
            .profile
            .with(&story.profile)
            .map_err(|e| Stuck::Missing(format!("the profile has such a value ({e})")))?;
        let town = Town::build(Setup {
            seed,
            start,
            profile,
            products: cast.products.clone(),
            // A story's town goes with its story; what survives a crash is tested on the server itself.
            durability: Durability::Relaxed,
        })
        .await?;
        let recorder = Recorder::new(town.tap());
        let mut stage = Stage {
            town,
            recorder,
            book,
            visits: Vec::new(),
            opened: BTreeSet::new(),
            general: BTreeSet::new(),
            insured: BTreeMap::new(),
            generations: BTreeMap::new(),
            renewals: BTreeMap::new(),
            seed,
            secrets: match cast.secrets {
                0 => seed,
                draw => seed.child(&format!("secrets {draw}")),
            },
            other_numbers: cast.secrets * PEOPLE,
        };
        stage.recorder.declare(Fact::Clock { at: stage.now() });
        for (key, value) in &story.profile {
            let (key, value) = (key.clone(), value.clone());
            stage.recorder.declare(Fact::ProfileValue { key, value });
        }
        for authority in stage.town.authorities() {
            let certificate = stage.recorder.keep(&authority.certificate);
            stage.recorder.declare(Fact::Authority {
                authority: authority.name.to_owned(),
                certificate,
                trusted: authority.trusted,
            });
        }
        Ok(stage)
    }

    /// Virtual time, as records carry it.
    pub fn now(&self) -> String {
        self.town.clock().rfc3339()
    }

    /// Everybody there is.
    pub fn people(&self) -> &People {
        self.book.people()
    }

    /// Plays one step.
    pub async fn play(&mut self, step: &str) -> Result<(), Stuck> {
        let read = self
            .book
            .read(step)
            .ok_or_else(|| Stuck::NoStep(step.to_owned()))?;
        steps::play(self, &read).await?;
        self.look_at_readers();
        Ok(())
    }

    /// Notes what every reader has shown since the last look.
    pub fn look_at_readers(&mut self) {
        for (reader, screen) in self.town.shown_screens() {
            self.recorder
                .attest(Party::at("reader", &reader), "screen", &screen);
        }
    }

    /// Declares what hands did.
    pub fn hands(&mut self, who: &str, act: Act) {
        self.recorder.declare(Fact::Hands {
            who: who.to_owned(),
            act,
        });
    }

    /// Lets virtual time pass until the houses have done what they had to.
    pub async fn settle(&mut self) {
        self.wait(Duration::from_millis(200)).await;
    }

    /// Lets virtual time pass.
    pub async fn wait(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// The individual number of an invented person, made known to the tap as a secret.
    pub fn individual_number(&self, person: &str) -> Result<IndividualNumber, Stuck> {
        let (index, _) = self
            .people()
            .person(person)
            .ok_or_else(|| unknown("person", person))?;
        let number = IndividualNumber::invented(1000 + self.other_numbers + index as u64);
        self.town.tap().secret("INDIVIDUAL-NUMBER", number.reveal());
        Ok(number)
    }

    /// A PIN of this story. It starts with 0, so that no length or year in a message can be
    /// taken for it; `taken` is avoided.
    pub fn pin(&self, of: &str, taken: &[&str]) -> String {
        let mut chance = self.secrets.stream(&format!("pin {of}"));
        loop {
            let pin = format!("0{:03}", chance.below(1000));
            if !taken.contains(&pin.as_str()) {
                return pin;
            }
        }
    }

    /// The card a person holds now, by name.
    pub fn card_of(&self, person: &str) -> String {
        match self.renewals.get(person) {
            None => format!("{person}のカード"),
            Some(1) => format!("{person}の更新したカード"),
            Some(times) => format!("{person}の{times}回更新したカード"),
        }
    }

    /// The PIN on a person's present card.
    pub fn own_pin(&self, person: &str) -> String {
        match self.generations.get(person) {
            None => self.pin(person, &[]),
            Some(generation) => self.pin(&format!("{person} {generation}"), &[]),
        }
    }

    /// A number of this story with so many digits.
    pub fn digits(&self, of: &str, count: u32) -> String {
        digits(self.seed, of, count)
    }

    /// The same for a secret.
    pub fn secret_digits(&self, of: &str, count: u32) -> String {
        digits(self.secrets, of, count)
    }

    /// The visit that goes on.
    pub fn visit(&self) -> Result<Visit, Stuck> {
        let last = self.visits.last().cloned();
        last.ok_or_else(|| Stuck::Missing("a card was placed".into()))
    }

    /// Opens a clinic if it is not open yet; `enrolled` says whose certificate it holds.
    pub async fn open_facility(&mut self, name: &str, enrolled: bool) -> Result<(), Stuck> {
        if !self.opened.insert(name.to_owned()) {
            return Ok(());
        }
        let code = self.facility_code(name)?;
        let passcode = self.passcode(name);
        let general = self.general.contains(name);
        let order = town::FacilityOrder {
            name: name.to_owned(),
            code: code.clone(),
            enrolled,
            general,
            passcode: passcode.clone(),
        };
        let certificate = self.town.open_facility(&order).await?;
        let certificate = self.recorder.keep(&certificate);
        let passcode = self.town.tap().secret("PASSCODE", &passcode);
        self.recorder.declare(Fact::Facility {
            facility: name.to_owned(),
            code: code.to_string(),
            certificate,
            enrolled,
            reader: if general { "general" } else { "face" }.to_owned(),
            passcode,
        });
        Ok(())
    }

    /// The code of an invented facility.
    pub fn facility_code(&self, name: &str) -> Result<FacilityCode, Stuck> {
        let found = self.people().facility(name);
        let (_, facility) = found.ok_or_else(|| unknown("clinic", name))?;
        Ok(FacilityCode::from_body(&facility.code_body).map_err(town::TownError::from)?)
    }

    /// The passcode staff of a facility type after looking at a patient.
    pub fn passcode(&self, facility: &str) -> String {
        format!(
            "V{}",
            self.secret_digits(&format!("passcode {facility}"), 7)
        )
    }

    /// The insurer number of an invented insurer.
    pub fn insurer_number(&self, name: &str) -> Result<InsurerNumber, Stuck> {
        let (_, insurer) = self
            .people()
            .insurer(name)
            .ok_or_else(|| unknown("insurer", name))?;
        Ok(InsurerNumber::from_body(&insurer.number_body).map_err(town::TownError::from)?)
    }

    /// What the receipt computer of a clinic shows for a person, attested.
    pub fn look_at_chart(&mut self, facility: &str, person: &str) -> Result<(), Stuck> {
        let (_, found) = self
            .people()
            .person(person)
            .ok_or_else(|| unknown("person", person))?;
        let (kana, birth) = (found.kana.clone(), found.birth.clone());
        let mut chart = self.town.chart(facility, &kana, &birth)?;
        chart["person"] = json!(person);
        self.recorder
            .attest(Party::at("receipt-computer", facility), "chart", &chart);
        Ok(())
    }

    /// Declares that the bed could not play a step.
    pub fn failed(&mut self, step: &str, error: &str) {
        self.recorder.declare(Fact::BedError {
            step: step.to_owned(),
            error: error.to_owned(),
        });
    }
}

/// Somebody the people file does not know.
pub fn unknown(kind: &'static str, name: &str) -> Stuck {
    Stuck::Unknown {
        kind,
        name: name.to_owned(),
    }
}
