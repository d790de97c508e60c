//! Files of the surface application (券面事項確認AP): the printed face of the card with its photo, and
//! what proves an age or a face genuine (facts/card.md 3.3). Each is made when it is first read.

use crate::contents::CardContents;
use crate::cvc;
use crate::key::SignFailure;
use crate::png;
use crate::stamp::{Stamp, sha256};
use crate::tlv::{object, wide_object, with_offsets};
use wire::apdu::surface_file;

/// Birth date with a signature: the age record.
pub(crate) const AGE: u16 = 0x0001;
/// Version, key ids and municipality, free to read.
pub(crate) const BASE: u16 = 0x0003;
/// Certificate of the municipality.
pub(crate) const CERTIFICATE: u16 = 0x0004;
/// Sixteen FF; nobody knows what for.
pub(crate) const UNKNOWN: u16 = 0x0006;

/// Least widths of the pictures of name and address, in pixels.
const NAME_WIDTH: usize = 216;
const ADDRESS_WIDTH: usize = 288;

/// What stands before the three hashes in the signature over the card face: a DigestInfo of SHA-256
/// with an octet string of 96 bytes.
const FACE_DIGEST_INFO: [u8; 19] = [
    0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x60,
];

/// What is secret on the face of the card, as its pictures give it away: the security code and the number.
pub(crate) fn pictured(contents: &CardContents) -> [Vec<u8>; 2] {
    [&contents.security_code, &contents.individual_number]
        .map(|digits| png::telling(&png::digits(digits), png::width_of(digits)).to_vec())
}

/// The bytes of a data file; empty for ids that are none.
pub(crate) fn file(contents: &CardContents, id: u16) -> Result<Vec<u8>, SignFailure> {
    match id {
        AGE => age(contents),
        surface_file::CARD_FACE => card_face(contents),
        BASE => base(contents),
        CERTIFICATE => cvc::certificate("6000023"),
        surface_file::INDIVIDUAL_NUMBER_IMAGE => individual_number_image(contents),
        UNKNOWN => Ok(vec![0xFF; 16]),
        _ => Ok(Vec::new()),
    }
}

fn birth(contents: &CardContents) -> String {
    contents.holder.birth.strftime("%Y%m%d").to_string()
}

/// Birth date and key of the chip, signed together.
fn age(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    let signed = [
        object([0xDF, 0x11], birth(contents).as_bytes()),
        object([0xDF, 0x12], &Stamp::Chip.public()?),
    ]
    .concat();
    let signature = Stamp::Municipality.signature(&signed)?;
    let content = [signed, object([0xDF, 0x13], &signature)].concat();
    Ok(object([0xFF, 0x10], &content))
}

/// The face of the card. A card without photo keeps an empty object in its place.
fn card_face(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    let holder = &contents.holder;
    let sex = holder.sex.to_string();
    let expiry = contents.expires_on.strftime("%Y%m%d").to_string();
    let attributes = [
        object([0xDF, 0x22], birth(contents).as_bytes()),
        object([0xDF, 0x23], sex.as_bytes()),
        object([0xDF, 0x24], &Stamp::Chip.public()?),
    ];
    let printed = [
        wide_object([0xDF, 0x25], &png::columns(&holder.name, NAME_WIDTH)),
        wide_object([0xDF, 0x26], &png::columns(&holder.address, ADDRESS_WIDTH)),
    ];
    let photo = wide_object([0xDF, 0x27], contents.photo.as_deref().unwrap_or_default());
    let signature = face_signature([&attributes.concat(), &printed.concat(), &photo])?;
    let [birth, sex, key] = attributes;
    let [name, address] = printed;
    Ok(with_offsets(&[
        birth,
        sex,
        key,
        name,
        address,
        photo,
        object([0xDF, 0x28], &signature),
        object([0xDF, 0x29], expiry.as_bytes()),
        object([0xDF, 0x2A], &png::digits(&contents.security_code)),
    ]))
}

fn face_signature(parts: [&[u8]; 3]) -> Result<Vec<u8>, SignFailure> {
    let hashes = parts.map(sha256);
    let mut info = FACE_DIGEST_INFO.to_vec();
    for hash in &hashes {
        info.extend_from_slice(hash.as_ref());
    }
    Stamp::Municipality.signature_of_info(&info)
}

fn base(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    let head = [
        object([0xDF, 0x31], &[0x06, 0x03, 0x0E, 0x01]),
        object([0xDF, 0x32], &cvc::key_id("6000024")),
        object([0xDF, 0x33], &[0x00]),
        object([0xDF, 0x34], cvc::MUNICIPALITY.as_bytes()),
    ]
    .concat();
    // What the 256 bytes are on a real card is unknown.
    let opaque = Stamp::Authority.signature(&cvc::opaque(contents, "surface base"))?;
    let last = object([0xDF, 0x35], &[cvc::key_id("6000020"), opaque].concat());
    Ok(object([0xFF, 0x30], &[head, last].concat()))
}

/// Picture of the number and key of the chip, signed together.
fn signed_number(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    let picture = png::digits(&contents.individual_number);
    let key = object([0xDF, 0x42], &Stamp::Chip.public()?);
    Ok([wide_object([0xDF, 0x41], &picture), key].concat())
}

/// The signature beside the picture of the number: who guesses the number can tell by it.
pub(crate) fn number_signature(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    Stamp::Municipality.signature(&signed_number(contents)?)
}

fn individual_number_image(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    let signed = signed_number(contents)?;
    let signature = number_signature(contents)?;
    let content = [signed, object([0xDF, 0x43], &signature)].concat();
    Ok(object([0xFF, 0x40], &content))
}
