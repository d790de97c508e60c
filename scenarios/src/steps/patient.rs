//! What the patient's hands do at the reader, and staff's where they are called. They do what the screen asks
//! for; a screen that comes out of turn is answered as well, and its turn is for the judge to see.

use std::time::Duration;

use evidence::Act;
use town::Touch;

use crate::Read;
use crate::stage::{Stage, Stuck, Visit};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "place-card",
    "place-second",
    "place-borrowed",
    "turn",
    "choose-pin",
    "choose-face",
    "look",
    "look-unclear",
    "call-staff",
    "staff-confirms",
    "staff-mistypes",
    "acknowledge",
    "enter-right-pin",
    "enter-wrong-pin",
    "agree-registration",
    "decline-registration",
    "consent-all",
    "consent-none",
    "consent-only",
    "take-card",
    "take-early",
    "card-slips",
    "visit-pin",
    "visit-face",
    "visit-register",
];

/// Longest a patient waits for a screen; longer than every timeout in the town.
const PATIENCE: Duration = Duration::from_secs(90);
const GLANCE: Duration = Duration::from_millis(100);

/// Screens that end a visit, for better or worse.
const ENDS: &[&str] = &[
    "PLACE_CARD",
    "DONE",
    "DONE_NOTICE",
    "REFUSED",
    "UNAVAILABLE",
    "TAKE_CARD",
    "CARD_REMOVED",
    "CARD_UNUSABLE",
];

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let (person, facility) = (read.get("person"), read.get("facility"));
    match read.phrase.as_str() {
        "place-card" => place(stage, person, facility, 1, person).await,
        "place-second" => place(stage, person, facility, 2, person).await,
        "place-borrowed" => place(stage, person, facility, 1, read.get("victim")).await,
        "turn" => turn(stage, person),
        "choose-pin" => choose(stage, Act::ChoosePin, Touch::ChoosePin).await,
        "choose-face" => choose(stage, Act::ChooseFace, Touch::ChooseFace).await,
        "call-staff" => choose(stage, Act::CallStaff, Touch::CallStaff).await,
        "look" => look(stage, true).await,
        "look-unclear" => look(stage, false).await,
        "staff-confirms" => passcode(stage, true).await,
        "staff-mistypes" => passcode(stage, false).await,
        "acknowledge" => {
            wait_for(stage, &["LAST_TRY_WARNING", "ENTER_PIN"], Hand::REFUSING).await?;
            touch(stage, Act::AcknowledgeWarning, Touch::AcknowledgeWarning).await
        }
        "enter-right-pin" => enter_pin(stage, true).await,
        "enter-wrong-pin" => enter_pin(stage, false).await,
        "agree-registration" => registration(stage, true).await,
        "decline-registration" => registration(stage, false).await,
        "consent-all" => consent(stage, Hand::AGREEING).await,
        "consent-none" => consent(stage, Hand::REFUSING).await,
        "consent-only" => {
            let kind = stage.people().meaning(read.get("kind")).to_owned();
            consent(
                stage,
                Hand {
                    only: Some(&kind),
                    ..Hand::AGREEING
                },
            )
            .await
        }
        "take-card" => take(stage).await,
        "take-early" => take_now(stage).await,
        "card-slips" => {
            let command = u32::try_from(read.number("command")).unwrap_or(u32::MAX);
            slip(stage, command)
        }
        "visit-pin" => {
            place(stage, person, facility, 1, person).await?;
            choose(stage, Act::ChoosePin, Touch::ChoosePin).await?;
            enter_pin(stage, true).await?;
            consent(stage, Hand::AGREEING).await?;
            take(stage).await
        }
        "visit-face" => by_face(stage, person, facility, Hand::AGREEING).await,
        "visit-register" => {
            let hand = Hand {
                registering: true,
                ..Hand::AGREEING
            };
            by_face(stage, person, facility, hand).await
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

/// How the patient answers what comes without being asked for.
#[derive(Clone, Copy)]
struct Hand<'a> {
    /// Answers consent screens with yes, but for `only`.
    consenting: bool,
    /// The one kind of consent that is given.
    only: Option<&'a str>,
    /// Takes up an offer of the use registration.
    registering: bool,
}

impl Hand<'_> {
    const AGREEING: Self = Hand {
        consenting: true,
        only: None,
        registering: false,
    };
    const REFUSING: Self = Hand {
        consenting: false,
        only: None,
        registering: false,
    };

    fn gives(self, kind: &str) -> bool {
        self.consenting && self.only.is_none_or(|only| only == kind)
    }
}

async fn by_face(
    stage: &mut Stage,
    person: &str,
    facility: &str,
    hand: Hand<'_>,
) -> Result<(), Stuck> {
    place(stage, person, facility, 1, person).await?;
    choose(stage, Act::ChooseFace, Touch::ChooseFace).await?;
    look(stage, true).await?;
    consent(stage, hand).await?;
    take(stage).await
}

async fn place(
    stage: &mut Stage,
    person: &str,
    facility: &str,
    reader: u8,
    holder: &str,
) -> Result<(), Stuck> {
    stage.open_facility(facility, true).await?;
    let card = stage.card_of(holder);
    stage.visits.retain(|v| v.person != person);
    stage.visits.push(Visit {
        person: person.to_owned(),
        facility: facility.to_owned(),
        reader,
        holder: holder.to_owned(),
    });
    stage.hands(
        "patient",
        Act::PlaceCard {
            card: card.clone(),
            person: person.to_owned(),
            facility: facility.to_owned(),
            reader,
        },
    );
    stage.town.place_card(facility, reader, &card)?;
    stage.settle().await;
    Ok(())
}

fn turn(stage: &mut Stage, person: &str) -> Result<(), Stuck> {
    let at = stage.visits.iter().position(|v| v.person == person);
    let at = at.ok_or_else(|| Stuck::Missing(format!("{person} placed a card")))?;
    let visit = stage.visits.remove(at);
    stage.visits.push(visit);
    stage.hands(
        "patient",
        Act::GoOn {
            person: person.to_owned(),
        },
    );
    Ok(())
}

async fn touch(stage: &mut Stage, act: Act, touch: Touch) -> Result<(), Stuck> {
    let visit = stage.visit()?;
    let who = match act {
        Act::EnterPasscode { .. } => "staff",
        _ => "patient",
    };
    stage.hands(who, act);
    stage.town.touch(&visit.facility, visit.reader, touch)?;
    stage.settle().await;
    Ok(())
}

fn screen(stage: &mut Stage) -> Result<String, Stuck> {
    let visit = stage.visit()?;
    Ok(stage.town.current_screen(&visit.facility, visit.reader)?)
}

/// Waits until one of these screens shows, or the visit's end. Consent screens and the offer of the
/// registration that come meanwhile are answered.
async fn wait_for(stage: &mut Stage, wanted: &[&str], hand: Hand<'_>) -> Result<String, Stuck> {
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        let shown = screen(stage)?;
        stage.look_at_readers();
        if wanted.contains(&shown.as_str()) || ENDS.contains(&shown.as_str()) {
            return Ok(shown);
        }
        if let Some(kind) = consent_kind(&shown) {
            let given = hand.gives(kind);
            let act = Act::Consent {
                kind: kind.into(),
                given,
            };
            touch(stage, act, Touch::Consent { given }).await?;
        } else if shown == "REGISTRATION_OFFER" {
            let agreed = hand.registering;
            answer_offer(stage, agreed).await?;
        } else {
            stage.wait(GLANCE).await;
        }
        waited += GLANCE;
    }
    screen(stage)
}

fn consent_kind(screen: &str) -> Option<&'static str> {
    match screen {
        "CONSENT_OPERATION" => Some("operation"),
        "CONSENT_TREATMENT_DRUG" => Some("treatment-drug"),
        "CONSENT_CHECKUP" => Some("checkup"),
        _ => None,
    }
}

/// Chooses a way of proving oneself; also after another way failed.
async fn choose(stage: &mut Stage, act: Act, chosen: Touch) -> Result<(), Stuck> {
    let choices = [
        "CHOOSE_METHOD",
        "PIN_WRONG",
        "PIN_LOCKED",
        "ENTER_PIN",
        "LAST_TRY_WARNING",
        "FACE_CAMERA",
        "FACE_MISMATCH",
        "PASSCODE_WRONG",
    ];
    wait_for(stage, &choices, Hand::REFUSING).await?;
    touch(stage, act, chosen).await
}

async fn look(stage: &mut Stage, clear: bool) -> Result<(), Stuck> {
    wait_for(stage, &["FACE_CAMERA", "FACE_MISMATCH"], Hand::REFUSING).await?;
    let visit = stage.visit()?;
    let face = stage.town.face_of(&visit.person);
    let token = stage.town.tap().secret_bytes(town::FACE, &face);
    let picture = stage.town.picture_of(&visit.person, clear);
    let act = Act::LookIntoCamera { face: token, clear };
    touch(stage, act, Touch::LookIntoCamera(picture)).await
}

async fn passcode(stage: &mut Stage, right: bool) -> Result<(), Stuck> {
    wait_for(stage, &["STAFF_EYE", "PASSCODE_WRONG"], Hand::REFUSING).await?;
    let facility = stage.visit()?.facility;
    let typed = match right {
        true => stage.passcode(&facility),
        false => stage.passcode("somewhere else"),
    };
    let token = stage.town.tap().secret("PASSCODE", &typed);
    let act = Act::EnterPasscode { passcode: token };
    touch(stage, act, Touch::EnterPasscode(typed)).await
}

async fn enter_pin(stage: &mut Stage, right: bool) -> Result<(), Stuck> {
    wait_for(stage, &["ENTER_PIN"], Hand::REFUSING).await?;
    let right_pin = stage.own_pin(&stage.visit()?.holder);
    let pin = if right {
        right_pin
    } else {
        stage.pin("a wrong try", &[&right_pin])
    };
    let token = stage.town.tap().secret("PIN", &pin);
    touch(stage, Act::EnterPin { pin: token }, Touch::EnterPin(pin)).await
}

async fn registration(stage: &mut Stage, agreed: bool) -> Result<(), Stuck> {
    // The offer is waited for by hand: wait_for would answer it.
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        let shown = screen(stage)?;
        stage.look_at_readers();
        let over = ENDS.contains(&shown.as_str()) || consent_kind(&shown).is_some();
        if over || shown == "REGISTRATION_OFFER" {
            break;
        }
        stage.wait(GLANCE).await;
        waited += GLANCE;
    }
    answer_offer(stage, agreed).await?;
    // Whoever agreed waits for what comes of it.
    let mut waited = Duration::ZERO;
    while waited < PATIENCE && screen(stage)? == "REGISTRATION_OFFER" {
        stage.wait(GLANCE).await;
        waited += GLANCE;
    }
    Ok(())
}

async fn answer_offer(stage: &mut Stage, agreed: bool) -> Result<(), Stuck> {
    let act = Act::AnswerRegistration { agreed };
    touch(stage, act, Touch::AnswerRegistration { agreed }).await
}

async fn consent(stage: &mut Stage, hand: Hand<'_>) -> Result<(), Stuck> {
    wait_for(stage, &[], hand).await?;
    Ok(())
}

async fn take(stage: &mut Stage) -> Result<(), Stuck> {
    // Somebody who only tried the reader takes the card from whatever screen there is.
    let waiting = [
        "PROCESSING",
        "REGISTERED",
        "REGISTRATION_FAILED",
        "DONE",
        "DONE_NOTICE",
        "REFUSED",
        "UNAVAILABLE",
    ];
    if waiting.contains(&screen(stage)?.as_str()) {
        wait_end(stage).await?;
    }
    take_now(stage).await
}

/// Waits until the reader asks for the card to be taken.
async fn wait_end(stage: &mut Stage) -> Result<(), Stuck> {
    let mut waited = Duration::ZERO;
    while waited < PATIENCE && screen(stage)? != "TAKE_CARD" {
        stage.look_at_readers();
        stage.wait(GLANCE).await;
        waited += GLANCE;
    }
    Ok(())
}

async fn take_now(stage: &mut Stage) -> Result<(), Stuck> {
    let visit = stage.visit()?;
    stage.look_at_readers();
    stage.hands("patient", Act::TakeCard);
    stage.town.take_card(&visit.facility, visit.reader)?;
    // The desk polls the shared folder; give it time to see the file.
    stage.wait(Duration::from_secs(2)).await;
    Ok(())
}

/// From now on the card lies so badly that it leaves before a command to come.
fn slip(stage: &mut Stage, command: u32) -> Result<(), Stuck> {
    let visit = stage.visit()?;
    let command = stage
        .town
        .let_slip(&visit.facility, visit.reader, command)?;
    stage.hands("patient", Act::CardSlips { command });
    Ok(())
}
