//! The card itself: power, what is selected and presented, counters in permanent memory, and the
//! door [`Card::handle`]. Pulling the card out is a loss of power after some number of steps;
//! a step is one write to permanent memory, one comparison of a secret, or the sending of the answer.

use crate::chance::Chance;
use crate::conduct::Conduct;
use crate::contents::{CardContents, Credential, IssueError, Use, check};
use crate::files::{Application, Files};
use std::fmt;
use std::sync::Arc;
use wire::apdu::{Command, Response, StatusWord};

/// Why a command ends early.
pub(crate) enum Stop {
    /// The card answers with this status.
    Status(StatusWord),
    /// The power went: no answer at all.
    PowerLost,
}

impl From<StatusWord> for Stop {
    fn from(status: StatusWord) -> Stop {
        Stop::Status(status)
    }
}

/// One virtual card. It starts without power, like a card in a pocket.
pub struct Card {
    pub(crate) contents: CardContents,
    pub(crate) conduct: Arc<dyn Conduct>,
    pub(crate) files: Files,
    pub(crate) chance: Chance,
    pub(crate) session: Session,
    power: Power,
    counters: Counters,
}

/// Tries left, in permanent memory: they outlive the power.
struct Counters {
    authentication: u8,
    signing: u8,
}

struct Power {
    on: bool,
    steps_left: Option<u32>,
}

/// What the card forgets without power.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) application: Application,
    pub(crate) current_file: Option<u16>,
    /// The application last selected by command: presented secrets belong to it.
    pub(crate) last_selected: Application,
    authentication_presented: bool,
    signing_presented: bool,
}

impl Session {
    fn new() -> Session {
        Session {
            application: Application::IssuerDomain,
            current_file: None,
            last_selected: Application::IssuerDomain,
            authentication_presented: false,
            signing_presented: false,
        }
    }

    /// Whether the secret of that use has been presented.
    pub(crate) fn presented(&self, purpose: Use) -> bool {
        match purpose {
            Use::Authentication => self.authentication_presented,
            Use::Signing => self.signing_presented,
        }
    }

    /// Notes whether the secret of that use has been presented.
    pub(crate) fn set_presented(&mut self, purpose: Use, presented: bool) {
        match purpose {
            Use::Authentication => self.authentication_presented = presented,
            Use::Signing => self.signing_presented = presented,
        }
    }

    /// Takes both secrets as not presented.
    pub(crate) fn forget_presented(&mut self) {
        self.authentication_presented = false;
        self.signing_presented = false;
    }
}

impl Card {
    /// Issues a card. The counters start at their maximum.
    pub fn issue(contents: CardContents, conduct: Arc<dyn Conduct>) -> Result<Card, IssueError> {
        check(&contents)?;
        Ok(Card {
            files: Files::new(&contents),
            chance: Chance::new(contents.seed),
            conduct,
            contents,
            session: Session::new(),
            power: Power {
                on: false,
                steps_left: None,
            },
            counters: Counters {
                authentication: Use::Authentication.tries(),
                signing: Use::Signing.tries(),
            },
        })
    }

    /// Answer to reset.
    pub fn atr(&self) -> &[u8] {
        &self.contents.profile.answer_to_reset
    }

    /// Whether the card has power.
    pub fn is_powered(&self) -> bool {
        self.power.on
    }

    /// Gives the card power (nothing happens when it has it) and returns the answer to reset.
    pub fn power_on(&mut self) -> &[u8] {
        if !self.power.on {
            self.power.on = true;
            for purpose in [Use::Authentication, Use::Signing] {
                let left = self.tries_left(purpose);
                *self.counter(purpose) =
                    self.conduct.tries_after_power_cycle(left, purpose.tries());
            }
        }
        self.atr()
    }

    /// Takes the power away; pulling the card out of the reader is the same. What was selected and
    /// presented is forgotten, counters stay.
    pub fn power_off(&mut self) {
        self.power.on = false;
        let before = std::mem::replace(&mut self.session, Session::new());
        if self.conduct.keeps_security_status_over_power_cycle() {
            self.keep_presented(&before);
        }
    }

    /// Warm reset: the selection is forgotten; whether the presented secrets are is a point of the
    /// profile. Returns the answer to reset. A card without power is powered on.
    pub fn reset(&mut self) -> &[u8] {
        if !self.power.on {
            return self.power_on();
        }
        let before = std::mem::replace(&mut self.session, Session::new());
        if !self.contents.profile.reset_clears_security_status {
            self.keep_presented(&before);
        }
        self.atr()
    }

    fn keep_presented(&mut self, before: &Session) {
        self.session = Session {
            application: Application::IssuerDomain,
            current_file: None,
            ..before.clone()
        };
    }

    /// Answers one command: response data and two status bytes. Any bytes may come in; what is no
    /// command is answered `6700`. A card without power is mute: no bytes at all.
    pub fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        self.power.steps_left = None;
        self.run(command).unwrap_or_default()
    }

    /// The same, but the card is pulled out after that many steps (see the head of this file).
    /// `None` when it was gone before the answer; it is without power then. When the answer came
    /// first, the card still has power.
    pub fn handle_pulled_after(&mut self, command: &[u8], steps: u32) -> Option<Vec<u8>> {
        self.power.steps_left = Some(steps);
        self.run(command)
    }

    fn run(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        if !self.power.on {
            return None;
        }
        let response = match self.answer(command) {
            Ok(response) => response,
            Err(Stop::Status(status)) => Response::status(status),
            Err(Stop::PowerLost) => return self.fall_silent(),
        };
        match self.step() {
            Ok(()) => Some(response.to_bytes()),
            Err(_) => self.fall_silent(),
        }
    }

    fn answer(&mut self, command: &[u8]) -> Result<Response, Stop> {
        let command = Command::parse(command).map_err(|_| StatusWord::WRONG_LENGTH)?;
        self.dispatch(&command)
    }

    fn fall_silent(&mut self) -> Option<Vec<u8>> {
        self.power_off();
        None
    }

    /// One step of work; fails when the card is pulled out before it.
    pub(crate) fn step(&mut self) -> Result<(), Stop> {
        match &mut self.power.steps_left {
            Some(0) => Err(Stop::PowerLost),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Tries left of a secret.
    pub(crate) fn tries_left(&self, purpose: Use) -> u8 {
        match purpose {
            Use::Authentication => self.counters.authentication,
            Use::Signing => self.counters.signing,
        }
    }

    /// Writes a counter to permanent memory: one step, done whole or not at all.
    pub(crate) fn write_tries(&mut self, purpose: Use, left: u8) -> Result<(), Stop> {
        self.step()?;
        *self.counter(purpose) = left;
        Ok(())
    }

    fn counter(&mut self, purpose: Use) -> &mut u8 {
        match purpose {
            Use::Authentication => &mut self.counters.authentication,
            Use::Signing => &mut self.counters.signing,
        }
    }

    /// The credential of that use; `None` when the card was issued without it.
    pub(crate) fn credential(&self, purpose: Use) -> Option<&Credential> {
        match purpose {
            Use::Authentication => Some(&self.contents.authentication),
            Use::Signing => self.contents.signing.as_ref(),
        }
    }
}

// Nothing of a card belongs into a log.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("powered", &self.power.on)
            .finish_non_exhaustive()
    }
}
