//! Use of the authentication key without a PIN: OUR OWN LABELLED STAND-IN for an exchange that is not
//! public (`wire::apdu::pinless`). A terminal shows a certificate of the terminal authority, signs the
//! card's challenge, and the key works until the application is left, power goes or a new challenge is
//! asked for.

use crate::card::{Card, Stop};
use crate::files::Application;
use crate::session::Terminal;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use wire::apdu::{Command, Response, StatusWord, file, pinless};

/// Facility code, key and signature in a terminal's certificate, in bytes.
const FACILITY_CODE: usize = 10;
const KEY: usize = 32;
const SIGNATURE: usize = 64;

impl Card {
    /// PRESENT CERTIFICATE, with the terminal authority's key reference selected.
    pub(crate) fn present_certificate(&mut self, command: &Command) -> Result<Response, Stop> {
        match (command.p1(), command.p2()) {
            (0x00, pinless::PRESENT_CERTIFICATE_P2) => {}
            // Another certificate of the real exchange, of which we know no more.
            (0x06, pinless::PRESENT_CERTIFICATE_P2) => return Err(StatusWord::WRONG_LENGTH.into()),
            _ => return Err(StatusWord::WRONG_P1_P2.into()),
        }
        let certificate = command.data();
        if certificate.len() != FACILITY_CODE + KEY + SIGNATURE {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let selected = (self.session.application, self.session.current_file);
        if selected != (Application::Jpki, Some(file::TERMINAL_CA_KEY)) {
            return Err(StatusWord::NO_CURRENT_FILE.into());
        }
        self.session.terminal = Terminal::default();
        let (named, signature) = certificate.split_at(FACILITY_CODE + KEY);
        let authority = &self.contents.terminal_authority;
        let (code, key) = named.split_at(FACILITY_CODE);
        let enrolled = code.iter().all(u8::is_ascii_digit) && signed(authority, named, signature);
        if !enrolled && !self.conduct.pinless_without_terminal() {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        }
        self.session.terminal.key = key.try_into().ok();
        Ok(Response::ok(Vec::new()))
    }

    /// EXTERNAL AUTHENTICATE: the terminal's signature over the challenge given last.
    pub(crate) fn external_authenticate(&mut self, command: &Command) -> Result<Response, Stop> {
        if self.session.application != Application::Jpki {
            return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED.into());
        }
        if (command.p1(), command.p2()) != (0, 0) {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        if command.data().len() != SIGNATURE {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let terminal = &mut self.session.terminal;
        let challenge = terminal
            .challenge
            .take()
            .filter(|challenge| challenge.len() == usize::from(pinless::CHALLENGE_LENGTH));
        let (Some(key), Some(challenge)) = (terminal.key, challenge) else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        };
        let message = [pinless::DOMAIN, &challenge].concat();
        if !signed(&key, &message, command.data()) {
            return Err(StatusWord::SECURITY_NOT_SATISFIED.into());
        }
        terminal.proved = true;
        Ok(Response::ok(Vec::new()))
    }
}

fn signed(key: &[u8; KEY], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message, signature)
        .is_ok()
}
