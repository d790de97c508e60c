//! What public sources leave open or dispute, as values handed in: where the grace ends, the result codes,
//! how long consent holds, how long an OCSP answer may take, the face file's character set.
//! The values and their sources stand in conformance/requirements/profile.yaml.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::Outcome;

const GRACE_END: &str = "grace_end";
const CONSENT_HOURS: &str = "consent_hours";
const OCSP_TIMEOUT_MS: &str = "ocsp_timeout_ms";
const FACE_FILE_CHARSET: &str = "face_file_charset";
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

/// The values of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Where the grace ends.
    pub grace_end: GraceEnd,
    /// Hours a consent given at the counter holds, at least 1.
    pub consent_hours: u32,
    /// Milliseconds the server waits for an OCSP answer, at least 1.
    pub ocsp_timeout_ms: u64,
    /// Character set of the face file.
    pub face_file_charset: FaceFileCharset,
    /// One result code an outcome.
    pub result_codes: ResultCodes,
}

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
            .map(|outcome| Ok((outcome, code_from(values, outcome)?)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            grace_end: grace_end_from(values)?,
            consent_hours: number_from(values, CONSENT_HOURS, 8760)?,
            ocsp_timeout_ms: number_from(values, OCSP_TIMEOUT_MS, 600_000)?.into(),
            face_file_charset: charset_from(values)?,
            result_codes: ResultCodes(result_codes),
        })
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
            result_codes: ResultCodes(
                Outcome::ALL
                    .into_iter()
                    .map(|outcome| (outcome, default_code(outcome).to_owned()))
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
    }
}

fn known(key: &str) -> bool {
    match key.strip_prefix(RESULT_CODE) {
        Some(name) => Outcome::ALL.iter().any(|outcome| outcome.name() == name),
        None => [GRACE_END, CONSENT_HOURS, OCSP_TIMEOUT_MS, FACE_FILE_CHARSET].contains(&key),
    }
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

fn number_from(
    values: &BTreeMap<String, String>,
    key: &str,
    most: u32,
) -> Result<u32, ProfileError> {
    let text = value(values, key)?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if plain && (1..=most).contains(&number) => Ok(number),
        _ => Err(bad(
            key,
            text,
            if key == CONSENT_HOURS {
                "whole hours, 1 to 8760"
            } else {
                "whole milliseconds, 1 to 600000"
            },
        )),
    }
}

fn code_from(values: &BTreeMap<String, String>, outcome: Outcome) -> Result<String, ProfileError> {
    let key = format!("{RESULT_CODE}{}", outcome.name());
    let text = value(values, &key)?;
    // A refusal without a code could not be told from another one (PKI-04).
    let may_be_empty = outcome == Outcome::Confirmed;
    if text.len() > 32
        || !text.bytes().all(|byte| byte.is_ascii_graphic())
        || (text.is_empty() && !may_be_empty)
    {
        return Err(bad(
            &key,
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
        for key in ["grace", "result_code.other", "result_code.", ""] {
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
