//! A request document out of a request: the media type, the document, whose it says it is; and the values
//! that all three kinds of documents share. A document that cannot be read, or that speaks for another
//! facility, is refused at the door; wrong values in a right one are answered in the field's own form.

use identifiers::FacilityCode;
use jiff::civil::DateTime;
use rules::number::fold;
use rules::{Date, InsuredKey};
use wire::registration::InsuredNumbers;
use wire::xml::XmlError;
use world::http::{Answer, Asked};

use crate::entry::{Wrong, key, wrong};
use crate::refused::Refused;
use crate::routes::{XML, body_of};

/// 正常終了 (OQSCD003).
pub(crate) const DONE: &str = "1";
/// UTF-8 (OQSCD005).
pub(crate) const UTF_8: &str = "0";
/// 正常終了 (OQSCD004).
pub(crate) const NORMAL: &str = "1";
/// エラー (OQSCD004).
pub(crate) const ERROR: &str = "2";

/// Reads the document; `code_in` finds the facility code it bears, which must be the asker's.
pub(crate) fn read<T>(
    asked: &Asked,
    facility: &FacilityCode,
    from_bytes: impl Fn(&[u8]) -> Result<T, XmlError>,
    code_in: impl Fn(&T) -> &str,
) -> Result<T, Refused> {
    let body = body_of(asked, XML)?;
    let document = from_bytes(body).map_err(|e| Refused::Xml(e.to_string()))?;
    let code = code_in(&document);
    if code != facility.as_str() {
        return Err(Refused::Facility {
            found: code.chars().take(20).collect(),
        });
    }
    Ok(document)
}

/// An answer in the field's own form.
pub(crate) fn document(bytes: Vec<u8>) -> Answer {
    Answer::new(200, XML, bytes)
}

/// The number a document asks about. Full-width digits of the branch are taken as digits.
pub(crate) fn insured_key(numbers: &InsuredNumbers) -> Result<InsuredKey, Wrong> {
    key(
        &numbers.insurer_number,
        &numbers.symbol,
        &numbers.number,
        &fold(&numbers.branch),
    )
}

/// A day as documents write it, `yyyyMMdd`.
pub(crate) fn day(name: &'static str, text: &str) -> Result<Date, Wrong> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let read = Date::strptime("%Y%m%d", text).ok().filter(|_| digits);
    read.filter(|day| day.year() >= 1868).ok_or_else(|| {
        wrong(
            name,
            format!("{name}はyyyyMMddの形の実在する日付（1868年以後）でなければなりません。"),
            format!("{name} must be a day that exists, as yyyyMMdd, of 1868 or later"),
        )
    })
}

/// A day as documents write it.
pub(crate) fn bare_day(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

/// A time as documents write it.
pub(crate) fn moment(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_eight_digits_of_a_day_that_exists() {
        assert_eq!(day("x", "20240229").unwrap(), date(2024, 2, 29));
        for wrong in [
            "",
            "20230229",
            "2024-02-29",
            "2024229",
            "202402290",
            "２０２４０２２９",
            "18671231",
            "+2024029",
            " 2024022",
            "2024 229",
        ] {
            let error = day("birthdate", wrong).expect_err(wrong);
            assert_eq!(error.error, "birthdate");
        }
        assert_eq!(bare_day(date(2024, 2, 9)), "20240209");
    }
}
