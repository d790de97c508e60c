//! The reader's state machine: from touches, the terminal's messages and passing time to screens
//! and messages. Pure, so that every order of events can be tried; whatever does not belong to
//! the present screen changes nothing.

mod identity;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rules::Outcome;
use wire::eligibility::Standing;
use wire::reader::{Consents, FromReader, FromTerminal, Status};

use super::screens::{Trouble, ends, face as face_screens};
use super::touch::{Kind, PrintedFace, Touch};
use super::{Ask, Conduct, PATIENCE, READING_TIME, Screen, Stage, screens};
use identity::{Identity, Way};

pub(super) use identity::Ways;

/// What the machine wants done, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Show(Screen),
    Say(FromReader),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// No card.
    Empty,
    /// A card was announced; the terminal's answer is awaited.
    CardPlaced,
    ChooseMethod,
    Warning,
    EnterPin,
    PinSent,
    /// 照合番号B was sent; the photo is awaited.
    PhotoAwaited,
    Camera,
    /// The face matched; the card is being asked.
    FaceSent,
    StaffEye,
    PasscodeSent,
    /// Identified; how the use registration stands is awaited.
    StandingAwaited,
    /// The use registration is offered.
    Offer,
    RegistrationSent,
    Asking(Ask),
    Processing,
    /// A screen that only tells something, and where it leads.
    Telling(After),
    TakeCard,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    AnotherTry,
    AnotherLook,
    AnotherPasscode,
    /// A method came to its end; the others are left.
    Method,
    /// The same with the PIN locked, where somebody without another method just leaves.
    Locked,
    /// The next stage.
    GoOn,
    /// No consents: the confirmation says how the visit ends.
    Confirmation,
    TakeCard,
    Empty,
}

/// What is known of the card's present stay.
struct Stay {
    step: usize,
    tries_left: u8,
    identity: Identity,
    standing: Option<Standing>,
    consents: Consents,
}

impl Stay {
    fn new(offers_face: bool, printed: Option<PrintedFace>) -> Self {
        Stay {
            step: 0,
            tries_left: 0,
            identity: Identity::new(offers_face, printed),
            standing: None,
            consents: Consents::default(),
        }
    }
}

pub(super) struct Machine {
    conduct: Arc<dyn Conduct>,
    kind: Kind,
    outcomes: BTreeMap<String, Outcome>,
    at: At,
    moment: u64,
    stay: Stay,
    /// The card left while the terminal was asked: its answer may still come, into the next stay.
    owed: bool,
    broken: bool,
}

impl Machine {
    pub(super) fn new(
        conduct: Arc<dyn Conduct>,
        kind: Kind,
        outcomes: BTreeMap<String, Outcome>,
    ) -> (Self, Screen) {
        let machine = Machine {
            conduct,
            kind,
            outcomes,
            at: At::Empty,
            moment: 0,
            stay: Stay::new(kind == Kind::Face, None),
            owed: false,
            broken: false,
        };
        (machine, screens::place_card())
    }

    fn offers_face(&self) -> bool {
        self.kind == Kind::Face || self.conduct.offers_face_without_camera()
    }

    /// Changes whenever the machine enters a state; a timer belongs to one moment.
    pub(super) fn moment(&self) -> u64 {
        self.moment
    }

    /// How long the present state may last, where it is limited.
    pub(super) fn waits(&self) -> Option<Duration> {
        match self.at {
            At::Telling(_) => Some(READING_TIME),
            _ if self.is_busy() => Some(PATIENCE),
            _ => None,
        }
    }

    /// Whether the terminal's answer is awaited.
    pub(super) fn is_busy(&self) -> bool {
        matches!(
            self.at,
            At::CardPlaced
                | At::PinSent
                | At::PhotoAwaited
                | At::FaceSent
                | At::PasscodeSent
                | At::StandingAwaited
                | At::RegistrationSent
                | At::Processing
        )
    }

    /// Whether a visit is under way whose outcome is open.
    fn in_visit(&self) -> bool {
        !matches!(
            self.at,
            At::Empty | At::TakeCard | At::Telling(After::TakeCard | After::Empty)
        )
    }

    fn enter(&mut self, at: At, screen: Option<Screen>) -> Vec<Effect> {
        self.at = at;
        self.moment += 1;
        let shown = screen.map(|screen| Screen {
            lines: self.conduct.words(screen.id, screen.lines),
            ..screen
        });
        shown.map(Effect::Show).into_iter().collect()
    }

    fn enter_saying(&mut self, at: At, screen: Option<Screen>, said: FromReader) -> Vec<Effect> {
        let mut effects = self.enter(at, screen);
        effects.push(Effect::Say(said));
        effects
    }

    pub(super) fn touch(&mut self, touch: Touch) -> Vec<Effect> {
        match (self.at, touch) {
            (At::Empty, Touch::PlaceCard { printed }) => self.card_placed(printed),
            (At::TakeCard, Touch::TakeCard) => self.card_taken(),
            (At::Telling(After::Locked), Touch::TakeCard) => {
                let mut effects = self.enter(At::TakeCard, Some(screens::take_card()));
                effects.extend(self.card_taken());
                effects
            }
            (At::Telling(after), touch) if skips(after, &touch) => {
                let mut effects = self.time_is_up();
                effects.extend(self.touch(touch));
                effects
            }
            (_, Touch::TakeCard) if self.in_visit() => {
                self.owed = self.is_busy();
                let mut effects = vec![Effect::Say(FromReader::CardRemoved)];
                effects.extend(self.removed());
                effects
            }
            (_, Touch::ChooseFace) => self.turn_to(Way::Face),
            (_, Touch::ChoosePin) => self.turn_to(Way::Pin),
            (_, Touch::CallStaff) => self.turn_to(Way::Staff),
            (at, touch) => self.answer(at, touch),
        }
    }

    /// A touch that answers what the screen asks.
    fn answer(&mut self, at: At, touch: Touch) -> Vec<Effect> {
        match (at, touch) {
            (At::Warning, Touch::AcknowledgeWarning) => self.pin_pad(false),
            (At::EnterPin, Touch::EnterPin(pin)) => self.pin_typed(pin),
            (At::Camera, Touch::LookIntoCamera(seen)) => self.looked(seen),
            (At::StaffEye, Touch::EnterPasscode(passcode)) => self.passcode_typed(passcode),
            (At::Offer, Touch::AnswerRegistration { agreed: true }) => self.enter_saying(
                At::RegistrationSent,
                None,
                FromReader::Registration { agreed: true },
            ),
            (At::Offer, Touch::AnswerRegistration { agreed: false }) => {
                let mut effects = vec![Effect::Say(FromReader::Registration { agreed: false })];
                effects.extend(self.confirmation());
                effects
            }
            (At::Asking(ask), Touch::Consent { given }) => {
                self.answered(ask, given);
                self.next_stage()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn heard(&mut self, message: FromTerminal) -> Vec<Effect> {
        if let FromTerminal::CardReady { .. }
        | FromTerminal::CardUnusable { .. }
        | FromTerminal::Outcome { .. } = message
            && std::mem::take(&mut self.owed)
            && self.at == At::CardPlaced
            && matches!(&message, FromTerminal::CardUnusable { reason } if reason == "removed")
        {
            // Said of the card before: that this one lies in the slot, the reader itself knows.
            return Vec::new();
        }
        match (self.at, message) {
            (At::CardPlaced, FromTerminal::CardReady { tries_left }) => {
                self.stay.tries_left = tries_left;
                self.stage()
            }
            (_, FromTerminal::CardUnusable { reason }) if self.in_visit() => self.unusable(&reason),
            (At::StandingAwaited, FromTerminal::Standing { standing }) => {
                self.stay.standing = Some(standing);
                self.next_stage()
            }
            (At::RegistrationSent, FromTerminal::Registered) => {
                self.enter(At::Telling(After::GoOn), Some(screens::registered()))
            }
            (At::RegistrationSent, FromTerminal::RegistrationFailed { error, message }) => {
                let screen = screens::registration_failed(&error, &message);
                self.enter(At::Telling(After::Confirmation), Some(screen))
            }
            (
                At::StandingAwaited | At::RegistrationSent | At::Processing,
                FromTerminal::Outcome {
                    status,
                    code,
                    message,
                    validity,
                },
            ) => self.ended(status, &code, &message, validity.as_deref()),
            (
                _,
                FromTerminal::Outcome {
                    status: Status::Unavailable,
                    message,
                    ..
                },
            ) if self.in_visit() => self.unavailable(&message),
            (at, message) => self.heard_of_identity(at, message),
        }
    }

    /// The time [`Self::waits`] named is over.
    pub(super) fn time_is_up(&mut self) -> Vec<Effect> {
        match self.at {
            At::Telling(After::AnotherTry) => self.pin_stage(),
            At::Telling(After::AnotherLook) => self.camera(),
            At::Telling(After::AnotherPasscode) => self.staff_eye(),
            At::Telling(After::Method | After::Locked) => self.choose_method(),
            At::Telling(After::GoOn) => self.next_stage(),
            At::Telling(After::Confirmation) => self.confirmation(),
            At::Telling(After::TakeCard) => self.enter(At::TakeCard, Some(screens::take_card())),
            At::Telling(After::Empty) => self.empty(),
            _ if self.is_busy() => self
                .unavailable("読み取り機が端末からの応答を待ちましたが、応答がありませんでした。"),
            _ => Vec::new(),
        }
    }

    /// The terminal sent something that is not the protocol.
    pub(super) fn not_understood(&mut self) -> Vec<Effect> {
        match self.in_visit() {
            true => self.unavailable("読み取り機が端末からの電文を解釈できませんでした。"),
            false => Vec::new(),
        }
    }

    /// The line to the terminal has ended.
    pub(super) fn line_broke(&mut self) -> Vec<Effect> {
        self.broken = true;
        match self.in_visit() {
            true => self.unavailable("読み取り機と端末との接続が切れました。"),
            false => Vec::new(),
        }
    }

    fn card_placed(&mut self, printed: Option<PrintedFace>) -> Vec<Effect> {
        self.stay = Stay::new(self.offers_face(), printed);
        match self.broken {
            true => self.unavailable("読み取り機が端末に接続されていません。"),
            false => self.enter_saying(At::CardPlaced, None, FromReader::CardPlaced),
        }
    }

    /// The card leaves when it should.
    fn card_taken(&mut self) -> Vec<Effect> {
        let mut effects = vec![Effect::Say(FromReader::CardRemoved)];
        effects.extend(self.empty());
        effects
    }

    fn next_stage(&mut self) -> Vec<Effect> {
        self.stay.step += 1;
        self.stage()
    }

    fn stage(&mut self) -> Vec<Effect> {
        match self.conduct.order().get(self.stay.step) {
            Some(Stage::Identity) => self.choose_method(),
            Some(Stage::Registration) => self.registration_stage(),
            Some(Stage::Consent(ask)) => self.enter(At::Asking(*ask), Some(screens::consent(*ask))),
            None if self.stay.consents == Consents::default()
                && !self.conduct.goes_on_without_consent() =>
            {
                self.unavailable("医療情報の閲覧に同意がありません。")
            }
            None => self.confirmation(),
        }
    }

    fn registration_stage(&mut self) -> Vec<Effect> {
        match self.stay.standing {
            Some(standing) if self.conduct.offers_registration(standing) => {
                self.enter(At::Offer, Some(screens::registration_offer(standing)))
            }
            _ => self.next_stage(),
        }
    }

    fn confirmation(&mut self) -> Vec<Effect> {
        let consents = self.stay.consents;
        self.enter_saying(
            At::Processing,
            Some(screens::processing()),
            FromReader::Consents { consents },
        )
    }

    fn answered(&mut self, ask: Ask, given: bool) {
        let consents = &mut self.stay.consents;
        match ask {
            Ask::Operation => consents.operation = given,
            Ask::TreatmentDrug => (consents.treatment, consents.drug) = (given, given),
            Ask::Checkup => consents.checkup = given,
        }
    }

    fn unusable(&mut self, reason: &str) -> Vec<Effect> {
        match reason {
            "removed" => self.removed(),
            "pin-locked" => self.locked(),
            _ => self.enter(
                At::Telling(After::TakeCard),
                Some(ends::card_unusable(reason)),
            ),
        }
    }

    fn removed(&mut self) -> Vec<Effect> {
        match self.conduct.tells_removal() {
            true => self.enter(At::Telling(After::Empty), Some(screens::card_removed())),
            false => self.empty(),
        }
    }

    fn empty(&mut self) -> Vec<Effect> {
        // Nothing of the person stays behind.
        self.stay = Stay::new(self.offers_face(), None);
        self.enter(At::Empty, Some(screens::place_card()))
    }

    fn unavailable(&mut self, message: &str) -> Vec<Effect> {
        self.enter(
            At::Telling(After::TakeCard),
            Some(ends::unavailable(message)),
        )
    }

    fn ended(
        &mut self,
        status: Status,
        code: &str,
        message: &str,
        validity: Option<&str>,
    ) -> Vec<Effect> {
        let known = self.outcomes.get(code).copied();
        let validity = validity.filter(|_| self.conduct.tells_validity());
        let screen = match status {
            Status::Unavailable => ends::unavailable(message),
            Status::Refused => {
                let names_fallbacks = self.conduct.names_fallbacks();
                ends::refused(known, code, message, names_fallbacks)
            }
            Status::Confirmed if self.notices(code, known) => {
                ends::done_notice(validity, known, message)
            }
            Status::Confirmed => ends::done(validity),
        };
        self.enter(At::Telling(After::TakeCard), Some(screen))
    }

    /// A code beside a good answer is a notice (facts/eligibility.md 2.3), known to us or not.
    fn notices(&self, code: &str, known: Option<Outcome>) -> bool {
        match known {
            Some(Outcome::Confirmed) => false,
            Some(Outcome::NoticeExpiresSoon) => self.conduct.shows_renewal_notice(),
            Some(Outcome::NoticeExpiredGrace) => self.conduct.shows_grace_notice(),
            _ => !code.is_empty(),
        }
    }
}

/// Whether a touch ends a telling screen early: the one that belongs to what comes next.
fn skips(after: After, touch: &Touch) -> bool {
    match after {
        After::AnotherTry => matches!(touch, Touch::EnterPin(_) | Touch::AcknowledgeWarning),
        After::AnotherLook => matches!(touch, Touch::LookIntoCamera(_)),
        After::AnotherPasscode => matches!(touch, Touch::EnterPasscode(_)),
        After::TakeCard => *touch == Touch::TakeCard,
        After::Empty => matches!(touch, Touch::PlaceCard { .. }),
        // A consent is given on the screen that asks for it, once that can be seen (CONS-01).
        After::Method | After::Locked | After::GoOn | After::Confirmation => false,
    }
}

#[cfg(test)]
mod tests;
