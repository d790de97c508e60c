//! The tap: copies every message that crosses a hop, in causal order, with secrets replaced by
//! tokens before anything is kept.
//!
//! Where a protocol carries a secret, its token (`⟦PIN#1⟧`) stands in its place; anywhere else
//! it becomes `⟦LEAK PIN#1⟧`, which is what a judge convicts on. No hash of a secret is kept.

mod secrets;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Clock;

use secrets::Secrets;
pub use secrets::{Carrier, FACE};

/// A hop: its name, both ends as (role, name), and where it may carry a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// `card`, `reader`, `eligibility`, `ocsp`, `registration`, `feed`, `face-folder`.
    pub name: &'static str,
    /// The side that opens the connection.
    pub near: (String, String),
    /// The side that answers.
    pub far: (String, String),
    /// Where secrets travel rightly.
    pub carrier: Carrier,
}

/// What TLS showed on a connection, certificates as DER.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSeen {
    /// `TLSv1.3`, once the handshake ended.
    pub version: Option<String>,
    /// Presented by the near side, leaf first.
    pub client_chain: Arc<Vec<Vec<u8>>>,
    /// Presented by the far side, leaf first.
    pub server_chain: Arc<Vec<Vec<u8>>>,
    /// Alert or transport error.
    pub alert: Option<String>,
}

/// A message as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Position among all records of the scenario.
    pub slot: usize,
    /// Virtual time of its first byte.
    pub at: String,
    /// Hop name.
    pub hop: &'static str,
    /// Sender (role, name).
    pub from: (String, String),
    /// Receiver (role, name).
    pub to: (String, String),
    /// Connection number on this hop.
    pub connection: u32,
    /// Name it travelled under.
    pub name: Option<String>,
    /// Bytes with tokens; none when a connection failed before any crossed.
    pub bytes: Option<Vec<u8>>,
    /// TLS, where there is any.
    pub tls: Option<TlsSeen>,
}

/// A message still being carried.
struct Open {
    hop: Hop,
    way: Way,
    slot: Slot,
    bytes: Vec<u8>,
    tls: Option<TlsSeen>,
}

#[derive(Default)]
struct State {
    slots: usize,
    messages: Vec<Message>,
    open: BTreeMap<(&'static str, u32), Open>,
    secrets: Secrets,
    connections: BTreeMap<&'static str, u32>,
}

/// The tap of one town. Cloning shares it.
#[derive(Clone)]
pub struct Tap {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

/// Which way a message goes on its hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the near to the far side.
    Out,
    /// From the far to the near side.
    Back,
}

/// A place kept in the order of records, with the time it was taken.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Position among all records.
    pub index: usize,
    /// Virtual time.
    pub at: String,
}

impl Tap {
    /// A tap that reads this clock.
    pub fn new(clock: Clock) -> Self {
        Tap {
            clock,
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next place in the order of records.
    pub fn slot(&self) -> Slot {
        self.state().slot(&self.clock)
    }

    /// Bytes crossed on a stream. Everything that goes one way before anything comes the other
    /// way is one message, placed in the order of its first byte.
    pub fn crossed(
        &self,
        hop: &Hop,
        connection: u32,
        way: Way,
        bytes: &[u8],
        tls: Option<&TlsSeen>,
    ) {
        if bytes.is_empty() {
            return;
        }
        let mut state = self.state();
        let key = (hop.name, connection);
        if state.open.get(&key).is_some_and(|open| open.way != way) {
            state.close(key);
        }
        if !state.open.contains_key(&key) {
            let slot = state.slot(&self.clock);
            let open = Open {
                hop: hop.clone(),
                way,
                slot,
                bytes: Vec::new(),
                tls: tls.cloned(),
            };
            state.open.insert(key, open);
        }
        if let Some(open) = state.open.get_mut(&key) {
            open.bytes.extend_from_slice(bytes);
        }
    }

    /// A stream ended, in an error or not; an error is kept where TLS was spoken.
    pub fn ended(&self, hop: &Hop, connection: u32, tls: Option<&TlsSeen>, error: Option<&str>) {
        self.state().close((hop.name, connection));
        if let (Some(seen), Some(error)) = (tls, error) {
            let seen = TlsSeen {
                alert: Some(error.to_owned()),
                ..seen.clone()
            };
            self.keep(
                self.slot(),
                hop,
                connection,
                Way::Back,
                None,
                Some(seen),
                None,
            );
        }
    }

    /// A number for a new connection on a hop.
    pub fn connection(&self, hop: &Hop) -> u32 {
        let mut state = self.state();
        let number = state.connections.entry(hop.name).or_default();
        *number += 1;
        *number
    }

    /// Makes a secret known and returns its token. Equal secrets of a kind share one.
    pub fn secret(&self, kind: &'static str, value: &str) -> String {
        self.secret_bytes(kind, value.as_bytes())
    }

    /// The same for a secret that is no text, such as a face's template. It is looked for by its halves
    /// too, because a reader takes a picture off the card in pieces.
    pub fn secret_bytes(&self, kind: &'static str, value: &[u8]) -> String {
        let mut state = self.state();
        secrets::token(state.secrets.number(kind, value))
    }

    /// Replaces known secrets in text that is attested, not tapped: a token would be wrong
    /// there too, so each becomes a leak.
    pub fn cleaned(&self, text: &str) -> String {
        let bytes = self.state().secrets.leaks_marked(text.as_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Keeps a message that crossed a hop at this moment.
    pub fn message(&self, hop: &Hop, connection: u32, way: Way, bytes: &[u8]) {
        let slot = self.slot();
        self.keep(slot, hop, connection, way, Some(bytes), None, None);
    }

    /// Keeps a file that was dropped.
    pub fn file(&self, hop: &Hop, name: &str, bytes: &[u8]) {
        let slot = self.slot();
        let connection = self.connection(hop);
        self.keep(
            slot,
            hop,
            connection,
            Way::Out,
            Some(bytes),
            None,
            Some(name),
        );
    }

    /// Keeps a message in a place taken earlier.
    #[expect(
        clippy::too_many_arguments,
        reason = "one record has that many columns"
    )]
    pub fn keep(
        &self,
        slot: Slot,
        hop: &Hop,
        connection: u32,
        way: Way,
        bytes: Option<&[u8]>,
        tls: Option<TlsSeen>,
        name: Option<&str>,
    ) {
        self.state()
            .keep(slot, hop, connection, way, bytes, tls, name);
    }

    /// All messages so far, in causal order, those still open included.
    pub fn messages(&self) -> Vec<Message> {
        let mut state = self.state();
        let open: Vec<_> = state.open.keys().copied().collect();
        open.into_iter().for_each(|key| state.close(key));
        let mut messages = state.messages.clone();
        messages.sort_by_key(|m| m.slot);
        messages
    }
}

impl State {
    fn slot(&mut self, clock: &Clock) -> Slot {
        self.slots += 1;
        Slot {
            index: self.slots,
            at: clock.rfc3339(),
        }
    }

    fn close(&mut self, key: (&'static str, u32)) {
        if let Some(Open {
            hop,
            way,
            slot,
            bytes,
            tls,
        }) = self.open.remove(&key)
        {
            self.keep(slot, &hop, key.1, way, Some(&bytes), tls, None);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one record has that many columns"
    )]
    fn keep(
        &mut self,
        slot: Slot,
        hop: &Hop,
        connection: u32,
        way: Way,
        bytes: Option<&[u8]>,
        tls: Option<TlsSeen>,
        name: Option<&str>,
    ) {
        let bytes = bytes.map(|b| self.secrets.tokenised(b, hop.carrier, way));
        let name = name.map(|n| {
            String::from_utf8_lossy(&self.secrets.leaks_marked(n.as_bytes())).into_owned()
        });
        let (from, to) = match way {
            Way::Out => (hop.near.clone(), hop.far.clone()),
            Way::Back => (hop.far.clone(), hop.near.clone()),
        };
        let Slot { index: slot, at } = slot;
        self.messages.push(Message {
            slot,
            at,
            hop: hop.name,
            from,
            to,
            connection,
            name,
            bytes,
            tls,
        });
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    fn hop(carrier: Carrier) -> Hop {
        let end = |r: &str| (r.to_owned(), String::new());
        Hop {
            name: "reader",
            near: end("reader"),
            far: end("terminal"),
            carrier,
        }
    }

    async fn kept(secrets: &[(&'static str, &str)], carrier: Carrier, bytes: &[u8]) -> String {
        let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
        secrets.iter().for_each(|(k, v)| drop(tap.secret(k, v)));
        tap.message(&hop(carrier), 1, Way::Out, bytes);
        String::from_utf8_lossy(tap.messages()[0].bytes.as_ref().unwrap()).into_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn secrets_become_tokens_where_carried_and_leaks_elsewhere() {
        let pins = [
            ("PIN", "0417"),
            ("PIN", "0933"),
            ("INDIVIDUAL-NUMBER", "123456789010"),
        ];
        let json = Carrier::JsonMembers(&[("pin", "PIN")]);
        assert_eq!(
            kept(&pins, json, br#"{"type":"pin","pin":"0933"}"#).await,
            r#"{"type":"pin","pin":"⟦PIN#2⟧"}"#
        );
        assert_eq!(
            kept(&pins, json, br#"{"pin":"5555"}"#).await,
            r#"{"pin":"⟦PIN#3⟧"}"#
        );
        assert_eq!(
            kept(&pins, Carrier::None, b"<a>0417</a> 20417 04170").await,
            "<a>⟦LEAK PIN#1⟧</a> 20417 04170"
        );
        assert_eq!(
            kept(&pins, Carrier::None, b"x123456789010x").await,
            "x⟦LEAK INDIVIDUAL-NUMBER#1⟧x"
        );
        assert_eq!(
            kept(&pins, Carrier::None, "１２３４５６７８９０１０".as_bytes()).await,
            "⟦LEAK INDIVIDUAL-NUMBER#1⟧"
        );
        assert_eq!(
            kept(&pins, Carrier::None, b"313233343536373839303130").await,
            "⟦LEAK INDIVIDUAL-NUMBER#1⟧"
        );
    }

    /// A text in every writing a product could hide it in.
    fn writings(text: &str) -> Vec<Vec<u8>> {
        let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect();
        let hex = hex::encode(text);
        vec![
            text.as_bytes().to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            STANDARD.encode(text).into_bytes(),
            STANDARD
                .encode(text)
                .trim_end_matches('=')
                .as_bytes()
                .to_vec(),
            wide(u16::to_be_bytes),
            wide(u16::to_le_bytes),
        ]
    }

    #[tokio::test(start_paused = true)]
    async fn an_encoded_secret_is_a_leak_all_the_same() {
        let secrets = [
            ("PIN", "0417"),
            ("INDIVIDUAL-NUMBER", "123456789010"),
            ("SIGN-PASSWORD", "S172839X"),
        ];
        for (kind, value) in secrets {
            for written in writings(value) {
                for around in ["<a>", " ", "\n"] {
                    let bytes = [around.as_bytes(), &written, around.as_bytes()].concat();
                    let told = kept(&secrets, Carrier::None, &bytes).await;
                    assert!(
                        told.contains(&format!("⟦LEAK {kind}#1⟧")),
                        "{written:?}: {told}"
                    );
                }
            }
        }
        // A long one is found in the middle of what is encoded as a whole, and in full-width letters.
        for value in ["123456789010", "S172839X"] {
            for before in ["", "a", "ab"] {
                let coded = STANDARD.encode(format!("{before}{value}, and more"));
                let told = kept(&secrets, Carrier::None, coded.as_bytes()).await;
                assert!(told.contains("⟦LEAK "), "{before}{value}: {told}");
            }
            let broad: String = value
                .chars()
                .filter_map(|c| char::from_u32(c as u32 + 0xFEE0))
                .collect();
            let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode(&broad);
            for bytes in [shift_jis.as_ref(), broad.as_bytes()] {
                let told = kept(&secrets, Carrier::None, bytes).await;
                assert!(told.contains("⟦LEAK "), "{value}: {told}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_secret_inside_something_longer_is_chance() {
        let pins = [("PIN", "0417")];
        for written in writings("0417") {
            for (before, behind) in [("2", ""), ("", "0"), ("x", "y")] {
                let wide = written.contains(&0);
                let beside = |text: &str| -> Vec<u8> {
                    match (wide, written.first()) {
                        (false, _) => text.as_bytes().to_vec(),
                        (true, Some(0)) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                        (true, _) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                    }
                };
                // An end mark of base64 is an end: nothing longer can hold it.
                if written.ends_with(b"=") && before.is_empty() {
                    continue;
                }
                let bytes = [beside(before), written.clone(), beside(behind)].concat();
                let told = kept(&pins, Carrier::None, &bytes).await;
                assert!(!told.contains("LEAK"), "{bytes:?}: {told}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_verify_command_keeps_its_head() {
        let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
        let token = tap.secret("PIN", "0417");
        let command = [&[0x00, 0x20, 0x00, 0x80, 4][..], b"0417"].concat();
        tap.message(&hop(Carrier::Card), 1, Way::Out, &command);
        let query = [0x00, 0x20, 0x00, 0x80];
        tap.message(&hop(Carrier::Card), 1, Way::Out, &query);
        let messages = tap.messages();
        assert_eq!(
            messages[0].bytes.as_deref().unwrap(),
            [&[0x00, 0x20, 0x00, 0x80, 4][..], token.as_bytes()].concat()
        );
        assert_eq!(messages[1].bytes.as_deref().unwrap(), query);
    }

    #[tokio::test(start_paused = true)]
    async fn a_face_is_found_in_pieces_of_a_picture_and_travels_rightly_on_two_hops() {
        let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
        let face: Vec<u8> = (0..64u8).map(|i| i.wrapping_mul(37) ^ 0xA5).collect();
        let token = tap.secret_bytes(FACE, &face);
        let picture = [b"JP2 head".as_slice(), &face, b"tail"].concat();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let seen = |carrier, bytes: &[u8]| {
            tap.message(&hop(carrier), 1, Way::Back, bytes);
            text(tap.messages().last().unwrap().bytes.as_ref().unwrap())
        };
        assert_eq!(
            seen(Carrier::Card, &picture),
            format!("JP2 head{token}tail")
        );
        // The first chunk ends inside the second half.
        assert!(seen(Carrier::Card, &picture[..60]).contains(&token));
        let json = Carrier::JsonMembers(&[("image", FACE)]);
        let line = format!("{{\"image\":\"{}\"}}", STANDARD.encode(&picture));
        assert_eq!(
            seen(json, line.as_bytes()),
            format!("{{\"image\":\"{token}\"}}")
        );
        for offset in ["", "x", "xy"] {
            let coded = STANDARD.encode([offset.as_bytes(), &picture].concat());
            assert!(seen(Carrier::None, coded.as_bytes()).contains("⟦LEAK FACE#1⟧"));
        }
        let hexed: String = picture.iter().map(|b| format!("{b:02X}")).collect();
        assert!(seen(Carrier::None, hexed.as_bytes()).contains("⟦LEAK FACE#1⟧"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_begins_like_a_command_is_none() {
        let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
        let response = [&[0xFF, 0x20, 0x82, 0x10, 4][..], b"0417", &[0x90, 0x00]].concat();
        tap.message(&hop(Carrier::Card), 1, Way::Back, &response);
        assert_eq!(
            tap.messages()[0].bytes.as_deref(),
            Some(response.as_slice())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_presented_to_a_card_is_named_by_who_knows_it_or_by_its_shape() {
        let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
        tap.secret("TEXT-PIN", "0815");
        for (value, token) in [
            ("0815", "⟦TEXT-PIN#1⟧"),
            ("0816", "⟦PIN#1⟧"),
            ("55021720352285", "⟦VERIFICATION-B#1⟧"),
            ("123456789010", "⟦INDIVIDUAL-NUMBER#1⟧"),
            ("SIM1234", "⟦SIGN-PASSWORD#1⟧"),
        ] {
            let length = u8::try_from(value.len()).unwrap();
            let command = [&[0x00, 0x20, 0x00, 0x80, length][..], value.as_bytes()].concat();
            tap.message(&hop(Carrier::Card), 1, Way::Out, &command);
            let kept = tap.messages().last().unwrap().bytes.clone().unwrap();
            assert_eq!(String::from_utf8_lossy(&kept[5..]), token);
        }
    }
}
