//! The dialogue with a card, one method for each thing a client wants of it, as public clients do it
//! (facts/card.md 4 and 5).

use sha2::{Digest, Sha256};
use wire::apdu::{
    self, ApduError, Command, Response, StatusWord, file, instruction, pinless, signature_input,
    surface_file,
};

use crate::error::CardError;
use crate::face;
use crate::read::certificate_length;
use crate::secret::{Secret, wipe};
use crate::slot::Slot;
use crate::terminal::TerminalCredential;

/// Bytes of an RSA-2048 signature.
const SIGNATURE_LENGTH: usize = 256;

/// Bytes of a certificate's header that tell its length.
const CERTIFICATE_HEADER: u32 = 4;

/// A card in a slot.
pub struct Card {
    slot: Box<dyn Slot>,
}

/// How the card took a secret.
enum Tried {
    Right,
    Wrong { tries_left: u8 },
    Locked,
}

impl Card {
    /// A dialogue with whatever lies in the slot.
    pub fn new(slot: Box<dyn Slot>) -> Self {
        Card { slot }
    }

    /// Selects the JPKI application and its PIN; gives the tries left. With none left the PIN is locked,
    /// or was never set.
    pub fn ready(&mut self) -> Result<u8, CardError> {
        self.select_jpki()?;
        self.done(
            "SELECT of the PIN",
            &apdu::select_file(file::AUTHENTICATION_PIN),
        )?;
        let status = self
            .send("the question for tries left", &apdu::verify_query())?
            .status;
        match (status.tries_left(), status) {
            (Some(left), _) => Ok(left),
            (None, StatusWord::BLOCKED | StatusWord::BLOCKED_ISO) => Ok(0),
            (None, status) => Err(CardError::Status {
                doing: "the question for tries left",
                status,
            }),
        }
    }

    /// Presents the PIN (利用者証明用). Selects its file, so it may come any time after `ready`.
    pub fn verify(&mut self, pin: &Secret) -> Result<(), CardError> {
        self.done(
            "SELECT of the PIN",
            &apdu::select_file(file::AUTHENTICATION_PIN),
        )?;
        match self.present("VERIFY of the PIN", pin)? {
            Tried::Right => Ok(()),
            Tried::Wrong { tries_left } => Err(CardError::WrongPin { tries_left }),
            Tried::Locked => Err(CardError::PinLocked),
        }
    }

    /// Reads the user-authentication certificate, DER. Free to read after `ready`.
    pub fn certificate(&mut self) -> Result<Vec<u8>, CardError> {
        self.done(
            "SELECT of the certificate",
            &apdu::select_file(file::AUTHENTICATION_CERTIFICATE),
        )?;
        self.read_whole(
            "READ BINARY of the certificate",
            CERTIFICATE_HEADER,
            certificate_length,
        )
    }

    /// Signs with the user-authentication key, PKCS#1 v1.5 with SHA-256; `verify` or
    /// `prove_without_pin` came before.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, CardError> {
        self.done(
            "SELECT of the key",
            &apdu::select_file(file::AUTHENTICATION_KEY),
        )?;
        self.signature(message)
    }

    /// Reads the photo (JP2) off the chip with 照合番号B, and leaves the card in the JPKI application,
    /// where nothing is presented any more.
    pub fn photo(&mut self, verification_b: &Secret) -> Result<Vec<u8>, CardError> {
        let photo = self.photo_of_face(verification_b);
        if let Err(CardError::Slot(_)) = photo {
            return photo;
        }
        self.select_jpki()?;
        photo
    }

    /// Shows the card that this terminal may use it without a PIN (our own stand-in,
    /// [`wire::apdu::pinless`]); the authentication key works from then on.
    pub fn prove_without_pin(&mut self, terminal: &TerminalCredential) -> Result<(), CardError> {
        const CERTIFICATE: &str = "PRESENT CERTIFICATE";
        const AUTHENTICATE: &str = "EXTERNAL AUTHENTICATE";
        self.done(
            "SELECT of the terminal authority's key",
            &apdu::select_file(file::TERMINAL_CA_KEY),
        )?;
        let header = [
            0x80,
            instruction::PRESENT_CERTIFICATE,
            0x00,
            pinless::PRESENT_CERTIFICATE_P2,
        ];
        let present = Command::new(header).with_data(&terminal.certificate());
        self.pinless(CERTIFICATE, &composed(CERTIFICATE, present)?)?;
        let challenge = self.challenge()?;
        let authenticate = Command::new([0x00, instruction::EXTERNAL_AUTHENTICATE, 0x00, 0x00])
            .with_data(&terminal.answer(&challenge));
        self.pinless(AUTHENTICATE, &composed(AUTHENTICATE, authenticate)?)
    }

    /// Presents the sign password (署名用).
    pub fn verify_sign(&mut self, password: &Secret) -> Result<(), CardError> {
        self.select_signing(
            "SELECT of the sign password",
            &apdu::select_file(file::SIGN_PASSWORD),
        )?;
        match self.present("VERIFY of the sign password", password)? {
            Tried::Right => Ok(()),
            Tried::Wrong { tries_left } => Err(CardError::WrongSignPassword { tries_left }),
            Tried::Locked => Err(CardError::SignPasswordLocked),
        }
    }

    /// Reads the signing certificate, DER; `verify_sign` came before.
    pub fn sign_certificate(&mut self) -> Result<Vec<u8>, CardError> {
        self.select_signing(
            "SELECT of the signing certificate",
            &apdu::select_file(file::SIGN_CERTIFICATE),
        )?;
        self.read_whole(
            "READ BINARY of the signing certificate",
            CERTIFICATE_HEADER,
            certificate_length,
        )
    }

    /// Signs with the signing key, PKCS#1 v1.5 with SHA-256; `verify_sign` came before.
    pub fn sign_document(&mut self, message: &[u8]) -> Result<Vec<u8>, CardError> {
        self.select_signing(
            "SELECT of the signing key",
            &apdu::select_file(file::SIGN_KEY),
        )?;
        self.signature(message)
    }

    fn select_jpki(&mut self) -> Result<(), CardError> {
        let select = composed("SELECT", apdu::select_application(&apdu::JPKI_APPLICATION))?;
        let mut status = self.send("SELECT", &select)?.status;
        if status == StatusWord::NO_DIAGNOSIS {
            // The first command after power-up has been seen to fail so on a real card.
            status = self.send("SELECT", &select)?.status;
        }
        match status {
            StatusWord::OK => Ok(()),
            StatusWord::FILE_NOT_FOUND => Err(CardError::NotMyNumberCard),
            status => Err(CardError::Status {
                doing: "SELECT",
                status,
            }),
        }
    }

    fn select_signing(&mut self, doing: &'static str, select: &Command) -> Result<(), CardError> {
        match self.send(doing, select)?.status {
            StatusWord::OK => Ok(()),
            StatusWord::FILE_NOT_FOUND => Err(CardError::NoSigning),
            status => Err(CardError::Status { doing, status }),
        }
    }

    fn photo_of_face(&mut self, verification_b: &Secret) -> Result<Vec<u8>, CardError> {
        const DOING: &str = "READ BINARY of the card face";
        const SELECT: &str = "SELECT of the surface application";
        let select = composed(SELECT, apdu::select_application(&apdu::SURFACE_APPLICATION))?;
        match self.send(SELECT, &select)?.status {
            StatusWord::OK => {}
            StatusWord::FILE_NOT_FOUND => return Err(CardError::NoPhoto),
            status => {
                return Err(CardError::Status {
                    doing: SELECT,
                    status,
                });
            }
        }
        self.done(
            "SELECT of 照合番号B",
            &apdu::select_file(surface_file::VERIFICATION_B),
        )?;
        match self.present("VERIFY of 照合番号B", verification_b)? {
            Tried::Right => {}
            Tried::Wrong { tries_left } => return Err(CardError::VerificationB { tries_left }),
            Tried::Locked => return Err(CardError::VerificationB { tries_left: 0 }),
        }
        self.done(
            "SELECT of the card face",
            &apdu::select_file(surface_file::CARD_FACE),
        )?;
        let file = self.read_whole(DOING, face::HEADER, face::length)?;
        match face::photo(&file) {
            Some(photo) if !photo.is_empty() => Ok(photo),
            Some(_) => Err(CardError::NoPhoto),
            None => Err(CardError::Malformed {
                doing: DOING,
                said: "its objects do not fit into each other".to_owned(),
            }),
        }
    }

    fn challenge(&mut self) -> Result<Vec<u8>, CardError> {
        const DOING: &str = "GET CHALLENGE";
        let length = pinless::CHALLENGE_LENGTH;
        let command = composed(DOING, apdu::get_challenge(u32::from(length)))?;
        let challenge = self.done(DOING, &command)?;
        match challenge.len() == usize::from(length) {
            true => Ok(challenge),
            false => Err(CardError::Malformed {
                doing: DOING,
                said: format!("{} bytes, not {length}", challenge.len()),
            }),
        }
    }

    /// A step that shows the card who the terminal is.
    fn pinless(&mut self, doing: &'static str, command: &Command) -> Result<(), CardError> {
        match self.send(doing, command)?.status {
            StatusWord::OK => Ok(()),
            status
            @ (StatusWord::CONDITIONS_NOT_SATISFIED | StatusWord::SECURITY_NOT_SATISFIED) => {
                Err(CardError::PinlessRefused(status))
            }
            status => Err(CardError::Status { doing, status }),
        }
    }

    fn signature(&mut self, message: &[u8]) -> Result<Vec<u8>, CardError> {
        const DOING: &str = "COMPUTE SIGNATURE";
        let info = apdu::sha256_digest_info(&Sha256::digest(message).into());
        let command = apdu::compute_signature(signature_input::AS_GIVEN, &info);
        let signature = self.done(DOING, &composed(DOING, command)?)?;
        match signature.len() {
            SIGNATURE_LENGTH => Ok(signature),
            other => Err(CardError::Malformed {
                doing: DOING,
                said: format!("{other} bytes, not {SIGNATURE_LENGTH}"),
            }),
        }
    }

    /// Presents a secret to the current file.
    fn present(&mut self, doing: &'static str, secret: &Secret) -> Result<Tried, CardError> {
        // Composed here, not by `apdu::verify`, so that the only copy of the secret can be wiped.
        let mut command = apdu::verify_query().to_bytes();
        command.reserve_exact(1 + secret.bytes().len());
        command.push(u8::try_from(secret.bytes().len()).unwrap_or(u8::MAX));
        command.extend_from_slice(secret.bytes());
        let answer = self.slot.transmit(&command);
        wipe(&mut command);
        let status = parsed(doing, &answer?)?.status;
        match (status.tries_left(), status) {
            (_, StatusWord::OK) => Ok(Tried::Right),
            (Some(tries_left), _) => Ok(Tried::Wrong { tries_left }),
            (None, StatusWord::BLOCKED | StatusWord::BLOCKED_ISO) => Ok(Tried::Locked),
            (None, status) => Err(CardError::Status { doing, status }),
        }
    }

    fn send(&mut self, doing: &'static str, command: &Command) -> Result<Response, CardError> {
        let answer = self.slot.transmit(&command.to_bytes())?;
        parsed(doing, &answer)
    }

    /// Sends a command that must succeed.
    pub(crate) fn done(
        &mut self,
        doing: &'static str,
        command: &Command,
    ) -> Result<Vec<u8>, CardError> {
        let response = self.send(doing, command)?;
        match response.status {
            StatusWord::OK => Ok(response.data),
            status => Err(CardError::Status { doing, status }),
        }
    }
}

fn parsed(doing: &'static str, answer: &[u8]) -> Result<Response, CardError> {
    Response::parse(answer).map_err(|e| CardError::Malformed {
        doing,
        said: e.to_string(),
    })
}

/// The commands here are all composable; an error would be ours, and still only ends the dialogue.
pub(crate) fn composed(
    doing: &'static str,
    command: Result<Command, ApduError>,
) -> Result<Command, CardError> {
    command.map_err(|e| CardError::Malformed {
        doing,
        said: e.to_string(),
    })
}
