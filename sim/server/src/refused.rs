//! Every refusal a caller can meet at the door, with its status, its stable name and what it says in
//! both languages: what happened and what to do. Refusals of a *card* are answers, not these.

use rules::Outcome;
use wire::failure::Failure;
use world::http::Answer;

use crate::conduct::Conduct;
use crate::entry::Wrong;
use crate::sessions::{LIFETIME_MS, SessionRefused};
use crate::store::StoreError;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No such path.
    Path(String),
    /// The path takes POST only.
    Method(String),
    /// The asker's certificate does not open this path.
    Asker {
        /// Common name of the certificate.
        name: String,
        /// Who may ask, in Japanese.
        ja: &'static str,
        /// The same in English.
        en: &'static str,
    },
    /// Another content type than the path takes.
    ContentType {
        /// As it came.
        found: String,
        /// What the path takes.
        expected: &'static str,
    },
    /// More than the limit.
    TooLarge,
    /// The body ended early or was malformed on the way.
    BodyBroken,
    /// A body where none belongs.
    BodyNotEmpty,
    /// Not JSON, or not of the shape described.
    Json(String),
    /// A member that is not base64.
    Base64 {
        /// The member.
        member: &'static str,
        /// What was wrong.
        said: String,
    },
    /// Not XML, or not of the message described.
    Xml(String),
    /// A document that speaks for another facility than the asker.
    Facility {
        /// The facility code it bears.
        found: String,
    },
    /// The session does not serve.
    Session(SessionRefused),
    /// A fed entry is wrong.
    Entry(Wrong),
    /// No use can be registered with this card; why, as a confirmation would say it.
    Card(Outcome),
    /// Revocation could not be asked.
    RevocationUnavailable(String),
    /// No insurer has registered this person.
    NoInsuredPerson,
    /// The portal cannot be reached, or does not do what it should.
    PortalUnavailable(String),
    /// The store failed: the server is at fault. What exactly stays in here.
    Store(StoreError),
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self::Entry(wrong)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Refused {
    /// The answer that goes out.
    pub(crate) fn answer(self, conduct: &dyn Conduct) -> Answer {
        let (status, failure) = self.failure();
        let said = conduct.says_why(failure);
        Answer::new(status, "application/json", said.to_json())
    }

    fn failure(self) -> (u16, Failure) {
        match self {
            Self::Path(path) => (
                404,
                Failure::new(
                    "path-unknown",
                    format!("{path}という宛先はありません。宛先を確かめてください。"),
                    format!("there is no {path}: check the address"),
                ),
            ),
            Self::Method(method) => (
                405,
                Failure::new(
                    "method-not-allowed",
                    format!("{method}は使えません。POSTで送ってください。"),
                    format!("{method} is not taken here: use POST"),
                ),
            ),
            Self::Asker { name, ja, en } => (
                403,
                Failure::new(
                    "asker-not-allowed",
                    format!("証明書の名義「{name}」では使えません。{ja}"),
                    format!("the certificate's name {name:?} does not open this path: {en}"),
                ),
            ),
            Self::Facility { found } => (
                403,
                Failure::new(
                    "facility-mismatch",
                    format!(
                        "要求の医療機関コード「{found}」が、接続に使われた証明書の名義と違います。自院のコードで送ってください。"
                    ),
                    format!(
                        "the request's facility code {found:?} is not the name of the asker's certificate: send your own"
                    ),
                ),
            ),
            Self::Session(refused) => (409, session(refused)),
            Self::Entry(wrong) => (422, Failure::new(wrong.error, wrong.ja, wrong.en)),
            Self::Store(_) => (
                500,
                Failure::new(
                    "store-failed",
                    "サーバーの記録に失敗したため、何も確定していません。しばらくしてからもう一度お試しください。",
                    "the server could not read or write its store, nothing was settled: try again later",
                ),
            ),
            Self::Card(_)
            | Self::RevocationUnavailable(_)
            | Self::NoInsuredPerson
            | Self::PortalUnavailable(_) => self.registration_failure(),
            body => body.body_failure(),
        }
    }

    fn registration_failure(self) -> (u16, Failure) {
        match self {
            Self::NoInsuredPerson => (
                422,
                Failure::new(
                    "no-insured-person",
                    "保険者による資格の登録がまだありません。加入先の保険者に確かめ、登録の後にもう一度お試しください。",
                    "no insurer has registered this person: ask the insurer, and try again after its entry",
                ),
            ),
            Self::Card(outcome) => (
                422,
                Failure::new(
                    outcome.name(),
                    "この電子証明書では利用登録ができません。市区町村の窓口で確かめてください。",
                    format!("no use can be registered with this card: {outcome}"),
                ),
            ),
            Self::RevocationUnavailable(said) => (
                503,
                Failure::new(
                    "revocation-unavailable",
                    "電子証明書の有効性を今は確認できません。しばらくしてからもう一度お試しください。",
                    format!("revocation could not be asked ({said}): try again later"),
                ),
            ),
            other => (
                503,
                Failure::new(
                    "portal-unavailable",
                    "マイナポータルで今は利用登録ができません。しばらくしてからもう一度お試しください。",
                    match other {
                        Self::PortalUnavailable(said) => {
                            format!("the portal could not register ({said}): try again later")
                        }
                        _ => "the portal could not register: try again later".to_owned(),
                    },
                ),
            ),
        }
    }

    fn body_failure(self) -> (u16, Failure) {
        match self {
            Self::ContentType { found, expected } => (
                415,
                Failure::new(
                    "content-type",
                    format!("内容の種類「{found}」は受け取れません。{expected}で送ってください。"),
                    format!("content type {found:?} is not taken: send {expected}"),
                ),
            ),
            Self::TooLarge => {
                let most = wire::eligibility::MAX_BODY;
                (
                    413,
                    Failure::new(
                        "body-too-large",
                        format!("本文が大きすぎます。{most}バイト以下にしてください。"),
                        format!("the body is too large: send at most {most} bytes"),
                    ),
                )
            }
            Self::BodyNotEmpty => (
                400,
                Failure::new(
                    "body-not-empty",
                    "この宛先に本文は要りません。空にして送ってください。",
                    "this path takes no body: send it empty",
                ),
            ),
            Self::Json(said) => (
                400,
                Failure::new(
                    "body-malformed",
                    format!(
                        "本文が説明書どおりのJSONではありません（{said}）。直して送り直してください。"
                    ),
                    format!("the body is not the JSON described ({said}): correct it"),
                ),
            ),
            Self::Base64 { member, said } => (
                400,
                Failure::new(
                    "base64-malformed",
                    format!(
                        "{member}が正しいbase64ではありません（{said}）。直して送り直してください。"
                    ),
                    format!("{member} is not base64 ({said}): correct it"),
                ),
            ),
            Self::Xml(said) => (
                400,
                Failure::new(
                    "xml-malformed",
                    format!(
                        "本文が説明書どおりのXMLではありません（{said}）。直して送り直してください。"
                    ),
                    format!("the body is not the XML described ({said}): correct it"),
                ),
            ),
            _ => (
                400,
                Failure::new(
                    "body-broken",
                    "本文が途中で終わっています。もう一度送ってください。",
                    "the body ended early or was malformed on the way: send it again",
                ),
            ),
        }
    }
}

fn session(refused: SessionRefused) -> Failure {
    let minutes = LIFETIME_MS / 60_000;
    match refused {
        SessionRefused::Unknown => Failure::new(
            "session-unknown",
            "このセッションはこの施設に発行されていません。新しいチャレンジを取り直してください。",
            "this session was not given to this facility: ask for a new challenge",
        ),
        SessionRefused::Used => Failure::new(
            "session-used",
            "このセッションは使用済みです。新しいチャレンジを取り直してください。",
            "this session has been used: ask for a new challenge",
        ),
        SessionRefused::NotIdentified => Failure::new(
            "session-not-identified",
            "このセッションではカードがまだ確認されていません。先にカードの確認を送ってください。",
            "no card has been identified in this session: identify it first",
        ),
        SessionRefused::Expired => Failure::new(
            "session-expired",
            format!(
                "このセッションは{minutes}分を過ぎました。新しいチャレンジを取り直してください。"
            ),
            format!("this session is older than {minutes} minutes: ask for a new challenge"),
        ),
    }
}
