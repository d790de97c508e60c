//! The whole suite plays with the reference products: no step is stuck, and the same seed gives
//! the same records whatever the number of threads.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::sync::Arc;

use evidence::{Fact, What};
use scenarios::{Cast, PhraseBook, Played, Suite, play};
use town::{Date, Products, Profile};

fn cast() -> Cast {
    Cast {
        seed: 1,
        edition: Date::constant(2026, 10, 15),
        profile: Profile::default(),
        products: Products::reference(),
    }
}

#[test]
fn every_story_can_be_told_and_threads_change_nothing() {
    let suite = Suite::shipped().unwrap();
    let book = Arc::new(PhraseBook::shipped().unwrap());
    let stories: Vec<_> = suite.stories.iter().collect();
    let one = play(&stories, &book, &cast(), 1, &|played, _| played).unwrap();
    let stuck: Vec<String> = one.iter().flat_map(troubles).collect();
    assert!(stuck.is_empty(), "{}", stuck.join("\n"));
    for played in &one {
        assert!(played.records.records.len() > 3, "{}", played.records.id);
    }
    let two = play(&stories, &book, &cast(), 2, &|played, _| played).unwrap();
    for (a, b) in one.iter().zip(&two) {
        for (x, y) in a.records.records.iter().zip(&b.records.records) {
            assert_eq!(x, y, "{}", a.records.id);
        }
        assert_eq!(a.records, b.records, "{}", a.records.id);
    }
}

fn troubles(played: &Played) -> Vec<String> {
    let errors = played.records.records.iter().filter_map(|r| match &r.what {
        What::Declared(declared) => match &declared.fact {
            Fact::BedError { step, error } => {
                Some(format!("{}: {step}: {error}", played.records.id))
            }
            _ => None,
        },
        _ => None,
    });
    errors.collect()
}
