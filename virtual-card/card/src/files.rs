//! The file tree of the card as tables: which files there are, of what kind, and who may read them. A
//! wrong guess about a real card is corrected in a row here. Contents are made when first read.

use crate::contents::{CardContents, Use};
use crate::key::SignFailure;
use crate::profile::AbsentSigning;
use crate::secret::SecretName;
use crate::{jpki, surface, text};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use wire::apdu::{file, surface_file, text_file};

/// An application, or the level without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Application {
    /// The issuer domain, current after power-up.
    IssuerDomain,
    /// 公的個人認証AP.
    Jpki,
    /// 券面入力補助AP.
    Text,
    /// 券面事項確認AP.
    Surface,
}

/// Who may read a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Free,
    /// Whoever presented one of these.
    After(&'static [SecretName]),
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
    /// The chip's own key, which needs no secret.
    ChipKey,
    /// A PIN, password or 照合番号.
    Secret(SecretName),
    /// Something that can be selected but not read.
    Reference,
}

const AFTER_SIGN_PASSWORD: Kind = Kind::Data(Access::After(&[SecretName::SignPassword]));
const FREE: Kind = Kind::Data(Access::Free);

// Ids 0005, 0010, 0019, 001C and 001E were seen to exist on real cards; nobody knows what they
// are, so they are left out rather than invented.
const JPKI_FILES: [(u16, Kind); 12] = [
    (file::SIGN_CERTIFICATE, AFTER_SIGN_PASSWORD),
    (file::SIGN_CA_CERTIFICATE, FREE),
    (file::TOKEN_INFO, FREE),
    (file::AVAILABILITY, FREE),
    (file::UNKNOWN_PROTECTED, Kind::Data(Access::Nobody)),
    (file::AUTHENTICATION_CERTIFICATE, FREE),
    (file::AUTHENTICATION_CA_CERTIFICATE, FREE),
    (file::TERMINAL_CA_KEY, Kind::Reference),
    (file::AUTHENTICATION_KEY, Kind::Key(Use::Authentication)),
    (
        file::AUTHENTICATION_PIN,
        Kind::Secret(SecretName::AuthenticationPin),
    ),
    (file::SIGN_KEY, Kind::Key(Use::Signing)),
    (file::SIGN_PASSWORD, Kind::Secret(SecretName::SignPassword)),
];

const TEXT_PIN_OR_A: Kind = Kind::Data(Access::After(&[
    SecretName::TextPin,
    SecretName::TextVerificationA,
]));
const TEXT_PIN_OR_B: Kind = Kind::Data(Access::After(&[
    SecretName::TextPin,
    SecretName::TextVerificationB,
]));
const TEXT_ANY: Kind = Kind::Data(Access::After(&[
    SecretName::TextPin,
    SecretName::TextVerificationA,
    SecretName::TextVerificationB,
]));

const TEXT_FILES: [(u16, Kind); 13] = [
    (text_file::INDIVIDUAL_NUMBER, TEXT_PIN_OR_A),
    (text_file::ATTRIBUTES, TEXT_PIN_OR_B),
    (text_file::INTEGRITY, TEXT_ANY),
    (text::CERTIFICATE, FREE),
    (text::BASE, FREE),
    (text::SESSION_KEY, TEXT_ANY),
    (text::CHIP_PUBLIC_KEY, TEXT_ANY),
    // What opens it is not known; sixteen FF need no guard.
    (text::UNKNOWN, FREE),
    (text_file::PIN, Kind::Secret(SecretName::TextPin)),
    (text::BLOCKED, Kind::Secret(SecretName::TextBlocked)),
    (text::CHIP_KEY, Kind::ChipKey),
    (
        text_file::VERIFICATION_A,
        Kind::Secret(SecretName::TextVerificationA),
    ),
    (
        text_file::VERIFICATION_B,
        Kind::Secret(SecretName::TextVerificationB),
    ),
];

const SURFACE_A_OR_B: Kind = Kind::Data(Access::After(&[
    SecretName::SurfaceVerificationA,
    SecretName::SurfaceVerificationB,
]));

// Ids 001A, 001C and 001E were seen to exist; nobody knows what they are.
const SURFACE_FILES: [(u16, Kind); 9] = [
    (
        surface::AGE,
        Kind::Data(Access::After(&[SecretName::SurfaceBirthDate])),
    ),
    (surface_file::CARD_FACE, SURFACE_A_OR_B),
    (surface::BASE, FREE),
    (surface::CERTIFICATE, FREE),
    (
        surface_file::INDIVIDUAL_NUMBER_IMAGE,
        Kind::Data(Access::After(&[SecretName::SurfaceVerificationA])),
    ),
    (surface::UNKNOWN, SURFACE_A_OR_B),
    (
        surface_file::BIRTH_DATE_KEY,
        Kind::Secret(SecretName::SurfaceBirthDate),
    ),
    (
        surface_file::VERIFICATION_B,
        Kind::Secret(SecretName::SurfaceVerificationB),
    ),
    (
        surface_file::VERIFICATION_A,
        Kind::Secret(SecretName::SurfaceVerificationA),
    ),
];

/// The only file ever seen without an application: it can be selected, reading it fails.
const ISSUER_DOMAIN_FILES: [(u16, Kind); 1] = [(0x001E, Kind::Reference)];

/// What the file of that id is; `None` when the application has no such file on this card. Whether a
/// secret has its file is the card's to say ([`crate::Card`]).
pub(crate) fn kind(contents: &CardContents, application: Application, id: u16) -> Option<Kind> {
    let table = match application {
        Application::IssuerDomain => ISSUER_DOMAIN_FILES.as_slice(),
        Application::Jpki => &JPKI_FILES,
        Application::Text => &TEXT_FILES,
        Application::Surface => &SURFACE_FILES,
    };
    let (_, kind) = table.iter().find(|(known, _)| *known == id)?;
    let there = match (application, id, kind) {
        (Application::Jpki, file::SIGN_CERTIFICATE | file::SIGN_CA_CERTIFICATE, _) => {
            contents.signing.is_some()
        }
        (_, _, Kind::Key(Use::Signing)) => {
            contents.signing.is_some()
                || contents.profile.absent_signing == AbsentSigning::LockedFiles
        }
        _ => true,
    };
    there.then_some(*kind)
}

/// The data files of one card, as far as they have been read.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<(Application, u16), Vec<u8>>);

impl Files {
    /// Bytes of a data file; empty for every other file.
    pub(crate) fn data(
        &mut self,
        contents: &CardContents,
        application: Application,
        id: u16,
    ) -> Result<&[u8], SignFailure> {
        // A signature is worth keeping: a file is read in many pieces.
        match self.0.entry((application, id)) {
            Entry::Occupied(made) => Ok(made.into_mut()),
            Entry::Vacant(place) => {
                let data = match application {
                    Application::IssuerDomain => Vec::new(),
                    Application::Jpki => jpki::file(contents, id),
                    Application::Text => text::file(contents, id)?,
                    Application::Surface => surface::file(contents, id)?,
                };
                Ok(place.insert(data))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_ids_fit_the_short_form_and_are_unique() {
        for table in [JPKI_FILES.as_slice(), &TEXT_FILES, &SURFACE_FILES] {
            let mut ids: Vec<u16> = table.iter().map(|(id, _)| *id).collect();
            assert!(ids.iter().all(|id| (1..=30).contains(id)));
            assert!(ids.is_sorted());
            ids.dedup();
            assert_eq!(ids.len(), table.len());
        }
    }
}
