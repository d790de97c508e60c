//! Reading members of JSON bodies and lines, with the place named when one is missing or odd.

use base64::Engine;
use serde_json::Value;

use super::{DecodeError, bounded, short};

/// Parses a body or line; size and depth are bounded.
pub fn parse(bytes: &[u8]) -> Result<Value, DecodeError> {
    serde_json::from_slice(bounded("JSON", bytes)?).map_err(|e| {
        DecodeError::new(
            format!("JSON line {} column {}", e.line(), e.column()),
            "JSON",
            e.to_string(),
        )
    })
}

/// A text member.
pub fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str, DecodeError> {
    match value.get(member) {
        Some(Value::String(text)) => Ok(text),
        other => Err(odd(member, "a text", other)),
    }
}

/// A yes-or-no member.
pub fn flag(value: &Value, member: &str) -> Result<bool, DecodeError> {
    match value.get(member) {
        Some(Value::Bool(flag)) => Ok(*flag),
        other => Err(odd(member, "true or false", other)),
    }
}

/// A member of bytes in Base64.
pub fn bytes(value: &Value, member: &str) -> Result<Vec<u8>, DecodeError> {
    let text = text(value, member)?;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|e| DecodeError::new(format!("/{member}"), "Base64", e.to_string()))
}

fn odd(member: &str, expected: &str, found: Option<&Value>) -> DecodeError {
    let found = found.map_or("nothing".to_owned(), |v| short(&v.to_string()));
    DecodeError::new(format!("/{member}"), expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_are_named_in_errors() {
        let value = parse(br#"{"a":"x","b":true,"c":"AQI=","d":3}"#).unwrap();
        assert_eq!(
            (text(&value, "a"), flag(&value, "b"), bytes(&value, "c")),
            (Ok("x"), Ok(true), Ok(vec![1, 2]))
        );
        assert_eq!(
            text(&value, "d").unwrap_err().to_string(),
            "/d: expected a text, found 3"
        );
        assert_eq!(
            flag(&value, "e").unwrap_err().to_string(),
            "/e: expected true or false, found nothing"
        );
        assert!(
            bytes(&value, "a")
                .unwrap_err()
                .to_string()
                .starts_with("/a: expected Base64")
        );
        assert!(
            parse(b"{\n\"a\":")
                .unwrap_err()
                .to_string()
                .starts_with("JSON line 2 column 4: ")
        );
        assert!(parse(&[b'['; 500]).is_err(), "depth is bounded");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = parse(&bytes) {
                let _ = (text(&value, "a"), flag(&value, "a"), super::bytes(&value, "a"));
            }
        }
    }
}
