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
        secrets: 0,
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

/// Everything a story leaves is the same but for the tokens, and those are the same by design: whatever else
/// differs would be a trace of a secret.
#[test]
fn other_secrets_leave_the_same_evidence() {
    let suite = Suite::shipped().unwrap();
    let book = Arc::new(PhraseBook::shipped().unwrap());
    let stories: Vec<_> = suite.stories.iter().collect();
    let other = Cast {
        secrets: 1,
        ..cast()
    };
    let [usual, other] =
        [cast(), other].map(|cast| play(&stories, &book, &cast, 2, &|played, _| played).unwrap());
    // The runner of the stories mutes panics; a failing test must not be mute.
    drop(std::panic::take_hook());
    let traces: Vec<String> = usual.iter().zip(&other).filter_map(trace).collect();
    assert!(
        traces.is_empty(),
        "{} stories:\n{}",
        traces.len(),
        traces.join("\n")
    );
}

/// The first record of a story that another draw of the secrets changed.
fn trace((usual, other): (&Played, &Played)) -> Option<String> {
    let id = &usual.records.id;
    let (one, two) = (&usual.records, &other.records);
    let pairs = one.records.iter().zip(&two.records);
    let bytes = |of: &Played, what: &What| match what {
        What::Tapped(tapped) => tapped
            .bytes
            .as_ref()
            .and_then(|digest| of.records.bytes.get(digest))
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    };
    for (a, b) in pairs {
        if a != b {
            return Some(format!(
                "{id} {a:?}\n  {:?}\n  {:?}",
                bytes(usual, &a.what),
                bytes(other, &b.what)
            ));
        }
    }
    (one != two).then(|| {
        format!(
            "{id}: {} and {} records",
            one.records.len(),
            two.records.len()
        )
    })
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
