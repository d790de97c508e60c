//! The card itself: power, permanent memory, the issuer's own doings, and the door [`Card::handle`].
//! Pulling the card out is a loss of power after some number of steps; a step is one write to permanent
//! memory, one comparison of a secret, or the sending of the answer.

use crate::chance::Chance;
use crate::conduct::Conduct;
use crate::contents::{CardContents, Credential, IssueError, Use, check};
use crate::files::Files;
use crate::profile::{AbsentPin, AbsentSigning};
use crate::secret::{Memory, SecretName};
use crate::session::Session;
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

/// Why the municipality's counter could not reset a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetError {
    /// The new secret breaks its rule. The secret itself is not repeated.
    #[error(
        "the counter gave a new {0} outside its rule; PINs are 4 digits, and a sign password 6 to 16 of A-Z and 0-9 with at least one letter and one digit"
    )]
    Rule(SecretName),
    /// Its holder did not choose it, so nobody sets it anew.
    #[error("the {0} is fixed at issue; the counter can only issue a new card")]
    Fixed(SecretName),
    /// The card was issued without what it opens.
    #[error(
        "the card has no signing certificate, so there is no {0} to reset; ask for the certificate first"
    )]
    NothingToOpen(SecretName),
    /// The chip is dead.
    #[error("the chip does not answer any more; the counter must issue a new card")]
    Dead,
}

/// One virtual card. It starts without power, like a card in a pocket.
pub struct Card {
    pub(crate) contents: CardContents,
    pub(crate) conduct: Arc<dyn Conduct>,
    pub(crate) files: Files,
    pub(crate) chance: Chance,
    pub(crate) session: Session,
    memory: Memory,
    power: Power,
    tampered: bool,
}

struct Power {
    on: bool,
    steps_left: Option<u32>,
}

impl Card {
    /// Issues a card. The counters start at their maximum.
    pub fn issue(contents: CardContents, conduct: Arc<dyn Conduct>) -> Result<Card, IssueError> {
        check(&contents)?;
        Ok(Card {
            files: Files::default(),
            chance: Chance::new(contents.seed),
            session: Session::new(),
            memory: Memory::new(&contents, conduct.sign_tries_count()),
            power: Power {
                on: false,
                steps_left: None,
            },
            tampered: false,
            conduct,
            contents,
        })
    }

    /// Answer to reset; nothing from a dead chip.
    pub fn atr(&self) -> &[u8] {
        match self.is_dead() {
            true => &[],
            false => &self.contents.profile.answer_to_reset,
        }
    }

    /// Whether the card has power.
    pub fn is_powered(&self) -> bool {
        self.power.on
    }

    /// Gives the card power (nothing happens when it has it) and returns the answer to reset. A dead
    /// chip stays mute and gives none.
    pub fn power_on(&mut self) -> &[u8] {
        if !self.power.on && !self.is_dead() {
            self.power.on = true;
            let unlocks = self.conduct.unlocks_on_power();
            for kept in self.memory.all().filter(|kept| kept.secret.is_some()) {
                kept.left = self
                    .conduct
                    .tries_after_power_cycle(kept.left, kept.maximum);
                if unlocks && kept.left == 0 {
                    kept.left = kept.maximum;
                }
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
            self.session = Session::with_presented(before);
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
            self.session = Session::with_presented(before);
        }
        self.atr()
    }

    /// Answers one command: response data and two status bytes. Any bytes may come in; what is no
    /// command is answered `6700`. A card without power, and a dead chip, is mute: no bytes at all.
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

    /// What the municipality's counter does, outside all commands: sets one of the secrets its holder
    /// chose (PINs and sign password) anew, with all its tries (CARD-06).
    pub fn reset_secret(&mut self, which: SecretName, new: &str) -> Result<(), ResetError> {
        if self.is_dead() {
            return Err(ResetError::Dead);
        }
        if !which.is_holders_own() {
            return Err(ResetError::Fixed(which));
        }
        if which == SecretName::SignPassword && self.contents.signing.is_none() {
            return Err(ResetError::NothingToOpen(which));
        }
        if !which.takes(new.as_bytes()) {
            return Err(ResetError::Rule(which));
        }
        let kept = self.memory.change(which);
        kept.secret = Some(new.as_bytes().to_vec());
        kept.left = kept.maximum;
        self.session.set_presented(which, false);
        Ok(())
    }

    /// Somebody forces the chip open or its data out: it is dead from now on and answers nothing ever
    /// again (CARD-10).
    pub fn tamper(&mut self) {
        self.tampered = true;
        if self.is_dead() {
            self.power_off();
        }
    }

    fn is_dead(&self) -> bool {
        self.tampered && !self.conduct.answers_after_tamper()
    }

    fn run(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        if !self.power.on {
            return None;
        }
        let before = match self.conduct.restores_counter_on_tear() {
            true => Some(self.memory.clone()),
            false => None,
        };
        let answered = self.answer(command).and_then(|response| {
            self.step()?;
            Ok(response.to_bytes())
        });
        if let Err(Stop::PowerLost) = answered {
            self.power_off();
            self.memory = before.unwrap_or_else(|| self.memory.clone());
        }
        answered.ok()
    }

    fn answer(&mut self, command: &[u8]) -> Result<Response, Stop> {
        let done = match Command::parse(command) {
            Ok(command) => self.dispatch(&command),
            Err(_) => Err(StatusWord::WRONG_LENGTH.into()),
        };
        match done {
            Err(Stop::Status(status)) => Ok(Response::status(status)),
            other => other,
        }
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
    pub(crate) fn tries_left(&self, name: SecretName) -> u8 {
        self.memory.of(name).left
    }

    /// Tries of a secret when it is fresh.
    pub(crate) fn tries_at_most(&self, name: SecretName) -> u8 {
        self.memory.of(name).maximum
    }

    /// Whether a try is the secret; never when none was set.
    pub(crate) fn is_right(&self, name: SecretName, given: &[u8]) -> bool {
        let secret = self.memory.of(name).secret.as_deref();
        secret.is_some_and(|secret| self.conduct.matches(secret, given))
    }

    /// Whether the file of a secret is there at all; a secret that was never set may leave none.
    pub(crate) fn has_secret_file(&self, name: SecretName) -> bool {
        let profile = &self.contents.profile;
        match name {
            SecretName::SignPassword => {
                self.contents.signing.is_some()
                    || profile.absent_signing == AbsentSigning::LockedFiles
            }
            _ if name.is_holders_own() => {
                self.memory.of(name).secret.is_some() || profile.absent_pin == AbsentPin::Locked
            }
            _ => true,
        }
    }

    /// Writes a counter to permanent memory: one step, done whole or not at all.
    pub(crate) fn write_tries(&mut self, name: SecretName, left: u8) -> Result<(), Stop> {
        self.step()?;
        self.memory.change(name).left = left;
        if left == 0 && self.conduct.locks_together() {
            for kept in self.memory.all() {
                kept.left = 0;
            }
        }
        Ok(())
    }

    /// Writes a new secret to permanent memory: one step, done whole or not at all.
    pub(crate) fn write_secret(&mut self, name: SecretName, new: &[u8]) -> Result<(), Stop> {
        self.step()?;
        self.memory.change(name).secret = Some(new.to_vec());
        Ok(())
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
