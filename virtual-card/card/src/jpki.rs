//! Files of the JPKI application (公的個人認証AP) that are made rather than handed in: the token
//! information and which certificates there are (facts/card.md 3.1).

use crate::contents::CardContents;
use wire::apdu::file;

/// The bytes of a data file; empty for ids that are none, and for a file its certificate is missing of.
pub(crate) fn file(contents: &CardContents, id: u16) -> Vec<u8> {
    let signing = contents.signing.as_ref();
    let authentication = &contents.authentication;
    match id {
        file::TOKEN_INFO => token_info(),
        file::AVAILABILITY => vec![if signing.is_some() { 0x8F } else { 0x00 }, 0x8F, 0x00],
        file::AUTHENTICATION_CERTIFICATE => authentication.certificate.clone(),
        file::AUTHENTICATION_CA_CERTIFICATE => authentication.ca_certificate.clone(),
        file::SIGN_CERTIFICATE => signing.map_or(Vec::new(), |signing| signing.certificate.clone()),
        file::SIGN_CA_CERTIFICATE => {
            signing.map_or(Vec::new(), |signing| signing.ca_certificate.clone())
        }
        _ => Vec::new(),
    }
}

/// The PKCS#11 token information, 160 bytes, numbers 32-bit big-endian. Label, flags and limits
/// are those seen on cards, since clients ask for them; the manufacturer says what this card is.
fn token_info() -> Vec<u8> {
    let mut info = Vec::with_capacity(160);
    for (text, width) in [
        ("JPKIAPICCTOKEN2", 32),
        ("JPKI-SIM (simulated card)", 32),
        ("E16R01NJ", 16),
        ("", 16),
    ] {
        info.extend_from_slice(format!("{text:width$}").as_bytes());
    }
    let flags = 0x0000_040D;
    let sessions = [1, 0, 1, 0];
    let pin_lengths = [16, 6];
    let memory = [u32::MAX; 4];
    for number in [flags]
        .into_iter()
        .chain(sessions)
        .chain(pin_lengths)
        .chain(memory)
    {
        info.extend_from_slice(&u32::to_be_bytes(number));
    }
    info.extend_from_slice(b"03");
    info.extend_from_slice(b"01");
    info.extend_from_slice(&[b'9'; 16]);
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_info_has_its_fields_in_place() {
        let info = token_info();
        assert_eq!(info.len(), 160);
        let table: [(usize, &[u8]); 7] = [
            (0, b"JPKIAPICCTOKEN2                 "),
            (64, b"E16R01NJ        "),
            (96, &[0x00, 0x00, 0x04, 0x0D]),
            (116, &[0, 0, 0, 16, 0, 0, 0, 6]),
            (124, &[0xFF; 16]),
            (140, b"0301"),
            (144, b"9999999999999999"),
        ];
        for (offset, expected) in table {
            assert_eq!(
                &info[offset..offset + expected.len()],
                expected,
                "at {offset}"
            );
        }
    }
}
