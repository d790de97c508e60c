//! What the hands at a reader do, and what its camera sees of card and person. Nothing secret in it
//! is ever printed.

use std::fmt;

/// Which kind of reader stands at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 顔認証付きカードリーダー: camera, touch panel, reading of the card's face.
    Face,
    /// 汎用カードリーダー: key pad only; PIN or staff's eye (AUTH-06).
    General,
}

/// What the reader's camera reads off the printed face of the card in its slot.
#[derive(Clone, PartialEq, Eq)]
pub struct PrintedFace {
    /// 照合番号B, 14 digits, put together from birth date, year of expiry and security code.
    pub verification_b: String,
}

impl fmt::Debug for PrintedFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrintedFace(⟦secret⟧)")
    }
}

/// What hands do. A touch that does not belong to the present screen is ignored.
#[derive(Clone, PartialEq, Eq)]
pub enum Touch {
    /// The patient puts a card into the slot.
    PlaceCard {
        /// What can be read off its printed face; none when nothing can.
        printed: Option<PrintedFace>,
    },
    /// Chooses the PIN way.
    ChoosePin,
    /// Chooses the face way.
    ChooseFace,
    /// Looks into the camera; the picture is 64 bytes (a face's template and noise).
    LookIntoCamera(Vec<u8>),
    /// Has staff called for the comparison by eye.
    CallStaff,
    /// Staff type the facility's passcode on the reader's own screen, having looked.
    EnterPasscode(String),
    /// Answers the offer of the use registration.
    AnswerRegistration {
        /// The answer.
        agreed: bool,
    },
    /// Confirms having read the warning.
    AcknowledgeWarning,
    /// Types a PIN.
    EnterPin(String),
    /// Answers the consent screen that is shown.
    Consent {
        /// The answer.
        given: bool,
    },
    /// Takes the card out of the slot.
    TakeCard,
}

impl fmt::Debug for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Touch::PlaceCard { printed } => write!(f, "PlaceCard({printed:?})"),
            Touch::ChoosePin => f.write_str("ChoosePin"),
            Touch::ChooseFace => f.write_str("ChooseFace"),
            Touch::LookIntoCamera(_) => f.write_str("LookIntoCamera(⟦secret⟧)"),
            Touch::CallStaff => f.write_str("CallStaff"),
            Touch::EnterPasscode(_) => f.write_str("EnterPasscode(⟦secret⟧)"),
            Touch::AnswerRegistration { agreed } => write!(f, "AnswerRegistration({agreed})"),
            Touch::AcknowledgeWarning => f.write_str("AcknowledgeWarning"),
            Touch::EnterPin(_) => f.write_str("EnterPin(⟦secret⟧)"),
            Touch::Consent { given } => write!(f, "Consent({given})"),
            Touch::TakeCard => f.write_str("TakeCard"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touch_does_not_print_what_is_secret() {
        let printed = Some(PrintedFace {
            verification_b: "55021720352285".to_owned(),
        });
        for (touch, secret) in [
            (Touch::EnterPin("0417".to_owned()), "0417"),
            (Touch::EnterPasscode("824613".to_owned()), "824613"),
            (Touch::PlaceCard { printed }, "5502"),
            (Touch::LookIntoCamera(vec![77; 64]), "77"),
        ] {
            assert!(!format!("{touch:?}").contains(secret), "{touch:?}");
        }
    }
}
