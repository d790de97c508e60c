//! Plays the stories: features, invented people, the phrase book, steps by actor and the
//! recorder that turns what happened into evidence. Nothing in here says pass or fail.

mod people;
mod phrases;
mod suite;

pub use people::{Facility, Insurer, People, Person};
pub use phrases::{PhraseBook, Read};
pub use suite::{Story, Suite, SuiteError};
