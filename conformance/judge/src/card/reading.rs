//! A file read in pieces, put together again; and what a certificate read so says of its holder.

use x509_parser::prelude::{FromDer, X509Certificate};

use crate::decode::token;

/// One file being read from its beginning.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    bytes: Vec<u8>,
    whole: bool,
}

impl Assembly {
    /// Takes in a piece at its offset. Gives the DER object in the file once, when all of it is there.
    pub fn piece(&mut self, offset: usize, data: &[u8]) -> Option<Vec<u8>> {
        if offset == 0 {
            *self = Assembly::default();
        }
        if offset > self.bytes.len() || self.whole {
            return None;
        }
        self.bytes.truncate(offset);
        self.bytes.extend_from_slice(data);
        let length = der_length(&self.bytes)?;
        let object = self.bytes.get(..length)?.to_vec();
        self.whole = true;
        // A token stands for bytes that are not known.
        token::find(&object).is_empty().then_some(object)
    }
}

/// Whole length of the DER object at the start, header included.
fn der_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([*high, *low]))),
        [0x30, 0x81, length, ..] => Some(3 + usize::from(*length)),
        [0x30, length @ 0..=0x7F, ..] => Some(2 + usize::from(*length)),
        _ => None,
    }
}

/// OIDs of the names a user-authentication certificate's subject is made of: country and common name.
const ALLOWED: [&str; 2] = ["2.5.4.6", "2.5.4.3"];
const ALTERNATIVE_NAME: &str = "2.5.29.17";

/// What stands in a user-authentication certificate beyond what may stand there; none when nothing does.
/// `personal` is what it must not repeat.
pub fn names_somebody(der: &[u8], personal: &[String]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    for attribute in certificate.subject().iter_attributes() {
        let oid = attribute.attr_type().to_id_string();
        let said = String::from_utf8_lossy(attribute.attr_value().data).into_owned();
        if !ALLOWED.contains(&oid.as_str()) {
            return Some(format!("subject {oid}={said}"));
        }
        if personal
            .iter()
            .any(|p| !p.is_empty() && said.contains(p.as_str()))
        {
            return Some(format!("subject CN={said}"));
        }
    }
    let mut extensions = certificate.extensions().iter();
    let named = extensions.any(|e| e.oid.to_id_string() == ALTERNATIVE_NAME);
    if named {
        return Some("subjectAltName".to_owned());
    }
    let mut repeated = personal.iter().filter(|p| p.chars().count() > 1);
    repeated.find(|p| contains(der, p.as_bytes())).cloned()
}

/// Whether some bytes stand in others.
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else {
        return false;
    };
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|b| b == first) {
        if bytes[from + found..].starts_with(needle) {
            return true;
        }
        from += found + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pki;
    use proptest::prelude::*;

    #[test]
    fn pieces_come_together() {
        let der = pki::leaf(&pki::Leaf::default());
        let mut file = Assembly::default();
        assert_eq!(file.piece(0, &der[..4]), None);
        assert_eq!(file.piece(4, &der[4..300]), None);
        assert_eq!(file.piece(700, &der[700..]), None, "a hole");
        let rest = [&der[300..], &[0xFF; 9]].concat();
        assert_eq!(
            file.piece(300, &rest),
            Some(der.clone()),
            "filler behind it"
        );
        assert_eq!(file.piece(der.len(), &[0xFF]), None, "once");
        assert_eq!(file.piece(0, &der), Some(der.clone()));
        let marked = [&der[..100], "⟦PIN#1⟧".as_bytes(), &der[100..]].concat();
        assert_eq!(Assembly::default().piece(0, &marked), None);
    }

    proptest! {
        #[test]
        fn no_pieces_make_it_panic(pieces in proptest::collection::vec((0usize..600, proptest::collection::vec(any::<u8>(), 0..80)), 0..12)) {
            let mut file = Assembly::default();
            for (offset, data) in pieces {
                if let Some(object) = file.piece(offset, &data) {
                    prop_assert_eq!(der_length(&object), Some(object.len()));
                    let _ = names_somebody(&object, &[]);
                }
            }
        }

        #[test]
        fn what_is_put_in_is_contained(before in "[a-c]{0,9}", word in "[a-c]{1,4}", after in "[a-c]{0,9}") {
            let all = format!("{before}{word}{after}");
            prop_assert!(contains(all.as_bytes(), word.as_bytes()));
            let absent = [word.as_bytes(), b"d"].concat();
            prop_assert!(!contains(all.as_bytes(), &absent));
        }
    }
}
