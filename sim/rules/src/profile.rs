//! What public sources leave open or dispute, as values handed in: where the grace ends, the result codes,
//! how long consent holds, how long an OCSP answer may take, the face file's character set.
//! The values and their sources stand in conformance/requirements/profile.yaml.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use thiserror::Error;

use crate::Outcome;

const GRACE_END: &str = "grace_end";
const CONSENT_HOURS: &str = "consent_hours";
const OCSP_TIMEOUT_MS: &str = "ocsp_timeout_ms";
const FACE_FILE_CHARSET: &str = "face_file_charset";
const REVOCATION_FALLBACK: &str = "revocation_fallback";
const PAIRING_DELAY_HOURS: &str = "pairing_delay_hours";
const MEDICAL_CODE: &str = "medical_code.";
const RESULT_CODE: &str = "result_code.";

/// On which day the three months of grace after a certificate's expiry end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraceEnd {
    /// Last day of the third month after the month of expiry.
    MonthEnd,
    /// Three months after the last valid day, clamped to the month's end.
    SameDay,
}

/// Character set of the result file in the `face` folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaceFileCharset {
    /// Shift_JIS (CharacterCodeIdentifier 1).
    ShiftJis,
    /// UTF-8 (CharacterCodeIdentifier 0).
    Utf8,
}

impl FaceFileCharset {
    /// The name as the profile and an XML declaration write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShiftJis => "Shift_JIS",
            Self::Utf8 => "UTF-8",
        }
    }
}

/// What the server asks when the revocation service (OCSP) gives no answer to rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationFallback {
    /// Nothing: validity could not be checked.
    None,
    /// The revocation list (CRL).
    Crl,
}

/// How a request for medical information ends; the codes of the real result (ResultCode of YZK) are not public
/// but for 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MedicalOutcome {
    /// The information is given.
    Given,
    /// The person has not consented at this facility.
    NoConsent,
    /// The consent given here is over (CONS-02).
    ConsentExpired,
    /// Nobody has this number.
    UnknownNumber,
    /// The request's values cannot be used.
    BadRequest,
}

impl MedicalOutcome {
    /// Every one, in order.
    pub const ALL: [Self; 5] = [
        Self::Given,
        Self::NoConsent,
        Self::ConsentExpired,
        Self::UnknownNumber,
        Self::BadRequest,
    ];

    /// Its name; the profile's key is `medical_code.` before it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::NoConsent => "no-consent",
            Self::ConsentExpired => "consent-expired",
            Self::UnknownNumber => "unknown-number",
            Self::BadRequest => "bad-request",
        }
    }

    const fn default_code(self) -> &'static str {
        match self {
            Self::Given => "1",
            Self::NoConsent => "SIM-M401",
            Self::ConsentExpired => "SIM-M402",
            Self::UnknownNumber => "SIM-M404",
            Self::BadRequest => "SIM-M400",
        }
    }
}

/// The values of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Where the grace ends.
    pub grace_end: GraceEnd,
    /// Hours a consent given at the counter holds, at least 1.
    pub consent_hours: u32,
    /// Milliseconds the server waits for word of revocation, OCSP and list together, at least 1.
    pub ocsp_timeout_ms: u64,
    /// Character set of the face file.
    pub face_file_charset: FaceFileCharset,
    /// What is asked when OCSP fails.
    pub revocation_fallback: RevocationFallback,
    /// Hours from a renewal until old and new serial are paired, at most 168.
    pub pairing_delay_hours: u32,
    /// One result code an outcome.
    pub result_codes: ResultCodes,
    /// One result code an end of a medical request.
    pub medical_codes: MedicalCodes,
}

/// The result code of each [`MedicalOutcome`], complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicalCodes(BTreeMap<MedicalOutcome, String>);

/// The result code of each outcome; complete, because only a whole profile or the default makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultCodes(BTreeMap<Outcome, String>);

/// Why a set of values is no profile: the fault of whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// A value nobody reads.
    #[error(
        "the profile gives a value to {key:?}, which is no parameter: correct the name or remove it"
    )]
    UnknownKey {
        /// The name as written.
        key: String,
    },
    /// A parameter without a value.
    #[error("the profile gives no value to {key:?}: add it")]
    MissingKey {
        /// The parameter.
        key: String,
    },
    /// A value outside what the parameter allows.
    #[error("the profile gives {key:?} the value {value:?}; it must be {expected}")]
    BadValue {
        /// The parameter.
        key: String,
        /// The value as written.
        value: String,
        /// What is allowed, in words.
        expected: &'static str,
    },
}

impl Profile {
    /// Reads named values, all of them and no other. Names what is unknown, missing or out of range.
    pub fn from_values(values: &BTreeMap<String, String>) -> Result<Self, ProfileError> {
        if let Some(key) = values.keys().find(|key| !known(key)) {
            return Err(ProfileError::UnknownKey { key: key.clone() });
        }
        let result_codes = Outcome::ALL
            .into_iter()
            .map(|outcome| {
                let key = format!("{RESULT_CODE}{}", outcome.name());
                // A refusal without a code could not be told from another one (PKI-04).
                let may_be_empty = outcome == Outcome::Confirmed;
                Ok((outcome, code_from(values, &key, may_be_empty)?))
            })
            .collect::<Result<_, _>>()?;
        let medical_codes = MedicalOutcome::ALL
            .into_iter()
            .map(|outcome| {
                let key = format!("{MEDICAL_CODE}{}", outcome.name());
                Ok((outcome, code_from(values, &key, false)?))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            grace_end: grace_end_from(values)?,
            consent_hours: number_from(values, CONSENT_HOURS, 1..=8760, "whole hours, 1 to 8760")?,
            ocsp_timeout_ms: number_from(
                values,
                OCSP_TIMEOUT_MS,
                1..=600_000,
                "whole milliseconds, 1 to 600000",
            )?
            .into(),
            face_file_charset: charset_from(values)?,
            revocation_fallback: fallback_from(values)?,
            pairing_delay_hours: number_from(
                values,
                PAIRING_DELAY_HOURS,
                0..=168,
                "whole hours, 0 to 168",
            )?,
            result_codes: ResultCodes(result_codes),
            medical_codes: MedicalCodes(medical_codes),
        })
    }

    /// The result code of a medical request's end.
    pub fn medical_code(&self, outcome: MedicalOutcome) -> &str {
        self.medical_codes
            .0
            .get(&outcome)
            .map_or("", String::as_str)
    }

    /// This profile with some values changed. Names what is unknown or out of range.
    pub fn with(&self, changes: &BTreeMap<String, String>) -> Result<Self, ProfileError> {
        let mut values = self.to_values();
        values.extend(changes.clone());
        Self::from_values(&values)
    }

    /// Every value by its name, as [`Profile::from_values`] reads them.
    pub fn to_values(&self) -> BTreeMap<String, String> {
        let grace_end = match self.grace_end {
            GraceEnd::MonthEnd => "month_end",
            GraceEnd::SameDay => "same_day",
        };
        let fallback = match self.revocation_fallback {
            RevocationFallback::None => "none",
            RevocationFallback::Crl => "crl",
        };
        let named = [
            (GRACE_END, grace_end.to_owned()),
            (CONSENT_HOURS, self.consent_hours.to_string()),
            (OCSP_TIMEOUT_MS, self.ocsp_timeout_ms.to_string()),
            (FACE_FILE_CHARSET, self.face_file_charset.name().to_owned()),
            (REVOCATION_FALLBACK, fallback.to_owned()),
            (PAIRING_DELAY_HOURS, self.pairing_delay_hours.to_string()),
        ];
        let named = named.map(|(key, value)| (key.to_owned(), value));
        let results = Outcome::ALL.map(|outcome| {
            let key = format!("{RESULT_CODE}{}", outcome.name());
            (key, self.result_code(outcome).to_owned())
        });
        let medical = MedicalOutcome::ALL.map(|outcome| {
            let key = format!("{MEDICAL_CODE}{}", outcome.name());
            (key, self.medical_code(outcome).to_owned())
        });
        named.into_iter().chain(results).chain(medical).collect()
    }

    /// The result code of an outcome.
    pub fn result_code(&self, outcome: Outcome) -> &str {
        self.result_codes.0.get(&outcome).map_or("", String::as_str)
    }
}

impl Default for Profile {
    /// The shipped values; a test compares them with profile.yaml.
    fn default() -> Self {
        Self {
            grace_end: GraceEnd::MonthEnd,
            consent_hours: 24,
            ocsp_timeout_ms: 5_000,
            face_file_charset: FaceFileCharset::ShiftJis,
            revocation_fallback: RevocationFallback::None,
            pairing_delay_hours: 24,
            result_codes: ResultCodes(
                Outcome::ALL
                    .into_iter()
                    .map(|outcome| (outcome, default_code(outcome).to_owned()))
                    .collect(),
            ),
            medical_codes: MedicalCodes(
                MedicalOutcome::ALL
                    .into_iter()
                    .map(|outcome| (outcome, outcome.default_code().to_owned()))
                    .collect(),
            ),
        }
    }
}

const fn default_code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed => "",
        Outcome::NoticeExpiresSoon => "SIM-N101",
        Outcome::NoticeExpiredGrace => "SIM-N102",
        Outcome::CertificateExpired => "SIM-E201",
        Outcome::CertificateRevoked => "SIM-E202",
        Outcome::CertificateSuspended => "SIM-E203",
        Outcome::CertificateUnknown => "SIM-E204",
        Outcome::RevocationUnavailable => "SIM-E205",
        Outcome::CertificateInvalid => "SIM-E206",
        Outcome::SignatureInvalid => "SIM-E207",
        Outcome::NotRegistered => "SIM-E301",
        Outcome::NoQualification => "SIM-E302",
        Outcome::RegistrationLapsed => "SIM-E303",
        Outcome::RegistrationReleased => "SIM-E304",
    }
}

fn known(key: &str) -> bool {
    if let Some(name) = key.strip_prefix(RESULT_CODE) {
        return Outcome::ALL.iter().any(|outcome| outcome.name() == name);
    }
    if let Some(name) = key.strip_prefix(MEDICAL_CODE) {
        return MedicalOutcome::ALL
            .iter()
            .any(|outcome| outcome.name() == name);
    }
    [
        GRACE_END,
        CONSENT_HOURS,
        OCSP_TIMEOUT_MS,
        FACE_FILE_CHARSET,
        REVOCATION_FALLBACK,
        PAIRING_DELAY_HOURS,
    ]
    .contains(&key)
}

fn value<'a>(values: &'a BTreeMap<String, String>, key: &str) -> Result<&'a str, ProfileError> {
    values
        .get(key)
        .map(String::as_str)
        .ok_or_else(|| ProfileError::MissingKey {
            key: key.to_owned(),
        })
}

fn bad(key: &str, value: &str, expected: &'static str) -> ProfileError {
    ProfileError::BadValue {
        key: key.to_owned(),
        value: value.to_owned(),
        expected,
    }
}

fn grace_end_from(values: &BTreeMap<String, String>) -> Result<GraceEnd, ProfileError> {
    match value(values, GRACE_END)? {
        "month_end" => Ok(GraceEnd::MonthEnd),
        "same_day" => Ok(GraceEnd::SameDay),
        other => Err(bad(GRACE_END, other, "month_end or same_day")),
    }
}

fn charset_from(values: &BTreeMap<String, String>) -> Result<FaceFileCharset, ProfileError> {
    match value(values, FACE_FILE_CHARSET)? {
        "Shift_JIS" => Ok(FaceFileCharset::ShiftJis),
        "UTF-8" => Ok(FaceFileCharset::Utf8),
        other => Err(bad(FACE_FILE_CHARSET, other, "Shift_JIS or UTF-8")),
    }
}

fn fallback_from(values: &BTreeMap<String, String>) -> Result<RevocationFallback, ProfileError> {
    match value(values, REVOCATION_FALLBACK)? {
        "none" => Ok(RevocationFallback::None),
        "crl" => Ok(RevocationFallback::Crl),
        other => Err(bad(REVOCATION_FALLBACK, other, "none or crl")),
    }
}

fn number_from(
    values: &BTreeMap<String, String>,
    key: &str,
    allowed: RangeInclusive<u32>,
    expected: &'static str,
) -> Result<u32, ProfileError> {
    let text = value(values, key)?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if plain && allowed.contains(&number) => Ok(number),
        _ => Err(bad(key, text, expected)),
    }
}

fn code_from(
    values: &BTreeMap<String, String>,
    key: &str,
    may_be_empty: bool,
) -> Result<String, ProfileError> {
    let text = value(values, key)?;
    if text.len() > 32
        || !text.bytes().all(|byte| byte.is_ascii_graphic())
        || (text.is_empty() && !may_be_empty)
    {
        return Err(bad(
            key,
            text,
            "1 to 32 ASCII characters without blanks (empty for confirmed only)",
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> BTreeMap<String, String> {
        #[derive(serde::Deserialize)]
        struct Parameter {
            value: String,
        }
        let yaml = include_str!("../../../conformance/requirements/profile.yaml");
        let parameters: BTreeMap<String, Parameter> = serde_saphyr::from_str(yaml).unwrap();
        parameters
            .into_iter()
            .map(|(name, parameter)| (name, parameter.value))
            .collect()
    }

    #[test]
    fn the_default_is_the_shipped_profile() {
        assert_eq!(Profile::from_values(&shipped()), Ok(Profile::default()));
    }

    #[test]
    fn some_values_are_changed_and_the_others_stay() {
        let change = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let profile = Profile::default();
        assert_eq!(profile.to_values(), shipped());
        let changed = profile.with(&change("grace_end", "same_day")).unwrap();
        assert_eq!(changed.grace_end, GraceEnd::SameDay);
        assert_eq!(changed.result_codes, profile.result_codes);
        assert!(profile.with(&change("grace_end", "never")).is_err());
        assert!(profile.with(&change("graceend", "same_day")).is_err());
    }

    #[test]
    fn every_missing_parameter_is_named() {
        for key in shipped().keys() {
            let mut values = shipped();
            values.remove(key);
            assert_eq!(
                Profile::from_values(&values),
                Err(ProfileError::MissingKey { key: key.clone() })
            );
        }
    }

    #[test]
    fn unknown_parameters_are_named() {
        for key in [
            "grace",
            "result_code.other",
            "result_code.",
            "medical_code.other",
            "",
        ] {
            let mut values = shipped();
            values.insert(key.to_owned(), "1".to_owned());
            assert_eq!(
                Profile::from_values(&values),
                Err(ProfileError::UnknownKey {
                    key: key.to_owned()
                })
            );
        }
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (key, value) in [
            ("grace_end", "MonthEnd"),
            ("grace_end", ""),
            ("consent_hours", "0"),
            ("consent_hours", "8761"),
            ("consent_hours", "+24"),
            ("consent_hours", "a day"),
            ("ocsp_timeout_ms", "0"),
            ("ocsp_timeout_ms", "600001"),
            ("ocsp_timeout_ms", "99999999999999999999"),
            ("face_file_charset", "sjis"),
            ("revocation_fallback", "list"),
            ("pairing_delay_hours", "169"),
            ("pairing_delay_hours", "-1"),
            ("medical_code.no-consent", ""),
            ("result_code.certificate-revoked", ""),
            ("result_code.certificate-revoked", "E 202"),
            ("result_code.certificate-revoked", "失効"),
        ] {
            let mut values = shipped();
            values.insert(key.to_owned(), value.to_owned());
            match Profile::from_values(&values) {
                Err(ProfileError::BadValue {
                    key: named,
                    value: shown,
                    ..
                }) => assert_eq!((named.as_str(), shown.as_str()), (key, value)),
                other => panic!("{key} = {value:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn other_allowed_values_are_taken() {
        let mut values = shipped();
        for (key, value) in [
            ("grace_end", "same_day"),
            ("consent_hours", "1"),
            ("ocsp_timeout_ms", "250"),
            ("face_file_charset", "UTF-8"),
            ("result_code.confirmed", "OK"),
        ] {
            values.insert(key.to_owned(), value.to_owned());
        }
        let profile = Profile::from_values(&values).unwrap();
        assert_eq!(profile.grace_end, GraceEnd::SameDay);
        assert_eq!((profile.consent_hours, profile.ocsp_timeout_ms), (1, 250));
        assert_eq!(profile.face_file_charset.name(), "UTF-8");
        assert_eq!(Outcome::Confirmed.code(&profile), "OK");
        assert_eq!(Outcome::NotRegistered.code(&profile), "SIM-E301");
    }
}
