//! The face way's screens. No PIN pad belongs to it (AUTH-03).

use super::super::Screen;
use super::super::machine::Ways;
use super::{ScreenId, elsewise, screen, with_lines};

/// Why a face was not taken for the card's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reader) enum Trouble {
    /// Photo and camera differ; so many looks are left.
    Differs { looks_left: u8 },
    /// The printed face could not be read, so that the chip does not give the photo.
    CardFaceUnread,
    /// What was read off the printed face does not open the chip.
    NumberWrong,
    /// The chip has had too many wrong numbers.
    NumberLocked,
    /// No photo to compare with.
    NoPhoto,
}

impl Trouble {
    /// By the terminal's reason for giving no photo.
    pub(in crate::reader) fn of_refusal(reason: &str) -> Self {
        match reason {
            "verification-b-wrong" => Trouble::NumberWrong,
            "verification-b-locked" => Trouble::NumberLocked,
            _ => Trouble::NoPhoto,
        }
    }
}

pub(in crate::reader) fn camera(others: Ways) -> Screen {
    let screen = screen(
        ScreenId::FaceCamera,
        &[
            "顔認証をします。カメラを正面から見てください。",
            "マスクや帽子は外し、顔全体が枠に入るようにしてください。",
            "暗証番号の入力は必要ありません。",
        ],
    );
    with_lines(screen, elsewise(others))
}

pub(in crate::reader) fn mismatch(trouble: Trouble, others: Ways) -> Screen {
    let words: &[&str] = match trouble {
        Trouble::Differs { looks_left: 0 } => &[
            "お顔とカードの顔写真の一致を確認できませんでした。",
            "顔認証を終わります。",
        ],
        Trouble::Differs { looks_left } => {
            let again = format!("もう一度カメラを見てください（あと{looks_left}回）。");
            let head = screen(
                ScreenId::FaceMismatch,
                &["お顔とカードの顔写真の一致を確認できませんでした。", &again],
            );
            return with_lines(head, elsewise(others));
        }
        Trouble::CardFaceUnread => &[
            "カードの券面を読み取れないため、顔認証ができません。",
            "汚れや反射があるときは、カードケースから出して置き直してください。",
        ],
        Trouble::NumberWrong => &[
            "カードの券面を正しく読み取れないため、顔認証ができません。",
            "カードが汚れていないか、ご確認ください。",
        ],
        Trouble::NumberLocked => &[
            "カードの顔写真の読み取りがロックされているため、顔認証ができません。",
            "ロックの解除は、お住まいの市区町村の窓口で手続きできます。",
        ],
        Trouble::NoPhoto => &["カードの顔写真を読み取れないため、顔認証ができません。"],
    };
    with_lines(screen(ScreenId::FaceMismatch, words), elsewise(others))
}
