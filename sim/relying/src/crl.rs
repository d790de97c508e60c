//! Whether a revocation list (CRL) can be relied on, and what it says of a serial: whole, by the
//! certificate's own authority, of now (RFC 5280 5, 6.3). A list names what is revoked or held; a serial
//! it does not name is good, for a list cannot tell the never issued.

use std::collections::BTreeSet;

use der::Decode;
use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use identifiers::CertificateSerial;
use rules::Revocation;
use x509_cert::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlReason};

use crate::authority::{Authority, SHA256_WITH_RSA, signed_part};
use crate::certificate::milliseconds;
use crate::doubt::Flaw;
use crate::ocsp_answer::SKEW_MS;

/// Extensions of a list that limit or change what it says: delta lists and lists of a part only.
const DELTA: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
const PART: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");

/// Reads a list (DER) and looks a serial up in it. Whatever is not as it must be is a flaw.
pub(crate) fn look_up(
    bytes: &[u8],
    authority: &Authority,
    serial: CertificateSerial,
    now_ms: i64,
) -> Result<Revocation, Flaw> {
    let list = CertificateList::from_der(bytes)?;
    signed(bytes, &list, authority)?;
    let tbs = &list.tbs_cert_list;
    whole(tbs)?;
    fresh(tbs, now_ms)?;
    let entries = tbs.revoked_certificates.as_deref().unwrap_or_default();
    let mut named = BTreeSet::new();
    let mut found = Revocation::Good;
    for entry in entries {
        let number = entry.serial_number.as_bytes();
        if !named.insert(number) {
            return Err(Flaw::Unreliable("it names a serial twice"));
        }
        let said = standing(entry)?;
        if number == serial.to_der_integer() {
            found = said;
        }
    }
    Ok(found)
}

/// Whether a list names a serial, whoever signed it: good for no decision but a mistaken one.
pub(crate) fn names(bytes: &[u8], serial: CertificateSerial) -> bool {
    let list = CertificateList::from_der(bytes).ok();
    let entries = list.and_then(|list| list.tbs_cert_list.revoked_certificates);
    let mut entries = entries.iter().flatten();
    entries.any(|entry| entry.serial_number.as_bytes() == serial.to_der_integer())
}

fn signed(bytes: &[u8], list: &CertificateList, authority: &Authority) -> Result<(), Flaw> {
    let tbs = &list.tbs_cert_list;
    if tbs.issuer != authority.name {
        return Err(Flaw::Unreliable("it is of another issuer"));
    }
    if tbs.signature.oid != SHA256_WITH_RSA || list.signature_algorithm != tbs.signature {
        return Err(Flaw::Unreliable("it is not signed by sha256WithRSA"));
    }
    // All generations of an authority share one name: the key says whose list it is.
    let named = read_one::<AuthorityKeyIdentifier>(tbs)?;
    let key = named.and_then(|identifier| identifier.key_identifier);
    if key.is_none_or(|key| key.as_bytes() != authority.key_identifier) {
        return Err(Flaw::Unreliable("it is of another key of the issuer"));
    }
    let unsigned = Flaw::Unreliable("its signature does not fit");
    let (Some(over), Some(signature)) = (signed_part(bytes), list.signature.as_bytes()) else {
        return Err(unsigned);
    };
    authority
        .key
        .verify_sig(over, signature)
        .map_err(|_| unsigned)
}

/// A list of version 2 that speaks for everything its issuer has issued.
fn whole(tbs: &TbsCertList) -> Result<(), Flaw> {
    if tbs.version != Version::V2 {
        return Err(Flaw::Unreliable("it is not of version 2"));
    }
    let all = tbs.crl_extensions.as_deref().unwrap_or_default();
    if all.iter().any(|e| [DELTA, PART].contains(&e.extn_id)) {
        return Err(Flaw::Unreliable("it is a part of a list only"));
    }
    nothing_unread(all, &[])
}

fn nothing_unread(extensions: &[Extension], read: &[ObjectIdentifier]) -> Result<(), Flaw> {
    for (at, extension) in extensions.iter().enumerate() {
        let again = |earlier: &Extension| earlier.extn_id == extension.extn_id;
        if extensions[..at].iter().any(again) {
            return Err(Flaw::Unreliable("an extension stands there twice"));
        }
        if extension.critical && !read.contains(&extension.extn_id) {
            return Err(Flaw::Unreliable("it has a critical extension not known"));
        }
    }
    Ok(())
}

fn fresh(tbs: &TbsCertList, now_ms: i64) -> Result<(), Flaw> {
    let ms = |time: x509_cert::time::Time| milliseconds(time.to_date_time());
    if ms(tbs.this_update) > now_ms + SKEW_MS {
        return Err(Flaw::Unreliable("it is dated ahead of now"));
    }
    match tbs.next_update {
        Some(next) if ms(next) >= now_ms - SKEW_MS => Ok(()),
        Some(_) => Err(Flaw::Unreliable("it is out of date")),
        None => Err(Flaw::Unreliable("it does not say when the next one comes")),
    }
}

fn standing(entry: &RevokedCert) -> Result<Revocation, Flaw> {
    let extensions = entry.crl_entry_extensions.as_deref().unwrap_or_default();
    nothing_unread(extensions, &[CrlReason::OID])?;
    let reason = extensions.iter().find(|e| e.extn_id == CrlReason::OID);
    let Some(reason) = reason else {
        return Ok(Revocation::Revoked);
    };
    match CrlReason::from_der(reason.extn_value.as_bytes())? {
        CrlReason::CertificateHold => Ok(Revocation::Suspended),
        CrlReason::RemoveFromCRL => Err(Flaw::Unreliable("it is a part of a list only")),
        _ => Ok(Revocation::Revoked),
    }
}

fn read_one<'a, T>(tbs: &'a TbsCertList) -> Result<Option<T>, Flaw>
where
    T: Decode<'a> + AssociatedOid,
{
    let all = tbs.crl_extensions.as_deref().unwrap_or_default();
    let found = all.iter().find(|e| e.extn_id == T::OID);
    Ok(found
        .map(|e| T::from_der(e.extn_value.as_bytes()))
        .transpose()?)
}
