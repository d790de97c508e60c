//! Files of the text application (券面入力補助AP): the individual number and the four attributes with
//! hashes and a signature over both (facts/card.md 3.2). Each is made when it is first read.

use crate::contents::CardContents;
use crate::cvc;
use crate::key::SignFailure;
use crate::stamp::{Stamp, sha256};
use crate::tlv::{object, with_offsets};
use wire::apdu::text_file;

/// Certificate of the municipality.
pub(crate) const CERTIFICATE: u16 = 0x0004;
/// Version and key id, free to read.
pub(crate) const BASE: u16 = 0x0005;
/// Key that receives session keys.
pub(crate) const SESSION_KEY: u16 = 0x0006;
/// Public half of the chip's key, signed.
pub(crate) const CHIP_PUBLIC_KEY: u16 = 0x0007;
/// Sixteen FF; nobody knows what for.
pub(crate) const UNKNOWN: u16 = 0x0008;
/// Not on any card but a wrong one ([`crate::Conduct::insurance_data_on_chip`]).
pub(crate) const INSURANCE: u16 = 0x000A;
/// A secret blocked from issue.
pub(crate) const BLOCKED: u16 = 0x0012;
/// The chip's key, usable without any secret.
pub(crate) const CHIP_KEY: u16 = 0x0013;

/// Bytes of the file BASE as clients read it.
const BASE_LENGTH: usize = 256;

/// The bytes of a data file; empty for ids that are none.
pub(crate) fn file(contents: &CardContents, id: u16) -> Result<Vec<u8>, SignFailure> {
    match id {
        text_file::INDIVIDUAL_NUMBER => Ok(individual_number(contents)),
        text_file::ATTRIBUTES => Ok(with_offsets(&attributes(contents))),
        text_file::INTEGRITY => integrity(contents),
        CERTIFICATE => cvc::certificate("6000033"),
        BASE => Ok(base(contents)),
        // Which key receives session keys on a real card is unknown; secure messaging is not offered.
        SESSION_KEY => session_key(),
        CHIP_PUBLIC_KEY => chip_public_key(),
        UNKNOWN => Ok(vec![0xFF; 16]),
        _ => Ok(Vec::new()),
    }
}

/// 17 bytes: the number and two bytes of filler.
fn individual_number(contents: &CardContents) -> Vec<u8> {
    let number = object([0xFF, 0x10], contents.individual_number.as_bytes());
    [number, vec![0xFF; 2]].concat()
}

/// Name, address, birth date, sex.
fn attributes(contents: &CardContents) -> Vec<Vec<u8>> {
    let holder = &contents.holder;
    let birth = holder.birth.strftime("%Y%m%d").to_string();
    [
        (0x22, holder.name.as_str()),
        (0x23, &holder.address),
        (0x24, &birth),
        (0x25, &holder.sex.to_string()),
    ]
    .map(|(tag, text)| object([0xDF, tag], text.as_bytes()))
    .to_vec()
}

/// Hash of the file that holds the number: a hash of a secret, and one of few guesses.
pub(crate) fn number_digest(contents: &CardContents) -> Vec<u8> {
    sha256(&individual_number(contents)).as_ref().to_vec()
}

/// Hash of the whole first file, hash of the attributes behind their table.
fn hashes(contents: &CardContents) -> Vec<u8> {
    let attributes = sha256(&attributes(contents).concat());
    [
        object([0xDF, 0x31], &number_digest(contents)),
        object([0xDF, 0x32], attributes.as_ref()),
    ]
    .concat()
}

/// The signature over both hashes: who guesses the number can tell by it.
pub(crate) fn hashes_signature(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    Stamp::Municipality.signature(&hashes(contents))
}

/// Both hashes, and the signature over both objects.
fn integrity(contents: &CardContents) -> Result<Vec<u8>, SignFailure> {
    let signature = object([0xDF, 0x33], &hashes_signature(contents)?);
    Ok(object(
        [0xFF, 0x30],
        &[hashes(contents), signature].concat(),
    ))
}

fn base(contents: &CardContents) -> Vec<u8> {
    let mut key = cvc::opaque(contents, "text base");
    key.resize(128, 0xFF);
    let content = [
        object([0xDF, 0x41], &[0x01, 0x03, 0x0E, 0x01]),
        object([0xDF, 0x42], &cvc::key_id("6000034")),
        object([0xDF, 0x43], &key),
    ]
    .concat();
    let mut file = object([0xFF, 0x40], &content);
    file.resize(BASE_LENGTH, 0xFF);
    file
}

/// `A1 820109` and the key.
fn session_key() -> Result<Vec<u8>, SignFailure> {
    let key = Stamp::Chip.public()?;
    Ok([[0xA1, 0x82, 0x01, 0x09].as_slice(), &key].concat())
}

fn chip_public_key() -> Result<Vec<u8>, SignFailure> {
    let key = object([0xDF, 0x51], &Stamp::Chip.public()?);
    let signature = Stamp::Municipality.signature(&key)?;
    let content = [key, object([0xDF, 0x52], &signature)].concat();
    Ok(object([0xFF, 0x50], &content))
}
