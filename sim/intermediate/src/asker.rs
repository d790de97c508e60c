//! Who asks: the common name in the certificate a client proved to hold.

use der::Decode;
use der::oid::ObjectIdentifier;
use x509_cert::Certificate;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The common name of a certificate's subject; none when it has none or more than one, or is no
/// certificate.
pub(crate) fn common_name(der: &[u8]) -> Option<String> {
    let certificate = Certificate::from_der(der).ok()?;
    let subject = &certificate.tbs_certificate.subject;
    let mut names = subject
        .0
        .iter()
        .flat_map(|rdn| rdn.0.iter())
        .filter(|part| part.oid == COMMON_NAME);
    let name = names.next()?;
    if names.next().is_some() {
        return None;
    }
    std::str::from_utf8(name.value.value())
        .ok()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use world::keys::{self, Authority};
    use world::tls::FacilityAuthority;

    use super::*;

    #[test]
    fn the_name_is_read_from_the_certificate() {
        let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
        let insurer = authority.issue("06991237", 7, keys::tls::INSURER).unwrap();
        assert_eq!(common_name(&insurer.chain[0]).as_deref(), Some("06991237"));
        assert_eq!(common_name(&insurer.chain[0][..200]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            prop_assert_eq!(common_name(&bytes), None);
        }
    }
}
