//! The terminal's line to the eligibility server: one kept mutual-TLS connection, opened anew
//! when it is gone. A question that breaks off takes its connection with it, so that no answer
//! ever meets another visit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use card_driver::{Card, CardError};
use identifiers::FacilityCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use wire::certificate::{OCSP_HOST, OCSP_REQUEST};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, CardConfirmation, CardIdentification,
    CardIdentified, Challenge, HOST, Method, Standing, USE_REGISTRATIONS, UseRegistration,
    from_base64, signed_bytes, to_base64,
};
use wire::failure::Failure;
use wire::reader::Consents;
use wire::request::Api;
use wire::result::{EligibilityResult, MAX_DOCUMENT};
use world::http::{Answer, Client, NoAnswer};
use world::tls::Tapped;
use world::{Carrier, Hop, Tap};

use super::config::{Config, eligibility_hop};

/// How long the terminal waits for the server, connecting included.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// Why there is no result.
#[derive(Debug)]
pub(super) enum NoResult {
    /// The card did not do its part.
    Card(CardError),
    /// The server could not be asked, or its answer could not be read: in Japanese, for the patient
    /// and the desk.
    Server(String),
}

impl From<CardError> for NoResult {
    fn from(error: CardError) -> Self {
        NoResult::Card(error)
    }
}

/// The kept connection. Cloning shares it.
#[derive(Clone, Default)]
pub struct ServerLine(Arc<Mutex<Option<Client>>>);

impl ServerLine {
    /// Closes the connection, if no question is on it.
    pub fn hang_up(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_open(&self) -> Option<Client> {
        self.lock().take().filter(Client::is_open)
    }

    fn keep(&self, client: Client) {
        *self.lock() = Some(client);
    }
}

pub(super) struct Server {
    line: ServerLine,
    caller: world::tls::Caller,
    network: Arc<dyn world::Network>,
    tap: Tap,
    hop: Hop,
}

impl Server {
    pub(super) fn new(config: &Config) -> Self {
        Server {
            line: ServerLine::default(),
            caller: config.caller.clone(),
            network: config.network.clone(),
            tap: config.tap.clone(),
            hop: eligibility_hop(&config.party()),
        }
    }

    pub(super) fn line(&self) -> ServerLine {
        self.line.clone()
    }

    /// Proves the card to the server; gives the session it is known in from now on, and how its use
    /// registration stands.
    pub(super) async fn identify(
        &self,
        card: &mut Card,
        facility: &FacilityCode,
        method: Method,
    ) -> Result<(String, Standing), NoResult> {
        let answer = self.ask(CHALLENGES, JSON, Vec::new(), true).await?;
        let Challenge { session, challenge } = parsed(&answer, 201)?;
        let challenge = checked(&session, &challenge)?;
        let certificate = card.certificate()?;
        let signature = card.sign(&signed_bytes(&challenge, &session, facility.as_str()))?;
        let question = CardIdentification {
            session: session.clone(),
            certificate: to_base64(&certificate),
            signature: to_base64(&signature),
            method,
        };
        // Not repeated when the connection breaks: a session serves once, and the server may have used it.
        let answer = self
            .ask(CARD_IDENTIFICATIONS, JSON, json(&question), false)
            .await?;
        let CardIdentified { standing } = parsed(&answer, 200)?;
        Ok((session, standing))
    }

    /// Asks the revocation service something, as a terminal must not; whatever comes of it is dropped.
    pub(super) async fn ask_authority(&self) {
        let Ok(stream) = self.network.connect(OCSP_HOST).await else {
            return;
        };
        let hop = Hop {
            name: "ocsp",
            near: self.hop.near.clone(),
            far: ("jlis".to_owned(), String::new()),
            carrier: Carrier::None,
        };
        let connection = self.tap.connection(&hop);
        let stream = Tapped::new(stream, self.tap.clone(), hop, connection, None);
        if let Ok(mut client) = Client::over(stream, OCSP_HOST).await {
            let nothing = Vec::new();
            let _ = client
                .post("/", OCSP_REQUEST, nothing, ANSWER_TIME, MAX_DOCUMENT)
                .await;
        }
    }

    /// Registers the use of the card identified in this session. Fails with a stable name and a
    /// Japanese sentence.
    pub(super) async fn register(&self, session: &str) -> Result<(), (String, String)> {
        let question = UseRegistration {
            session: session.to_owned(),
        };
        let unsure = |said: NoResult| {
            let reason = match said {
                NoResult::Server(reason) => reason,
                NoResult::Card(error) => unreadable_text(&error.to_string()),
            };
            let text = format!("{reason}登録できたかどうかを確かめられませんでした。");
            ("no-answer".to_owned(), text)
        };
        let answer = self.ask(USE_REGISTRATIONS, JSON, json(&question), false);
        let answer = answer.await.map_err(unsure)?;
        match (
            answer.status,
            serde_json::from_slice::<Failure>(&answer.body),
        ) {
            (200 | 201, _) => Ok(()),
            (_, Ok(failure)) => Err((failure.error, failure.message_ja)),
            (_, Err(_)) => Err(unsure(declined(&answer))),
        }
    }

    /// The qualification of the person whose card was identified in this session.
    pub(super) async fn confirm(
        &self,
        session: &str,
        consents: Consents,
    ) -> Result<EligibilityResult, NoResult> {
        let question = CardConfirmation {
            session: session.to_owned(),
            consents,
        };
        let answer = self
            .ask(CARD_CONFIRMATIONS, JSON, json(&question), false)
            .await?;
        if answer.status != 200 {
            return Err(declined(&answer));
        }
        EligibilityResult::from_bytes(&answer.body).map_err(|e| unreadable(&e.to_string()))
    }

    /// Passes a request of the receipt computer on as it is. Such a request may be asked again.
    pub(super) async fn pass_on(&self, api: Api, request: Vec<u8>) -> Result<Answer, NoResult> {
        self.ask(api.server_path(), XML, request, true).await
    }

    /// Asks over the kept connection or a new one. A kept one may have been closed by the server
    /// just now; then, where `again` allows it, the question goes out once more.
    async fn ask(
        &self,
        path: &str,
        kind: &str,
        body: Vec<u8>,
        again: bool,
    ) -> Result<Answer, NoResult> {
        if let Some(client) = self.line.take_open() {
            match self.post(client, path, kind, body.clone()).await {
                Err(NoAnswer::Connection(_)) if again => {}
                other => return other.map_err(|e| no_answer(&e)),
            }
        }
        let asking = async { self.post(self.connect().await?, path, kind, body).await };
        let late = u64::try_from(ANSWER_TIME.as_millis()).unwrap_or(u64::MAX);
        let answer = timeout(ANSWER_TIME, asking)
            .await
            .unwrap_or(Err(NoAnswer::Timeout(late)));
        answer.map_err(|e| no_answer(&e))
    }

    async fn connect(&self) -> Result<Client, NoAnswer> {
        let broken = |e: std::io::Error| NoAnswer::Connection(e.to_string());
        let stream = self.network.connect(HOST).await.map_err(broken)?;
        let stream = self
            .caller
            .call(HOST, stream, &self.tap, self.hop.clone())
            .await
            .map_err(broken)?;
        Client::over(stream, HOST).await
    }

    async fn post(
        &self,
        mut client: Client,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Answer, NoAnswer> {
        let answer = client
            .post(path, kind, body, ANSWER_TIME, MAX_DOCUMENT)
            .await?;
        self.line.keep(client);
        Ok(answer)
    }
}

fn json(question: &impl Serialize) -> Vec<u8> {
    // Plain structs of strings and booleans always serialise.
    serde_json::to_vec(question).unwrap_or_default()
}

fn parsed<T: DeserializeOwned>(answer: &Answer, status: u16) -> Result<T, NoResult> {
    if answer.status != status {
        return Err(declined(answer));
    }
    serde_json::from_slice(&answer.body).map_err(|e| unreadable(&e.to_string()))
}

/// The challenge's bytes, once session and challenge have their form. The session becomes part
/// of a file name, so nothing but hex digits may be in it.
fn checked(session: &str, challenge: &str) -> Result<Vec<u8>, NoResult> {
    let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    if session.len() != 32 || !session.bytes().all(hex) {
        return Err(unreadable("the session is not 32 lower-case hex digits"));
    }
    match from_base64(challenge) {
        Ok(bytes) if bytes.len() == 32 => Ok(bytes),
        Ok(bytes) => Err(unreadable(&format!(
            "the challenge has {} bytes, not 32",
            bytes.len()
        ))),
        Err(said) => Err(unreadable(&said)),
    }
}

fn no_answer(error: &NoAnswer) -> NoResult {
    NoResult::Server(match error {
        NoAnswer::Timeout(_) => "資格確認のサーバーから時間内に応答がありませんでした。時間をおいてもう一度お試しください。".to_owned(),
        NoAnswer::Connection(_) => {
            "資格確認のサーバーに接続できませんでした。窓口の職員は回線と端末の証明書を確認してください。".to_owned()
        }
        NoAnswer::TooLarge(most) => unreadable_text(&format!("more than {most} bytes")),
    })
}

fn unreadable_text(said: &str) -> String {
    format!(
        "資格確認のサーバーの応答を読み取れませんでした。窓口の職員はサーバーの担当者に連絡してください（{said}）。"
    )
}

fn unreadable(said: &str) -> NoResult {
    NoResult::Server(unreadable_text(said))
}

fn declined(answer: &Answer) -> NoResult {
    match serde_json::from_slice::<Failure>(&answer.body) {
        Ok(failure) => NoResult::Server(format!(
            "資格確認のサーバーが照会を受け付けませんでした。{}（{}）",
            failure.message_ja, failure.error
        )),
        Err(_) => unreadable(&format!("HTTP {}", answer.status)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn session_and_challenge_must_have_their_form() {
        let good = "0123456789abcdef0123456789abcdef";
        let challenge = to_base64(&[7; 32]);
        assert_eq!(checked(good, &challenge).unwrap(), vec![7; 32]);
        for session in [
            "",
            "../../../../../etc/passwd0123456",
            &good.to_uppercase(),
            &good[1..],
        ] {
            assert!(checked(session, &challenge).is_err(), "{session}");
        }
        for challenge in ["", "!!!", &to_base64(&[7; 31]), &to_base64(&[7; 33])] {
            assert!(checked(good, challenge).is_err(), "{challenge}");
        }
    }

    #[test]
    fn what_the_server_declines_is_passed_on_in_its_words() {
        let failure = Failure::new(
            "session-unknown",
            "受付番号が使えません。",
            "the session cannot be used",
        );
        let NoResult::Server(said) = declined(&Answer::new(422, JSON, failure.to_json())) else {
            panic!()
        };
        assert_eq!(
            said,
            "資格確認のサーバーが照会を受け付けませんでした。受付番号が使えません。（session-unknown）"
        );
        let NoResult::Server(said) = declined(&Answer::new(500, "text/html", "<p>oops")) else {
            panic!()
        };
        assert!(said.contains("HTTP 500"), "{said}");
    }

    proptest! {
        #[test]
        fn no_answer_body_makes_the_terminal_panic(status: u16, body: Vec<u8>) {
            let _ = declined(&Answer::new(status, JSON, body));
        }
    }
}
