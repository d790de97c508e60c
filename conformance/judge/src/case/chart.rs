//! What a receipt computer shows for a patient.

use std::collections::BTreeMap;

use evidence::Attested;
use serde_json::Value;

use crate::calendar::Instant;
use crate::decode::DecodeError;
use crate::decode::result::Numbers;

/// One insurance in a chart.
#[derive(Clone, Debug)]
pub struct Insurance {
    /// `current`, `reference` or `ended`.
    pub state: String,
    /// What names it.
    pub numbers: Numbers,
    /// The file it came from.
    pub source: Option<String>,
    /// Share and limit elements as they came, by path.
    pub carries: BTreeMap<String, String>,
}

/// A result that waits for the clerk to say whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undecided {
    /// The file.
    pub file: String,
    /// Name in the result.
    pub name: String,
    /// Kana in the result.
    pub kana: String,
    /// Birth date in the result.
    pub birth: String,
    /// Why.
    pub reason: String,
}

/// What a receipt computer shows for a patient.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Record.
    pub seq: u32,
    /// When it was looked at.
    pub at: Instant,
    /// Facility.
    pub facility: String,
    /// The patient.
    pub person: String,
    /// The clinic's own number; empty when not shown.
    pub patient_number: String,
    /// Name as the chart shows it.
    pub name: String,
    /// Kana as the chart shows it.
    pub kana: String,
    /// Address as the chart shows it; empty when not shown.
    pub address: String,
    /// 照会番号 as the chart shows it; empty when not shown.
    pub reference_number: String,
    /// Insurances, or why they cannot be read.
    pub insurances: Result<Vec<Insurance>, DecodeError>,
    /// Messages to the clerk.
    pub messages: Vec<String>,
    /// Results bound to nobody.
    pub undecided: Vec<Undecided>,
    /// Name and day (`YYYY-MM-DD`, empty when not shown) of the drugs it shows.
    pub drugs: Vec<(String, String)>,
    /// File and day asked for (`YYYY-MM-DD`) of every result that was taken in; none when the product does
    /// not show them.
    pub checks: Option<Vec<(String, String)>>,
}

impl Chart {
    pub(super) fn read(seq: u32, at: Instant, attested: &Attested) -> Chart {
        let seen = &attested.seen;
        let of = |name: &str| text(seen, name);
        let rows = |name: &str| {
            seen.get(name)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice)
        };
        let insurances = match seen.get("insurances") {
            Some(Value::Array(rows)) => rows
                .iter()
                .enumerate()
                .map(|(i, row)| insurance(i, row))
                .collect(),
            _ => Err(DecodeError::new("chart /insurances", "a list", "none")),
        };
        let messages = rows("messages").iter().filter_map(Value::as_str);
        let undecided = |row: &Value| Undecided {
            file: text(row, "file"),
            name: text(row, "name"),
            kana: text(row, "kana"),
            birth: text(row, "birth"),
            reason: text(row, "reason"),
        };
        Chart {
            seq,
            at,
            facility: super::wire::facility_of(&attested.product.name).to_owned(),
            person: of("person"),
            patient_number: of("patient_number"),
            name: of("name"),
            kana: of("kana"),
            address: of("address"),
            reference_number: of("reference_number"),
            insurances,
            messages: messages.map(str::to_owned).collect(),
            undecided: rows("undecided").iter().map(undecided).collect(),
            drugs: { rows("drugs").iter() }
                .map(|row| (text(row, "name"), text(row, "on")))
                .collect(),
            checks: (seen.get("checks").and_then(Value::as_array)).map(|rows| {
                let check = |row: &Value| (text(row, "file"), text(row, "on"));
                rows.iter().map(check).collect()
            }),
        }
    }
}

fn text(value: &Value, name: &str) -> String {
    let found = value.get(name).and_then(Value::as_str);
    found.unwrap_or("").to_owned()
}

fn insurance(index: usize, row: &Value) -> Result<Insurance, DecodeError> {
    let of = |name: &str| text(row, name);
    let state = of("state");
    if !["current", "reference", "ended"].contains(&state.as_str()) {
        let place = format!("chart /insurances/{index}/state");
        return Err(DecodeError::new(
            place,
            "current, reference or ended",
            state,
        ));
    }
    let carried = row.get("carries").and_then(Value::as_object);
    let carries = carried.into_iter().flatten().filter_map(|(name, value)| {
        let value = value.as_str()?;
        Some((name.clone(), value.to_owned()))
    });
    Ok(Insurance {
        state,
        numbers: Numbers::new(
            &of("insurer_number"),
            &of("symbol"),
            &of("number"),
            &of("branch"),
        ),
        source: row.get("source").and_then(Value::as_str).map(str::to_owned),
        carries: carries.collect(),
    })
}
