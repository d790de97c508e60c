//! What each command does. The order of the checks in every command is: parameters, file, kind of
//! file, security status, lengths; the first that fails gives the status word.

use crate::card::{Card, Stop};
use crate::contents::Use;
use crate::files::{Access, Application, Kind};
use crate::key::{SIGNATURE_LENGTH, SignFailure};
use wire::apdu::{
    Command, ISSUER_DOMAIN, JPKI_APPLICATION, Response, StatusWord, instruction, signature_input,
};

/// Longest secret VERIFY takes.
const LONGEST_SECRET: usize = 16;

/// P2 of SELECT: answer without, or with, file control information.
const NO_CONTROL_INFORMATION: u8 = 0x0C;
const CONTROL_INFORMATION: u8 = 0x00;

const APPLICATIONS: [(&[u8], Application); 2] = [
    (&JPKI_APPLICATION, Application::Jpki),
    (&ISSUER_DOMAIN, Application::IssuerDomain),
];

impl Card {
    /// Does what a well-formed command says.
    pub(crate) fn dispatch(&mut self, command: &Command) -> Result<Response, Stop> {
        check_class(command.class())?;
        match (command.class(), command.instruction()) {
            (0x00, instruction::SELECT) => self.select(command),
            (0x00, instruction::READ_BINARY) => self.read_binary(command),
            (0x00, instruction::VERIFY) => self.verify(command),
            (0x00, instruction::GET_CHALLENGE) => self.get_challenge(command),
            (0x00, instruction::GET_DATA) => self.get_data(),
            (0x80, instruction::COMPUTE_SIGNATURE) => self.compute_signature(command),
            (0x80, proprietary) => Err(refusal(proprietary, command).into()),
            _ => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED.into()),
        }
    }

    fn select(&mut self, command: &Command) -> Result<Response, Stop> {
        match command.p1() {
            0x00 => self.select_top(command),
            0x02 => self.select_file(command),
            0x04 => self.select_application(command),
            _ => Err(StatusWord::WRONG_P1_P2.into()),
        }
    }

    // Seen on real cards: without an application it fails, with one it does nothing.
    fn select_top(&self, command: &Command) -> Result<Response, Stop> {
        if !command.data().is_empty() {
            return Err(StatusWord::FILE_NOT_FOUND.into());
        }
        match self.session.application {
            Application::IssuerDomain => Err(StatusWord::WRONG_P1_P2.into()),
            Application::Jpki => Ok(Response::ok(Vec::new())),
        }
    }

    fn select_file(&mut self, command: &Command) -> Result<Response, Stop> {
        check_select_p2(command)?;
        let Ok(id) = <[u8; 2]>::try_from(command.data()) else {
            return Err(StatusWord::WRONG_LENGTH.into());
        };
        self.make_current(u16::from_be_bytes(id))?;
        Ok(Response::ok(Vec::new()))
    }

    // The beginning of a name selects too; a failed SELECT leaves everything as it was.
    fn select_application(&mut self, command: &Command) -> Result<Response, Stop> {
        check_select_p2(command)?;
        let name = command.data();
        if name.is_empty() {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let (full_name, application) = APPLICATIONS
            .into_iter()
            .find(|(known, _)| known.starts_with(name))
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
        let other = application != self.session.last_selected;
        if other && !self.conduct.keeps_security_status_across_applications() {
            self.session.forget_presented();
        }
        self.session.application = application;
        self.session.last_selected = application;
        self.session.current_file = None;
        let asked = command.p2() == CONTROL_INFORMATION && command.expected().is_some();
        Ok(Response::ok(match asked {
            true => control_information(full_name),
            false => Vec::new(),
        }))
    }

    fn make_current(&mut self, id: u16) -> Result<(u16, Kind), Stop> {
        let kind = self
            .files
            .kind(self.session.application, id)
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
        self.session.current_file = Some(id);
        Ok((id, kind))
    }

    fn current(&self) -> Result<(u16, Kind), Stop> {
        let id = self
            .session
            .current_file
            .ok_or(StatusWord::NO_CURRENT_FILE)?;
        let kind = self
            .files
            .kind(self.session.application, id)
            .ok_or(StatusWord::NO_CURRENT_FILE)?;
        Ok((id, kind))
    }

    /// The file P2 names: `80` the current one, `80` plus a short id another, current from then on.
    fn target(&mut self, p2: u8) -> Result<(u16, Kind), Stop> {
        match p2 {
            0x80 => self.current(),
            0x81..=0x9F => self.make_current(u16::from(p2 & 0x1F)),
            _ => Err(StatusWord::WRONG_P1_P2.into()),
        }
    }

    fn read_binary(&mut self, command: &Command) -> Result<Response, Stop> {
        let (p1, p2) = (command.p1(), command.p2());
        let ((id, kind), offset) = match p1 {
            0x00..=0x7F => (self.current()?, usize::from(u16::from_be_bytes([p1, p2]))),
            0x80 => return Err(StatusWord::WRONG_P1_P2.into()),
            _ => (self.target(p1)?, usize::from(p2)),
        };
        self.check_readable(kind)?;
        let (Some(expected), []) = (command.expected(), command.data()) else {
            return Err(StatusWord::WRONG_LENGTH.into());
        };
        let data = self.files.data(id);
        // An empty good answer at the end of the file would keep some clients reading for ever.
        let rest = match data.get(offset..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => return Err(StatusWord::OFFSET_BEYOND_END.into()),
        };
        let expected = usize::try_from(expected).unwrap_or(usize::MAX);
        Ok(Response::ok(rest[..rest.len().min(expected)].to_vec()))
    }

    fn check_readable(&self, kind: Kind) -> Result<(), StatusWord> {
        let readable = match kind {
            Kind::Data(Access::Free) => true,
            Kind::Data(Access::SignPassword) => self
                .conduct
                .sign_certificate_readable(self.session.presented(Use::Signing)),
            Kind::Data(Access::Nobody) => false,
            Kind::Key(_) | Kind::Secret(_) | Kind::Reference => {
                return Err(StatusWord::WRONG_FILE_KIND);
            }
        };
        match readable {
            true => Ok(()),
            false => Err(StatusWord::SECURITY_NOT_SATISFIED),
        }
    }

    fn verify(&mut self, command: &Command) -> Result<Response, Stop> {
        if command.p1() != 0 {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        let (_, Kind::Secret(purpose)) = self.target(command.p2())? else {
            return Err(StatusWord::WRONG_FILE_KIND.into());
        };
        let given = command.data();
        if given.len() > LONGEST_SECRET || (given.is_empty() && command.expected().is_some()) {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let left = self.tries_left(purpose);
        if given.is_empty() {
            // The question is answered the same after a right try: clients lose the card otherwise.
            return Err(StatusWord::tries(left).into());
        }
        if self.conduct.is_blocked(left) {
            return Err(self.contents.profile.blocked.into());
        }
        self.try_secret(purpose, left, given)
    }

    fn try_secret(&mut self, purpose: Use, left: u8, given: &[u8]) -> Result<Response, Stop> {
        let lowered = self.conduct.tries_after_wrong(left);
        let lowers_first = self.conduct.lowers_before_comparing();
        if lowers_first {
            self.write_tries(purpose, lowered)?;
        }
        self.step()?;
        let secret = self
            .credential(purpose)
            .map(|credential| credential.secret.as_bytes())
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
        if self.conduct.matches(secret, given) {
            let restored = self.conduct.tries_after_right(purpose.tries());
            self.write_tries(purpose, restored)?;
            self.session.set_presented(purpose, true);
            return Ok(Response::ok(Vec::new()));
        }
        if !lowers_first {
            self.write_tries(purpose, lowered)?;
        }
        self.session.set_presented(purpose, false);
        Err(StatusWord::tries(self.tries_left(purpose)).into())
    }

    fn compute_signature(&mut self, command: &Command) -> Result<Response, Stop> {
        if command.p1() > signature_input::MESSAGE_PSS {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        let purpose = match self.target(command.p2())? {
            (_, Kind::Key(purpose)) => purpose,
            (_, Kind::Secret(_)) => return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
            _ => return Err(StatusWord::WRONG_FILE_KIND.into()),
        };
        if !self.conduct.key_usable(self.session.presented(purpose)) {
            return Err(StatusWord::SECURITY_NOT_SATISFIED.into());
        }
        let room = command.expected().map_or(SIGNATURE_LENGTH, |expected| {
            usize::try_from(expected).unwrap_or(usize::MAX)
        });
        if command.data().is_empty() || room < SIGNATURE_LENGTH {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let key = self
            .credential(purpose)
            .map(|credential| credential.key.clone())
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
        match key.sign(command.p1(), command.data(), &mut self.chance) {
            Ok(signature) => Ok(Response::ok(signature)),
            Err(SignFailure::Length) => Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
            Err(SignFailure::UnknownInput) => Err(StatusWord::WRONG_P1_P2.into()),
            Err(SignFailure::Key) => Err(StatusWord::NO_DIAGNOSIS.into()),
        }
    }

    fn get_challenge(&mut self, command: &Command) -> Result<Response, Stop> {
        if (command.p1(), command.p2()) != (0, 0) {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        if command.is_extended() {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        }
        let (Some(expected), []) = (command.expected(), command.data()) else {
            return Err(StatusWord::WRONG_LENGTH.into());
        };
        let count = usize::try_from(expected).map_err(|_| StatusWord::WRONG_LENGTH)?;
        Ok(Response::ok(self.chance.bytes(count)))
    }

    // Only the issuer domain knows the command; no data object is laid down on this card.
    fn get_data(&self) -> Result<Response, Stop> {
        Err(match self.session.application {
            Application::IssuerDomain => StatusWord::DATA_NOT_FOUND.into(),
            Application::Jpki => StatusWord::INSTRUCTION_NOT_SUPPORTED.into(),
        })
    }
}

fn check_class(class: u8) -> Result<(), StatusWord> {
    match class {
        0x00 | 0x80 => Ok(()),
        0x01..=0x03 | 0x81..=0x83 => Err(StatusWord::CHANNEL_NOT_SUPPORTED),
        0x0C => Err(StatusWord::SECURE_MESSAGING_MISSING),
        _ => Err(StatusWord::CLASS_NOT_SUPPORTED),
    }
}

/// Proprietary commands whose refusals were observed: terminal certificate, session key, the
/// telephone's last command.
fn refusal(proprietary: u8, command: &Command) -> StatusWord {
    match (proprietary, command.p1(), command.p2()) {
        (0xA2, 0x00 | 0x06, 0xC1) => StatusWord::WRONG_LENGTH,
        (0xA2, _, _) => StatusWord::WRONG_P1_P2,
        (0xAE, _, _) => StatusWord::SECURITY_NOT_SATISFIED,
        (0xFC, _, _) => StatusWord::WRONG_LENGTH,
        _ => StatusWord::INSTRUCTION_NOT_SUPPORTED,
    }
}

fn check_select_p2(command: &Command) -> Result<(), StatusWord> {
    match command.p2() {
        NO_CONTROL_INFORMATION | CONTROL_INFORMATION => Ok(()),
        _ => Err(StatusWord::WRONG_P1_P2),
    }
}

/// File control information with the name alone. What real cards put in is not published: simulated.
fn control_information(name: &[u8]) -> Vec<u8> {
    // Names have at most 16 bytes.
    let length = u8::try_from(name.len()).unwrap_or(16);
    let mut information = vec![0x6F, length + 2, 0x84, length];
    information.extend_from_slice(name);
    information
}
