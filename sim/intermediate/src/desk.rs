//! The desk: which path takes what from whom. One look at a request in fixed order (path, asker, method,
//! content type, size, shape), then the house decides. The portal asks, everybody else is an insurer.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use wire::failure::Failure;
use wire::portal::{AgencyCode, INSURED_PERSONS, NAME as PORTAL};
use wire::registration::{REGISTRATIONS, RELEASES};
use world::http::{Answer, Asked, BodyRefused};

use crate::house::{Refused, Shared, locked};

const MAX_BODY: usize = 64 * 1024;
const JSON: &str = "application/json";

/// Answers one connection; `asker` is the name in its certificate.
pub(crate) async fn serve<S>(stream: S, house: Shared, asker: String)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    world::http::serve(stream, MAX_BODY, |asked| {
        let answered = answer(&house, &asker, &asked);
        async move { answered }
    })
    .await;
}

pub(crate) fn answer(house: &Shared, asker: &str, asked: &Asked) -> Answer {
    let answered = match asked.path.as_str() {
        REGISTRATIONS => from_insurer(house, asker, asked, |house, entry| {
            locked(house).register(asker, entry)
        }),
        RELEASES => from_insurer(house, asker, asked, |house, release| {
            locked(house).release(asker, &release)
        }),
        INSURED_PERSONS => from_portal(house, asker, asked),
        _ => Err(refused(
            404,
            "not-found",
            "このサーバーにあるのは /v1/registrations、/v1/releases、/v1/insured-persons だけです。",
            "this server offers /v1/registrations, /v1/releases and /v1/insured-persons; correct the address",
        )),
    };
    answered.unwrap_or_else(|(status, failure)| Answer::new(status, JSON, failure.to_json()))
}

fn from_insurer<T: DeserializeOwned>(
    house: &Shared,
    asker: &str,
    asked: &Asked,
    take: impl FnOnce(&Shared, T) -> Result<(), Refused>,
) -> Result<Answer, Refused> {
    if asker == PORTAL {
        return Err(not_allowed(
            asker,
            "保険者だけが使えます。",
            "it is the insurers'",
        ));
    }
    take(house, read(asked)?)?;
    Ok(Answer::new(201, JSON, &br#"{"accepted":true}"#[..]))
}

fn from_portal(house: &Shared, asker: &str, asked: &Asked) -> Result<Answer, Refused> {
    if asker != PORTAL {
        return Err(not_allowed(
            asker,
            "ポータルだけが使えます。",
            "it is the portal's",
        ));
    }
    let AgencyCode { agency_code } = read(asked)?;
    let person = locked(house).insured_person(&agency_code)?;
    Ok(json(200, &person))
}

fn json(status: u16, body: &impl Serialize) -> Answer {
    // Plain strings always serialise.
    Answer::new(status, JSON, serde_json::to_vec(body).unwrap_or_default())
}

fn refused(status: u16, error: &str, ja: &str, en: &str) -> Refused {
    (status, Failure::new(error, ja, en))
}

fn not_allowed(asker: &str, ja: &str, en: &str) -> Refused {
    let ja = format!("証明書の名義「{asker}」では、この宛先を使えません。{ja}");
    let en = format!("the certificate's name {asker:?} does not open this path: {en}");
    (403, Failure::new("asker-not-allowed", ja, en))
}

fn read<T: DeserializeOwned>(asked: &Asked) -> Result<T, Refused> {
    if asked.method != "POST" {
        let en = "everything here is posted; use POST";
        let ja = "POSTで送信してください。";
        return Err(refused(405, "method-not-allowed", ja, en));
    }
    if asked.content_type != JSON {
        let en = "everything here is application/json; set the content type";
        let ja = "application/json で送信してください。";
        return Err(refused(415, "content-type", ja, en));
    }
    let body = asked.body.as_ref().map_err(|why| match why {
        BodyRefused::TooLarge => refused(
            413,
            "too-large",
            "本文は65536バイト以内です。1件ずつ送信してください。",
            "a body has at most 65536 bytes; send one at a time",
        ),
        BodyRefused::Broken => refused(
            400,
            "body-broken",
            "本文が途中で切れているか壊れています。もう一度送信してください。",
            "the body ended early or was malformed; send it again",
        ),
    })?;
    serde_json::from_slice(body).map_err(|error| {
        // Only the place of the error: its text may quote the body, an individual number with it.
        let place = format!("line {}, column {}", error.line(), error.column());
        let ja = format!("本文を読み取れません（{place}）。項目の名前と型を確認してください。");
        let en = format!(
            "the body is not what this path takes ({place}); compare names and types of its members"
        );
        (400, Failure::new("malformed", ja, en))
    })
}
