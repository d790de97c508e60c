//! Insurer to intermediate server, and intermediate to eligibility server (simulated
//! interfaces): gain and loss of qualification, and the tie of a certificate's serial.

use serde::{Deserialize, Serialize};

/// Host the insurers know the intermediate server by.
pub const INTERMEDIATE_HOST: &str = "intermediate.sim.invalid";
/// Insurer registers gain or loss.
pub const REGISTRATIONS: &str = "/v1/registrations";
/// Intermediate server passes a registration on.
pub const FEED_QUALIFICATIONS: &str = "/v1/feed/qualifications";
/// Intermediate server ties a serial to a person.
pub const FEED_LINKS: &str = "/v1/feed/links";

/// Gain or loss of a qualification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 資格取得.
    Gain,
    /// 資格喪失.
    Loss,
}

/// What an insurer registers; also, without the individual number, what is passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualification {
    /// Gain or loss.
    pub kind: Kind,
    /// 保険者番号, 8 or 6 digits.
    pub insurer_number: String,
    /// 保険者名称.
    pub insurer_name: String,
    /// 記号, may be empty.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番, two digits or empty.
    pub branch: String,
    /// First day with (gain) or without (loss) the qualification, `YYYY-MM-DD`.
    pub on: String,
    /// 氏名.
    pub name: String,
    /// カナ, half-width.
    pub name_kana: String,
    /// `YYYY-MM-DD`.
    pub birthdate: String,
    /// OQSCD007.
    pub sex: String,
    /// OQSCD009: 1 本人, 2 家族.
    pub relationship: String,
    /// OQSCD008, with a loss only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_of_loss: Option<String>,
}

/// Body of [`REGISTRATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The person's individual number; it goes no further than the intermediate server.
    pub individual_number: String,
    /// What is registered.
    #[serde(flatten)]
    pub qualification: Qualification,
}

/// Body of [`FEED_QUALIFICATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FedQualification {
    /// 紐付番号 of the person.
    pub link_number: String,
    /// What was registered.
    #[serde(flatten)]
    pub qualification: Qualification,
}

/// Body of [`FEED_LINKS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FedLink {
    /// 紐付番号 of the person.
    pub link_number: String,
    /// Serial of the user-authentication certificate, lower-case hex.
    pub serial: String,
}
