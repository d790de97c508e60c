//! Insurer to intermediate server, and intermediate to eligibility server (simulated
//! interfaces): gain and loss of qualification, release of the use registration; and what portal,
//! certification authority and review body feed the eligibility server.

use serde::{Deserialize, Serialize};

/// Host the insurers know the intermediate server by.
pub const INTERMEDIATE_HOST: &str = "intermediate.sim.invalid";
/// Insurer registers gain or loss.
pub const REGISTRATIONS: &str = "/v1/registrations";
/// Intermediate server passes a registration on.
pub const FEED_QUALIFICATIONS: &str = "/v1/feed/qualifications";
/// Insurer enters the release of a use registration (利用登録解除).
pub const RELEASES: &str = "/v1/releases";
/// Intermediate server passes a release on.
pub const FEED_RELEASES: &str = "/v1/feed/releases";
/// Portal reports a use registration: serial and individual insured number.
pub const FEED_USE_REGISTRATIONS: &str = "/v1/feed/use-registrations";
/// J-LIS tells which new serial follows an old one.
pub const FEED_SERIAL_PAIRS: &str = "/v1/feed/serial-pairs";
/// Review body hands over what claims say of drugs.
pub const FEED_DRUGS: &str = "/v1/feed/drugs";

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
    /// Certificates and shares that come with a gain.
    #[serde(default, skip_serializing_if = "Benefits::is_empty")]
    pub benefits: Benefits,
}

/// What a qualification carries beside its numbers. Days are `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefits {
    /// 被保険者証区分 (OQSCD010); `01` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_classification: Option<String>,
    /// 住所.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// 氏名（その他）.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_of_other: Option<String>,
    /// 一部負担金割合 of the late-elderly: `010`, `020`, `030`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution_ratio: Option<String>,
    /// 高齢受給者証.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elderly: Option<Elderly>,
    /// 限度額適用認定証.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

impl Benefits {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Benefits::default()
    }
}

/// 高齢受給者証.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elderly {
    /// Share in percent, `020` or `030`.
    pub ratio: String,
    /// First valid day.
    pub from: String,
    /// Last valid day.
    pub to: String,
}

/// 限度額適用認定証.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// 限度額認定証区分 (OQSCD011).
    pub classification: String,
    /// 適用区分 (OQSCD012), passed on as it came.
    pub class: String,
    /// First valid day.
    pub from: String,
    /// Last valid day.
    pub to: String,
}

/// Body of [`RELEASES`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The person's individual number; it goes no further than the intermediate server.
    pub individual_number: String,
    /// First day without the registration, `YYYY-MM-DD`.
    pub effective_on: String,
}

/// Body of [`FEED_RELEASES`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FedRelease {
    /// 紐付番号 of the person.
    pub link_number: String,
    /// First day without the registration, `YYYY-MM-DD`.
    pub effective_on: String,
}

/// Body of [`FEED_USE_REGISTRATIONS`]; the answer is 201 when new, 200 when the same tie was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FedUseRegistration {
    /// Serial of the user-authentication certificate, lower-case hex.
    pub serial: String,
    /// Last valid day of that certificate, `YYYY-MM-DD`.
    pub last_day: String,
    /// 紐付番号 of the person.
    pub link_number: String,
    /// Individual insured number at the time.
    pub insured: InsuredNumbers,
}

/// An individual insured number (個人単位被保険者番号).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsuredNumbers {
    /// 保険者番号.
    pub insurer_number: String,
    /// 記号, may be empty.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番, two digits or empty.
    pub branch: String,
}

/// Body of [`FEED_SERIAL_PAIRS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FedSerialPair {
    /// Serial that ended, lower-case hex.
    pub old_serial: String,
    /// Last valid day of the old certificate, `YYYY-MM-DD`.
    pub old_last_day: String,
    /// Serial that follows it.
    pub new_serial: String,
    /// Last valid day of the new certificate.
    pub new_last_day: String,
    /// Day of the renewal or reissue.
    pub renewed_on: String,
}

/// Body of [`FEED_DRUGS`]: one dispensed drug, as a claim says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FedDrug {
    /// Whose claim it was on.
    pub insured: InsuredNumbers,
    /// Month of treatment, `YYYY-MM`.
    pub month: String,
    /// Day of dispensing, `YYYY-MM-DD`.
    pub dispensed_on: String,
    /// レセ電 code, 9 digits.
    pub drug_code: String,
    /// Name of the drug.
    pub drug_name: String,
    /// Quantity, as text.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// How it is taken.
    pub usage: String,
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
