//! Whether an answer of the revocation service can be relied on: about this certificate, signed by the
//! authority or by somebody it delegated, to this question (nonce) and of now. RFC 6960 3.2, 4.2.2.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::signature::ParsedPublicKey;
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use rules::Revocation;
use x509_cert::Certificate;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlReason, ExtendedKeyUsage, KeyUsage,
};
use x509_cert::name::Name;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, ResponderId, SingleResponse,
};

use crate::authority::{Authority, SHA256_WITH_RSA, key_hash, rsa_key, signed_part};
use crate::certificate::milliseconds;
use crate::doubt::Flaw;

const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
/// How far a responder's clock may go ahead of or behind ours.
pub(crate) const SKEW_MS: i64 = 5 * 60 * 1000;

/// What the answer must fit.
pub(crate) struct Expected<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) id: &'a CertId,
    pub(crate) nonce: &'a [u8; 32],
    pub(crate) now_ms: i64,
}

/// A responder's certificate, read and its authority's signature checked.
struct Delegate {
    der: Vec<u8>,
    authority_key: Vec<u8>,
    name: Name,
    key_hash: [u8; 20],
    key: ParsedPublicKey,
    not_before: i64,
    not_after: i64,
}

/// The responder certificate seen last: a responder sends the same one with every answer, and the
/// same bytes under the same authority are as good as before. Its days are looked at every time.
#[derive(Default)]
pub(crate) struct Known(Mutex<Option<Arc<Delegate>>>);

/// Reads a basic response. Whatever is not as it must be is a flaw.
pub(crate) fn read(
    bytes: &[u8],
    expected: &Expected<'_>,
    known: &Known,
) -> Result<Revocation, Flaw> {
    let basic = BasicOcspResponse::from_der(bytes)?;
    signed(bytes, &basic, expected, known)?;
    let data = &basic.tbs_response_data;
    let nonce = data.nonce();
    if nonce.is_none_or(|n| n.0.as_bytes() != expected.nonce) {
        return Err(Flaw::Unreliable("it answers another question (nonce)"));
    }
    no_unknown_critical(data.response_extensions.as_ref())?;
    let mut about = data
        .responses
        .iter()
        .filter(|single| single.cert_id == *expected.id);
    let (Some(single), None) = (about.next(), about.next()) else {
        return Err(Flaw::Unreliable("it is not about this certificate"));
    };
    no_unknown_critical(single.single_extensions.as_ref())?;
    fresh(single, data.produced_at, expected.now_ms)?;
    Ok(status(single))
}

fn status(single: &SingleResponse) -> Revocation {
    match single.cert_status {
        CertStatus::Good(_) => Revocation::Good,
        CertStatus::Unknown(_) => Revocation::Unknown,
        CertStatus::Revoked(info) => match info.revocation_reason {
            Some(CrlReason::CertificateHold) => Revocation::Suspended,
            _ => Revocation::Revoked,
        },
    }
}

fn fresh(
    single: &SingleResponse,
    produced_at: OcspGeneralizedTime,
    now_ms: i64,
) -> Result<(), Flaw> {
    let ms = |time: OcspGeneralizedTime| milliseconds(time.0.to_date_time());
    if ms(produced_at) > now_ms + SKEW_MS || ms(single.this_update) > now_ms + SKEW_MS {
        return Err(Flaw::Unreliable("it is dated ahead of now"));
    }
    // Without a next update, newer information is there at any time: only an answer of now counts.
    let until = single.next_update.map_or(ms(single.this_update), ms);
    if until < now_ms - SKEW_MS {
        return Err(Flaw::Unreliable("it is out of date"));
    }
    Ok(())
}

fn no_unknown_critical(extensions: Option<&Extensions>) -> Result<(), Flaw> {
    if extensions.is_some_and(|all| all.iter().any(|e| e.critical)) {
        return Err(Flaw::Unreliable("it has a critical extension not known"));
    }
    Ok(())
}

fn signed(
    bytes: &[u8],
    basic: &BasicOcspResponse,
    expected: &Expected<'_>,
    known: &Known,
) -> Result<(), Flaw> {
    let unsigned = Flaw::Unreliable("its signature does not fit");
    if basic.signature_algorithm.oid != SHA256_WITH_RSA {
        return Err(Flaw::Unreliable("it is not signed by sha256WithRSA"));
    }
    let (Some(over), Some(signature)) = (signed_part(bytes), basic.signature.as_bytes()) else {
        return Err(unsigned);
    };
    let responder = &basic.tbs_response_data.responder_id;
    let authority = expected.authority;
    if is(responder, &authority.name, &authority.key_hash) {
        let fits = authority.key.verify_sig(over, signature);
        return fits.map_err(|_| unsigned);
    }
    let delegate = delegate(basic, expected, known)?;
    if expected.now_ms < delegate.not_before || expected.now_ms > delegate.not_after {
        return Err(Flaw::Unreliable(
            "the responder's certificate is not valid now",
        ));
    }
    let fits = delegate.key.verify_sig(over, signature);
    fits.map_err(|_| unsigned)
}

fn is(responder: &ResponderId, name: &Name, key_hash: &[u8; 20]) -> bool {
    match responder {
        ResponderId::ByName(named) => named == name,
        ResponderId::ByKey(hash) => hash.as_bytes() == key_hash,
    }
}

/// The delegated responder the answer names, from the certificates it brings.
fn delegate(
    basic: &BasicOcspResponse,
    expected: &Expected<'_>,
    known: &Known,
) -> Result<Arc<Delegate>, Flaw> {
    let responder = &basic.tbs_response_data.responder_id;
    let brought = basic.certs.as_deref().unwrap_or_default();
    let certificate = brought
        .iter()
        .find(|certificate| {
            let tbs = &certificate.tbs_certificate;
            is(
                responder,
                &tbs.subject,
                &key_hash(&tbs.subject_public_key_info),
            )
        })
        .ok_or(Flaw::Unreliable("the responder's certificate is not there"))?;
    let der = certificate.to_der()?;
    let mut last = known.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(seen) = last.as_ref()
        && seen.der == der
        && seen.authority_key == expected.authority.key_identifier
        && is(responder, &seen.name, &seen.key_hash)
    {
        return Ok(seen.clone());
    }
    let fresh = Arc::new(checked(certificate, der, expected.authority)?);
    *last = Some(fresh.clone());
    Ok(fresh)
}

/// A responder's certificate is as good as the authority that answers for it: issued by the very
/// authority of the certificate in question, for this purpose, and exempt from being asked about.
fn checked(
    certificate: &Certificate,
    der: Vec<u8>,
    authority: &Authority,
) -> Result<Delegate, Flaw> {
    let tbs = &certificate.tbs_certificate;
    let foreign = Flaw::Unreliable("the responder was not delegated by this authority");
    let named = tbs.get::<AuthorityKeyIdentifier>()?;
    let named = named.and_then(|(_, identifier)| identifier.key_identifier);
    if tbs.issuer != authority.name
        || named.is_some_and(|key| key.as_bytes() != authority.key_identifier)
        || tbs.signature.oid != SHA256_WITH_RSA
        || certificate.signature_algorithm != tbs.signature
    {
        return Err(foreign);
    }
    // The parsed form is what counts here: if written out it differs from what was signed, it fails.
    let over = signed_part(&der).ok_or(Flaw::Unreliable("its certificate has no content"))?;
    let signature = certificate.signature.raw_bytes();
    if authority.key.verify_sig(over, signature).is_err() {
        return Err(foreign);
    }
    for_revocation_answers(certificate)?;
    let info = &tbs.subject_public_key_info;
    let key = rsa_key(info).ok_or(Flaw::Unreliable("the responder's key is not RSA"))?;
    Ok(Delegate {
        authority_key: authority.key_identifier.clone(),
        name: tbs.subject.clone(),
        key_hash: key_hash(info),
        key,
        not_before: milliseconds(tbs.validity.not_before.to_date_time()),
        not_after: milliseconds(tbs.validity.not_after.to_date_time()),
        der,
    })
}

fn for_revocation_answers(certificate: &Certificate) -> Result<(), Flaw> {
    let tbs = &certificate.tbs_certificate;
    let usage = tbs.get::<KeyUsage>()?;
    let extended = tbs.get::<ExtendedKeyUsage>()?;
    if usage.is_some_and(|(_, usage)| !usage.digital_signature())
        || extended.is_none_or(|(_, usage)| !usage.0.contains(&OCSP_SIGNING))
    {
        return Err(Flaw::Unreliable(
            "the responder's certificate is for something else",
        ));
    }
    let all = tbs.extensions.as_deref().unwrap_or_default();
    if !all.iter().any(|extension| extension.extn_id == NO_CHECK) {
        return Err(Flaw::Unreliable(
            "whether the responder itself is revoked stays open",
        ));
    }
    let read = [
        <KeyUsage as der::oid::AssociatedOid>::OID,
        <ExtendedKeyUsage as der::oid::AssociatedOid>::OID,
        <BasicConstraints as der::oid::AssociatedOid>::OID,
        NO_CHECK,
    ];
    if all.iter().any(|e| e.critical && !read.contains(&e.extn_id)) {
        return Err(Flaw::Unreliable(
            "the responder's certificate has a critical extension not known",
        ));
    }
    Ok(())
}
