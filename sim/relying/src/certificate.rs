//! The user-authentication certificate a house is shown, read once: what is signed, the key, the
//! serial and the Japanese calendar days it is valid on. Whether to trust it is `chain`'s affair.

use aws_lc_rs::signature::ParsedPublicKey;
use der::{DateTime, Decode};
use identifiers::CertificateSerial;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use rules::Date;
use x509_cert::Certificate;
use x509_cert::time::Time;

use crate::authority::{rsa_key, signed_part};
use crate::chain::Refusal;

/// A certificate longer than this is not read; the profile's have about 1.6 kB.
pub const MAX_CERTIFICATE: usize = 8 * 1024;

const JST: Offset = Offset::constant(9);

/// A card's certificate.
pub struct CardCertificate {
    /// The signed bytes as they came.
    pub(crate) signed: Vec<u8>,
    pub(crate) parsed: Certificate,
    /// Serial number (発行番号).
    pub serial: CertificateSerial,
    /// First day of validity, Japanese calendar.
    pub first_day: Date,
    /// Last valid day, Japanese calendar.
    pub last_valid: Date,
    key: ParsedPublicKey,
}

impl CardCertificate {
    /// Reads DER. Refuses what is no certificate, and serials, dates or keys the profile cannot have.
    pub fn read(der: &[u8]) -> Result<Self, Refusal> {
        if der.len() > MAX_CERTIFICATE {
            return Err(Refusal::NoCertificate);
        }
        let parsed = Certificate::from_der(der).map_err(|_| Refusal::NoCertificate)?;
        let signed = signed_part(der).ok_or(Refusal::NoCertificate)?.to_vec();
        let tbs = &parsed.tbs_certificate;
        let serial = CertificateSerial::from_der_integer(tbs.serial_number.as_bytes())
            .map_err(|_| Refusal::Serial)?;
        let first_day = japanese_day(tbs.validity.not_before).ok_or(Refusal::Dates)?;
        let last_valid = japanese_day(tbs.validity.not_after).ok_or(Refusal::Dates)?;
        let key = rsa_key(&tbs.subject_public_key_info).ok_or(Refusal::Key)?;
        Ok(Self {
            signed,
            serial,
            first_day,
            last_valid,
            key,
            parsed,
        })
    }

    /// Whether the card made this signature over these bytes (PKCS#1 v1.5, SHA-256).
    pub fn proves(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(bytes, signature).is_ok()
    }
}

fn japanese_day(time: Time) -> Option<Date> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    let stamp = Timestamp::from_second(seconds).ok()?;
    Some(stamp.to_zoned(TimeZone::fixed(JST)).date())
}

/// Milliseconds since 1970 of a DER time.
pub(crate) fn milliseconds(time: DateTime) -> i64 {
    i64::try_from(time.unix_duration().as_millis()).unwrap_or(i64::MAX)
}
