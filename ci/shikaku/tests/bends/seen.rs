//! What was seen at a product: screens left out, in another order, with other words; charts that show other things.

use evidence::{Attested, What};
use serde_json::{Value, json};

use super::Due::{Noticed, Open};
use super::{Bend, Edit, Kind, Story};

pub const KINDS: &[Kind] = &[
    ("screen left out", Noticed, |s| {
        each(s, "screen", |at, _| Some(vec![Edit::Leave(at)]))
    }),
    ("screen twice", Open, |s| {
        each(s, "screen", |at, _| Some(vec![Edit::Again(at, at + 1)]))
    }),
    ("screens in the other order", Noticed, swapped),
    ("screen under another id", Noticed, other_id),
    ("screen without words", Noticed, |s| {
        changed(s, "screen", |seen| put(seen, "lines", json!([])))
    }),
    ("screen with another's words", Noticed, other_words),
    ("screen without the tries left", Noticed, |s| {
        changed(s, "screen", |seen| take(seen, "tries_left"))
    }),
    ("screen with a try more", Noticed, |s| {
        changed(s, "screen", |seen| {
            let left = seen.get("tries_left")?.as_u64()?;
            put(seen, "tries_left", json!(left + 1))
        })
    }),
    ("chart: a member missing", Open, members_missing),
    ("chart: a member empty", Noticed, members_empty),
    ("chart: another state", Noticed, states),
    ("chart: a row missing", Noticed, rows_missing),
    ("chart: a row twice", Noticed, rows_twice),
    ("chart: rows in the other order", Open, rows_turned),
    ("chart: a value of a row bent", Noticed, cells),
];

fn all<'a>(story: &'a Story<'a>, shows: &'a str) -> impl Iterator<Item = (usize, &'a Attested)> {
    let all = story.records.records.iter().enumerate();
    all.filter_map(move |(at, record)| match &record.what {
        What::Attested(a) if a.shows == shows => Some((at, a)),
        _ => None,
    })
}

fn each(
    story: &Story<'_>,
    shows: &str,
    edits: impl Fn(usize, &Value) -> Option<Vec<Edit>>,
) -> Vec<Bend> {
    let all = all(story, shows);
    let bends = all.filter_map(|(at, a)| Some(Bend::new(at, id(&a.seen), edits(at, &a.seen)?)));
    bends.collect()
}

fn id(seen: &Value) -> String {
    seen.get("id")
        .and_then(Value::as_str)
        .unwrap_or("")
        .to_owned()
}

fn changed(story: &Story<'_>, shows: &str, bend: impl Fn(&Value) -> Option<Value>) -> Vec<Bend> {
    each(story, shows, |at, seen| {
        Some(vec![Edit::Show(at, bend(seen)?)])
    })
}

fn put(seen: &Value, name: &str, value: Value) -> Option<Value> {
    let mut other = seen.clone();
    other.as_object_mut()?.insert(name.to_owned(), value);
    (other != *seen).then_some(other)
}

fn take(seen: &Value, name: &str) -> Option<Value> {
    let mut other = seen.clone();
    other.as_object_mut()?.remove(name)?;
    Some(other)
}

fn swapped(story: &Story<'_>) -> Vec<Bend> {
    let screens: Vec<(usize, &Attested)> = all(story, "screen").collect();
    let pairs = screens
        .windows(2)
        .filter(|w| w[0].1.product == w[1].1.product && w[0].1.seen != w[1].1.seen);
    let bends = pairs.map(|w| {
        let edits = vec![
            Edit::Show(w[0].0, w[1].1.seen.clone()),
            Edit::Show(w[1].0, w[0].1.seen.clone()),
        ];
        Bend::new(
            w[0].0,
            format!("{} and {}", id(&w[0].1.seen), id(&w[1].1.seen)),
            edits,
        )
    });
    bends.collect()
}

fn other_id(story: &Story<'_>) -> Vec<Bend> {
    let unknown = changed(story, "screen", |seen| {
        put(seen, "id", json!("NO_SUCH_SCREEN"))
    });
    let done = changed(story, "screen", |seen| put(seen, "id", json!("DONE")));
    unknown.into_iter().chain(done).collect()
}

/// The words of the screen before under its own id.
fn other_words(story: &Story<'_>) -> Vec<Bend> {
    let screens: Vec<(usize, &Attested)> = all(story, "screen").collect();
    let pairs = screens.windows(2).filter_map(|w| {
        let words = w[0].1.seen.get("lines")?.clone();
        let other = put(&w[1].1.seen, "lines", words)?;
        Some(Bend::new(
            w[1].0,
            id(&w[1].1.seen),
            vec![Edit::Show(w[1].0, other)],
        ))
    });
    pairs.collect()
}

fn of_members(story: &Story<'_>, bend: impl Fn(&Value, &str) -> Option<Value>) -> Vec<Bend> {
    let mut bends = Vec::new();
    for (at, attested) in all(story, "chart") {
        let names = attested.seen.as_object().into_iter().flat_map(|o| o.keys());
        for name in names.filter(|name| name.as_str() != "person") {
            let other = bend(&attested.seen, name);
            bends.extend(other.map(|seen| Bend::new(at, name.clone(), vec![Edit::Show(at, seen)])));
        }
    }
    bends
}

fn members_missing(story: &Story<'_>) -> Vec<Bend> {
    of_members(story, take)
}

fn members_empty(story: &Story<'_>) -> Vec<Bend> {
    of_members(story, |seen, name| match &seen[name] {
        Value::String(text) if !text.is_empty() => put(seen, name, json!("")),
        Value::Array(rows) if !rows.is_empty() => put(seen, name, json!([])),
        _ => None,
    })
}

/// Bends every list of every chart: its rows, and what they become.
fn lists(
    story: &Story<'_>,
    bend: impl Fn(&str, &[Value]) -> Vec<(String, Vec<Value>)>,
) -> Vec<Bend> {
    let mut bends = Vec::new();
    for (at, attested) in all(story, "chart") {
        for (name, rows) in attested.seen.as_object().into_iter().flatten() {
            for (what, rows) in bend(name, rows.as_array().map_or(&[][..], Vec::as_slice)) {
                let other = put(&attested.seen, name, Value::Array(rows));
                bends.extend(other.map(|seen| Bend::new(at, what, vec![Edit::Show(at, seen)])));
            }
        }
    }
    bends
}

fn rows_missing(story: &Story<'_>) -> Vec<Bend> {
    lists(story, |name, rows| {
        let without = |i: usize| {
            rows.iter()
                .enumerate()
                .filter(move |(at, _)| *at != i)
                .map(|(_, r)| r.clone())
                .collect()
        };
        (0..rows.len())
            .map(|i| (name.to_owned(), without(i)))
            .collect()
    })
}

fn rows_twice(story: &Story<'_>) -> Vec<Bend> {
    lists(story, |name, rows| {
        let again = rows
            .iter()
            .map(|row| [rows, std::slice::from_ref(row)].concat());
        again.map(|rows| (name.to_owned(), rows)).collect()
    })
}

fn rows_turned(story: &Story<'_>) -> Vec<Bend> {
    lists(story, |name, rows| {
        vec![(name.to_owned(), rows.iter().rev().cloned().collect())]
    })
}

fn states(story: &Story<'_>) -> Vec<Bend> {
    let states = ["current", "reference", "ended"];
    lists(story, |_, rows| {
        let mut bent = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            for state in states
                .iter()
                .filter(|s| row.get("state").is_some_and(|own| own != **s))
            {
                let mut other = rows.to_vec();
                other[i]["state"] = json!(state);
                bent.push((
                    format!("{} to {state}", row["state"].as_str().unwrap_or("")),
                    other,
                ));
            }
        }
        bent
    })
}

/// The last character of each cell changed.
fn cells(story: &Story<'_>) -> Vec<Bend> {
    lists(story, |list, rows| {
        let mut bent = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let cells = row.as_object().into_iter().flatten();
            for (name, value) in cells.filter(|(name, _)| name.as_str() != "state") {
                let Some(text) = value.as_str().filter(|t| !t.is_empty()) else {
                    continue;
                };
                let mut other = rows.to_vec();
                other[i][name] = json!(format!("{}0", text));
                bent.push((format!("{list} {name}"), other));
            }
        }
        bent
    })
}
