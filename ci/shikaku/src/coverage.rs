//! `shikaku coverage`: requirement ↔ scenario ↔ check ↔ impostor, both ways; what is not tested
//! says why.

use requirements::Catalogue;
use scenarios::Suite;
use serde::Serialize;

use crate::failure::Failure;
use crate::{Style, say, say_json};

#[derive(Serialize)]
struct Row {
    requirement: String,
    level: &'static str,
    ja: String,
    en: String,
    checked_roles: Vec<&'static str>,
    unchecked_roles: Vec<&'static str>,
    scenarios: Vec<String>,
    impostors: Vec<String>,
    not_tested_because: Option<String>,
}

#[derive(Serialize)]
struct Back {
    scenario: String,
    requirements: Vec<String>,
}

#[derive(Serialize)]
struct Table {
    requirements: Vec<Row>,
    scenarios: Vec<Back>,
}

/// Prints the table.
pub fn run(style: Style) -> Result<u8, Failure> {
    let table = table()?;
    match style {
        Style::Json => say_json(&table)?,
        Style::Text => say(&text(&table))?,
    }
    let blank = table
        .requirements
        .iter()
        .find(|r| r.checked_roles.is_empty() && r.not_tested_because.is_none());
    match blank {
        Some(row) => Err(Failure::Bed(format!(
            "{} is neither tested nor explained.",
            row.requirement
        ))),
        None => Ok(0),
    }
}

fn table() -> Result<Table, Failure> {
    let suite = Suite::shipped().map_err(Failure::bed)?;
    let catalogue = Catalogue::shipped().map_err(Failure::bed)?;
    let untested = requirements::untested().map_err(Failure::bed)?;
    let impostors = ::impostors::impostors().map_err(Failure::bed)?;
    let rows = catalogue.requirements().map(|requirement| {
        let rule = ::judge::rules().iter().find(|r| r.id == requirement.id);
        let checked: Vec<&'static str> = rule.map(|r| r.roles.to_vec()).unwrap_or_default();
        let all = requirement.roles.iter().map(|r| r.name());
        Row {
            requirement: requirement.id.clone(),
            level: crate::bundle::level(requirement.level),
            ja: requirement.ja.clone(),
            en: requirement.en.clone(),
            unchecked_roles: all.filter(|r| !checked.contains(r)).collect(),
            checked_roles: checked,
            scenarios: suite
                .stories
                .iter()
                .filter(|s| s.requirements.contains(&requirement.id))
                .map(|s| s.id.clone())
                .collect(),
            impostors: impostors
                .iter()
                .filter(|i| i.breaks.contains(&requirement.id))
                .map(|i| i.id.clone())
                .collect(),
            not_tested_because: untested
                .iter()
                .find(|u| u.id == requirement.id)
                .map(|u| u.reason.en.clone()),
        }
    });
    Ok(Table {
        requirements: rows.collect(),
        scenarios: suite
            .stories
            .iter()
            .map(|s| Back {
                scenario: s.id.clone(),
                requirements: s.requirements.clone(),
            })
            .collect(),
    })
}

fn text(table: &Table) -> String {
    let mut out = String::new();
    for row in &table.requirements {
        out += &format!("{} {} {}\n", row.requirement, row.level, row.ja);
        match &row.not_tested_because {
            Some(reason) => out += &format!("  not tested: {reason}\n"),
            None => {
                out += &format!("  checked for {}\n", row.checked_roles.join(", "));
                if !row.unchecked_roles.is_empty() {
                    out += &format!("  not yet checked for {}\n", row.unchecked_roles.join(", "));
                }
                out += &format!(
                    "  scenarios {}\n  impostors {}\n",
                    row.scenarios.join(", "),
                    row.impostors.join(", ")
                );
            }
        }
    }
    out += "\nScenarios\n";
    for back in &table.scenarios {
        out += &format!("  {:<24} {}\n", back.scenario, back.requirements.join(" "));
    }
    out
}
