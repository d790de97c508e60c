//! Steps by actor. Each file plays the phrases of one actor and declares what it laid down; a
//! phrase belongs to exactly one of them.

mod clerk;
mod insurer;
mod patient;
mod setting;

use crate::Read;
use crate::stage::{Stage, Stuck};

/// Plays a step that was understood.
pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    if setting::PHRASES.contains(&read.phrase.as_str()) {
        setting::play(stage, read).await
    } else if insurer::PHRASES.contains(&read.phrase.as_str()) {
        insurer::play(stage, read).await
    } else if patient::PHRASES.contains(&read.phrase.as_str()) {
        patient::play(stage, read).await
    } else if clerk::PHRASES.contains(&read.phrase.as_str()) {
        clerk::play(stage, read).await
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
            insurer::PHRASES,
            patient::PHRASES,
            clerk::PHRASES,
        ]
        .concat();
        let count = steps.len();
        steps.sort_unstable();
        steps.dedup();
        assert_eq!(steps.len(), count, "a phrase belongs to two actors");
        assert_eq!(steps.into_iter().collect::<BTreeSet<_>>(), book.ids());
    }
}
