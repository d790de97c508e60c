//! XML as the field writes it: Shift_JIS or UTF-8 by its declaration, no DTD, bounded in size,
//! nodes and depth. Tokens in the bytes are UTF-8 whatever the file's encoding is.

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use super::{DecodeError, short, token};

const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_NODES: u32 = 200_000;
const MAX_DEPTH: usize = 32;

/// An element with its text and children. Attributes are not used in this field's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Local name.
    pub name: String,
    /// Own text, trimmed.
    pub text: String,
    /// Child elements in order.
    pub children: Vec<Element>,
}

/// A document and the encoding its declaration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `UTF-8` or `Shift_JIS`.
    pub encoding: &'static str,
    /// Root element.
    pub root: Element,
}

impl Element {
    /// First child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// Text of the first child of that name; absent and empty mean the same.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.child(name)
            .map(|c| c.text.as_str())
            .filter(|t| !t.is_empty())
    }

    /// The first element of that name, itself included, in document order.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// Text of the first element of that name anywhere below; empty when there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.find(name).map_or("", |element| element.text.as_str())
    }

    /// Every element below, itself included, that has this name.
    pub fn all<'a>(&'a self, name: &str, found: &mut Vec<&'a Element>) {
        if self.name == name {
            found.push(self);
        }
        for child in &self.children {
            child.all(name, found);
        }
    }
}

/// Reads a document.
pub fn document(bytes: &[u8]) -> Result<Document, DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::new(
            "XML",
            format!("at most {MAX_BYTES} bytes"),
            format!("{} bytes", bytes.len()),
        ));
    }
    let encoding = declared_encoding(bytes)?;
    let text = decode(bytes, encoding)?;
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..Default::default()
    };
    let parsed = roxmltree::Document::parse_with_options(&text, options).map_err(|e| {
        DecodeError::new(
            format!("XML line {}", e.pos().row),
            "well-formed XML without DTD",
            e.to_string(),
        )
    })?;
    Ok(Document {
        encoding: encoding.name(),
        root: element(parsed.root_element(), 1)?,
    })
}

fn element(node: roxmltree::Node<'_, '_>, depth: usize) -> Result<Element, DecodeError> {
    let name = node.tag_name().name().to_owned();
    if depth > MAX_DEPTH {
        return Err(DecodeError::new(
            format!("XML {}", short(&name)),
            format!("at most {MAX_DEPTH} levels"),
            "more",
        ));
    }
    let text: String = node
        .children()
        .filter(|c| c.is_text())
        .filter_map(|c| c.text())
        .collect();
    let children = node
        .children()
        .filter(|c| c.is_element())
        .map(|c| element(c, depth + 1))
        .collect::<Result<_, _>>()?;
    Ok(Element {
        name,
        text: text.trim().to_owned(),
        children,
    })
}

fn declared_encoding(bytes: &[u8]) -> Result<&'static Encoding, DecodeError> {
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let declaration = head.strip_prefix(b"<?xml").and_then(|rest| {
        rest.windows(2)
            .take(200)
            .position(|w| w == b"?>")
            .map(|end| &rest[..end])
    });
    let Some(declaration) = declaration else {
        return Ok(UTF_8);
    };
    let declaration = String::from_utf8_lossy(declaration);
    let Some((_, after)) = declaration.split_once("encoding") else {
        return Ok(UTF_8);
    };
    let label = after.trim_start().trim_start_matches('=').trim_start();
    let label = label
        .trim_start_matches(['"', '\''])
        .split(['"', '\''])
        .next()
        .unwrap_or_default();
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding == UTF_8 || encoding == SHIFT_JIS => Ok(encoding),
        _ => Err(DecodeError::new(
            "XML declaration",
            "encoding UTF-8 or Shift_JIS",
            short(label),
        )),
    }
}

fn decode(bytes: &[u8], encoding: &'static Encoding) -> Result<String, DecodeError> {
    let mut text = String::new();
    let mut at = 0;
    for token in token::find(bytes) {
        text.push_str(&piece(bytes, at, token.start, encoding)?);
        text.push_str(&token.text);
        at = token.end;
    }
    text.push_str(&piece(bytes, at, bytes.len(), encoding)?);
    Ok(text)
}

fn piece(
    bytes: &[u8],
    from: usize,
    to: usize,
    encoding: &'static Encoding,
) -> Result<String, DecodeError> {
    let part = &bytes[from..to];
    let part = if from == 0 {
        part.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(part)
    } else {
        part
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(part)
        .map(|text| text.into_owned())
        .ok_or_else(|| {
            let line = 1 + bytes[..to].iter().filter(|b| **b == b'\n').count();
            DecodeError::new(
                format!("XML up to line {line}"),
                format!("{} as declared", encoding.name()),
                "other bytes",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sjis(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }

    #[test]
    fn both_encodings_are_read_by_declaration() {
        let text = "<?xml version=\"1.0\" encoding=\"Shift_JIS\" standalone=\"no\"?>\n<A><B>田中 ﾀﾛｳ</B><B/></A>";
        let read = document(&sjis(text)).unwrap();
        assert_eq!(
            (read.encoding, read.root.value("B")),
            ("Shift_JIS", Some("田中 ﾀﾛｳ"))
        );
        let read = document("<A><B> 田中 </B></A>".as_bytes()).unwrap();
        assert_eq!(
            (read.encoding, read.root.value("B")),
            ("UTF-8", Some("田中"))
        );
    }

    #[test]
    fn a_leak_in_a_shift_jis_file_is_seen_as_written() {
        let mut bytes = sjis("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><A><B>表");
        bytes.extend("⟦LEAK PIN#1⟧".as_bytes());
        bytes.extend(sjis("示</B></A>"));
        assert_eq!(
            document(&bytes).unwrap().root.value("B"),
            Some("表⟦LEAK PIN#1⟧示")
        );
    }

    #[test]
    fn broken_ones_say_where() {
        for (bytes, said) in [
            (
                b"<?xml version='1.0' encoding='EUC-JP'?><A/>".to_vec(),
                "XML declaration: expected encoding UTF-8 or Shift_JIS, found EUC-JP",
            ),
            (
                sjis("<A>表示</A>"),
                "XML up to line 1: expected UTF-8 as declared, found other bytes",
            ),
            (
                b"<!DOCTYPE a [<!ENTITY b 'c'>]><A>&b;</A>".to_vec(),
                "XML line 1: expected well-formed XML without DTD",
            ),
            (
                b"<A>\n<B></A>".to_vec(),
                "XML line 2: expected well-formed XML without DTD",
            ),
            (
                b"".to_vec(),
                "XML line 1: expected well-formed XML without DTD",
            ),
            (
                "<A>"
                    .repeat(40)
                    .into_bytes()
                    .into_iter()
                    .chain("</A>".repeat(40).into_bytes())
                    .collect(),
                "XML A: expected at most 32 levels, found more",
            ),
            (
                vec![b' '; MAX_BYTES + 1],
                "XML: expected at most 4194304 bytes",
            ),
        ] {
            let error = document(&bytes).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn very_deep_ones_are_refused_without_harm() {
        for deep in [1_000, 100_000] {
            let bytes = ["<A>".repeat(deep), "</A>".repeat(deep)].concat();
            assert!(document(bytes.as_bytes()).is_err(), "{deep} levels");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = document(&bytes);
            let _ = document(&[b"<?xml version='1.0' encoding='Shift_JIS'?><A>".as_slice(), &bytes, b"</A>"].concat());
        }

        #[test]
        fn text_survives_both_encodings(name in "[ぁ-んァ-ヶ亜-腕a-zA-Z0-9]{1,12}") {
            let (bytes, _, lost) = SHIFT_JIS.encode(&name);
            prop_assume!(!lost);
            let whole = [b"<?xml version='1.0' encoding='Shift_JIS'?><A>".as_slice(), &bytes, b"</A>"].concat();
            prop_assert_eq!(document(&whole).unwrap().root.text, name);
        }
    }
}
