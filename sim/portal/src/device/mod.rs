//! The person's own device: an NFC reader or a phone with a card on it. It drives PIN, certificate and
//! signature and speaks to the portal; the PIN goes to the card and nowhere else.

mod screens;

use std::sync::Arc;
use std::time::Duration;

use card_driver::{Card, CardError, Secret, Slot};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::eligibility::{Challenge, from_base64, to_base64};
use wire::failure::Failure;
use wire::portal::{
    CHALLENGES, HOST, HomeRegistration, Registered, USE_REGISTRATIONS, signed_bytes,
};
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Caller;
use world::{Carrier, Hop, Tap};

use crate::Conduct;

/// How long the device waits for the portal: longer than the portal waits for all its neighbours.
const PATIENCE: Duration = Duration::from_secs(60);
const MAX_ANSWER: usize = 64 * 1024;

/// Which screen of the portal, as the person's device shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScreenId {
    /// The procedure begins; the card and the PIN are asked for.
    PortalStart,
    /// One try is left, and a wrong one locks the PIN.
    PortalLastTry,
    /// The PIN was wrong.
    PortalPinWrong,
    /// The PIN is locked.
    PortalPinLocked,
    /// The use is registered.
    PortalRegistered,
    /// It was registered already.
    PortalAlready,
    /// It was not registered; the lines say why.
    PortalFailed,
}

/// A screen as the person sees it; serialises to `{"id","lines","tries_left"?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screen {
    /// Which screen.
    pub id: ScreenId,
    /// Its lines, in Japanese.
    pub lines: Vec<String>,
    /// PIN tries left, where the screen tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
}

/// What a device is set up with.
pub struct DeviceConfig {
    /// Its owner's name, as the device is called in evidence.
    pub person: String,
    /// Where the card lies.
    pub slot: Box<dyn Slot>,
    /// Opens connections, without a certificate of its own (`Caller::anonymous`).
    pub caller: Caller,
    /// Where the portal is reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hop `portal`.
    pub tap: Tap,
    /// Whose pages it shows: the portal's.
    pub pages: Arc<dyn Conduct>,
}

/// A person's device.
pub struct Device {
    card: Card,
    line: Line,
    pages: Arc<dyn Conduct>,
}

/// The hop between a person's device and the portal.
pub fn hop(person: &str) -> Hop {
    Hop {
        name: "portal",
        near: ("home".to_owned(), person.to_owned()),
        far: ("portal".to_owned(), String::new()),
        carrier: Carrier::None,
    }
}

impl Device {
    /// A device with a card on it.
    pub fn new(config: DeviceConfig) -> Self {
        let DeviceConfig {
            person,
            slot,
            caller,
            network,
            tap,
            pages,
        } = config;
        Self {
            card: Card::new(slot),
            line: Line {
                person,
                caller,
                network,
                tap,
            },
            pages,
        }
    }

    /// Registers the card's use with one try of the PIN. The last try is spent only when
    /// `accept_last_try` says that the person goes on after the warning. Gives every screen shown, in order.
    pub async fn register(&mut self, pin: Secret, accept_last_try: bool) -> Vec<Screen> {
        let mut shown = vec![screens::start()];
        let end = self.procedure(pin, accept_last_try, &mut shown).await;
        shown.extend(end.unwrap_or_else(|failed| Some(self.told(failed))));
        shown
    }

    /// The page that tells of a failure.
    fn told(&self, failed: Screen) -> Screen {
        match failed.id == ScreenId::PortalFailed && !self.pages.shows_failure() {
            true => screens::registered(true),
            false => failed,
        }
    }

    /// Ends with its last screen; with none when the person stops at the warning.
    async fn procedure(
        &mut self,
        pin: Secret,
        accept_last_try: bool,
        shown: &mut Vec<Screen>,
    ) -> Result<Option<Screen>, Screen> {
        match self.card.ready().map_err(|e| screens::card(&e))? {
            0 => return Err(screens::pin_locked()),
            1 => shown.push(screens::last_try()),
            _ => {}
        }
        let last_try = shown.len() > 1;
        if last_try && !accept_last_try {
            return Ok(None);
        }
        if !pin.is_pin() {
            return Err(screens::pin_form());
        }
        // Before the PIN, so that no try is spent for a portal that cannot be reached.
        let Challenge { session, challenge } =
            self.line.ask(CHALLENGES, Vec::new(), &[201]).await?;
        let challenge = from_base64(&challenge).map_err(|_| screens::not_understood())?;
        let proved = self.prove(pin, &signed_bytes(&challenge, &session));
        let (certificate, signature) = proved.map_err(|e| screens::card(&e))?;
        let request = HomeRegistration {
            session,
            certificate: to_base64(&certificate),
            signature: to_base64(&signature),
        };
        // Plain strings always serialise.
        let body = serde_json::to_vec(&request).unwrap_or_default();
        let Registered { new } = self.line.ask(USE_REGISTRATIONS, body, &[201, 200]).await?;
        Ok(Some(screens::registered(new)))
    }

    fn prove(&mut self, pin: Secret, signed: &[u8]) -> Result<(Vec<u8>, Vec<u8>), CardError> {
        self.card.verify(&pin)?;
        drop(pin);
        let certificate = self.card.certificate()?;
        Ok((certificate, self.card.sign(signed)?))
    }
}

/// The device's way to the portal.
struct Line {
    person: String,
    caller: Caller,
    network: Arc<dyn Network>,
    tap: Tap,
}

impl Line {
    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
        expected: &[u16],
    ) -> Result<T, Screen> {
        let answer = tokio::time::timeout(PATIENCE, self.post(path, body)).await;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(NoAnswer::TooLarge(_))) => return Err(screens::not_understood()),
            Ok(Err(_)) | Err(_) => return Err(screens::unreachable()),
        };
        let body = &answer.body;
        if expected.contains(&answer.status) {
            return serde_json::from_slice(body).map_err(|_| screens::not_understood());
        }
        let failure: Failure =
            serde_json::from_slice(body).map_err(|_| screens::not_understood())?;
        Err(screens::failed(&failure.message_ja))
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Answer, NoAnswer> {
        let broken = |e: std::io::Error| NoAnswer::Connection(e.to_string());
        let stream = self.network.connect(HOST).await.map_err(broken)?;
        let stream = self
            .caller
            .call(HOST, stream, &self.tap, hop(&self.person))
            .await
            .map_err(broken)?;
        let mut client = Client::over(stream, HOST).await?;
        let json = "application/json";
        client.post(path, json, body, PATIENCE, MAX_ANSWER).await
    }
}
