//! How a visit ends, on the screen: answered, answered with a notice, refused, nobody to be asked,
//! or a card that cannot be used. Where the makers' published numbers are known they stand before the
//! words: 【001】 not recognised, 【002】 not a My Number card, 【006】 certificate revoked or expired
//! (facts/eligibility.md 5.3).

use rules::Outcome;

use super::super::Screen;
use super::{ScreenId, screen, with_fallback, with_lines};
use crate::fallback;

/// The end of an answered check, by the qualification's validity as returned.
pub(in crate::reader) fn done(validity: Option<&str>) -> Screen {
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
pub(in crate::reader) fn done_notice(
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

/// A refusal: the reason in words where the code is known, and always as received; and the ways that are left.
pub(in crate::reader) fn refused(
    reason: Option<Outcome>,
    code: &str,
    message: &str,
    names_fallbacks: bool,
) -> Screen {
    let mut screen = screen(ScreenId::Refused, &["このカードでは受付できませんでした。"]);
    screen.lines.extend(
        reason
            .map_or(&[][..], advice)
            .iter()
            .map(|line| (*line).to_owned()),
    );
    if !names_fallbacks {
        return screen;
    }
    screen.lines.extend(as_received(message, code));
    with_fallback(screen)
}

/// The card itself cannot be used, by the terminal's reason.
pub(in crate::reader) fn card_unusable(reason: &str) -> Screen {
    let words: &[&str] = match reason {
        "not-a-my-number-card" => &[
            "【002】このカードはマイナンバーカードではないようです。",
            "マイナンバーカードを置いてください。",
        ],
        "not-recognised" => &[
            "【001】カードを読み取れませんでした。",
            "カードケースから出して、もう一度置いてください。何度も読み取れないときは、窓口の職員にお声がけください。",
        ],
        "pinless-refused" => &[
            "このカードは、この端末では暗証番号なしで使えません。",
            "カードをもう一度置き、暗証番号を選んでください。続くときは、職員が端末の担当者に連絡してください。",
        ],
        _ => &["このカードは使えません。窓口の職員にお声がけください。"],
    };
    with_fallback(screen(ScreenId::CardUnusable, words))
}

/// Nobody could be asked: what the terminal says, or that it says nothing.
pub(in crate::reader) fn unavailable(message: &str) -> Screen {
    let head = screen(
        ScreenId::Unavailable,
        &["いま、オンラインで資格を確認できません。"],
    );
    // The terminal names the ways itself; a line of them is not shown twice.
    let told = message
        .lines()
        .filter(|line| !line.is_empty() && !fallback::LINES.contains(line));
    let calming = "お客様のカードに問題があるとは限りません。";
    with_fallback(with_lines(head, told.chain([calming])))
}

pub(super) fn as_received(message: &str, code: &str) -> Option<String> {
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
            "【006】カードの電子証明書の有効期限が切れ、資格の確認だけができる3か月の期間も過ぎています。",
            "お住まいの市区町村の窓口で電子証明書を更新してください。更新の後、健康保険証としての利用登録がもう一度必要です。",
        ],
        Outcome::CertificateRevoked => &[
            "【006】カードの電子証明書が失効しています。",
            "お住まいの市区町村の窓口で、電子証明書の発行についてご相談ください。",
        ],
        Outcome::CertificateSuspended => &[
            "【006】紛失などの届出により、カードの利用が一時停止されています。",
            "カードが見つかったときは、お住まいの市区町村の窓口で一時停止の解除を手続きしてください。",
        ],
        Outcome::RevocationUnavailable => &[
            "電子証明書が有効かどうかを、いま確かめられません。カードに問題があるとは限りません。",
            "時間をおいてもう一度お試しいただくか、次の方法で受付をお願いします。",
        ],
        Outcome::NotRegistered => &[
            "このカードは、健康保険証としての利用登録がされていません。",
            "このカードを置いて「登録する」を選ぶか、マイナポータルなどで利用登録をすると、このカードで受付できます。",
        ],
        Outcome::RegistrationLapsed => &[
            "電子証明書の更新が期限切れから3か月を過ぎた後だったため、健康保険証としての利用登録が失効しています。",
            "このカードを置いて「登録する」を選ぶか、マイナポータルなどで、もう一度利用登録をしてください。",
        ],
        Outcome::RegistrationReleased => &[
            "健康保険証としての利用登録は、届出により解除されています。",
            "もう一度利用するには、このカードを置いて「登録する」を選ぶか、マイナポータルなどで利用登録をしてください。",
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
