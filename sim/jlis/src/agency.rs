//! The service for agencies: which agency code (機関別符号) the holder of a certificate has with the
//! portal. It is asked over mutual TLS and answers the portal alone. A renewed certificate has its holder's
//! code at once; which cards belong to one person is known here, whoever else still waits for the pair.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use identifiers::CertificateSerial;
use tokio::io::{AsyncRead, AsyncWrite};
use wire::failure::Failure;
use wire::portal::{AGENCY_CODES, AgencyCode, AgencyCodeQuestion, NAME};
use world::http::{Answer, Asked, BodyRefused};

use crate::registry::Registry;

const MAX_BODY: usize = 16 * 1024;
const JSON: &str = "application/json";

/// Serial to agency code; cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Codes(Arc<Mutex<BTreeMap<CertificateSerial, String>>>);

impl Codes {
    /// Enters the code of a certificate's holder.
    pub(crate) fn know(&self, serial: CertificateSerial, agency_code: &str) {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.insert(serial, agency_code.to_owned());
    }

    /// The code of a certificate's holder, by this serial or one it followed.
    fn of(&self, serial: CertificateSerial, registry: &Registry) -> Option<String> {
        let codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = std::iter::successors(Some(serial), |newer| registry.before(*newer));
        line.filter_map(|one| codes.get(&one)).next().cloned()
    }
}

/// Answers one connection; `asker` is the name in its certificate.
pub(crate) async fn serve<S>(stream: S, codes: Codes, registry: Registry, asker: String)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    world::http::serve(stream, MAX_BODY, |asked| {
        let answered = answer(&codes, &registry, &asker, &asked);
        async move { answered }
    })
    .await;
}

pub(crate) fn answer(codes: &Codes, registry: &Registry, asker: &str, asked: &Asked) -> Answer {
    let code = read(asker, asked).and_then(|serial| {
        codes.of(serial, registry).ok_or_else(|| {
            let ja = "この発行番号の電子証明書の持ち主に、機関別符号の登録がありません。発行番号を確かめてください。";
            let en = "no agency code is known for the holder of this certificate; check the serial";
            (404, Failure::new("unknown-serial", ja, en))
        })
    });
    match code {
        // One string always serialises.
        Ok(agency_code) => Answer::new(
            200,
            JSON,
            serde_json::to_vec(&AgencyCode { agency_code }).unwrap_or_default(),
        ),
        Err((status, failure)) => Answer::new(status, JSON, failure.to_json()),
    }
}

fn read(asker: &str, asked: &Asked) -> Result<CertificateSerial, (u16, Failure)> {
    let refused =
        |status: u16, error: &str, ja: &str, en: &str| (status, Failure::new(error, ja, en));
    if asker != NAME {
        let ja = "このサービスは行政機関の連携先（マイナポータル）だけが利用できます。";
        let en = "only the portal may ask here; show the certificate issued to it";
        return Err(refused(403, "not-portal", ja, en));
    }
    if asked.path != AGENCY_CODES {
        let ja = "このサービスにあるのは /v1/agency-codes だけです。";
        let en = "this service offers /v1/agency-codes only; correct the address";
        return Err(refused(404, "not-found", ja, en));
    }
    if asked.method != "POST" {
        let ja = "照会はPOSTで送信してください。";
        return Err(refused(
            405,
            "method-not-allowed",
            ja,
            "questions are posted; use POST",
        ));
    }
    if asked.content_type != JSON {
        let ja = "照会は application/json で送信してください。";
        let en = "a question is application/json; set the content type";
        return Err(refused(415, "content-type", ja, en));
    }
    let body = asked.body.as_ref().map_err(|why| match why {
        BodyRefused::TooLarge => {
            let ja = "照会は16384バイト以内です。発行番号を1つだけ送信してください。";
            let en = "a question has at most 16384 bytes; send one serial";
            refused(413, "too-large", ja, en)
        }
        BodyRefused::Broken => {
            let ja = "本文が途中で切れているか壊れています。もう一度送信してください。";
            let en = "the body ended early or was malformed; send it again";
            refused(400, "body-broken", ja, en)
        }
    })?;
    let question: AgencyCodeQuestion = serde_json::from_slice(body).map_err(|error| {
        let ja = format!(
            "本文を照会として読み取れません（{error}）。項目の名前と型を確認してください。"
        );
        let en =
            format!("the body is no question ({error}); compare names and types of its members");
        (400, Failure::new("malformed", ja, en))
    })?;
    CertificateSerial::parse(&question.serial).map_err(|error| {
        let ja = "発行番号は16進数字で送信してください。";
        (422, Failure::new("serial", ja, error.to_string()))
    })
}
