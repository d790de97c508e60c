//! Names of files a card check drops for the receipt computer:
//! `OQSsiquc01res_face_<facility code and serial>_<yyyyMMddHHmmss>.xml`.

use super::{DecodeError, short};

/// The parts of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceFileName {
    /// Facility code, ten digits.
    pub facility_code: String,
    /// What follows the code.
    pub serial: String,
    /// `yyyyMMddHHmmss`.
    pub written_at: String,
}

/// Takes a name apart.
pub fn face(name: &str) -> Result<FaceFileName, DecodeError> {
    let wrong = |expected: &str| DecodeError::new("file name", expected, short(name));
    let inner = name
        .strip_prefix("OQSsiquc01res_face_")
        .and_then(|n| n.strip_suffix(".xml"))
        .ok_or_else(|| wrong("OQSsiquc01res_face_….xml"))?;
    let (free, time) = inner
        .rsplit_once('_')
        .ok_or_else(|| wrong("a time after the last _"))?;
    if time.len() != 14 || !time.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("yyyyMMddHHmmss after the last _"));
    }
    let (code, serial) = free
        .split_at_checked(10)
        .ok_or_else(|| wrong("a facility code of ten digits"))?;
    if !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("a facility code of ten digits"));
    }
    Ok(FaceFileName {
        facility_code: code.into(),
        serial: serial.into(),
        written_at: time.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_taken_apart() {
        let name = face("OQSsiquc01res_face_9911234567deadbeef_20261015090007.xml").unwrap();
        assert_eq!(
            (
                name.facility_code.as_str(),
                name.serial.as_str(),
                name.written_at.as_str()
            ),
            ("9911234567", "deadbeef", "20261015090007")
        );
        for wrong in [
            "OQSsiquc01res_20261015.xml",
            "OQSsiquc01res_face_.xml",
            "OQSsiquc01res_face_123_20261015090007.xml",
            "OQSsiquc01res_face_9911234567ab_2026101509000.xml",
            "OQSsiquc01res_face_99112345é7ab_20261015090007.xml",
            "OQSsiquc01res_face_9911234567ab_20261015090007.zip",
        ] {
            assert!(
                face(wrong)
                    .unwrap_err()
                    .to_string()
                    .starts_with("file name: expected "),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(free in ".{0,30}", time in ".{0,16}") {
            let _ = face(&format!("OQSsiquc01res_face_{free}_{time}.xml"));
        }
    }
}
