//! What the face applications and the issuer domain share: key ids, the card-verifiable certificate of
//! the municipality and the number of the card (facts/card.md 2.1, 3.5). Names are those of the test
//! hierarchy; the municipality is nobody's.

use crate::contents::CardContents;
use crate::key::SignFailure;
use crate::stamp::{Stamp, sha256};
use crate::tlv::{object, wide_object};

/// Code of the municipality that issued every simulated card, 5 digits; prefecture 99 is nobody's.
pub(crate) const MUNICIPALITY: &str = "99001";

/// A key id: seven digits, `08 05`, three digits, four bytes of padding.
pub(crate) fn key_id(digits: &str) -> Vec<u8> {
    [digits.as_bytes(), &[0x08, 0x05], b"001", &[0xFF; 4]].concat()
}

/// Key id of the municipality.
fn municipality_id() -> Vec<u8> {
    key_id(&format!("00{MUNICIPALITY}"))
}

/// Body and signature of the certificate by which the issuer of that id knows the municipality's key.
pub(crate) fn body_and_signature(issuer: &str) -> Result<Vec<u8>, SignFailure> {
    let body = [
        key_id(issuer),
        municipality_id(),
        Stamp::Municipality.public()?,
    ]
    .concat();
    let signature = Stamp::Authority.signature(&body)?;
    Ok([
        object([0x5F, 0x4E], &body),
        object([0x5F, 0x37], &signature),
    ]
    .concat())
}

/// The same as a file, 568 bytes.
pub(crate) fn certificate(issuer: &str) -> Result<Vec<u8>, SignFailure> {
    Ok(wide_object([0x7F, 0x21], &body_and_signature(issuer)?))
}

/// Number of the card, 15 digits made from its seed: the same card has the same one in every run.
pub(crate) fn card_number(contents: &CardContents) -> String {
    let hash = sha256(&[b"card number", contents.seed.as_slice()].concat());
    let digits = hash.as_ref().iter().take(15);
    digits.map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// Opaque bytes of this card, made from its seed.
pub(crate) fn opaque(contents: &CardContents, what: &str) -> Vec<u8> {
    let hash = sha256(&[what.as_bytes(), contents.seed.as_slice()].concat());
    hash.as_ref().to_vec()
}

/// An object of the issuer domain as GET DATA gives it; `None` when there is none of that tag. The card
/// recognition data (`0066`) is left out: no source says what stands in it.
pub(crate) fn issuer_object(
    contents: &CardContents,
    tag: u16,
) -> Option<Result<Vec<u8>, SignFailure>> {
    let plain = |text: String| Some(Ok(text.into_bytes()));
    match tag {
        0x0042 | 0x00F7 => Some(Ok(key_id("6000020"))),
        0x0045 => plain(card_number(contents)),
        0x00F0 => plain(MUNICIPALITY.to_owned()),
        0x00F2 => plain(contents.expires_on.strftime("%Y%m%d").to_string()),
        0x00F8 | 0x7F21 => Some(template_content("6000020")),
        0x5F51 => Some(Ok(crate::profile::ATR_CONTACT[1..].to_vec())),
        _ => None,
    }
}

/// A certificate as GET DATA gives one: what its template announces, then body and signature.
fn template_content(issuer: &str) -> Result<Vec<u8>, SignFailure> {
    const TEMPLATE: [u8; 12] = [
        0x4D, 0x0A, 0x42, 0x10, 0x5F, 0x20, 0x10, 0x5F, 0x49, 0x82, 0x01, 0x09,
    ];
    Ok([TEMPLATE.to_vec(), body_and_signature(issuer)?].concat())
}
