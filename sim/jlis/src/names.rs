//! Every name the simulated authority puts into a certificate, in one place. All of them say
//! SIMULATED or 模擬; municipality code 99999 and its prefecture exist nowhere.

use identifiers::CertificateSerial;
use x509_cert::name::Name;

use crate::der_parts::{COMMON_NAME, COUNTRY, LOCALITY, ORGANISATION, UNIT, name};

const ORGANISATION_NAME: &str = "JPKI-SIM";
const OPERATOR: &str = "SIMULATED Japan Agency for Local Authority Information Systems (模擬)";
const PREFECTURE: &str = "Simulated-ken";
const MUNICIPALITY: &str = "Simulated-shi";
const MUNICIPALITY_CODE: &str = "99999";

/// Which of the two hierarchies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 利用者証明用
    UserAuthentication,
    /// 署名用
    Signing,
}

impl Kind {
    fn unit(self) -> &'static str {
        match self {
            Self::UserAuthentication => "SIMULATED JPKI for user authentication (模擬)",
            Self::Signing => "SIMULATED JPKI for digital signature (模擬)",
        }
    }

    /// The authority, with its two units.
    pub(crate) fn authority(self) -> der::Result<Name> {
        name(&[
            (COUNTRY, "JP"),
            (ORGANISATION, ORGANISATION_NAME),
            (UNIT, self.unit()),
            (UNIT, OPERATOR),
        ])
    }

    /// The authority in Japanese.
    pub(crate) fn authority_in_japanese(self) -> der::Result<Name> {
        let unit = match self {
            Self::UserAuthentication => "公的個人認証サービス利用者証明用（模擬）",
            Self::Signing => "公的個人認証サービス署名用（模擬）",
        };
        name(&[
            (COUNTRY, "JP"),
            (ORGANISATION, "公的個人認証サービス（模擬）"),
            (UNIT, unit),
            (UNIT, "地方公共団体情報システム機構（模擬）"),
        ])
    }

    /// Where the municipality's revocation list would be.
    pub(crate) fn revocation_list(self) -> der::Result<Name> {
        name(&[
            (COUNTRY, "JP"),
            (ORGANISATION, ORGANISATION_NAME),
            (UNIT, self.unit()),
            (UNIT, "CRL Distribution Points"),
            (UNIT, PREFECTURE),
            (COMMON_NAME, &format!("{MUNICIPALITY} CRLDP")),
        ])
    }

    /// The person, known by number only: 23 characters for authentication, 28 for signing, ending in
    /// municipality and card type (facts/card.md 6). Which digits stand before is ours: the serial.
    pub(crate) fn subject(self, serial: CertificateSerial) -> der::Result<Name> {
        let serial = serial.value();
        match self {
            Self::UserAuthentication => {
                let number = format!("SIM{serial:011X}{MUNICIPALITY_CODE}003A");
                name(&[(COUNTRY, "JP"), (COMMON_NAME, &number)])
            }
            Self::Signing => {
                let number = format!("SIM{serial:016}{MUNICIPALITY_CODE}003A");
                name(&[
                    (COUNTRY, "JP"),
                    (LOCALITY, PREFECTURE),
                    (LOCALITY, MUNICIPALITY),
                    (COMMON_NAME, &number),
                ])
            }
        }
    }
}

/// The revocation service.
pub(crate) fn responder() -> der::Result<Name> {
    name(&[
        (COUNTRY, "JP"),
        (ORGANISATION, ORGANISATION_NAME),
        (UNIT, Kind::UserAuthentication.unit()),
        (COMMON_NAME, "SIMULATED OCSP responder (模擬)"),
    ])
}
