//! Every refusal a caller can meet at the door, with its status, its stable name and what it says in
//! both languages: what happened and what to do. Refusals of a *card* are answers, not these.

use wire::failure::Failure;
use world::http::Answer;

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
    /// Another content type than JSON.
    ContentType(String),
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
    /// A way of proving the person that this server does not know.
    ProofMethod(String),
    /// The session does not serve.
    Session(SessionRefused),
    /// A fed entry is wrong.
    Entry(Wrong),
    /// The store failed: the server is at fault. What exactly stays in here.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Refused {
    /// The answer that goes out.
    pub(crate) fn answer(self) -> Answer {
        let (status, failure) = self.failure();
        Answer::new(status, "application/json", failure.to_json())
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
            body => body.body_failure(),
        }
    }

    fn body_failure(self) -> (u16, Failure) {
        match self {
            Self::ContentType(found) => (
                415,
                Failure::new(
                    "content-type",
                    format!(
                        "内容の種類「{found}」は受け取れません。application/jsonで送ってください。"
                    ),
                    format!("content type {found:?} is not taken: send application/json"),
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
            Self::ProofMethod(found) => (
                422,
                Failure::new(
                    "method-unknown",
                    format!("本人確認の方法「{found}」は使えません。pinを指定してください。"),
                    format!("the way of proving the person {found:?} is not known: use pin"),
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
        SessionRefused::Expired => Failure::new(
            "session-expired",
            format!(
                "このセッションは{minutes}分を過ぎました。新しいチャレンジを取り直してください。"
            ),
            format!("this session is older than {minutes} minutes: ask for a new challenge"),
        ),
    }
}
