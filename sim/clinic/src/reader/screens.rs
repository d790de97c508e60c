//! What the screens say, as data: in each case what happened, what to do next, and where to go
//! when it cannot be done here. The texts are ours; the facts behind them are in
//! facts/documents.md 3 and 7 and facts/eligibility.md 4.2, 4.3 and 5. How a visit ends is in
//! `ends`, the face way in `face`.

pub(super) mod ends;
pub(super) mod face;

use serde::Serialize;
use wire::eligibility::Standing;

use super::machine::Ways;
use super::touch::Kind;
use super::{Ask, Screen};
use crate::fallback;

pub(super) use face::Trouble;

macro_rules! screens {
    ($($name:ident = $id:literal, $about:literal;)*) => {
        /// Which screen it is; the names are those of the evidence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum ScreenId {
            $(#[doc = $about] #[serde(rename = $id)] $name,)*
        }

        impl ScreenId {
            /// The name in evidence.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
        }
    };
}

screens! {
    PlaceCard = "PLACE_CARD", "Waiting for a card.";
    ChooseMethod = "CHOOSE_METHOD", "How to be identified.";
    LastTryWarning = "LAST_TRY_WARNING", "One PIN try is left; waits for the patient's confirmation.";
    EnterPin = "ENTER_PIN", "The PIN pad.";
    PinWrong = "PIN_WRONG", "The PIN was wrong.";
    PinLocked = "PIN_LOCKED", "The PIN is locked.";
    FaceCamera = "FACE_CAMERA", "The patient is to look into the camera.";
    FaceMismatch = "FACE_MISMATCH", "The face did not match, or could not be compared.";
    StaffEye = "STAFF_EYE", "Staff compare by eye and type the passcode.";
    PasscodeWrong = "PASSCODE_WRONG", "The passcode was wrong.";
    RegistrationOffer = "REGISTRATION_OFFER", "Offers the use registration (利用登録).";
    Registered = "REGISTERED", "The use registration is made.";
    RegistrationFailed = "REGISTRATION_FAILED", "The use registration could not be made.";
    ConsentOperation = "CONSENT_OPERATION", "Asks about 手術情報.";
    ConsentTreatmentDrug = "CONSENT_TREATMENT_DRUG", "Asks about 診療・薬剤情報.";
    ConsentCheckup = "CONSENT_CHECKUP", "Asks about 特定健診情報.";
    Processing = "PROCESSING", "The terminal asks the server.";
    Done = "DONE", "Answered.";
    DoneNotice = "DONE_NOTICE", "Answered, with a notice.";
    Refused = "REFUSED", "Refused, with the reason.";
    Unavailable = "UNAVAILABLE", "Nobody could be asked.";
    TakeCard = "TAKE_CARD", "The card is to be taken.";
    CardRemoved = "CARD_REMOVED", "The card was taken too early.";
    CardUnusable = "CARD_UNUSABLE", "The card cannot be used here.";
}

const UNLOCK: &str = "ロックの解除と暗証番号の再設定は、お住まいの市区町村の窓口で手続きできます。";

fn screen(id: ScreenId, lines: &[&str]) -> Screen {
    Screen {
        id,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        tries_left: None,
    }
}

fn with_lines<'a>(mut screen: Screen, lines: impl IntoIterator<Item = &'a str>) -> Screen {
    screen.lines.extend(lines.into_iter().map(str::to_owned));
    screen
}

fn with_fallback(screen: Screen) -> Screen {
    with_lines(screen, fallback::LINES)
}

/// How to go on by another method, where there is one.
fn elsewise(others: Ways) -> Option<&'static str> {
    Some(match (others.face, others.pin, others.staff) {
        (true, true, _) => "顔認証や暗証番号に切り替えるか、職員を呼ぶこともできます。",
        (true, false, true) => "顔認証に切り替えるか、職員を呼ぶこともできます。",
        (true, false, false) => "顔認証に切り替えることもできます。",
        (false, true, true) => "暗証番号に切り替えるか、職員を呼ぶこともできます。",
        (false, true, false) => "暗証番号に切り替えることもできます。",
        (false, false, true) => "職員を呼んで、目視で確認を受けることもできます。",
        (false, false, false) => return None,
    })
}

pub(super) fn place_card() -> Screen {
    screen(
        ScreenId::PlaceCard,
        &[
            "マイナンバーカードを置いてください。",
            "カードケースから出し、顔写真の面を上にして、奥までしっかり置いてください。",
        ],
    )
}

pub(super) fn choose_method(kind: Kind, open: Ways) -> Screen {
    let pad = match kind {
        Kind::Face => "・暗証番号（数字4桁）",
        Kind::General => "・暗証番号（数字4桁を、テンキーで入力）",
    };
    let ways = [
        (open.face, "・顔認証"),
        (open.pin, pad),
        (open.staff, "・職員の目視（職員をお呼びします）"),
    ];
    let lines = ways.iter().filter(|(open, _)| *open).map(|(_, line)| *line);
    let screen = with_lines(
        screen(
            ScreenId::ChooseMethod,
            &["本人確認の方法を選んでください。"],
        ),
        lines,
    );
    with_lines(screen, ["カードは置いたままにしてください。"])
}

pub(super) fn last_try_warning(tries_left: Option<u8>) -> Screen {
    let mut screen = screen(
        ScreenId::LastTryWarning,
        &[
            "ご注意ください。暗証番号を入力できるのは、あと1回です。",
            "間違えると暗証番号がロックされ、暗証番号では受付できなくなります。",
            UNLOCK,
            "番号に自信がないときは入力せず、ほかの方法を選ぶか、窓口の職員にお声がけください。",
            "入力を続けるときは「確認しました」を押してください。",
        ],
    );
    screen.tries_left = tries_left;
    screen
}

pub(super) fn enter_pin(tries_left: Option<u8>, misfit: bool) -> Screen {
    let mut screen = screen(
        ScreenId::EnterPin,
        &[
            "暗証番号（数字4桁）を入力してください。",
            "利用者証明用電子証明書の暗証番号です。",
        ],
    );
    if misfit {
        screen.lines.insert(
            0,
            "暗証番号は数字4桁です。まだ照合していませんので、回数は減っていません。".to_owned(),
        );
    }
    screen
        .lines
        .extend(tries_left.map(|left| format!("入力できる回数：残り{left}回")));
    screen.tries_left = tries_left;
    screen
}

pub(super) fn pin_wrong(tries_left: Option<u8>, others: Ways) -> Screen {
    let mut screen = screen(ScreenId::PinWrong, &["暗証番号が違います。"]);
    if let Some(left) = tries_left {
        screen.lines.push(format!(
            "あと{left}回間違えると、暗証番号がロックされます。"
        ));
        screen.lines.push(UNLOCK.to_owned());
    }
    screen.tries_left = tries_left;
    let screen = with_lines(screen, ["もう一度入力してください。"]);
    with_lines(screen, elsewise(others))
}

pub(super) fn pin_locked(others: Ways) -> Screen {
    let mut screen = screen(
        ScreenId::PinLocked,
        &[
            "暗証番号がロックされているため、暗証番号では受付できません。",
            UNLOCK,
        ],
    );
    screen.tries_left = Some(0);
    with_fallback(with_lines(screen, elsewise(others)))
}

/// Staff act here, on the reader's own screen; the card stays where it lies (AUTH-02, AUTH-04).
pub(super) fn staff_eye(card_stays: bool) -> Screen {
    let card = match card_stays {
        true => {
            "【職員の方へ】カードは置いたまま、手に取らずに、券面の顔写真と患者さまのお顔を見比べてください。"
        }
        false => "カードを取り出して、職員にお渡しください。職員がお預かりして確認します。",
    };
    screen(
        ScreenId::StaffEye,
        &[
            "職員が目視で本人確認をします。職員がまいりますので、そのままお待ちください。",
            card,
            "【職員の方へ】ご本人と確認できたときは、目視確認用のパスコードをこの画面に入力してください。",
            "【職員の方へ】ご本人と確認できないときは入力せず、窓口で別の方法をご案内ください。",
        ],
    )
}

pub(super) fn passcode_wrong(left: u8) -> Screen {
    let next = match left {
        0 => "目視での確認を終わります。".to_owned(),
        left => format!("もう一度入力してください（あと{left}回）。"),
    };
    screen(
        ScreenId::PasscodeWrong,
        &["【職員の方へ】目視確認用のパスコードが違います。", &next],
    )
}

pub(super) fn registration_offer(standing: Standing) -> Screen {
    let why = match standing {
        Standing::NeverRegistered => {
            "このカードは、まだ健康保険証としての利用登録がされていません。"
        }
        Standing::Lapsed => {
            "電子証明書の更新が期限切れから3か月を過ぎた後だったため、健康保険証としての利用登録が失効しています。"
        }
        Standing::Released => "健康保険証としての利用登録は、届出により解除されています。",
        Standing::Registered | Standing::Undetermined => {
            "健康保険証としての利用登録の手続きができます。"
        }
    };
    screen(
        ScreenId::RegistrationOffer,
        &[
            why,
            "いまここで利用登録をして、続けて受付をしますか。暗証番号の追加の入力は必要ありません。",
            "登録しないときは、このカードでは受付できません。ほかの受付方法をご案内します。",
            "・登録する　・登録しない",
        ],
    )
}

pub(super) fn registered() -> Screen {
    screen(
        ScreenId::Registered,
        &[
            "健康保険証としての利用登録が完了しました。",
            "続けて受付をします。カードは置いたままにしてください。",
        ],
    )
}

pub(super) fn registration_failed(error: &str, message: &str) -> Screen {
    let head = screen(
        ScreenId::RegistrationFailed,
        &["健康保険証としての利用登録ができませんでした。"],
    );
    let said = ends::as_received(message, error);
    with_lines(
        head,
        said.as_deref()
            .into_iter()
            .chain(["続けて、受付の方法をご案内します。"]),
    )
}

pub(super) fn consent(ask: Ask) -> Screen {
    let (id, what) = match ask {
        Ask::Operation => (ScreenId::ConsentOperation, "過去の手術の情報"),
        Ask::TreatmentDrug => (ScreenId::ConsentTreatmentDrug, "過去の診療とお薬の情報"),
        Ask::Checkup => (ScreenId::ConsentCheckup, "過去の特定健診の情報"),
    };
    let question = format!("{what}を、この医療機関に提供することに同意しますか。");
    screen(
        id,
        &[
            &question,
            "同意しなくても、健康保険の資格の確認と受付はできます。",
            "・同意する　・同意しない",
        ],
    )
}

pub(super) fn processing() -> Screen {
    screen(
        ScreenId::Processing,
        &[
            "健康保険の資格を確認しています。",
            "カードは取らずに、そのままお待ちください。",
        ],
    )
}

pub(super) fn take_card() -> Screen {
    screen(
        ScreenId::TakeCard,
        &[
            "カードをお取りください。",
            "お忘れにならないようご注意ください。",
        ],
    )
}

pub(super) fn card_removed() -> Screen {
    screen(
        ScreenId::CardRemoved,
        &[
            "途中でカードが外されたため、受付を中止しました。受付はまだ済んでいません。",
            "もう一度、マイナンバーカードを置くところからやり直してください。",
        ],
    )
}
