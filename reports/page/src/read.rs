//! Reads `report.json` back into a page. Whatever is not exactly a report of this version is refused with
//! a reason: a reader that guesses would compare or print what nobody wrote.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::Page;
use crate::json::RunInfo;
use crate::page::SCHEMA;

/// Largest report that is read, in bytes. One of 500 scenarios has about 20 MB.
pub const LARGEST_REPORT: u64 = 64 * 1024 * 1024;

/// Most values and members a report has. One of 500 scenarios has about half a million; each takes many times its
/// bytes in memory, so a small file of tiny values is refused as well.
const MOST_VALUES: usize = 1_000_000;

/// Why bytes are no report.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More bytes than any report has.
    #[error(
        "it is larger than {LARGEST_REPORT} bytes, and no report is. Whoever made it is at fault; name the report.json of a run."
    )]
    Gigantic,
    /// More values than any report has.
    #[error(
        "it holds more than {MOST_VALUES} values, and no report does. Whoever made it is at fault; name the report.json of a run."
    )]
    Crowded,
    /// No JSON, or cut off.
    #[error(
        "it is no whole JSON: {0}. It was changed or cut off after it was written; get an untouched copy."
    )]
    Damaged(String),
    /// Nested deeper than any report.
    #[error(
        "its JSON is nested deeper than any report: {0}. Whoever made it is at fault; name the report.json of a run."
    )]
    Deep(String),
    /// A member stands twice in one object.
    #[error(
        "{0}. Two readers could read it differently, so it is not read at all. Whoever made it is at fault; get an untouched copy."
    )]
    Twice(String),
    /// JSON of something else.
    #[error(
        "it names no schema {SCHEMA}, so it is no Shikaku report. Name the report.json of a run."
    )]
    Foreign,
    /// A report of an older version.
    #[error(
        "it is a report of the older schema {0}, and this program reads {SCHEMA}. Judge its evidence again with this program, or read it with the one that wrote it."
    )]
    Older(String),
    /// A report of a newer version.
    #[error(
        "it is a report of the newer schema {0}, and this program reads {SCHEMA}. Get a newer program."
    )]
    Newer(String),
    /// A report by its name, but not by its content.
    #[error(
        "it calls itself {SCHEMA}, but at {place}: {reason}. It was changed after it was written; get an untouched copy."
    )]
    Bent {
        /// Where in the JSON, such as `scenarios[3].verdict`.
        place: String,
        /// What is wrong there.
        reason: String,
    },
}

/// Reads a report. Refused are other schemas, unknown members, members that stand twice, deep nesting,
/// more than [`LARGEST_REPORT`] bytes, and whatever was cut off.
pub fn read(bytes: &[u8]) -> Result<Page, ReadError> {
    if bytes.len() as u64 > LARGEST_REPORT {
        return Err(ReadError::Gigantic);
    }
    let mut whole = strict(bytes)?;
    of_this_schema(&whole)?;
    let info = whole
        .as_object_mut()
        .and_then(|members| members.remove("run_info"))
        .unwrap_or_default();
    let claimed = whole
        .as_object_mut()
        .and_then(|members| members.remove("standing"));
    let placed = |around: &str, error: serde_path_to_error::Error<serde_json::Error>| {
        let place = match (around, error.path().to_string()) {
            ("", path) if path == "." => "the whole".to_owned(),
            (around, path) if path == "." => around.to_owned(),
            ("", path) => path,
            (around, path) => format!("{around}.{path}"),
        };
        ReadError::Bent {
            place,
            reason: error.into_inner().to_string(),
        }
    };
    serde_path_to_error::deserialize::<_, RunInfo>(info).map_err(|e| placed("run_info", e))?;
    let page: Page = serde_path_to_error::deserialize(whole).map_err(|e| placed("", e))?;
    stands(&page, claimed)?;
    Ok(page)
}

/// The standing follows from the rest; one that says something else was written by another hand.
fn stands(page: &Page, claimed: Option<Value>) -> Result<(), ReadError> {
    let due = page.standing().name();
    match claimed {
        Some(claimed) if claimed != due => Err(ReadError::Bent {
            place: "standing".to_owned(),
            reason: format!("{claimed}, where the rest of the report gives \"{due}\""),
        }),
        _ => Ok(()),
    }
}

/// JSON as a report is read: within the same bounds and with no member twice, whatever it says.
pub fn values(bytes: &[u8]) -> Result<Value, ReadError> {
    if bytes.len() as u64 > LARGEST_REPORT {
        return Err(ReadError::Gigantic);
    }
    strict(bytes)
}

fn of_this_schema(whole: &Value) -> Result<(), ReadError> {
    let version =
        |name: &str| -> Option<u32> { name.strip_prefix("shikaku-report/")?.parse().ok() };
    let named = whole.get("schema").and_then(Value::as_str).unwrap_or("");
    match (version(named), version(SCHEMA)) {
        (Some(theirs), Some(ours)) if theirs < ours => Err(ReadError::Older(named.to_owned())),
        (Some(theirs), Some(ours)) if theirs > ours => Err(ReadError::Newer(named.to_owned())),
        _ if named == SCHEMA => Ok(()),
        _ => Err(ReadError::Foreign),
    }
}

const TWICE: &str = "stands twice in one object";
const TOO_MANY: &str = "more values than any report";
const TOO_DEEP: &str = "recursion limit exceeded";

/// JSON in which no member stands twice. Depth is limited by `serde_json`.
fn strict(bytes: &[u8]) -> Result<Value, ReadError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(MOST_VALUES);
    let read = Strict { left: &left }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match error.to_string() {
        said if said.contains(TWICE) => ReadError::Twice(said),
        said if said.contains(TOO_MANY) => ReadError::Crowded,
        said if said.contains(TOO_DEEP) => ReadError::Deep(said),
        said => ReadError::Damaged(said),
    })
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    /// How many values may still come.
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left
            .set(left.ok_or_else(|| D::Error::custom(TOO_MANY))?);
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("the member {name:?} {TWICE}")));
            }
            object.insert(name, members.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json, testing};

    fn printed() -> String {
        json(&testing::page(), &testing::run_info()).unwrap()
    }

    fn said(bytes: &[u8]) -> String {
        read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_was_printed_is_read_and_prints_the_same() {
        for page in [testing::page(), testing::calm_page()] {
            let text = json(&page, &testing::run_info()).unwrap();
            let again = read(text.as_bytes()).unwrap();
            assert_eq!(json(&again, &testing::run_info()).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_report_of_this_version_is_refused_with_its_reason() {
        let good = printed();
        for (bad, words) in [
            (
                good.replace("shikaku-report/1", "shikaku-report/0"),
                "older schema shikaku-report/0",
            ),
            (
                good.replace("shikaku-report/1", "shikaku-report/27"),
                "newer schema shikaku-report/27",
            ),
            (
                good.replace("shikaku-report/1", "shikaku-evidence/1"),
                "no Shikaku report",
            ),
            (
                good.replace("\"schema\"", "\"scheme\""),
                "no Shikaku report",
            ),
            ("[]".to_owned(), "no Shikaku report"),
            (String::new(), "no whole JSON"),
            (
                good[..good.len() / 2].trim_end().to_owned(),
                "no whole JSON",
            ),
            (good.clone() + "{}", "no whole JSON"),
            ("[".repeat(100_000), "nested deeper"),
            (
                good.replacen("\"headline\"", "\"headline\": 1, \"headline\"", 1),
                "\"headline\" stands twice",
            ),
            (
                good.replacen("\"seed\"", "\"stranger\": 1, \"seed\"", 1),
                "at run.stranger: unknown field",
            ),
            (
                good.replacen("\"tool\"", "\"clock\": 1, \"tool\"", 1),
                "at run_info.clock: unknown field",
            ),
            (
                good.replace("\"inconclusive\"", "\"green\""),
                "unknown variant `green`",
            ),
            (
                good.replacen("\"edition\"", "\"addition\"", 1),
                "at run.addition: unknown field",
            ),
            (
                good.replacen("\"run_info\"", "\"run_infos\"", 1),
                "run_info",
            ),
        ] {
            let told = said(bad.as_bytes());
            assert!(told.contains(words), "{words:?} in {told:?}");
        }
        assert!(said(b"\xff\xfe").contains("no whole JSON"));
    }

    #[test]
    fn the_place_of_a_bent_value_is_named() {
        let mut whole: Value = serde_json::from_str(&printed()).unwrap();
        whole["scenarios"][1]["findings"][0]["role"] = Value::from("reader");
        let told = said(whole.to_string().as_bytes());
        assert!(
            told.contains("at scenarios[1].findings[0].role: "),
            "{told}"
        );
    }

    #[test]
    fn a_gigantic_file_is_refused_before_it_is_looked_at() {
        let size = usize::try_from(LARGEST_REPORT).unwrap();
        assert_eq!(
            read(&vec![b' '; size + 1]).unwrap_err(),
            ReadError::Gigantic
        );
        assert!(said(&vec![b' '; size]).contains("no whole JSON"));
    }

    #[test]
    fn many_tiny_values_are_refused_before_they_fill_the_memory() {
        let crowd = format!("[{}[]]", "[],".repeat(MOST_VALUES));
        assert_eq!(read(crowd.as_bytes()).unwrap_err(), ReadError::Crowded);
        assert_eq!(values(crowd.as_bytes()).unwrap_err(), ReadError::Crowded);
        assert_eq!(
            values(b"{\"a\":[1]}").unwrap(),
            serde_json::json!({"a": [1]})
        );
        assert!(matches!(
            values(b"{\"a\":1,\"a\":1}"),
            Err(ReadError::Twice(_))
        ));
    }

    #[test]
    fn a_cut_report_never_reads() {
        let whole = printed();
        let end = whole.trim_end().len();
        for at in (0..end).step_by(97) {
            if whole.is_char_boundary(at) {
                assert!(read(&whole.as_bytes()[..at]).is_err(), "cut at {at}");
            }
        }
    }
}
