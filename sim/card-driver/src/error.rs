//! Why a card did not do what was asked: what happened, who is at fault, what to do.

use crate::slot::SlotError;
use wire::apdu::StatusWord;

/// Why the card did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The slot gave no response; [`SlotError::NoCard`] when the card was taken out.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// The card knows no JPKI application.
    #[error("the card has no JPKI application; place a My Number card")]
    NotMyNumberCard,
    /// The PIN (利用者証明用) is wrong; with no try left it is locked from now on.
    #[error("the PIN is wrong, {tries_left} tries are left")]
    WrongPin {
        /// Tries before it locks.
        tries_left: u8,
    },
    /// The PIN is locked, or none was ever set.
    #[error("the PIN is locked; the municipality's counter can reset it")]
    PinLocked,
    /// The sign password (署名用) is wrong; with no try left it is locked from now on.
    #[error("the sign password is wrong, {tries_left} tries are left")]
    WrongSignPassword {
        /// Tries before it locks.
        tries_left: u8,
    },
    /// The sign password is locked.
    #[error("the sign password is locked; the municipality's counter can reset it")]
    SignPasswordLocked,
    /// The card carries no signing certificate.
    #[error(
        "the card has no signing certificate (署名用); its holder can ask the municipality for one"
    )]
    NoSigning,
    /// 照合番号B is wrong, or locked when no try is left.
    #[error(
        "the number read off the card's face (照合番号B) does not open the card, {tries_left} tries are left; read the face again, or let the municipality's counter reset it"
    )]
    VerificationB {
        /// Tries before it locks.
        tries_left: u8,
    },
    /// The card holds no photo.
    #[error("the card holds no photo; compare the face by eye, or use the PIN")]
    NoPhoto,
    /// The card does not take this terminal for one that may use it without a PIN.
    #[error(
        "the card refuses this terminal the use without a PIN: {0}; have the terminal enrolled, or use the PIN"
    )]
    PinlessRefused(StatusWord),
    /// A status word that this step of the dialogue does not know.
    #[error("the card answered {doing} with {status}; the card is at fault, try another")]
    Status {
        /// What was asked of it.
        doing: &'static str,
        /// What it answered.
        status: StatusWord,
    },
    /// A response that is none.
    #[error("the card's answer to {doing} is malformed: {said}; the card is at fault, try another")]
    Malformed {
        /// What was asked of it.
        doing: &'static str,
        /// What is wrong with the answer.
        said: String,
    },
}
