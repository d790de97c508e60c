//! What the screens say, as data: in each case what happened, what to do next, and where to go
//! when it cannot be done here. The texts are ours; the facts behind them are in
//! facts/documents.md 3 and 7 and facts/eligibility.md 4.2, 4.3 and 5.

use rules::Outcome;
use serde::Serialize;

use super::{Ask, Screen};

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
}

const FALLBACK: [&str; 3] = [
    "資格確認書をお持ちの方は、窓口にご提示ください。",
    "お持ちでない方は、マイナンバーカードと一緒に「資格情報のお知らせ」またはマイナポータルの資格情報画面を窓口にご提示ください。",
    "どちらもないときは、窓口の職員にお声がけください。",
];
const UNLOCK: &str = "ロックの解除と暗証番号の再設定は、お住まいの市区町村の窓口で手続きできます。";

fn screen(id: ScreenId, lines: &[&str]) -> Screen {
    Screen {
        id,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        tries_left: None,
    }
}

fn with_fallback(mut screen: Screen) -> Screen {
    screen.lines.extend(FALLBACK.map(str::to_owned));
    screen
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

pub(super) fn choose_method() -> Screen {
    screen(
        ScreenId::ChooseMethod,
        &[
            "本人確認の方法を選んでください。",
            "・暗証番号（数字4桁）",
            "カードは置いたままにしてください。",
        ],
    )
}

pub(super) fn last_try_warning(tries_left: Option<u8>) -> Screen {
    let mut screen = screen(
        ScreenId::LastTryWarning,
        &[
            "ご注意ください。暗証番号を入力できるのは、あと1回です。",
            "間違えると暗証番号がロックされ、暗証番号では受付できなくなります。",
            UNLOCK,
            "番号に自信がないときは入力せず、カードを取って窓口の職員にお声がけください。",
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

pub(super) fn pin_wrong(tries_left: Option<u8>) -> Screen {
    let mut screen = screen(ScreenId::PinWrong, &["暗証番号が違います。"]);
    if let Some(left) = tries_left {
        screen.lines.push(format!(
            "あと{left}回間違えると、暗証番号がロックされます。"
        ));
        screen.lines.push(UNLOCK.to_owned());
    }
    screen
        .lines
        .push("もう一度入力するか、カードを取って窓口の職員にお声がけください。".to_owned());
    screen.tries_left = tries_left;
    screen
}

pub(super) fn pin_locked() -> Screen {
    let mut screen = screen(
        ScreenId::PinLocked,
        &[
            "暗証番号がロックされているため、暗証番号では受付できません。",
            UNLOCK,
        ],
    );
    screen.tries_left = Some(0);
    with_fallback(screen)
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

/// The end of an answered check, by the qualification's validity as returned.
pub(super) fn done(validity: Option<&str>) -> Screen {
    match validity {
        Some("1") | None => screen(
            ScreenId::Done,
            &["受付が完了しました。", "健康保険の資格を確認しました。"],
        ),
        _ => with_fallback(screen(
            ScreenId::Done,
            &[
                "資格の照会が終わりました。",
                "現在有効な健康保険の資格を確認できませんでした。保険が変わったばかりのときは、まだ登録されていないことがあります。",
            ],
        )),
    }
}

/// The same end with a notice: of the known two our own words, of any other the one that came.
pub(super) fn done_notice(
    validity: Option<&str>,
    notice: Option<Outcome>,
    message: &str,
) -> Screen {
    let mut screen = done(validity);
    screen.id = ScreenId::DoneNotice;
    let words: &[&str] = match notice {
        Some(Outcome::NoticeExpiresSoon) => &[
            "【お知らせ】カードの電子証明書の有効期限が3か月以内に切れます。",
            "お住まいの市区町村の窓口で、早めに更新の手続きをしてください。",
            "期限が切れても3か月間は資格の確認だけはできますが、診療・お薬・健診の情報は提供できなくなります。",
        ],
        Some(Outcome::NoticeExpiredGrace) => &[
            "【お知らせ】カードの電子証明書の有効期限が切れています。",
            "期限から3か月の間は資格の確認だけができます。その後は、このカードでは受付できません。",
            "診療・お薬・手術・健診の情報は、同意の有無にかかわらず提供されません。",
            "お住まいの市区町村の窓口で、更新の手続きをしてください。",
        ],
        _ => &["【お知らせ】"],
    };
    screen
        .lines
        .extend(words.iter().map(|line| (*line).to_owned()));
    if words.len() == 1 {
        screen.lines.extend(as_received(message, ""));
    }
    screen
}

/// A refusal: the reason in words where the code is known, and always as received.
pub(super) fn refused(reason: Option<Outcome>, code: &str, message: &str) -> Screen {
    let mut screen = screen(ScreenId::Refused, &["このカードでは受付できませんでした。"]);
    screen.lines.extend(
        reason
            .map_or(&[][..], advice)
            .iter()
            .map(|line| (*line).to_owned()),
    );
    screen.lines.extend(as_received(message, code));
    with_fallback(screen)
}

/// The card itself cannot be used, by the terminal's reason.
pub(super) fn card_unusable(reason: &str) -> Screen {
    let words: &[&str] = match reason {
        "not-a-my-number-card" => &[
            "このカードはマイナンバーカードではないようです。",
            "マイナンバーカードを置いてください。",
        ],
        "not-recognised" => &[
            "カードを読み取れませんでした。",
            "カードケースから出して、もう一度置いてください。何度も読み取れないときは、窓口の職員にお声がけください。",
        ],
        _ => &["このカードは使えません。窓口の職員にお声がけください。"],
    };
    with_fallback(screen(ScreenId::Refused, words))
}

/// Nobody could be asked: what the terminal says, or that it says nothing.
pub(super) fn unavailable(message: &str) -> Screen {
    let mut screen = screen(
        ScreenId::Unavailable,
        &["いま、オンラインで資格を確認できません。"],
    );
    screen.lines.extend(as_received(message, ""));
    screen
        .lines
        .push("お客様のカードに問題があるとは限りません。".to_owned());
    with_fallback(screen)
}

fn as_received(message: &str, code: &str) -> Option<String> {
    match (message, code) {
        ("", "") => None,
        ("", code) => Some(format!("（{code}）")),
        (message, "") => Some(message.to_owned()),
        (message, code) => Some(format!("{message}（{code}）")),
    }
}

fn advice(reason: Outcome) -> &'static [&'static str] {
    match reason {
        Outcome::CertificateExpired => &[
            "カードの電子証明書の有効期限が切れ、資格の確認だけができる3か月の期間も過ぎています。",
            "お住まいの市区町村の窓口で電子証明書を更新してください。更新の後、健康保険証としての利用登録がもう一度必要です。",
        ],
        Outcome::CertificateRevoked => &[
            "カードの電子証明書が失効しています。",
            "お住まいの市区町村の窓口で、電子証明書の発行についてご相談ください。",
        ],
        Outcome::CertificateSuspended => &[
            "紛失などの届出により、カードの利用が一時停止されています。",
            "カードが見つかったときは、お住まいの市区町村の窓口で一時停止の解除を手続きしてください。",
        ],
        Outcome::RevocationUnavailable => &[
            "電子証明書が有効かどうかを、いま確かめられません。カードに問題があるとは限りません。",
            "時間をおいてもう一度お試しいただくか、次の方法で受付をお願いします。",
        ],
        Outcome::NotRegistered => &[
            "このカードは、健康保険証としての利用登録がされていません。",
            "マイナポータルなどで利用登録をすると、次回からこのカードで受付できます。",
        ],
        Outcome::NoQualification => &[
            "健康保険の資格情報がまだ登録されていません。",
            "加入や変更の手続きをされたばかりのときは、登録まで日数がかかることがあります。加入先の保険者にお問い合わせください。",
        ],
        Outcome::CertificateUnknown | Outcome::CertificateInvalid | Outcome::SignatureInvalid => &[
            "カードの電子証明書が正しいものと確かめられませんでした。",
            "お住まいの市区町村の窓口で、カードの状態をご確認ください。",
        ],
        Outcome::Confirmed | Outcome::NoticeExpiresSoon | Outcome::NoticeExpiredGrace => &[],
    }
}
