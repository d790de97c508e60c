//! The reader's state machine: from touches, the terminal's messages and passing time to screens
//! and messages. Pure, so that every order of events can be tried; whatever does not belong to
//! the present screen changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rules::Outcome;
use wire::reader::{Consents, FromReader, FromTerminal, Status};

use super::{Ask, Conduct, PATIENCE, READING_TIME, Screen, Stage, Touch, screens};
use crate::secret::Secret;

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
    Asking(Ask),
    Processing,
    /// A screen that only tells something, and where it leads.
    Telling(After),
    TakeCard,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    AnotherTry,
    TakeCard,
    Empty,
}

pub(super) struct Machine {
    conduct: Arc<dyn Conduct>,
    outcomes: BTreeMap<String, Outcome>,
    at: At,
    moment: u64,
    step: usize,
    tries_left: u8,
    consents: Consents,
    broken: bool,
}

impl Machine {
    pub(super) fn new(
        conduct: Arc<dyn Conduct>,
        outcomes: BTreeMap<String, Outcome>,
    ) -> (Self, Screen) {
        let machine = Machine {
            conduct,
            outcomes,
            at: At::Empty,
            moment: 0,
            step: 0,
            tries_left: 0,
            consents: Consents::default(),
            broken: false,
        };
        (machine, screens::place_card())
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
        matches!(self.at, At::CardPlaced | At::PinSent | At::Processing)
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
        screen.map(Effect::Show).into_iter().collect()
    }

    pub(super) fn touch(&mut self, touch: Touch) -> Vec<Effect> {
        match (self.at, touch) {
            (At::Empty, Touch::PlaceCard) => self.card_placed(),
            (At::ChooseMethod, Touch::ChoosePin) => self.next_stage(),
            (At::Warning, Touch::AcknowledgeWarning) => self.pin_pad(false),
            (At::EnterPin, Touch::EnterPin(pin)) => self.pin_typed(pin),
            (At::Asking(ask), Touch::Consent { given }) => {
                self.answered(ask, given);
                self.next_stage()
            }
            (At::TakeCard, Touch::TakeCard) => {
                let mut effects = vec![Effect::Say(FromReader::CardRemoved)];
                effects.extend(self.empty());
                effects
            }
            (At::Telling(after), touch) if skips(after, &touch) => {
                let mut effects = self.time_is_up();
                effects.extend(self.touch(touch));
                effects
            }
            (_, Touch::TakeCard) if self.in_visit() => {
                let mut effects = vec![Effect::Say(FromReader::CardRemoved)];
                effects.extend(self.removed());
                effects
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn heard(&mut self, message: FromTerminal) -> Vec<Effect> {
        match (self.at, message) {
            (At::CardPlaced, FromTerminal::CardReady { tries_left }) => {
                self.tries_left = tries_left;
                self.step = 0;
                self.stage()
            }
            // Said of the card before: that this one lies in the slot, the reader itself knows.
            (At::CardPlaced, FromTerminal::CardUnusable { reason }) if reason == "removed" => {
                Vec::new()
            }
            (_, FromTerminal::CardUnusable { reason }) if self.in_visit() => self.unusable(&reason),
            (At::PinSent, FromTerminal::PinAccepted) => self.next_stage(),
            (At::PinSent, FromTerminal::PinWrong { tries_left }) if tries_left > 0 => {
                self.tries_left = tries_left;
                let screen = screens::pin_wrong(self.told_tries());
                self.enter(At::Telling(After::AnotherTry), Some(screen))
            }
            (At::PinSent, FromTerminal::PinWrong { .. } | FromTerminal::PinLocked) => self.locked(),
            (
                At::Processing,
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
            _ => Vec::new(),
        }
    }

    /// The time [`Self::waits`] named is over.
    pub(super) fn time_is_up(&mut self) -> Vec<Effect> {
        match self.at {
            At::Telling(After::AnotherTry) => self.stage(),
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

    fn card_placed(&mut self) -> Vec<Effect> {
        self.consents = Consents::default();
        if self.broken {
            return self.unavailable("読み取り機が端末に接続されていません。");
        }
        let mut effects = self.enter(At::CardPlaced, None);
        effects.push(Effect::Say(FromReader::CardPlaced));
        effects
    }

    fn next_stage(&mut self) -> Vec<Effect> {
        self.step += 1;
        self.stage()
    }

    fn stage(&mut self) -> Vec<Effect> {
        match self.conduct.order().get(self.step) {
            Some(Stage::Method) => self.enter(At::ChooseMethod, Some(screens::choose_method())),
            Some(Stage::Pin) => self.pin_stage(),
            Some(Stage::Consent(ask)) => self.enter(At::Asking(*ask), Some(screens::consent(*ask))),
            None => {
                let mut effects = self.enter(At::Processing, Some(screens::processing()));
                effects.push(Effect::Say(FromReader::Consents {
                    consents: self.consents,
                }));
                effects
            }
        }
    }

    fn pin_stage(&mut self) -> Vec<Effect> {
        match self.tries_left {
            0 => self.locked(),
            1 if self.conduct.tells_of_last_try() => {
                let screen = screens::last_try_warning(self.told_tries());
                self.enter(At::Warning, Some(screen))
            }
            _ => self.pin_pad(false),
        }
    }

    fn pin_pad(&mut self, misfit: bool) -> Vec<Effect> {
        let screen = screens::enter_pin(self.told_tries(), misfit);
        self.enter(At::EnterPin, Some(screen))
    }

    /// The tries a screen tells: all, unless this reader keeps the last one to itself.
    fn told_tries(&self) -> Option<u8> {
        (self.tries_left > 1 || self.conduct.tells_of_last_try()).then_some(self.tries_left)
    }

    fn pin_typed(&mut self, pin: String) -> Vec<Effect> {
        let pin = Secret::new(pin);
        if !pin.is_pin() {
            return self.pin_pad(true);
        }
        let mut effects = self.enter(At::PinSent, None);
        effects.push(Effect::Say(FromReader::Pin {
            pin: pin.text().to_owned(),
        }));
        effects
    }

    fn answered(&mut self, ask: Ask, given: bool) {
        match ask {
            Ask::Operation => self.consents.operation = given,
            Ask::TreatmentDrug => (self.consents.treatment, self.consents.drug) = (given, given),
            Ask::Checkup => self.consents.checkup = given,
        }
    }

    fn unusable(&mut self, reason: &str) -> Vec<Effect> {
        match reason {
            "removed" => self.removed(),
            "pin-locked" => self.locked(),
            _ => self.enter(
                At::Telling(After::TakeCard),
                Some(screens::card_unusable(reason)),
            ),
        }
    }

    fn locked(&mut self) -> Vec<Effect> {
        self.enter(At::Telling(After::TakeCard), Some(screens::pin_locked()))
    }

    fn removed(&mut self) -> Vec<Effect> {
        self.enter(At::Telling(After::Empty), Some(screens::card_removed()))
    }

    fn empty(&mut self) -> Vec<Effect> {
        self.enter(At::Empty, Some(screens::place_card()))
    }

    fn unavailable(&mut self, message: &str) -> Vec<Effect> {
        self.enter(
            At::Telling(After::TakeCard),
            Some(screens::unavailable(message)),
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
        let screen = match status {
            Status::Unavailable => screens::unavailable(message),
            Status::Refused => screens::refused(known, code, message),
            Status::Confirmed if self.notices(code, known) => {
                screens::done_notice(validity, known, message)
            }
            Status::Confirmed => screens::done(validity),
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
        After::TakeCard => *touch == Touch::TakeCard,
        After::Empty => *touch == Touch::PlaceCard,
    }
}

#[cfg(test)]
mod tests;
