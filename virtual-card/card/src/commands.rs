//! What each command does: selecting, reading, signing, and the way to the others. The order of the
//! checks in every command is: parameters, file, kind of file, security status, lengths; the first that
//! fails gives the status word.

use crate::card::{Card, Stop};
use crate::contents::Use;
use crate::cvc;
use crate::files::{self, Access, Application, Kind};
use crate::key::{CardKey, SIGNATURE_LENGTH, SignFailure};
use crate::secret::{SecretName, opening};
use crate::session::Terminal;
use crate::stamp::Stamp;
use crate::text;
use wire::apdu::{
    Command, ISSUER_DOMAIN, JPKI_APPLICATION, Response, SURFACE_APPLICATION, StatusWord,
    TEXT_APPLICATION, instruction, signature_input, surface_file, text_file,
};

/// What the applications without secure messaging answer to its opening, beside JPKI's own refusal.
const NO_SECURE_MESSAGING: StatusWord = StatusWord(0x66F1);

/// P2 of SELECT: answer without, or with, file control information.
const NO_CONTROL_INFORMATION: u8 = 0x0C;
const CONTROL_INFORMATION: u8 = 0x00;

// A beginning common to several names selects the first of them here.
const APPLICATIONS: [(&[u8], Application); 4] = [
    (&JPKI_APPLICATION, Application::Jpki),
    (&TEXT_APPLICATION, Application::Text),
    (&SURFACE_APPLICATION, Application::Surface),
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
            (0x00, instruction::CHANGE_SECRET) => self.change_secret(command),
            (0x00, instruction::GET_CHALLENGE) => self.get_challenge(command),
            (0x00, instruction::EXTERNAL_AUTHENTICATE) => self.external_authenticate(command),
            (0x00, instruction::GET_DATA) => self.get_data(command),
            (0x80, instruction::COMPUTE_SIGNATURE) => self.compute_signature(command),
            (0x80, instruction::PRESENT_CERTIFICATE) => self.present_certificate(command),
            (0x80, proprietary) => Err(self.refusal(proprietary).into()),
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
            _ => Ok(Response::ok(Vec::new())),
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
        if application != self.session.last_selected {
            self.session.terminal = Terminal::default();
            if !self.conduct.keeps_security_status_across_applications() {
                self.session.forget_presented();
            }
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
        let kind = self.kind(id).ok_or(StatusWord::FILE_NOT_FOUND)?;
        self.session.current_file = Some(id);
        Ok((id, kind))
    }

    fn current(&self) -> Result<(u16, Kind), Stop> {
        let current = self.session.current_file;
        let found = current.and_then(|id| Some((id, self.kind(id)?)));
        Ok(found.ok_or(StatusWord::NO_CURRENT_FILE)?)
    }

    /// What the file of that id is under the current application; `None` when there is none.
    fn kind(&self, id: u16) -> Option<Kind> {
        let application = self.session.application;
        if (application, id) == (Application::Text, text::INSURANCE) {
            let there = self.conduct.insurance_data_on_chip().is_some();
            return there.then_some(Kind::Data(Access::Free));
        }
        match files::kind(&self.contents, application, id)? {
            Kind::Secret(name) if !self.has_secret_file(name) => None,
            kind => Some(kind),
        }
    }

    /// The file P2 names: `80` the current one, `80` plus a short id another, current from then on.
    pub(crate) fn target(&mut self, p2: u8) -> Result<(u16, Kind), Stop> {
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
        self.check_readable(id, kind)?;
        let (Some(expected), []) = (command.expected(), command.data()) else {
            return Err(StatusWord::WRONG_LENGTH.into());
        };
        let data = self.data(id, kind)?;
        // An empty good answer at the end of the file would keep some clients reading for ever.
        let rest = match data.get(offset..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => return Err(StatusWord::OFFSET_BEYOND_END.into()),
        };
        let expected = usize::try_from(expected).unwrap_or(usize::MAX);
        Ok(Response::ok(rest[..rest.len().min(expected)].to_vec()))
    }

    fn data(&mut self, id: u16, kind: Kind) -> Result<Vec<u8>, Stop> {
        let application = self.session.application;
        if let Kind::Key(purpose) = kind {
            let key = self.credential(purpose).map(|own| own.key.pkcs8().to_vec());
            return Ok(key.unwrap_or_default());
        }
        if (application, id) == (Application::Text, text::INSURANCE) {
            return Ok(self.conduct.insurance_data_on_chip().unwrap_or_default());
        }
        let data = self.files.data(&self.contents, application, id);
        Ok(data.map_err(|_| StatusWord::NO_DIAGNOSIS)?.to_vec())
    }

    fn check_readable(&self, id: u16, kind: Kind) -> Result<(), StatusWord> {
        let readable = match kind {
            Kind::Data(Access::Free) => true,
            Kind::Data(Access::Nobody) => false,
            Kind::Data(Access::After(secrets)) => self.is_opened(id, secrets),
            Kind::Key(_) if self.conduct.lets_private_key_be_read() => true,
            Kind::Key(_) | Kind::ChipKey | Kind::Secret(_) | Kind::Reference => {
                return Err(StatusWord::WRONG_FILE_KIND);
            }
        };
        match readable {
            true => Ok(()),
            false => Err(StatusWord::SECURITY_NOT_SATISFIED),
        }
    }

    fn is_opened(&self, id: u16, secrets: &[SecretName]) -> bool {
        let opened = secrets.iter().any(|name| self.session.presented(*name));
        match (self.session.application, id) {
            (Application::Jpki, _) => self.conduct.sign_certificate_readable(opened),
            (Application::Text, text_file::INDIVIDUAL_NUMBER) => {
                let by_b = self.session.presented(SecretName::TextVerificationB);
                opened || (by_b && self.conduct.gives_individual_number_for_b())
            }
            (Application::Surface, surface_file::CARD_FACE) => {
                opened || self.conduct.gives_photo_without_verification()
            }
            _ => opened,
        }
    }

    fn compute_signature(&mut self, command: &Command) -> Result<Response, Stop> {
        if command.p1() > signature_input::MESSAGE_PSS {
            return Err(StatusWord::WRONG_P1_P2.into());
        }
        let key = self.key_to_sign_with(command.p2())?;
        let room = command.expected().map_or(SIGNATURE_LENGTH, |expected| {
            usize::try_from(expected).unwrap_or(usize::MAX)
        });
        if command.data().is_empty() || room < SIGNATURE_LENGTH {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let signed = self.conduct.signs(command.data());
        match key.sign(command.p1(), &signed, &mut self.chance) {
            Ok(signature) => Ok(Response::ok(signature)),
            Err(SignFailure::Length) => Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
            Err(SignFailure::UnknownInput) => Err(StatusWord::WRONG_P1_P2.into()),
            Err(SignFailure::Key) => Err(StatusWord::NO_DIAGNOSIS.into()),
        }
    }

    /// The key P2 names, if it may be used. The face applications' own key needs no secret.
    fn key_to_sign_with(&mut self, p2: u8) -> Result<CardKey, Stop> {
        let face = matches!(
            self.session.application,
            Application::Text | Application::Surface
        );
        let kind = match p2 {
            0x00 if face => Kind::ChipKey,
            _ => self.target(p2)?.1,
        };
        match kind {
            Kind::ChipKey => {
                let key = Stamp::Chip.key().map_err(|_| StatusWord::NO_DIAGNOSIS)?;
                Ok(key.clone())
            }
            Kind::Key(purpose) if self.may_use(purpose) => {
                let own = self.credential(purpose);
                Ok(own.ok_or(StatusWord::FILE_NOT_FOUND)?.key.clone())
            }
            Kind::Key(_) => Err(StatusWord::SECURITY_NOT_SATISFIED.into()),
            Kind::Secret(_) => Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
            _ => Err(StatusWord::WRONG_FILE_KIND.into()),
        }
    }

    fn may_use(&self, purpose: Use) -> bool {
        let opened = self.session.presented(opening(purpose))
            || match purpose {
                Use::Authentication => self.session.terminal.proved,
                Use::Signing => !self.conduct.sign_needs_password(),
            };
        self.conduct.key_usable(opened)
    }

    // A new challenge ends what a terminal proved with the last one.
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
        let challenge = self.chance.bytes(count);
        self.session.terminal.proved = false;
        self.session.terminal.challenge = Some(challenge.clone());
        Ok(Response::ok(challenge))
    }

    // Only the issuer domain knows the command. A large object needs a large Le, as seen on real cards.
    fn get_data(&self, command: &Command) -> Result<Response, Stop> {
        if self.session.application != Application::IssuerDomain {
            return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED.into());
        }
        let tag = u16::from_be_bytes([command.p1(), command.p2()]);
        let object = cvc::issuer_object(&self.contents, tag).ok_or(StatusWord::DATA_NOT_FOUND)?;
        let object = object.map_err(|_| StatusWord::NO_DIAGNOSIS)?;
        let room = command
            .expected()
            .and_then(|room| usize::try_from(room).ok());
        match (room, command.data()) {
            (Some(room), []) if room >= object.len() => Ok(Response::ok(object)),
            _ => Err(StatusWord::WRONG_LENGTH.into()),
        }
    }

    /// Proprietary commands whose refusals were observed: session key and the telephone's last command.
    /// Secure messaging is not offered, also where the text application's PIN would allow it.
    fn refusal(&self, proprietary: u8) -> StatusWord {
        match (proprietary, self.session.application) {
            (0xAE, Application::Surface) => NO_SECURE_MESSAGING,
            (0xAE, Application::Text) if self.session.presented(SecretName::TextPin) => {
                StatusWord::FUNCTION_NOT_SUPPORTED
            }
            (0xAE, _) => StatusWord::SECURITY_NOT_SATISFIED,
            (0xFC, _) => StatusWord::WRONG_LENGTH,
            _ => StatusWord::INSTRUCTION_NOT_SUPPORTED,
        }
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
