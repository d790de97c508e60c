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
const FROM_THE_CHIP: &[&str] = &[
    FACE,
    "INDIVIDUAL-NUMBER",
    "SECURITY-CODE",
    "NUMBER-PICTURE",
    "NUMBER-DIGEST",
    "NUMBER-SIGNATURE",
];

/// A known secret, with every form it is looked for in.
struct Secret {
    kind: &'static str,
    number: usize,
    value: Vec<u8>,
    forms: Vec<Form>,
}

/// One way a secret can be written.
struct Form {
    finder: Finder<'static>,
    /// How much of what stands around it must be no letter and no digit.
    alone: Alone,
}

/// What makes a find one, and not a part of something longer that only looks like it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// Long enough to be one wherever it stands.
    Anywhere,
    /// A word of its own in single bytes.
    Word,
    /// A word of its own in UTF-16.
    WideWord,
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
            .map(|(form, alone)| Form {
                finder: Finder::new(form).into_owned(),
                alone: *alone,
            })
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
                bytes = replaced(bytes, form, mark);
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

/// From this length on a secret is looked for inside longer words too. A short one would be found there by
/// chance: it is looked for only where it stands alone, whatever its writing, and a PIN hidden in the middle
/// of something longer that is itself encoded is not found.
const LONG: usize = 8;

fn forms(value: &[u8]) -> Vec<(Vec<u8>, Alone)> {
    let Ok(text) = std::str::from_utf8(value) else {
        return anywhere(pieces(value));
    };
    let order = [u16::to_be_bytes, u16::to_le_bytes];
    let wide = |text: &str| order.map(|order| text.encode_utf16().flat_map(order).collect());
    let hex = hex::encode(value);
    if value.len() < LONG {
        let coded = STANDARD.encode(value);
        let bare = coded.trim_end_matches('=').to_owned();
        let words = [hex.to_uppercase(), hex, coded, bare, text.to_owned()];
        let words = words.map(|word| (word.into_bytes(), Alone::Word));
        let wide = wide(text).map(|word| (word, Alone::WideWord));
        return words.into_iter().chain(wide).collect();
    }
    let fullwidth: String = text.chars().map(widened).collect();
    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode(&fullwidth);
    let mut forms = vec![shift_jis.into_owned(), fullwidth.clone().into_bytes()];
    forms.extend(wide(text));
    forms.extend(wide(&fullwidth));
    forms.extend(wide(text).iter().flat_map(|wide| in_base64(wide)));
    forms.extend(pieces_of(value));
    anywhere(forms)
}

fn anywhere(forms: Vec<Vec<u8>>) -> Vec<(Vec<u8>, Alone)> {
    let found = |form| (form, Alone::Anywhere);
    forms.into_iter().map(found).collect()
}

/// Forms of a secret that is no text: whole and by halves.
fn pieces(value: &[u8]) -> Vec<Vec<u8>> {
    let (one, other) = value.split_at(value.len() / 2);
    [value, one, other].map(pieces_of).concat()
}

/// Plain, in hex and in base64.
fn pieces_of(piece: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex::encode(piece);
    let mut forms = vec![hex.to_uppercase().into_bytes(), hex.into_bytes()];
    forms.extend(in_base64(piece));
    // Last: what an encoding shows of the plain form must not be broken up first.
    forms.push(piece.to_vec());
    forms
}

/// In base64 at any offset. The first and last letters depend on neighbours; what lies between does not.
fn in_base64(piece: &[u8]) -> Vec<Vec<u8>> {
    let at = |skip: usize| {
        let text = STANDARD.encode(&piece[skip..]);
        text.as_bytes()[..(piece.len() - skip) / 3 * 4].to_vec()
    };
    (0..3).map(at).collect()
}

fn widened(c: char) -> char {
    if c.is_ascii_graphic() {
        char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
    } else {
        c
    }
}

fn replaced(bytes: Vec<u8>, form: &Form, mark: impl Fn() -> Vec<u8>) -> Vec<u8> {
    let length = form.finder.needle().len();
    let hits: Vec<usize> = form
        .finder
        .find_iter(&bytes)
        .filter(|at| stands_alone(&bytes, *at..*at + length, form.alone))
        .collect();
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

fn stands_alone(bytes: &[u8], found: Range<usize>, alone: Alone) -> bool {
    let (before, behind) = (&bytes[..found.start], &bytes[found.end..]);
    match alone {
        Alone::Anywhere => true,
        Alone::Word => {
            let of_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
            !of_word(before.last()) && !of_word(behind.first())
        }
        Alone::WideWord => {
            // Whichever the order of bytes, an ASCII character is a zero and a letter; at an end of the bytes it
            // may have lost its zero.
            let of_word = |unit: &[u8]| {
                unit.iter().any(u8::is_ascii_alphanumeric) && (unit.len() < 2 || unit.contains(&0))
            };
            let last = &before[before.len().saturating_sub(2)..];
            let next = &behind[..behind.len().min(2)];
            !of_word(last) && !of_word(next)
        }
    }
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
