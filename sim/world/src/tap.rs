//! The tap: copies every message that crosses a hop, in causal order, with secrets replaced by
//! tokens before anything is kept.
//!
//! Where a protocol carries a secret, its token (`⟦PIN#1⟧`) stands in its place; anywhere else
//! it becomes `⟦LEAK PIN#1⟧`, which is what a judge convicts on. No hash of a secret is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem::Finder;

use crate::Clock;

/// Where a message may carry a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Nowhere.
    None,
    /// In the data field of a VERIFY command.
    VerifyCommand,
    /// In this member of a JSON object.
    JsonMember(&'static str),
}

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

/// A known secret, with every form it is looked for in.
struct Secret {
    kind: &'static str,
    number: usize,
    value: String,
    forms: Vec<Finder<'static>>,
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
    secrets: Vec<Secret>,
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
        let mut state = self.state();
        token(state.number(kind, value))
    }

    /// Replaces known secrets in text that is attested, not tapped: a token would be wrong
    /// there too, so each becomes a leak.
    pub fn cleaned(&self, text: &str) -> String {
        let bytes = self.state().leaks_marked(text.as_bytes());
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

fn token((kind, number): (&str, usize)) -> String {
    format!("⟦{kind}#{number}⟧")
}

fn leak((kind, number): (&str, usize)) -> String {
    format!("⟦LEAK {kind}#{number}⟧")
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
        let bytes = bytes.map(|b| self.tokenised(b, hop.carrier));
        let name =
            name.map(|n| String::from_utf8_lossy(&self.leaks_marked(n.as_bytes())).into_owned());
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

    /// Kind and number of a secret, made known if it was not. Numbers count within a kind.
    fn number(&mut self, kind: &'static str, value: &str) -> (&'static str, usize) {
        let same_kind = || self.secrets.iter().filter(|s| s.kind == kind);
        if let Some(known) = same_kind().find(|s| s.value == value) {
            return (kind, known.number);
        }
        let number = same_kind().count() + 1;
        let forms = forms(value)
            .iter()
            .map(|form| Finder::new(form).into_owned())
            .collect();
        self.secrets.push(Secret {
            kind,
            number,
            value: value.to_owned(),
            forms,
        });
        (kind, number)
    }

    fn tokenised(&mut self, bytes: &[u8], carrier: Carrier) -> Vec<u8> {
        let Some((kind, range)) = carried(bytes, carrier) else {
            return self.leaks_marked(bytes);
        };
        let value = String::from_utf8_lossy(&bytes[range.clone()]).into_owned();
        let token = token(self.number(kind, &value));
        [
            self.leaks_marked(&bytes[..range.start]),
            token.into_bytes(),
            self.leaks_marked(&bytes[range.end..]),
        ]
        .concat()
    }

    fn leaks_marked(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for secret in &self.secrets {
            for form in &secret.forms {
                let mark = || leak((secret.kind, secret.number)).into_bytes();
                bytes = replaced(bytes, form, mark, secret.value.len() < LONG);
            }
        }
        bytes
    }
}

/// From this length on a secret is looked for inside longer words and in other encodings too;
/// a short one would be found by chance.
const LONG: usize = 8;

fn forms(value: &str) -> Vec<Vec<u8>> {
    let plain = value.as_bytes().to_vec();
    if value.len() < LONG {
        return vec![plain];
    }
    let hex = |upper: bool| -> Vec<u8> {
        plain
            .iter()
            .flat_map(|b| {
                if upper {
                    format!("{b:02X}")
                } else {
                    format!("{b:02x}")
                }
                .into_bytes()
            })
            .collect()
    };
    let wide = |order: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(order).collect();
    let fullwidth: String = value.chars().map(widened).collect();
    vec![
        hex(false),
        hex(true),
        wide(u16::to_be_bytes),
        wide(u16::to_le_bytes),
        fullwidth.into_bytes(),
        plain,
    ]
}

fn widened(c: char) -> char {
    if c.is_ascii_graphic() {
        char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
    } else {
        c
    }
}

fn replaced(
    bytes: Vec<u8>,
    form: &Finder<'_>,
    mark: impl Fn() -> Vec<u8>,
    whole_words: bool,
) -> Vec<u8> {
    let length = form.needle().len();
    let part_of_word = |at: Option<usize>| {
        at.and_then(|i| bytes.get(i))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    let inside = |at: usize| {
        whole_words && (part_of_word(at.checked_sub(1)) || part_of_word(Some(at + length)))
    };
    let hits: Vec<usize> = form.find_iter(&bytes).filter(|at| !inside(*at)).collect();
    if hits.is_empty() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for hit in hits {
        out.extend_from_slice(&bytes[from..hit]);
        out.extend_from_slice(&mark());
        from = hit + length;
    }
    out.extend_from_slice(&bytes[from..]);
    out
}

fn carried(bytes: &[u8], carrier: Carrier) -> Option<(&'static str, std::ops::Range<usize>)> {
    match carrier {
        Carrier::None => None,
        Carrier::VerifyCommand => {
            let length = *bytes.get(4)? as usize;
            let verify = bytes[1] == 0x20 && length > 0 && bytes.len() >= 5 + length;
            verify.then_some(("PIN", 5..5 + length))
        }
        Carrier::JsonMember(member) => {
            let head = format!("\"{member}\":\"").into_bytes();
            let start = bytes.windows(head.len()).position(|w| w == head)? + head.len();
            let length = bytes[start..].iter().position(|b| *b == b'"')?;
            let kind = if member == "pin" {
                "PIN"
            } else {
                "INDIVIDUAL-NUMBER"
            };
            (length > 0).then_some((kind, start..start + length))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

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
        let json = Carrier::JsonMember("pin");
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

    #[tokio::test(start_paused = true)]
    async fn a_verify_command_keeps_its_head() {
        let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
        let token = tap.secret("PIN", "0417");
        let command = [&[0x00, 0x20, 0x00, 0x80, 4][..], b"0417"].concat();
        tap.message(&hop(Carrier::VerifyCommand), 1, Way::Out, &command);
        let query = [0x00, 0x20, 0x00, 0x80];
        tap.message(&hop(Carrier::VerifyCommand), 1, Way::Out, &query);
        let messages = tap.messages();
        assert_eq!(
            messages[0].bytes.as_deref().unwrap(),
            [&[0x00, 0x20, 0x00, 0x80, 4][..], token.as_bytes()].concat()
        );
        assert_eq!(messages[1].bytes.as_deref().unwrap(), query);
    }
}
