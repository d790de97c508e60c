//! Secrets a tap knows, in every form they are looked for: replaced by a token where a protocol carries one,
//! by a leak anywhere else. No hash of a secret is kept.

use std::ops::Range;

use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::memmem::Finder;

use super::Way;

/// Where a message may carry a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Nowhere.
    None,
    /// On the card's hop: in the data field of a VERIFY or CHANGE command, and what the card gives.
    Card,
    /// In these members of a JSON object, each with the kind of its secret.
    JsonMembers(&'static [(&'static str, &'static str)]),
}

/// Kind of secret of a face's template: long bytes, found in pictures and cut pieces of them.
pub const FACE: &str = "FACE";

/// Kinds a chip gives out to whoever may have them; whether somebody may is for a judge to say.
const FROM_THE_CHIP: &[&str] = &[FACE, "INDIVIDUAL-NUMBER"];

/// A known secret, with every form it is looked for in.
struct Secret {
    kind: &'static str,
    number: usize,
    value: Vec<u8>,
    forms: Vec<Finder<'static>>,
}

/// The secrets of one town.
#[derive(Default)]
pub(super) struct Secrets(Vec<Secret>);

pub(super) fn token((kind, number): (&str, usize)) -> String {
    format!("⟦{kind}#{number}⟧")
}

fn leak((kind, number): (&str, usize)) -> String {
    format!("⟦LEAK {kind}#{number}⟧")
}

impl Secrets {
    /// Kind and number of a secret, made known if it was not. Numbers count within a kind.
    pub(super) fn number(&mut self, kind: &'static str, value: &[u8]) -> (&'static str, usize) {
        let same_kind = || self.0.iter().filter(|s| s.kind == kind);
        if let Some(known) = same_kind().find(|s| s.value == value) {
            return (kind, known.number);
        }
        let number = same_kind().count() + 1;
        let forms = forms(value)
            .iter()
            .map(|form| Finder::new(form).into_owned())
            .collect();
        self.0.push(Secret {
            kind,
            number,
            value: value.to_owned(),
            forms,
        });
        (kind, number)
    }

    /// The known secret of this value whatever its kind, else one by its shape.
    fn verified(&mut self, value: &[u8]) -> (&'static str, usize) {
        if let Some(known) = self.0.iter().find(|s| s.value == value) {
            return (known.kind, known.number);
        }
        self.number(kind_by_shape(value), value)
    }

    pub(super) fn tokenised(&mut self, bytes: &[u8], carrier: Carrier, way: Way) -> Vec<u8> {
        match carrier {
            Carrier::None => self.leaks_marked(bytes),
            // A response may begin like a command.
            Carrier::Card => match secret_data(bytes).filter(|_| way == Way::Out) {
                Some(range) => {
                    let named = self.verified(&bytes[range.clone()]);
                    self.token_put(bytes, range, named)
                }
                None => self.marked(bytes, FROM_THE_CHIP),
            },
            Carrier::JsonMembers(members) => {
                let found = members
                    .iter()
                    .find_map(|(member, kind)| Some((member_value(bytes, member)?, *kind)));
                match found {
                    Some((range, FACE)) => self.picture_put(bytes, range),
                    Some((range, kind)) => {
                        let value = bytes[range.clone()].to_vec();
                        let named = self.number(kind, &value);
                        self.token_put(bytes, range, named)
                    }
                    None => self.leaks_marked(bytes),
                }
            }
        }
    }

    fn token_put(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        named: (&'static str, usize),
    ) -> Vec<u8> {
        [
            self.leaks_marked(&bytes[..range.start]),
            token(named).into_bytes(),
            self.leaks_marked(&bytes[range.end..]),
        ]
        .concat()
    }

    /// A picture in base64: the known face in it stands for the whole.
    fn picture_put(&mut self, bytes: &[u8], range: Range<usize>) -> Vec<u8> {
        let text = &bytes[range.clone()];
        let picture = STANDARD.decode(text).unwrap_or_default();
        let known = self
            .0
            .iter()
            .find(|s| s.kind == FACE && memchr::memmem::find(&picture, &s.value).is_some());
        let named = match known {
            Some(known) => (known.kind, known.number),
            None => {
                let whole = text.to_vec();
                self.number(FACE, &whole)
            }
        };
        self.token_put(bytes, range, named)
    }

    pub(super) fn leaks_marked(&self, bytes: &[u8]) -> Vec<u8> {
        self.marked(bytes, &[])
    }

    /// Marks every known secret as a leak, but for those of kinds that travel rightly here.
    fn marked(&self, bytes: &[u8], rightly: &[&str]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for secret in &self.0 {
            for form in &secret.forms {
                let named = (secret.kind, secret.number);
                let mark = || match rightly.contains(&secret.kind) {
                    true => token(named).into_bytes(),
                    false => leak(named).into_bytes(),
                };
                bytes = replaced(bytes, form, mark, secret.value.len() < LONG);
            }
        }
        bytes
    }
}

/// What somebody presents to a card, by its shape, when nobody has made it known.
fn kind_by_shape(value: &[u8]) -> &'static str {
    let digits = value.iter().all(u8::is_ascii_digit);
    match value.len() {
        4 => "PIN",
        6 if digits => "BIRTH-DATE-KEY",
        12 if digits => "INDIVIDUAL-NUMBER",
        14 if digits => "VERIFICATION-B",
        _ => "SIGN-PASSWORD",
    }
}

/// From this length on a secret is looked for inside longer words and in other encodings too;
/// a short one would be found by chance.
const LONG: usize = 8;

fn forms(value: &[u8]) -> Vec<Vec<u8>> {
    let plain = value.to_vec();
    if value.len() < LONG {
        return vec![plain];
    }
    let Ok(value) = std::str::from_utf8(value) else {
        return pieces(value);
    };
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

/// Forms of a secret that is no text: whole and by halves, plain, in hex and in base64 at any offset.
fn pieces(value: &[u8]) -> Vec<Vec<u8>> {
    let (one, other) = value.split_at(value.len() / 2);
    let coded = |piece: &[u8]| {
        let hex: String = piece.iter().map(|b| format!("{b:02x}")).collect();
        let mut forms = vec![
            piece.to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
        ];
        // The first and last letters depend on neighbours; what lies between does not.
        forms.extend((0..3).map(|skip| {
            let text = STANDARD.encode(&piece[skip..]);
            text.as_bytes()[..(piece.len() - skip) / 3 * 4].to_vec()
        }));
        forms
    };
    [coded(value), coded(one), coded(other)].concat()
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

fn secret_data(bytes: &[u8]) -> Option<Range<usize>> {
    let length = usize::from(*bytes.get(4)?);
    // VERIFY, and CHANGE REFERENCE DATA with the new secret.
    let carries = [0x20, 0x24].contains(&bytes[1]);
    (carries && length > 0 && bytes.len() >= 5 + length).then_some(5..5 + length)
}

fn member_value(bytes: &[u8], member: &str) -> Option<Range<usize>> {
    let head = format!("\"{member}\":\"").into_bytes();
    let start = memchr::memmem::find(bytes, &head)? + head.len();
    let length = bytes[start..].iter().position(|b| *b == b'"')?;
    (length > 0).then_some(start..start + length)
}
