//! Secrets by command: VERIFY with its question for the tries left, and CHANGE REFERENCE DATA. The
//! counter is lowered before a try is compared, so that pulling the card out never buys a guess.

use crate::card::{Card, Stop};
use crate::files::Kind;
use crate::secret::SecretName;
use wire::apdu::{Command, Response, StatusWord};

/// Longest secret VERIFY takes.
const LONGEST_SECRET: usize = 16;

/// P1 of CHANGE REFERENCE DATA: the data are the new secret alone.
const NEW_SECRET_ALONE: u8 = 0x01;

impl Card {
    /// VERIFY, or without data the question how many tries are left.
    pub(crate) fn verify(&mut self, command: &Command) -> Result<Response, Stop> {
        if command.p1() != 0 {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        let (_, Kind::Secret(name)) = self.target(command.p2())? else {
            return Err(StatusWord::WRONG_FILE_KIND.into());
        };
        let given = command.data();
        if given.len() > LONGEST_SECRET || (given.is_empty() && command.expected().is_some()) {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let left = self.tries_left(name);
        if given.is_empty() {
            // The question is answered the same after a right try: clients lose the card otherwise.
            return Err(StatusWord::tries(left).into());
        }
        if self.conduct.is_blocked(left) {
            return Err(self.contents.profile.blocked.into());
        }
        self.try_secret(name, left, given)
    }

    fn try_secret(&mut self, name: SecretName, left: u8, given: &[u8]) -> Result<Response, Stop> {
        let lowered = self.conduct.tries_after_wrong(left);
        let lowers_first = self.conduct.lowers_before_comparing();
        if lowers_first {
            self.write_tries(name, lowered)?;
        }
        self.step()?;
        if self.is_right(name, given) {
            let restored = self.conduct.tries_after_right(self.tries_at_most(name));
            self.write_tries(name, restored)?;
            self.session.set_presented(name, true);
            return Ok(Response::ok(Vec::new()));
        }
        if !lowers_first {
            self.write_tries(name, lowered)?;
        }
        self.session.set_presented(name, false);
        Err(StatusWord::tries(self.tries_left(name)).into())
    }

    /// CHANGE REFERENCE DATA: a new secret in place of the one presented before. The JPKI application's
    /// and the text application's PINs and the sign password can be changed; what is fixed at issue
    /// cannot.
    pub(crate) fn change_secret(&mut self, command: &Command) -> Result<Response, Stop> {
        if command.p1() != NEW_SECRET_ALONE {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        let (_, Kind::Secret(name)) = self.target(command.p2())? else {
            return Err(StatusWord::WRONG_FILE_KIND.into());
        };
        if !name.is_holders_own() {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        }
        if !self.session.presented(name) {
            return Err(StatusWord::SECURITY_NOT_SATISFIED.into());
        }
        let new = command.data();
        if new.is_empty() || new.len() > LONGEST_SECRET || command.expected().is_some() {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        if !name.takes(new) {
            return Err(StatusWord::WRONG_DATA.into());
        }
        self.write_secret(name, new)?;
        Ok(Response::ok(Vec::new()))
    }
}
