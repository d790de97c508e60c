//! Every refusal of the portal, with its status, its stable name and what it says in both languages: what
//! happened and what to do.

use wire::failure::Failure;

use crate::conduct::CertificateFault;
use crate::sessions::{LIFETIME_MS, SessionRefused};

/// A house the portal cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Jlis,
    Intermediate,
    Eligibility,
}

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No such path.
    Path(String),
    /// The path takes POST only.
    Method(String),
    /// The asker does not open this path.
    Asker {
        /// Common name of its certificate; empty without one.
        name: String,
        /// Whether the path is for persons' devices, not for the eligibility server.
        devices_only: bool,
    },
    /// Another content type than JSON.
    ContentType(String),
    /// More than the limit.
    TooLarge,
    /// The body ended early or was malformed on the way.
    BodyBroken,
    /// A body where none belongs.
    BodyNotEmpty,
    /// Not of the shape described; where.
    Json(String),
    /// A member that is not base64.
    Base64 { member: &'static str, said: String },
    /// A serial that is none.
    Serial(String),
    /// A last day that is none.
    LastDay,
    /// The session does not serve.
    Session(SessionRefused),
    /// The card's signature does not fit.
    Signature,
    /// The certificate does not serve.
    Certificate(CertificateFault),
    /// The eligibility server does not take the certificate; its words.
    CertificateNotGood(String),
    /// No insurer has registered the person.
    NoInsuredPerson,
    /// The serial belongs to somebody else already.
    TiedToAnother,
    /// A house did not answer, or not as described.
    Unavailable { who: Who, said: String },
}

type Told = (u16, Failure);

fn told(status: u16, error: &str, ja: impl Into<String>, en: impl Into<String>) -> Told {
    (status, Failure::new(error, ja, en))
}

impl Refused {
    /// Status and words.
    pub(crate) fn failure(self) -> Told {
        match self {
            Self::Session(refused) => session(refused),
            Self::Signature => told(
                403,
                "signature-invalid",
                "カードによる本人の確認ができませんでした。カードを置き直して、もう一度お試しください。",
                "the card's signature does not fit this session: place the card again and try once more",
            ),
            Self::Certificate(fault) => certificate(fault),
            Self::CertificateNotGood(said) => told(
                403,
                "certificate-not-good",
                "この電子証明書では利用登録ができません。市区町村の窓口でカードの確認を受けてください。",
                format!("the eligibility server does not take this certificate: {said}"),
            ),
            Self::NoInsuredPerson => told(
                422,
                "no-insured-person",
                "加入先の医療保険者があなたの加入者情報をまだ登録していないため、利用登録はできませんでした。加入してまもないときは、数日おいてもう一度お試しください。続くときは、加入先の医療保険者（勤務先の健康保険組合、協会けんぽ、市区町村の国民健康保険の窓口など）にお問い合わせください。",
                "no insurer has registered this person yet, so nothing was tied: try again after the insurer's entry, or ask the insurer",
            ),
            Self::TiedToAnother => told(
                422,
                "serial-of-another",
                "このカードは別の加入者情報と結び付いているため、利用登録はできませんでした。加入先の医療保険者にお問い合わせください。",
                "this certificate is tied to another person already: the insurer must look into it",
            ),
            Self::Unavailable { who, said } => unavailable(who, &said),
            request => request.of_request(),
        }
    }

    fn of_request(self) -> Told {
        match self {
            Self::Path(path) => told(
                404,
                "path-unknown",
                format!("{path}という宛先はありません。宛先を確かめてください。"),
                format!("there is no {path}: check the address"),
            ),
            Self::Method(method) => told(
                405,
                "method-not-allowed",
                format!("{method}は使えません。POSTで送ってください。"),
                format!("{method} is not taken here: use POST"),
            ),
            Self::Asker { name, devices_only } => asker(&name, devices_only),
            Self::Serial(said) => told(
                422,
                "serial",
                "発行番号が正しくありません。16進数で送ってください。",
                said,
            ),
            Self::LastDay => told(
                422,
                "last-day",
                "有効期限の日が日付ではありません。YYYY-MM-DDの形で送ってください。",
                "last_day is no day of the calendar: send it as YYYY-MM-DD",
            ),
            body => body.of_body(),
        }
    }

    fn of_body(self) -> Told {
        match self {
            Self::ContentType(found) => told(
                415,
                "content-type",
                format!(
                    "内容の種類「{found}」は受け取れません。application/jsonで送ってください。"
                ),
                format!("content type {found:?} is not taken: send application/json"),
            ),
            Self::TooLarge => {
                let most = wire::eligibility::MAX_BODY;
                told(
                    413,
                    "body-too-large",
                    format!("本文が大きすぎます。{most}バイト以下にしてください。"),
                    format!("the body is too large: send at most {most} bytes"),
                )
            }
            Self::BodyNotEmpty => told(
                400,
                "body-not-empty",
                "この宛先に本文は要りません。空にして送ってください。",
                "this path takes no body: send it empty",
            ),
            Self::Json(place) => told(
                400,
                "body-malformed",
                format!(
                    "本文が説明書どおりのJSONではありません（{place}）。直して送り直してください。"
                ),
                format!("the body is not the JSON described ({place}): correct it"),
            ),
            Self::Base64 { member, said } => told(
                400,
                "base64-malformed",
                format!(
                    "{member}が正しいbase64ではありません（{said}）。直して送り直してください。"
                ),
                format!("{member} is not base64 ({said}): correct it"),
            ),
            _ => told(
                400,
                "body-broken",
                "本文が途中で終わっています。もう一度送ってください。",
                "the body ended early or was malformed on the way: send it again",
            ),
        }
    }
}

fn asker(name: &str, devices_only: bool) -> Told {
    let (ja, en) = match devices_only {
        true => (
            "個人の端末から、証明書なしで接続してください。",
            "it is for persons' devices, which show no certificate",
        ),
        false => (
            "資格確認サーバーだけが使えます。",
            "it is the eligibility server's",
        ),
    };
    told(
        403,
        "asker-not-allowed",
        format!("接続元「{name}」はこの宛先を使えません。{ja}"),
        format!("the client {name:?} may not use this path: {en}"),
    )
}

fn session(refused: SessionRefused) -> Told {
    let minutes = LIFETIME_MS / 60_000;
    match refused {
        SessionRefused::Unknown => told(
            409,
            "session-unknown",
            "手続の開始が確認できません。最初からやり直してください。",
            "this session was never given out: ask for a new challenge",
        ),
        SessionRefused::Used => told(
            409,
            "session-used",
            "この手続は送信済みです。最初からやり直してください。",
            "this session has been used: ask for a new challenge",
        ),
        SessionRefused::Expired => told(
            409,
            "session-expired",
            format!("手続を始めてから{minutes}分を過ぎました。最初からやり直してください。"),
            format!("this session is older than {minutes} minutes: ask for a new challenge"),
        ),
    }
}

fn certificate(fault: CertificateFault) -> Told {
    match fault {
        CertificateFault::Invalid => told(
            403,
            "certificate-invalid",
            "このカードの電子証明書は利用登録に使えません。カードをお確かめのうえ、市区町村の窓口で確認を受けてください。",
            "the certificate is not one to trust: have the card looked at by the municipality",
        ),
        CertificateFault::Expired => told(
            403,
            "certificate-expired",
            "電子証明書の有効期限が切れているため、利用登録はできません。市区町村の窓口で電子証明書を更新してから、もう一度お試しください。",
            "the certificate has expired: renew it at the municipality, then register",
        ),
        CertificateFault::Revoked => told(
            403,
            "certificate-revoked",
            "電子証明書が失効しているため、利用登録はできません。市区町村の窓口で新しい電子証明書の発行を受けてください。",
            "the certificate is revoked: have a new one issued by the municipality",
        ),
        CertificateFault::Suspended => told(
            403,
            "certificate-suspended",
            "このカードは一時停止の届出が出ているため、利用登録はできません。カードが見つかったときは、市区町村の窓口で一時停止を解除してください。",
            "the card is suspended by a loss report: have that lifted by the municipality once the card is found",
        ),
        CertificateFault::Unknown => told(
            403,
            "certificate-unknown",
            "この電子証明書の記録が発行機関にありません。市区町村の窓口でカードの確認を受けてください。",
            "the authority has no record of this certificate: have the card looked at by the municipality",
        ),
        CertificateFault::Unasked => told(
            503,
            "revocation-unavailable",
            "電子証明書の有効性を今は確認できません。しばらくしてからもう一度お試しください。",
            "the certificate's validity cannot be asked now: try again later",
        ),
    }
}

fn unavailable(who: Who, said: &str) -> Told {
    let (error, ja, en) = match who {
        Who::Jlis => (
            "jlis-unavailable",
            "地方公共団体情報システム機構（J-LIS）",
            "J-LIS",
        ),
        Who::Intermediate => (
            "intermediate-unavailable",
            "医療保険者等の中間サーバー",
            "the intermediate server",
        ),
        Who::Eligibility => (
            "eligibility-unavailable",
            "オンライン資格確認等システム",
            "the eligibility server",
        ),
    };
    told(
        503,
        error,
        format!(
            "{ja}から正しい応答がないため、利用登録を終えられませんでした。しばらくしてからもう一度お試しください。"
        ),
        format!("{en} gave no answer to go on with ({said}): try again later"),
    )
}
