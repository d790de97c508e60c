//! What the patient's hands do at the reader. They do what the screen asks for; a screen that
//! comes out of turn is answered as well, and its turn is for the judge to see.

use std::time::Duration;

use evidence::Act;
use town::Touch;

use super::setting::card_of;
use crate::Read;
use crate::stage::{Stage, Stuck};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "place-card",
    "choose-pin",
    "acknowledge",
    "enter-right-pin",
    "enter-wrong-pin",
    "consent-all",
    "consent-none",
    "take-card",
];

/// Longest a patient waits for a screen; longer than every timeout in the town.
const PATIENCE: Duration = Duration::from_secs(90);
const GLANCE: Duration = Duration::from_millis(100);

/// Screens that end a visit, for better or worse.
const ENDS: &[&str] = &[
    "DONE",
    "DONE_NOTICE",
    "REFUSED",
    "UNAVAILABLE",
    "TAKE_CARD",
    "PIN_LOCKED",
    "CARD_REMOVED",
];

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    match read.phrase.as_str() {
        "place-card" => place(stage, read.get("person"), read.get("facility")).await,
        "choose-pin" => {
            wait_for(stage, &["CHOOSE_METHOD"], false).await?;
            touch(stage, Act::ChoosePin, Touch::ChoosePin).await
        }
        "acknowledge" => {
            wait_for(stage, &["LAST_TRY_WARNING", "ENTER_PIN"], false).await?;
            touch(stage, Act::AcknowledgeWarning, Touch::AcknowledgeWarning).await
        }
        "enter-right-pin" => enter_pin(stage, true).await,
        "enter-wrong-pin" => enter_pin(stage, false).await,
        "consent-all" => consent(stage, true).await,
        "consent-none" => consent(stage, false).await,
        "take-card" => take(stage).await,
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

async fn place(stage: &mut Stage, person: &str, facility: &str) -> Result<(), Stuck> {
    stage.open_facility(facility, true).await?;
    let card = card_of(person);
    stage.visit = Some((person.to_owned(), facility.to_owned()));
    stage.hands(
        "patient",
        Act::PlaceCard {
            card: card.clone(),
            person: person.to_owned(),
            facility: facility.to_owned(),
        },
    );
    stage.town.place_card(facility, &card)?;
    stage.settle().await;
    Ok(())
}

fn visit(stage: &Stage) -> Result<(String, String), Stuck> {
    stage
        .visit
        .clone()
        .ok_or_else(|| Stuck::Missing("a card was placed".into()))
}

async fn touch(stage: &mut Stage, act: Act, touch: Touch) -> Result<(), Stuck> {
    let (_, facility) = visit(stage)?;
    stage.hands("patient", act);
    stage.town.touch(&facility, touch)?;
    stage.settle().await;
    Ok(())
}

/// Waits until one of these screens shows, or the visit's end. Consent screens that come
/// meanwhile are answered with `consenting`.
async fn wait_for(stage: &mut Stage, wanted: &[&str], consenting: bool) -> Result<String, Stuck> {
    let (_, facility) = visit(stage)?;
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        let screen = stage.town.current_screen(&facility)?;
        stage.look_at_readers();
        if wanted.contains(&screen.as_str()) || ENDS.contains(&screen.as_str()) {
            return Ok(screen);
        }
        if let Some(kind) = consent_kind(&screen) {
            touch(
                stage,
                Act::Consent {
                    kind: kind.into(),
                    given: consenting,
                },
                Touch::Consent { given: consenting },
            )
            .await?;
        } else {
            stage.wait(GLANCE).await;
        }
        waited += GLANCE;
    }
    stage.town.current_screen(&facility).map_err(Stuck::from)
}

fn consent_kind(screen: &str) -> Option<&'static str> {
    match screen {
        "CONSENT_OPERATION" => Some("operation"),
        "CONSENT_TREATMENT_DRUG" => Some("treatment-drug"),
        "CONSENT_CHECKUP" => Some("checkup"),
        _ => None,
    }
}

async fn enter_pin(stage: &mut Stage, right: bool) -> Result<(), Stuck> {
    wait_for(stage, &["ENTER_PIN"], false).await?;
    let (person, _) = visit(stage)?;
    let right_pin = stage.pin(&person, &[]);
    let pin = if right {
        right_pin
    } else {
        stage.pin("a wrong try", &[&right_pin])
    };
    let token = stage.town.tap().secret("PIN", &pin);
    touch(stage, Act::EnterPin { pin: token }, Touch::EnterPin(pin)).await
}

async fn consent(stage: &mut Stage, given: bool) -> Result<(), Stuck> {
    wait_for(stage, &[], given).await?;
    Ok(())
}

async fn take(stage: &mut Stage) -> Result<(), Stuck> {
    // Somebody who only tried the reader takes the card from whatever screen there is.
    let (_, facility) = visit(stage)?;
    let waiting = [
        "PROCESSING",
        "DONE",
        "DONE_NOTICE",
        "REFUSED",
        "UNAVAILABLE",
    ];
    if waiting.contains(&stage.town.current_screen(&facility)?.as_str()) {
        wait_for(stage, &["TAKE_CARD"], false).await?;
    }
    stage.look_at_readers();
    stage.hands("patient", Act::TakeCard);
    stage.town.take_card(&facility)?;
    // The desk polls the shared folder; give it time to see the file.
    stage.wait(Duration::from_secs(2)).await;
    Ok(())
}
