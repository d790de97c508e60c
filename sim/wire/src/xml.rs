//! The one reader and writer of XML under every `XmlMsg` message: limits on size, depth and number of
//! elements; no document type, no entity but the five predefined, no processing instruction; the
//! encoding is the declared one, and bytes that are not of it are refused and named. An absent and an
//! empty element are the same.

use encoding_rs::{DecoderResult, Encoding, SHIFT_JIS, UTF_8};
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

mod transcode;

pub use transcode::{MARKED, NotTranscoded, transcode};

use crate::face_file::{self, Charset, Unmappable};

/// Largest document read, in bytes.
pub const MAX_DOCUMENT: usize = 1024 * 1024;
/// Deepest nesting read, the root included.
pub const MAX_DEPTH: usize = 16;
/// Most elements read in one document.
pub const MAX_ELEMENTS: usize = 20_000;
/// An XML declaration ends within so many bytes.
const LONGEST_DECLARATION: usize = 200;
/// Longest name of an element, in bytes; the layouts' longest has 48.
const LONGEST_NAME: usize = 120;
const ROOT: &str = "XmlMsg";
const HEADER: &str = "MessageHeader";
const BODY: &str = "MessageBody";
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a document is not read: what is wrong, and where. Whoever wrote it is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Over [`MAX_DOCUMENT`].
    #[error("the document has {0} bytes; at most {MAX_DOCUMENT} are read")]
    TooLarge(usize),
    /// Over [`MAX_DEPTH`].
    #[error("byte {at}: more than {MAX_DEPTH} levels of elements")]
    TooDeep {
        /// Offset in the decoded text.
        at: u64,
    },
    /// Over [`MAX_ELEMENTS`].
    #[error("byte {at}: more than {MAX_ELEMENTS} elements")]
    TooMany {
        /// Offset in the decoded text.
        at: u64,
    },
    /// An encoding the interface does not know.
    #[error("the declared encoding is {0:?}; the interface allows UTF-8 and Shift_JIS")]
    EncodingUnknown(String),
    /// Bytes that are not of the declared encoding.
    #[error("byte {at}: not {label}, which the document declares")]
    Encoding {
        /// The encoding.
        label: &'static str,
        /// Offset in the document.
        at: usize,
    },
    /// Well-formed, perhaps, but with something no message needs and many attacks use.
    #[error("byte {at}: {what} is not taken")]
    Forbidden {
        /// Offset in the decoded text.
        at: u64,
        /// What stands there.
        what: String,
    },
    /// Not well-formed.
    #[error("byte {at}: {said}")]
    Malformed {
        /// Offset in the decoded text.
        at: u64,
        /// What is wrong.
        said: String,
    },
    /// Well-formed, but not this message.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What the layout says.
        expected: String,
        /// What is there.
        found: String,
    },
    /// An element twice where the layout has it once: which one counts would be a guess.
    #[error("{parent} has {name} more than once")]
    Repeated {
        /// The element around it.
        parent: String,
        /// The element.
        name: String,
    },
}

/// An element: text, or other elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Header and body of a message, both written even when empty.
    pub(crate) fn message(header: Element, body: Element) -> Self {
        Self {
            children: vec![header, body],
            ..Self::new(ROOT)
        }
    }

    pub(crate) fn header() -> Self {
        Self::new(HEADER)
    }

    pub(crate) fn body() -> Self {
        Self::new(BODY)
    }

    /// Adds an element with text, unless the text is empty.
    pub(crate) fn leaf(mut self, name: &str, text: &str) -> Self {
        if !text.is_empty() {
            self.children.push(Self {
                text: text.to_owned(),
                ..Self::new(name)
            });
        }
        self
    }

    /// Adds an element with elements, unless it has none.
    pub(crate) fn group(mut self, child: Element) -> Self {
        if !child.children.is_empty() {
            self.children.push(child);
        }
        self
    }

    /// The elements of a name.
    pub(crate) fn all<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Element> + use<'a, 'n> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element of a name, if there is one; two are refused.
    pub(crate) fn child(&self, name: &str) -> Result<Option<&Element>, XmlError> {
        let mut found = self.all(name);
        let first = found.next();
        if found.next().is_some() {
            return Err(XmlError::Repeated {
                parent: self.name.clone(),
                name: name.to_owned(),
            });
        }
        Ok(first)
    }

    /// The text of an element, empty when absent; one with elements inside is refused.
    pub(crate) fn value(&self, name: &str) -> Result<String, XmlError> {
        let Some(child) = self.child(name)? else {
            return Ok(String::new());
        };
        match child.children.first() {
            None => Ok(child.text.clone()),
            Some(inner) => Err(XmlError::Unexpected {
                expected: format!("text in {}/{name}", self.name),
                found: format!("<{}>", inner.name),
            }),
        }
    }

    /// The elements of a name inside a list element, which may be absent.
    pub(crate) fn list(&self, list: &str, name: &str) -> Result<Vec<&Element>, XmlError> {
        Ok(match self.child(list)? {
            Some(list) => list.children.iter().filter(|e| e.name == name).collect(),
            None => Vec::new(),
        })
    }

    /// The document as text, declaring a character set.
    pub(crate) fn to_text(&self, charset: Charset) -> String {
        let mut writer = Writer::new(Vec::new());
        let declaration = BytesDecl::new("1.0", Some(charset.label()), Some("no"));
        put(&mut writer, Event::Decl(declaration));
        self.write(&mut writer);
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    /// The document in a character set, declared. Names the first character it cannot carry.
    pub(crate) fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        face_file::encode(&self.to_text(charset), charset)
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) {
        put(writer, Event::Start(BytesStart::new(self.name.as_str())));
        if !self.text.is_empty() {
            put(writer, Event::Text(BytesText::new(&self.text)));
        }
        self.children.iter().for_each(|child| child.write(writer));
        put(writer, Event::End(BytesEnd::new(self.name.as_str())));
    }

    /// Takes the count off the names of groups that repeat (`Info[2]`).
    pub(crate) fn clear_counts(&mut self) {
        if let Some(at) = self.name.find('[') {
            self.name.truncate(at);
        }
        self.children.iter_mut().for_each(Self::clear_counts);
    }
}

fn put(writer: &mut Writer<Vec<u8>>, event: Event<'_>) {
    // Writing into memory cannot fail.
    let _ = writer.write_event(event);
}

/// Reads a document by the encoding it declares (UTF-8 when it declares none); its root is `XmlMsg`.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, XmlError> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(XmlError::TooLarge(bytes.len()));
    }
    let root = parse(&decode(bytes)?)?;
    if root.name != ROOT {
        return Err(XmlError::Unexpected {
            expected: ROOT.to_owned(),
            found: root.name,
        });
    }
    Ok(root)
}

/// Header and body of a message. One that is absent is empty: an aborted answer may have no body.
pub(crate) fn parts(bytes: &[u8]) -> Result<(Element, Element), XmlError> {
    let message = read(bytes)?;
    let part = |name| {
        let found = message.child(name)?.cloned();
        Ok(found.unwrap_or_else(|| Element::new(name)))
    };
    Ok((part(HEADER)?, part(BODY)?))
}

fn decode(bytes: &[u8]) -> Result<String, XmlError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(XmlError::EncodingUnknown("UTF-16".to_owned()));
    }
    let marked = bytes.starts_with(UTF_8_MARK);
    let skipped = if marked { UTF_8_MARK.len() } else { 0 };
    let rest = &bytes[skipped..];
    let encoding = declared(rest)?;
    let label = if encoding == SHIFT_JIS {
        Charset::ShiftJis.label()
    } else {
        Charset::Utf8.label()
    };
    if marked && encoding != UTF_8 {
        // The mark says UTF-8 and the declaration does not: one of them lies.
        return Err(XmlError::Encoding { label, at: 0 });
    }
    let mut text = String::with_capacity(rest.len().saturating_mul(3));
    let mut decoder = encoding.new_decoder_without_bom_handling();
    match decoder.decode_to_string_without_replacement(rest, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (DecoderResult::Malformed(wrong, after), read) => {
            let at = read.saturating_sub(usize::from(wrong) + usize::from(after));
            Err(XmlError::Encoding {
                label,
                at: at + skipped,
            })
        }
        // Three bytes of text a byte of input are enough for both encodings.
        (DecoderResult::OutputFull, read) => Err(XmlError::Encoding {
            label,
            at: read + skipped,
        }),
    }
}

fn declared(bytes: &[u8]) -> Result<&'static Encoding, XmlError> {
    let head = &bytes[..bytes.len().min(LONGEST_DECLARATION)];
    let head = String::from_utf8_lossy(head);
    let declaration = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .map_or("", |(inside, _)| inside);
    let Some((_, after)) = declaration.split_once("encoding") else {
        return Ok(UTF_8);
    };
    let after = after.trim_start().trim_start_matches('=').trim_start();
    let label: String = after
        .chars()
        .skip(1)
        .take_while(|c| !matches!(c, '"' | '\''))
        .collect();
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| *encoding == UTF_8 || *encoding == SHIFT_JIS)
        .ok_or(XmlError::EncodingUnknown(label))
}

/// The elements being read, the innermost last, and the finished root.
#[derive(Default)]
struct Reading {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

fn parse(text: &str) -> Result<Element, XmlError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let mut reading = Reading::default();
    loop {
        let at = reader.buffer_position();
        let malformed = |said: String| XmlError::Malformed { at, said };
        match reader.read_event().map_err(|e| malformed(e.to_string()))? {
            Event::Start(tag) => {
                if let Some(wrong) = tag.attributes().find_map(Result::err) {
                    return Err(malformed(wrong.to_string()));
                }
                reading.start(tag.name().as_ref(), at)?;
            }
            Event::End(_) => reading.end(at)?,
            Event::Text(text) => reading.text(&text, at)?,
            Event::CData(data) => reading.text(&data, at)?,
            Event::GeneralRef(name) => {
                let character = predefined(&name).ok_or_else(|| XmlError::Forbidden {
                    at,
                    what: format!("the entity reference &{};", &*name),
                })?;
                reading.text(character.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::DocType(_) => return Err(forbidden(at, "a document type declaration")),
            Event::PI(_) => return Err(forbidden(at, "a processing instruction")),
            Event::Decl(_) if at > 0 => {
                return Err(malformed("an XML declaration after the beginning".into()));
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::Empty(_) => {}
        }
    }
    match (reading.open.pop(), reading.root) {
        (None, Some(root)) => Ok(root),
        (open, _) => Err(XmlError::Unexpected {
            expected: format!("</{}>", open.map_or(ROOT.to_owned(), |e| e.name)),
            found: "the end".to_owned(),
        }),
    }
}

fn forbidden(at: u64, what: &str) -> XmlError {
    XmlError::Forbidden {
        at,
        what: what.to_owned(),
    }
}

impl Reading {
    fn start(&mut self, name: &str, at: u64) -> Result<(), XmlError> {
        let malformed = |said: String| Err(XmlError::Malformed { at, said });
        if self.root.is_some() {
            return malformed(format!("<{name}> after the root element"));
        }
        if !named(name) {
            return malformed(format!("{name:?} is no name of an element"));
        }
        if let Some(around) = self.open.last()
            && !around.text.trim().is_empty()
        {
            return malformed(format!("<{name}> after text in <{}>", around.name));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(XmlError::TooDeep { at });
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(XmlError::TooMany { at });
        }
        self.open.push(Element::new(name));
        Ok(())
    }

    fn end(&mut self, at: u64) -> Result<(), XmlError> {
        let Some(mut element) = self.open.pop() else {
            return Err(XmlError::Malformed {
                at,
                said: "an end tag without its start".to_owned(),
            });
        };
        // Line ends between elements, and in an element written over two lines, say nothing.
        if element.text.trim_matches(BLANK).is_empty() {
            element.text.clear();
        }
        match self.open.last_mut() {
            Some(around) => around.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), XmlError> {
        let malformed = |said: String| Err(XmlError::Malformed { at, said });
        if let Some(odd) = text.chars().find(|c| !allowed(*c)) {
            return malformed(format!("the character U+{:04X}", odd as u32));
        }
        let blank = text.trim_matches(BLANK).is_empty();
        match self.open.last_mut() {
            None if blank => Ok(()),
            None => malformed("text outside the root element".to_owned()),
            Some(around) if around.children.is_empty() => {
                around.text.push_str(text);
                Ok(())
            }
            Some(_) if blank => Ok(()),
            Some(around) => malformed(format!("text after elements in <{}>", around.name)),
        }
    }
}

/// White space as XML has it; the ideographic space is a character of a name.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// Characters XML 1.0 allows.
pub(crate) fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn named(name: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    let goes_on = |c: char| begins(c) || c.is_numeric() || matches!(c, '-' | '.' | ':');
    name.len() <= LONGEST_NAME && name.starts_with(begins) && name.chars().all(goes_on)
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests;
