//! Reading hand-written YAML with the place of every mistake: the file, the line, the column.
//! Maps are kept in the order they are written, because people order them with care.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_saphyr::Spanned;
use thiserror::Error;

/// Why a data file was refused: the fault of whoever edited it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataError {
    /// No YAML, or not of the expected shape.
    #[error("{file}:{line}:{column}: {problem}: correct the file there")]
    Shape {
        /// The file.
        file: String,
        /// Line, from 1; 0 where the reader cannot tell.
        line: u64,
        /// Column, from 1; 0 where the reader cannot tell.
        column: u64,
        /// What is wrong.
        problem: String,
    },
    /// The shape is right, a value in it is not.
    #[error("{file}:{line}: {name}: {problem}: correct the file there")]
    Value {
        /// The file.
        file: String,
        /// Line of the entry, from 1.
        line: u64,
        /// The entry.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

/// Reads a whole file.
pub(crate) fn read<T: DeserializeOwned>(file: &str, yaml: &str) -> Result<T, DataError> {
    serde_saphyr::from_str(yaml).map_err(|error| {
        let place = error.location();
        DataError::Shape {
            file: file.to_owned(),
            line: place.map_or(0, |place| place.line()),
            column: place.map_or(0, |place| place.column()),
            problem: without_place(&error),
        }
    })
}

/// The reader's words without the drawing and the place, which we give ourselves.
fn without_place(error: &serde_saphyr::Error) -> String {
    let words = error.without_snippet().to_string();
    let words = words.lines().next().unwrap_or_default();
    words
        .split(" at line ")
        .next()
        .unwrap_or(words)
        .trim_end_matches([' ', ':'])
        .to_owned()
}

/// A day of the calendar written `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let [year, month, day] = parts[..] else {
        return false;
    };
    match (number(year, 4), number(month, 2), number(day, 2)) {
        (Some(year), Some(month), Some(day)) => {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                1..=12 => 31,
                _ => 0,
            };
            (1..=length).contains(&day)
        }
        _ => false,
    }
}

/// A map in written order; each key knows its line. A key twice is refused by the reader.
pub(crate) struct Ordered<T>(pub(crate) Vec<(Spanned<String>, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}
