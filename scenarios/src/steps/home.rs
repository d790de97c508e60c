//! What the person does at home, on a device of their own.

use evidence::{Act, Party};

use crate::Read;
use crate::stage::{Stage, Stuck};

/// The phrases played here.
pub const PHRASES: &[&str] = &["register-at-portal", "register-wrong-pin"];

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let person = read.get("person");
    let right = stage.own_pin(person);
    let pin = match read.phrase.as_str() {
        "register-at-portal" => right,
        "register-wrong-pin" => stage.pin("a wrong try", &[&right]),
        other => return Err(Stuck::NoStep(other.to_owned())),
    };
    let card = stage.card_of(person);
    let token = stage.town.tap().secret("PIN", &pin);
    stage.hands(
        "patient",
        Act::RegisterAtPortal {
            person: person.to_owned(),
            card: card.clone(),
            pin: token,
        },
    );
    let screens = stage.town.register_at_home(person, &card, pin).await?;
    for screen in screens {
        stage
            .recorder
            .attest(Party::at("home", person), "screen", &screen);
    }
    stage.settle().await;
    Ok(())
}
