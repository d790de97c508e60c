//! Steps by actor. Each file plays the phrases of one actor and declares what it laid down; a
//! phrase belongs to exactly one of them.

mod authority;
mod bed;
mod clerk;
mod examiner;
mod home;
mod insurer;
mod patient;
mod setting;

pub use examiner::unhexed;
pub use setting::named_day;

use crate::Read;
use crate::stage::{Stage, Stuck};

/// Plays a step that was understood.
pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let of = |phrases: &[&str]| phrases.contains(&read.phrase.as_str());
    if of(setting::PHRASES) {
        setting::play(stage, read).await
    } else if of(authority::PHRASES) {
        authority::play(stage, read).await
    } else if of(insurer::PHRASES) {
        insurer::play(stage, read).await
    } else if of(patient::PHRASES) {
        // Boxed: its story is by far the longest, and every other step would carry its weight.
        Box::pin(patient::play(stage, read)).await
    } else if of(home::PHRASES) {
        home::play(stage, read).await
    } else if of(clerk::PHRASES) {
        clerk::play(stage, read).await
    } else if of(examiner::PHRASES) {
        examiner::play(stage, read).await
    } else if of(bed::PHRASES) {
        bed::play(stage, read).await
    } else {
        Err(Stuck::NoStep(read.phrase.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::PhraseBook;

    #[test]
    fn every_phrase_has_one_step_and_every_step_a_phrase() {
        let book = PhraseBook::shipped().unwrap();
        let mut steps: Vec<&str> = [
            setting::PHRASES,
            authority::PHRASES,
            insurer::PHRASES,
            patient::PHRASES,
            home::PHRASES,
            clerk::PHRASES,
            examiner::PHRASES,
            bed::PHRASES,
        ]
        .concat();
        let count = steps.len();
        steps.sort_unstable();
        steps.dedup();
        assert_eq!(steps.len(), count, "a phrase belongs to two actors");
        assert_eq!(steps.into_iter().collect::<BTreeSet<_>>(), book.ids());
    }
}
