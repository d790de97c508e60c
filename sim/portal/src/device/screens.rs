//! What the person reads on the device: what happened, and what to do next.

use card_driver::{CardError, SlotError};

use super::{Screen, ScreenId};

const UNLOCK: &str = "ロックされた暗証番号は、お住まいの市区町村の窓口で再設定できます。";

fn screen(id: ScreenId, lines: &[&str], tries_left: Option<u8>) -> Screen {
    Screen {
        id,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        tries_left,
    }
}

pub(super) fn start() -> Screen {
    screen(
        ScreenId::PortalStart,
        &[
            "マイナンバーカードの健康保険証としての利用登録を始めます。",
            "カードを読み取り機か、スマートフォンにかざしてください。",
            "利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。",
        ],
        None,
    )
}

pub(super) fn last_try() -> Screen {
    screen(
        ScreenId::PortalLastTry,
        &[
            "ご注意ください。暗証番号を入力できるのは、あと1回です。",
            "間違えると暗証番号がロックされます。",
            UNLOCK,
            "番号に自信がないときは、ここで終わりにしてください。",
        ],
        Some(1),
    )
}

fn pin_wrong(tries_left: u8) -> Screen {
    let warning = format!("あと{tries_left}回間違えると、暗証番号がロックされます。");
    let lines = [
        "暗証番号が違います。",
        &warning,
        UNLOCK,
        "番号を確かめて、もう一度入力してください。",
    ];
    screen(ScreenId::PortalPinWrong, &lines, Some(tries_left))
}

pub(super) fn pin_locked() -> Screen {
    let lines = [
        "暗証番号がロックされているため、利用登録はできません。",
        UNLOCK,
        "再設定のあとで、もう一度お試しください。",
    ];
    screen(ScreenId::PortalPinLocked, &lines, Some(0))
}

pub(super) fn pin_form() -> Screen {
    failed("暗証番号は数字4桁です。入力し直してください。回数は減っていません。")
}

pub(super) fn registered(new: bool) -> Screen {
    match new {
        true => screen(
            ScreenId::PortalRegistered,
            &[
                "健康保険証としての利用登録が終わりました。",
                "医療機関や薬局の受付で、このカードをお使いください。",
            ],
            None,
        ),
        false => screen(
            ScreenId::PortalAlready,
            &[
                "このカードは、健康保険証としての利用登録が済んでいます。",
                "もう一度登録する必要はありません。",
            ],
            None,
        ),
    }
}

pub(super) fn failed(why: &str) -> Screen {
    let lines = ["利用登録はできませんでした。", why];
    screen(ScreenId::PortalFailed, &lines, None)
}

pub(super) fn unreachable() -> Screen {
    failed(
        "ポータルにつながりません。通信の状態を確かめて、しばらくしてからもう一度お試しください。",
    )
}

pub(super) fn not_understood() -> Screen {
    failed("ポータルからの応答を読み取れません。しばらくしてからもう一度お試しください。")
}

/// What a card that does not go on means for the person.
pub(super) fn card(error: &CardError) -> Screen {
    match error {
        CardError::WrongPin { tries_left: 0 } | CardError::PinLocked => pin_locked(),
        CardError::WrongPin { tries_left } => pin_wrong(*tries_left),
        CardError::Slot(SlotError::NoCard) => failed(
            "カードが見つかりません。カードをかざしたまま動かさずに、もう一度お試しください。",
        ),
        CardError::NotMyNumberCard => {
            failed("マイナンバーカードではありません。マイナンバーカードをかざしてください。")
        }
        _ => failed(
            "カードを読み取れません。カードをかざし直して、もう一度お試しください。続くときは市区町村の窓口で確認を受けてください。",
        ),
    }
}
