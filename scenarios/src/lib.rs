//! Plays the stories: features, invented people, the phrase book, steps by actor and the
//! recorder that turns what happened into evidence. Nothing in here says pass or fail.

mod people;
mod phrases;
mod play;
mod props;
mod recorder;
mod result_text;
mod stage;
mod steps;
mod suite;

pub use people::{Facility, Insurer, People, Person, Term};
pub use phrases::{PhraseBook, Read};
pub use play::{PlayError, Played, play, play_one};
pub use props::{PlantedResult, Props, RawRequest, RequestGroup, Script};
pub use stage::{Cast, Stuck};
pub use suite::{Story, Suite, SuiteError};
