//! Reader protocol (simulated interface): JSON lines between a face-authentication reader and
//! the card-processing software of its terminal. The reader is screen, PIN pad and slot; the
//! terminal composes the card commands, as in the field.

use serde::{Deserialize, Serialize};

/// A line longer than this is refused.
pub const MAX_LINE: usize = 64 * 1024;

/// What the reader says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FromReader {
    /// A card lies in the slot.
    CardPlaced,
    /// The patient typed this PIN.
    Pin {
        /// Four digits.
        pin: String,
    },
    /// The patient chose the face; this was read off the printed card face.
    FaceRead {
        /// 照合番号B, 14 digits.
        verification_b: String,
    },
    /// The camera's picture was compared with the photo of the chip.
    FaceCompared {
        /// Whether it is the same person.
        matched: bool,
    },
    /// Staff compared the person with the photo by eye and typed the facility's passcode.
    StaffConfirmed {
        /// 目視確認用パスコード.
        passcode: String,
    },
    /// The patient's answer to the offer of the use registration (利用登録).
    Registration {
        /// Whether to register.
        agreed: bool,
    },
    /// The patient's answers to the consent screens.
    Consents {
        /// One answer a kind.
        consents: Consents,
    },
    /// The card left the slot.
    CardRemoved,
}

/// What the terminal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FromTerminal {
    /// The card answers; so many PIN tries are left.
    CardReady {
        /// Remaining tries of the user-authentication PIN.
        tries_left: u8,
    },
    /// The card cannot be used here.
    CardUnusable {
        /// `not-recognised`, `not-a-my-number-card`, `pin-locked`, `removed`; `pinless-refused` when the card
        /// does not let this terminal use it without its PIN.
        reason: String,
    },
    /// The photo of the chip, after 照合番号B was right.
    Photo {
        /// Base64 of the JPEG 2000 file.
        image: String,
    },
    /// The chip gave no photo.
    PhotoRefused {
        /// `verification-b-wrong`, `verification-b-locked`, `no-photo`.
        reason: String,
    },
    /// The PIN was right.
    PinAccepted,
    /// Face or staff's eye counted, and the card proved itself without a PIN.
    IdentityAccepted,
    /// The passcode was not the facility's.
    PasscodeWrong,
    /// What the eligibility server says of the card's use registration; follows `pin-accepted` and
    /// `identity-accepted`.
    Standing {
        /// As in `eligibility::Standing`.
        standing: crate::eligibility::Standing,
    },
    /// The use registration is made.
    Registered,
    /// The use registration could not be made.
    RegistrationFailed {
        /// Stable name of the reason, e.g. `no-insured-person`.
        error: String,
        /// Message for the patient.
        message: String,
    },
    /// The PIN was wrong.
    PinWrong {
        /// Remaining tries.
        tries_left: u8,
    },
    /// The PIN is locked now.
    PinLocked,
    /// How the check ended.
    Outcome {
        /// `confirmed`, `refused` or `unavailable`.
        status: Status,
        /// Processing result code as returned, empty when there is none.
        code: String,
        /// Message for the patient.
        message: String,
        /// QualificationValidity as returned.
        validity: Option<String>,
    },
}

/// How a check ended, for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// An answer about the qualification came.
    Confirmed,
    /// Refused, with a reason.
    Refused,
    /// Nobody could be asked; the fallback is offered.
    Unavailable,
}

/// The patient's answers, one a kind of medical information.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consents {
    /// 手術情報.
    pub operation: bool,
    /// 診療情報.
    pub treatment: bool,
    /// 薬剤情報.
    pub drug: bool,
    /// 特定健診情報.
    pub checkup: bool,
}

/// Why a line was refused.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Too long.
    #[error("a line of more than {MAX_LINE} bytes")]
    TooLong,
    /// Not a message of the protocol.
    #[error("not a message of the reader protocol: {0}")]
    Malformed(String),
}

/// Writes one message as a line, newline included.
pub fn to_line(message: &impl Serialize) -> Vec<u8> {
    // Plain enums of strings, numbers and booleans always serialise.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Reads one line, with or without its newline.
pub fn from_line<'a, M: Deserialize<'a>>(line: &'a [u8]) -> Result<M, LineError> {
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong);
    }
    serde_json::from_slice(line).map_err(|e| LineError::Malformed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_both_ways() {
        let message = FromTerminal::PinWrong { tries_left: 2 };
        let line = to_line(&message);
        assert_eq!(line, b"{\"type\":\"pin-wrong\",\"tries_left\":2}\n");
        assert_eq!(from_line::<FromTerminal>(&line).unwrap(), message);
    }

    #[test]
    fn what_is_not_the_protocol_is_refused() {
        for bad in [
            "",
            "{}",
            "{\"type\":\"dance\"}",
            "{\"type\":\"pin\"}",
            "\u{feff}[]",
        ] {
            assert!(from_line::<FromReader>(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(matches!(
            from_line::<FromReader>(&vec![b' '; MAX_LINE + 1]),
            Err(LineError::TooLong)
        ));
    }
}
