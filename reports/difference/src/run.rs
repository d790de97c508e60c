//! What may explain another verdict: the products, what was accepted or left out by name, the rules, the terms
//! of the run, its scenarios.

use std::collections::BTreeMap;

use reports::{Page, ProductPart, WaiverPart};

use crate::change::{Change, Kind, Place};
use crate::compare::{paired, reworded};

/// The product in each role, by name, version, vendor and build.
pub(crate) fn products(before: &Page, after: &Page) -> Vec<Change> {
    let [before, after] = [before, after].map(|page| {
        let of = |product: &ProductPart| {
            [
                ("name", &product.name),
                ("version", &product.version),
                ("vendor", &product.vendor),
                ("digest", &product.digest),
            ]
            .map(|(part, text)| ((product.role.id.clone(), part), text.clone()))
        };
        let all = page.products.iter().rev().flat_map(of);
        all.filter(|(_, text)| !text.is_empty())
            .collect::<BTreeMap<_, _>>()
    });
    paired(&before, &after)
        .filter_map(|((role, part), before, after)| {
            let about = Place {
                role: Some(role.clone()),
                part: Some((*part).to_owned()),
                ..Place::default()
            };
            reworded(Kind::Product, about, text(before), text(after))
        })
        .collect()
}

/// Every waiver by its name: what it accepts, why, who answers for it, until when, and what it did.
pub(crate) fn waivers(before: &Page, after: &Page) -> Vec<Change> {
    let [before, after] = [before, after].map(|page| {
        let lines = page.waivers.iter().rev().map(|waiver| {
            let requirement = &waiver.requirement;
            (
                (requirement.clone(), waiver.id.clone()),
                waiver_line(waiver),
            )
        });
        lines.collect::<BTreeMap<_, _>>()
    });
    paired(&before, &after)
        .filter_map(|((requirement, id), before, after)| {
            let about = Place {
                requirement: Some(requirement.clone()),
                part: Some(id.clone()),
                ..Place::default()
            };
            reworded(Kind::Waiver, about, text(before), text(after))
        })
        .collect()
}

fn waiver_line(waiver: &WaiverPart) -> String {
    let place = [
        waiver.role.as_ref().map(|role| role.id.as_str()),
        waiver.scenario.as_deref(),
    ];
    let place: Vec<_> = place.into_iter().flatten().collect();
    let place = match place.is_empty() {
        true => String::new(),
        false => format!("{}: ", place.join(", ")),
    };
    format!(
        "{place}{} ({}, {}, {})",
        waiver.reason,
        waiver.owner,
        waiver.expires,
        waiver.state.name()
    )
}

/// Every line of the vendors' statements.
pub(crate) fn statements(before: &Page, after: &Page) -> Vec<Change> {
    let [before, after] = [before, after].map(|page| {
        let lines = page.statements.iter().rev().map(|line| {
            let about = (line.requirement.clone(), line.role.id.clone());
            (about, line.statement.clone())
        });
        lines.collect::<BTreeMap<_, _>>()
    });
    paired(&before, &after)
        .filter_map(|((requirement, role), before, after)| {
            let about = Place {
                requirement: Some(requirement.clone()),
                role: Some(role.clone()),
                ..Place::default()
            };
            reworded(Kind::Statement, about, text(before), text(after))
        })
        .collect()
}

/// How a requirement reads. A report tells no source of what nothing judges.
#[derive(PartialEq, Eq)]
struct Rule<'a> {
    parts: [(&'static str, Option<&'a str>); 4],
}

/// Every requirement of the catalogue, judged or not.
pub(crate) fn rules(before: &Page, after: &Page) -> Vec<Change> {
    let (before, after) = (catalogue(before), catalogue(after));
    let mut changes = Vec::new();
    for (id, before, after) in paired(&before, &after) {
        let about = |part: Option<&str>| Place {
            requirement: Some((*id).to_owned()),
            part: part.map(str::to_owned),
            ..Place::default()
        };
        let title = |rule: &Rule<'_>| rule.parts[1].1.map(str::to_owned);
        match (before, after) {
            (Some(before), Some(after)) => {
                for ((part, old), (_, new)) in before.parts.iter().zip(&after.parts) {
                    if old.is_some() && new.is_some() {
                        changes.extend(reworded(Kind::Rule, about(Some(part)), *old, *new));
                    }
                }
            }
            (old, new) => {
                let kind = match old {
                    None => Kind::RuleAdded,
                    Some(_) => Kind::RuleRemoved,
                };
                let (old, new) = (old.and_then(title), new.and_then(title));
                changes.extend(reworded(kind, about(None), old.as_deref(), new.as_deref()));
            }
        }
    }
    changes
}

fn catalogue(page: &Page) -> BTreeMap<&str, Rule<'_>> {
    let untested = page.untested.iter().rev().map(|row| {
        let parts = [
            ("level", row.level.as_deref()),
            ("ja", Some(row.title.ja.as_str())),
            ("en", Some(row.title.en.as_str())),
            ("source", None),
        ];
        (row.id.as_str(), Rule { parts })
    });
    let judged = page.requirements.iter().rev().map(|row| {
        let parts = [
            ("level", Some(row.level.as_str())),
            ("ja", Some(row.ja.as_str())),
            ("en", Some(row.en.as_str())),
            ("source", Some(row.source.as_str())),
        ];
        (row.id.as_str(), Rule { parts })
    });
    untested.chain(judged).collect()
}

/// Suite, edition, seed and the values public sources leave open.
pub(crate) fn terms(before: &Page, after: &Page) -> Vec<Change> {
    let whole = Place::default;
    let (old, new) = (&before.run, &after.run);
    let mut changes: Vec<Change> = [
        (Kind::Suite, &old.suite, &new.suite),
        (Kind::Edition, &old.edition, &new.edition),
        (Kind::Seed, &old.seed, &new.seed),
    ]
    .into_iter()
    .filter_map(|(kind, old, new)| reworded(kind, whole(), Some(old), Some(new)))
    .collect();
    let [before, after] = [before, after].map(|page| {
        let values = page.profile.iter().rev();
        values
            .map(|row| (&row.name, &row.value))
            .collect::<BTreeMap<_, _>>()
    });
    for (name, old, new) in paired(&before, &after) {
        let about = Place {
            part: Some((*name).clone()),
            ..Place::default()
        };
        let of = |value: Option<&&String>| value.map(|value| (*value).clone());
        let (old, new) = (of(old), of(new));
        changes.extend(reworded(
            Kind::Profile,
            about,
            old.as_deref(),
            new.as_deref(),
        ));
    }
    changes
}

/// Scenarios that came, went, or are called something else.
pub(crate) fn scenarios(before: &Page, after: &Page) -> Vec<Change> {
    let [before, after] = [before, after].map(|page| {
        let all = page.scenarios.iter().rev();
        all.map(|s| (s.id.as_str(), &s.title))
            .collect::<BTreeMap<_, _>>()
    });
    paired(&before, &after)
        .filter_map(|(id, old, new)| {
            let kind = match (old, new) {
                (None, _) => Kind::ScenarioAdded,
                (_, None) => Kind::ScenarioRemoved,
                _ => Kind::ScenarioRetitled,
            };
            let about = Place {
                scenarios: vec![(*id).to_owned()],
                ..Place::default()
            };
            let title =
                |title: Option<&&judge::Text>| title.map(|t| format!("{} / {}", t.ja, t.en));
            let (old, new) = (title(old), title(new));
            reworded(kind, about, old.as_deref(), new.as_deref())
        })
        .collect()
}

fn text(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str)
}
