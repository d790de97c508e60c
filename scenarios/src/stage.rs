//! The stage a story is played on: the town, the hands that act in it, and the recorder.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use evidence::{Act, Fact, Party};
use identifiers::{FacilityCode, IndividualNumber, InsurerNumber};
use serde_json::json;
use town::{Date, Durability, Products, Profile, Setup, Town};
use world::Seed;

use crate::recorder::Recorder;
use crate::{People, PhraseBook, steps};

/// What is handed in to every story of a run.
#[derive(Clone)]
pub struct Cast {
    /// Seed of the run.
    pub seed: u64,
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

/// The stage of one story.
pub struct Stage {
    /// The town.
    pub town: Town,
    /// Records what happens.
    pub recorder: Recorder,
    /// The phrase book and the people.
    pub book: Arc<PhraseBook>,
    /// The person and the clinic of the visit being played.
    pub visit: Option<(String, String)>,
    /// Insurers and facilities that are open.
    pub opened: BTreeSet<String>,
    seed: Seed,
}

impl Stage {
    /// Builds the town of one story and declares its clock and authorities.
    pub async fn open(cast: &Cast, id: &str, book: Arc<PhraseBook>) -> Result<Self, Stuck> {
        let seed = Seed(cast.seed).child(id);
        let start = cast.edition.at(9, 0, 0, 0);
        let town = Town::build(Setup {
            seed,
            start,
            profile: cast.profile.clone(),
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
            visit: None,
            opened: BTreeSet::new(),
            seed,
        };
        stage.recorder.declare(Fact::Clock { at: stage.now() });
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
        for (facility, screen) in self.town.shown_screens() {
            self.recorder
                .attest(Party::at("reader", &facility), "screen", &screen);
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
        let number = IndividualNumber::invented(1000 + index as u64);
        self.town.tap().secret("INDIVIDUAL-NUMBER", number.reveal());
        Ok(number)
    }

    /// A PIN of this story. It starts with 0, so that no length or year in a message can be
    /// taken for it; `taken` is avoided.
    pub fn pin(&self, of: &str, taken: &[&str]) -> String {
        let mut chance = self.seed.stream(&format!("pin {of}"));
        loop {
            let pin = format!("0{:03}", chance.below(1000));
            if !taken.contains(&pin.as_str()) {
                return pin;
            }
        }
    }

    /// Opens a clinic if it is not open yet; `enrolled` says whose certificate it holds.
    pub async fn open_facility(&mut self, name: &str, enrolled: bool) -> Result<(), Stuck> {
        if !self.opened.insert(name.to_owned()) {
            return Ok(());
        }
        let (_, facility) = self
            .people()
            .facility(name)
            .ok_or_else(|| unknown("clinic", name))?;
        let code = FacilityCode::from_body(&facility.code_body).map_err(town::TownError::from)?;
        let certificate = self.town.open_facility(name, &code, enrolled).await?;
        let certificate = self.recorder.keep(&certificate);
        self.recorder.declare(Fact::Facility {
            facility: name.to_owned(),
            code: code.to_string(),
            certificate,
            enrolled,
        });
        Ok(())
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
