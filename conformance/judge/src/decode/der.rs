//! A small bounded walk over DER, enough for OCSP messages: definite lengths only, one byte tags.

use super::DecodeError;

/// One object: tag, content, and the whole encoding.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'a> {
    /// Tag byte as encoded.
    pub tag: u8,
    /// Content bytes.
    pub content: &'a [u8],
    /// Tag, length and content.
    pub whole: &'a [u8],
}

/// Objects in a row, with the place named in errors.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    rest: &'a [u8],
    place: String,
}

impl<'a> Walk<'a> {
    /// Starts a walk; `place` names the structure in errors.
    pub fn new(bytes: &'a [u8], place: &str) -> Self {
        Walk {
            rest: bytes,
            place: place.to_owned(),
        }
    }

    /// True when nothing is left.
    pub fn done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Tag of the next object, without taking it.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next object, whatever it is.
    pub fn object(&mut self) -> Result<Tlv<'a>, DecodeError> {
        let (tlv, rest) = split(self.rest).ok_or_else(|| {
            let found = format!("{} bytes left that are none", self.rest.len());
            DecodeError::new(&self.place, "a DER object of definite length", found)
        })?;
        self.rest = rest;
        Ok(tlv)
    }

    /// The next object, which must have this tag.
    pub fn take(&mut self, tag: u8, what: &str) -> Result<Tlv<'a>, DecodeError> {
        if self.peek() != Some(tag) {
            let found = self
                .peek()
                .map_or("the end".to_owned(), |t| format!("tag {t:02X}"));
            return Err(DecodeError::new(
                &self.place,
                format!("{what} (tag {tag:02X})"),
                found,
            ));
        }
        self.object()
    }

    /// The next object when it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, DecodeError> {
        if self.peek() == Some(tag) {
            self.object().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A walk inside the next object, which must have this tag.
    pub fn enter(&mut self, tag: u8, what: &str) -> Result<Walk<'a>, DecodeError> {
        let inner = self.take(tag, what)?;
        Ok(Walk::new(inner.content, &format!("{} {what}", self.place)))
    }
}

fn split(bytes: &[u8]) -> Option<(Tlv<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    if tag & 0x1F == 0x1F {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x83 => {
            let count = usize::from(first & 0x7F);
            let digits = rest.get(..count)?;
            let length = digits
                .iter()
                .fold(0usize, |sum, &d| sum << 8 | usize::from(d));
            (length, &rest[count..])
        }
        _ => return None,
    };
    let content = rest.get(..length)?;
    let header = bytes.len() - rest.len();
    Some((
        Tlv {
            tag,
            content,
            whole: &bytes[..header + length],
        },
        &rest[length..],
    ))
}

/// An INTEGER as lower-case hex without leading zeros.
pub fn integer_hex(content: &[u8]) -> String {
    let text = hex::encode(content);
    let trimmed = text.trim_start_matches('0');
    if trimmed.is_empty() {
        "0".to_owned()
    } else {
        trimmed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn objects_are_taken_one_by_one() {
        let bytes = [0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00, 0x04, 0x00];
        let mut walk = Walk::new(&bytes, "test");
        let mut inner = walk.enter(0x30, "SEQUENCE").unwrap();
        assert_eq!(inner.take(0x02, "INTEGER").unwrap().content, [7]);
        assert!(inner.optional(0x04).unwrap().is_none());
        assert_eq!(inner.object().unwrap().whole, [0x05, 0x00]);
        assert!(inner.done() && !walk.done());
        let wrong = walk.take(0x02, "INTEGER").unwrap_err().to_string();
        assert_eq!(wrong, "test: expected INTEGER (tag 02), found tag 04");
    }

    #[test]
    fn serials_lose_leading_zeros() {
        for (bytes, hex) in [
            (&[0u8, 0x0A, 0xBC][..], "abc"),
            (&[0], "0"),
            (&[0, 0x80], "80"),
        ] {
            assert_eq!(integer_hex(bytes), hex);
        }
    }

    #[test]
    fn lengths_beyond_the_end_are_refused() {
        for bytes in [
            &[0x30u8, 0x05, 0x00][..],
            &[0x30, 0x80],
            &[0x30, 0x84, 0, 0, 0, 0],
            &[0x30],
            &[0x1F, 0x01],
        ] {
            assert!(Walk::new(bytes, "test").object().is_err(), "{bytes:02X?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut walk = Walk::new(&bytes, "test");
            while let Ok(tlv) = walk.object() {
                prop_assert!(tlv.whole.len() >= 2 + tlv.content.len());
            }
        }
    }
}
