//! The file tree of the card as a table: which files there are, of what kind, and who may read
//! them. A wrong guess about a real card is corrected in a row here.

use crate::contents::{CardContents, Use};
use std::collections::BTreeMap;
use wire::apdu::file;

/// An application, or the level without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Application {
    /// The issuer domain, current after power-up.
    IssuerDomain,
    /// 公的個人認証AP.
    Jpki,
}

/// Who may read a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Free,
    /// Whoever presented the sign password.
    SignPassword,
    /// Nobody: no known secret opens it.
    Nobody,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes to read.
    Data(Access),
    /// A private key.
    Key(Use),
    /// A PIN or password.
    Secret(Use),
    /// Something that can be selected but not read.
    Reference,
}

// Ids 0005, 0010, 0019, 001C and 001E were seen to exist on real cards; nobody knows what they
// are, so they are left out rather than invented.
const JPKI_FILES: [(u16, Kind); 12] = [
    (file::SIGN_CERTIFICATE, Kind::Data(Access::SignPassword)),
    (file::SIGN_CA_CERTIFICATE, Kind::Data(Access::Free)),
    (file::TOKEN_INFO, Kind::Data(Access::Free)),
    (file::AVAILABILITY, Kind::Data(Access::Free)),
    (file::UNKNOWN_PROTECTED, Kind::Data(Access::Nobody)),
    (file::AUTHENTICATION_CERTIFICATE, Kind::Data(Access::Free)),
    (
        file::AUTHENTICATION_CA_CERTIFICATE,
        Kind::Data(Access::Free),
    ),
    (file::TERMINAL_CA_KEY, Kind::Reference),
    (file::AUTHENTICATION_KEY, Kind::Key(Use::Authentication)),
    (file::AUTHENTICATION_PIN, Kind::Secret(Use::Authentication)),
    (file::SIGN_KEY, Kind::Key(Use::Signing)),
    (file::SIGN_PASSWORD, Kind::Secret(Use::Signing)),
];

/// Files that exist only with a signing certificate. What a real card without one answers is not
/// known; "not found" is the first guess.
const SIGNING_FILES: [u16; 4] = [
    file::SIGN_CERTIFICATE,
    file::SIGN_CA_CERTIFICATE,
    file::SIGN_KEY,
    file::SIGN_PASSWORD,
];

/// The only file ever seen without an application: it can be selected, reading it fails.
const ISSUER_DOMAIN_FILES: [(u16, Kind); 1] = [(0x001E, Kind::Reference)];

/// The files of one card.
pub(crate) struct Files {
    with_signing: bool,
    data: BTreeMap<u16, Vec<u8>>,
}

impl Files {
    /// Lays down the files of a card.
    pub(crate) fn new(contents: &CardContents) -> Files {
        let authentication = &contents.authentication;
        let mut data = BTreeMap::from([
            (file::TOKEN_INFO, token_info()),
            (file::AVAILABILITY, availability(contents)),
            (
                file::AUTHENTICATION_CERTIFICATE,
                authentication.certificate.clone(),
            ),
            (
                file::AUTHENTICATION_CA_CERTIFICATE,
                authentication.ca_certificate.clone(),
            ),
        ]);
        if let Some(signing) = &contents.signing {
            data.insert(file::SIGN_CERTIFICATE, signing.certificate.clone());
            data.insert(file::SIGN_CA_CERTIFICATE, signing.ca_certificate.clone());
        }
        Files {
            with_signing: contents.signing.is_some(),
            data,
        }
    }

    /// What the file of that id is; `None` when the application has no such file.
    pub(crate) fn kind(&self, application: Application, id: u16) -> Option<Kind> {
        let table = match application {
            Application::IssuerDomain => ISSUER_DOMAIN_FILES.as_slice(),
            Application::Jpki if !self.with_signing && SIGNING_FILES.contains(&id) => &[],
            Application::Jpki => JPKI_FILES.as_slice(),
        };
        let (_, kind) = table.iter().find(|(known, _)| *known == id)?;
        Some(*kind)
    }

    /// Bytes of a data file of the JPKI application; empty for every other file.
    pub(crate) fn data(&self, id: u16) -> &[u8] {
        self.data.get(&id).map_or(&[], Vec::as_slice)
    }
}

fn availability(contents: &CardContents) -> Vec<u8> {
    let signing = if contents.signing.is_some() {
        0x8F
    } else {
        0x00
    };
    vec![signing, 0x8F, 0x00]
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

    #[test]
    fn file_ids_fit_the_short_form_and_are_unique() {
        let mut ids: Vec<u16> = JPKI_FILES.iter().map(|(id, _)| *id).collect();
        assert!(ids.iter().all(|id| (1..=30).contains(id)));
        ids.dedup();
        assert!(ids.is_sorted());
        assert_eq!(ids.len(), JPKI_FILES.len());
    }
}
