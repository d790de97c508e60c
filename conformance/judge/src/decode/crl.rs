//! Revocation lists (RFC 5280), walked by hand: who is revoked and why, and who signed it.

use super::certificate::Certificate;
use super::der::{Tlv, Walk, integer_hex};
use super::{DecodeError, bounded};

const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const REASON: &[u8] = &[0x55, 0x1D, 0x15];

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    /// thisUpdate as encoded.
    pub this_update: String,
    /// nextUpdate as encoded.
    pub next_update: Option<String>,
    /// Serial (hex, no leading zeros) and CRL reason of each entry.
    pub revoked: Vec<(String, Option<u8>)>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    rsa_sha256: bool,
}

/// Reads a list.
pub fn list(der: &[u8]) -> Result<RevocationList, DecodeError> {
    let mut outer = Walk::new(bounded("CRL", der)?, "CRL");
    let mut whole = outer.enter(0x30, "CertificateList")?;
    let signed = whole.take(0x30, "tbsCertList")?;
    let mut tbs = Walk::new(signed.content, "CRL tbsCertList");
    tbs.optional(0x02)?;
    tbs.take(0x30, "signature")?;
    tbs.take(0x30, "issuer")?;
    let this_update = time(tbs.object()?);
    let next_update = match tbs.peek() {
        Some(0x17 | 0x18) => Some(time(tbs.object()?)),
        _ => None,
    };
    let revoked = match tbs.optional(0x30)? {
        Some(entries) => entries_of(entries)?,
        None => Vec::new(),
    };
    let mut algorithm = whole.enter(0x30, "signatureAlgorithm")?;
    let rsa_sha256 = algorithm.take(0x06, "algorithm")?.content == SHA256_WITH_RSA;
    let bits = whole.take(0x03, "signatureValue")?.content;
    Ok(RevocationList {
        this_update,
        next_update,
        revoked,
        signed: signed.whole.to_vec(),
        signature: bits.get(1..).unwrap_or_default().to_vec(),
        rsa_sha256,
    })
}

fn entries_of(list: Tlv<'_>) -> Result<Vec<(String, Option<u8>)>, DecodeError> {
    let mut walk = Walk::new(list.content, "CRL revokedCertificates");
    let mut revoked = Vec::new();
    while !walk.done() {
        let mut entry = walk.enter(0x30, "revokedCertificate")?;
        let serial = integer_hex(entry.take(0x02, "userCertificate")?.content);
        entry.object()?;
        let reason = match entry.optional(0x30)? {
            Some(extensions) => reason(extensions)?,
            None => None,
        };
        revoked.push((serial, reason));
    }
    Ok(revoked)
}

fn reason(extensions: Tlv<'_>) -> Result<Option<u8>, DecodeError> {
    let mut walk = Walk::new(extensions.content, "CRL entry extensions");
    while !walk.done() {
        let mut extension = walk.enter(0x30, "Extension")?;
        let id = extension.take(0x06, "extnID")?;
        extension.optional(0x01)?;
        let value = extension.take(0x04, "extnValue")?;
        if id.content == REASON {
            let code = Walk::new(value.content, "CRL reason").take(0x0A, "reasonCode")?;
            return Ok(code.content.first().copied());
        }
    }
    Ok(None)
}

fn time(tlv: Tlv<'_>) -> String {
    String::from_utf8_lossy(tlv.content).into_owned()
}

impl RevocationList {
    /// Whether one of these authorities signed it.
    pub fn signed_by(&self, authorities: &[&Certificate]) -> bool {
        self.rsa_sha256
            && authorities
                .iter()
                .any(|a| a.verifies(&self.signed, &self.signature))
    }

    /// Whether it lists a serial, and for which reason.
    pub fn of(&self, serial: &str) -> Option<Option<u8>> {
        self.revoked
            .iter()
            .find(|(listed, _)| listed == serial)
            .map(|(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::certificate::certificate;
    use crate::testing::pki;
    use proptest::prelude::*;

    #[test]
    fn a_list_is_read_and_its_signer_checked() {
        let der = pki::revocation_list(&[("1001", Some(6)), ("ab12", None)]);
        let read = list(&der).unwrap();
        assert_eq!(read.of("1001"), Some(Some(6)));
        assert_eq!(read.of("ab12"), Some(None));
        assert_eq!(read.of("1002"), None);
        let (own, foreign) = (
            certificate(&pki::authority()).unwrap(),
            certificate(&pki::foreign_authority()).unwrap(),
        );
        assert!(read.signed_by(&[&foreign, &own]) && !read.signed_by(&[&foreign]));
        assert_eq!(list(&pki::revocation_list(&[])).unwrap().revoked, []);
        assert!(list(&der[..der.len() - 1]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = list(&bytes);
        }
    }
}
