//! What the clinic's clerk looks at. Looking is not judging.

use evidence::Act;

use crate::Read;
use crate::stage::{Stage, Stuck};

/// The phrases played here.
pub const PHRASES: &[&str] = &["look-at-chart", "look-at-reader"];

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    match read.phrase.as_str() {
        "look-at-chart" => {
            let (facility, person) = (read.get("facility"), read.get("person"));
            stage.hands(
                "clerk",
                Act::LookAtChart {
                    facility: facility.to_owned(),
                    person: person.to_owned(),
                },
            );
            stage.look_at_chart(facility, person)
        }
        "look-at-reader" => {
            stage.look_at_readers();
            Ok(())
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}
