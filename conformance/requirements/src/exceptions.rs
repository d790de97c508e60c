//! Exceptions a run may make, as hand-written YAML: waivers (deviations accepted by name, with reason, owner and
//! last day) and a vendor's statement of what its product leaves out. Strict: what could cover nothing, or
//! more than its writer thinks, is refused with its line.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::data::{DataError, Ordered, is_day, read};
use crate::{Catalogue, Level, Requirement, Role};

/// A deviation accepted by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Its name, once in a file.
    pub id: String,
    /// Requirement id of the catalogue.
    pub requirement: String,
    /// The one role it accepts it of, if not of all.
    pub role: Option<Role>,
    /// The one scenario it accepts it in, if not in all.
    pub scenario: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds, `YYYY-MM-DD`.
    pub expires: String,
}

/// What a vendor says its product does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Requirement id of the catalogue, a SHOULD.
    pub requirement: String,
    /// Role of the product.
    pub role: Role,
    /// The vendor's words.
    pub statement: String,
}

/// A waiver as the file writes it: its id is the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWaiver {
    requirement: Spanned<String>,
    role: Option<Spanned<String>>,
    scenario: Option<Spanned<String>>,
    reason: Spanned<String>,
    owner: Spanned<String>,
    expires: Spanned<String>,
}

/// A statement as the file writes it: the requirement is the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStatement {
    roles: Vec<Spanned<String>>,
    statement: Spanned<String>,
}

/// Where a mistake can be: the file and the catalogue it is held against.
struct Place<'a> {
    file: &'a str,
    catalogue: &'a Catalogue,
}

/// Reads waivers, in written order. `scenarios` are the ids a waiver may name. Refuses another shape, an id twice,
/// a requirement, role or scenario nobody knows, an empty reason or owner, and a last day that is none.
pub fn waivers_from(
    file: &str,
    yaml: &str,
    catalogue: &Catalogue,
    scenarios: &BTreeSet<&str>,
) -> Result<Vec<Waiver>, DataError> {
    let place = Place { file, catalogue };
    let Ordered(written) = read::<Ordered<WrittenWaiver>>(file, yaml)?;
    written
        .into_iter()
        .map(|(id, row)| place.waiver(id, row, scenarios))
        .collect()
}

/// Reads a statement, a line a requirement and role. Refuses another shape, a requirement twice, one nobody
/// knows, a role it does not bind, and any MUST: the catalogue leaves no product the choice.
pub fn statements_from(
    file: &str,
    yaml: &str,
    catalogue: &Catalogue,
) -> Result<Vec<Statement>, DataError> {
    let place = Place { file, catalogue };
    let Ordered(written) = read::<Ordered<WrittenStatement>>(file, yaml)?;
    let mut statements = Vec::new();
    for (id, row) in written {
        statements.extend(place.statement(&id, &row)?);
    }
    Ok(statements)
}

impl Place<'_> {
    fn waiver(
        &self,
        id: Spanned<String>,
        row: WrittenWaiver,
        scenarios: &BTreeSet<&str>,
    ) -> Result<Waiver, DataError> {
        self.filled("the waiver's id", &id)?;
        let requirement = self.requirement(&row.requirement)?;
        let role = row.role.as_ref().map(|role| self.role(role, requirement));
        if let Some(scenario) = &row.scenario
            && !scenarios.contains(scenario.value.as_str())
        {
            let problem = "no scenario of this suite has that id; `shikaku list` names them";
            return Err(self.wrong(scenario, problem));
        }
        self.filled("reason", &row.reason)?;
        self.filled("owner", &row.owner)?;
        if !is_day(&row.expires.value) {
            let problem = "expires is no day of the calendar; write YYYY-MM-DD, the last day the waiver holds";
            return Err(self.wrong(&row.expires, problem));
        }
        Ok(Waiver {
            id: id.value,
            requirement: requirement.id.clone(),
            role: role.transpose()?,
            scenario: row.scenario.map(|scenario| scenario.value),
            reason: row.reason.value,
            owner: row.owner.value,
            expires: row.expires.value,
        })
    }

    fn statement(
        &self,
        id: &Spanned<String>,
        row: &WrittenStatement,
    ) -> Result<Vec<Statement>, DataError> {
        let requirement = self.requirement(id)?;
        if requirement.level == Level::Must {
            let problem = "this is a MUST, and no statement leaves a MUST out; a product that deviates from it needs a waiver";
            return Err(self.wrong(id, problem));
        }
        self.filled("statement", &row.statement)?;
        if row.roles.is_empty() {
            return Err(self.wrong(id, "no role is named that leaves it out"));
        }
        let mut roles = BTreeSet::new();
        let mut lines = Vec::new();
        for written in &row.roles {
            let role = self.role(written, requirement)?;
            if !roles.insert(role) {
                return Err(self.wrong(written, "this role is named twice"));
            }
            lines.push(Statement {
                requirement: requirement.id.clone(),
                role,
                statement: row.statement.value.clone(),
            });
        }
        Ok(lines)
    }

    fn requirement(&self, id: &Spanned<String>) -> Result<&Requirement, DataError> {
        let problem = "no requirement of the catalogue has that id; `shikaku coverage` names them";
        self.catalogue
            .get(&id.value)
            .ok_or_else(|| self.wrong(id, problem))
    }

    fn role(&self, name: &Spanned<String>, bound: &Requirement) -> Result<Role, DataError> {
        let known = Role::from_name(&name.value).filter(|role| bound.roles.contains(role));
        let names: Vec<_> = bound.roles.iter().map(|role| role.name()).collect();
        let problem = format!("{} binds no such role, only {}", bound.id, names.join(", "));
        known.ok_or_else(|| self.wrong(name, problem))
    }

    fn filled(&self, what: &str, text: &Spanned<String>) -> Result<(), DataError> {
        match text.value.trim() {
            "" => Err(self.wrong(text, format!("{what} is empty"))),
            _ => Ok(()),
        }
    }

    fn wrong(&self, at: &Spanned<String>, problem: impl Into<String>) -> DataError {
        DataError::Value {
            file: self.file.to_owned(),
            line: at.referenced.line(),
            name: at.value.clone(),
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{STATEMENT_SCHEMA, WAIVERS_SCHEMA};

    const WAIVER: &str = "W-1:\n  requirement: LIFE-02\n  role: reader\n  scenario: here\n  reason: Screens follow in June.\n  owner: Example Ltd., quality\n  expires: 2026-12-31\n";
    const STATEMENT: &str =
        "PKI-09:\n  roles: [card, reader]\n  statement: Phones come with the next model.\n";

    fn waivers(yaml: &str) -> Result<Vec<Waiver>, DataError> {
        let catalogue = Catalogue::shipped().unwrap();
        waivers_from("mine.yaml", yaml, &catalogue, &BTreeSet::from(["here"]))
    }

    fn statements(yaml: &str) -> Result<Vec<Statement>, DataError> {
        statements_from("mine.yaml", yaml, &Catalogue::shipped().unwrap())
    }

    fn fits(schema: &str, yaml: &str) -> bool {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let value: Value = serde_saphyr::from_str(yaml).unwrap();
        jsonschema::is_valid(&schema, &value)
    }

    #[test]
    fn what_is_written_is_read() {
        let read = waivers(WAIVER).unwrap();
        assert_eq!(
            read,
            [Waiver {
                id: "W-1".into(),
                requirement: "LIFE-02".into(),
                role: Some(Role::Reader),
                scenario: Some("here".into()),
                reason: "Screens follow in June.".into(),
                owner: "Example Ltd., quality".into(),
                expires: "2026-12-31".into(),
            }]
        );
        let bare = WAIVER.replace("  role: reader\n  scenario: here\n", "");
        let read = waivers(&bare).unwrap();
        assert_eq!((read[0].role, &read[0].scenario), (None, &None));
        assert_eq!(waivers("{}").unwrap(), []);
        let roles: Vec<_> = statements(STATEMENT)
            .unwrap()
            .iter()
            .map(|s| s.role)
            .collect();
        assert_eq!(roles, [Role::Card, Role::Reader]);
        for yaml in [WAIVER, &bare, "{}"] {
            assert!(fits(WAIVERS_SCHEMA, yaml), "{yaml}");
        }
        assert!(fits(STATEMENT_SCHEMA, STATEMENT));
    }

    #[test]
    fn a_waiver_that_could_mislead_is_refused_with_its_line() {
        for (from, to, line, words) in [
            ("LIFE-02", "LIFE-99", 2, "no requirement of the catalogue"),
            (
                "role: reader",
                "role: toaster",
                3,
                "LIFE-02 binds no such role, only eligibility-server, reader",
            ),
            ("role: reader", "role: portal", 3, "binds no such role"),
            (
                "scenario: here",
                "scenario: there",
                4,
                "no scenario of this suite",
            ),
            ("Screens follow in June.", "' '", 5, "reason is empty"),
            ("Example Ltd., quality", "''", 6, "owner is empty"),
            ("2026-12-31", "31.12.2026", 7, "no day"),
            ("2026-12-31", "2026-02-30", 7, "no day"),
            ("2026-12-31", "2027-02-29", 7, "no day"),
            ("2026-12-31", "2026-12-31T00:00:00Z", 7, "no day"),
            (
                "  reason: Screens follow in June.\n",
                "",
                6,
                "missing field `reason`",
            ),
            (
                "  owner: Example Ltd., quality\n",
                "",
                6,
                "missing field `owner`",
            ),
            ("  expires: 2026-12-31\n", "", 6, "missing field `expires`"),
            ("  owner:", "  expiry: never\n  owner:", 6, "expiry"),
            ("W-1:", "'':", 1, "id is empty"),
        ] {
            assert!(WAIVER.contains(from), "{from}");
            let said = waivers(&WAIVER.replacen(from, to, 1))
                .unwrap_err()
                .to_string();
            let place = format!("mine.yaml:{line}:");
            assert!(
                said.starts_with(&place) && said.contains(words),
                "{from} → {to}: {said}"
            );
        }
        let twice = waivers(&[WAIVER, WAIVER].concat()).unwrap_err().to_string();
        assert!(
            twice.starts_with("mine.yaml:8:") && twice.contains("W-1"),
            "{twice}"
        );
        for yaml in ["- W-1\n", "W-1: yes\n", "\u{0}", "a: [", "&a [*a]"] {
            let said = waivers(yaml).unwrap_err().to_string();
            assert!(said.starts_with("mine.yaml:"), "{yaml}: {said}");
        }
    }

    #[test]
    fn a_statement_leaves_out_no_must_and_names_whom_it_binds() {
        for (from, to, line, words) in [
            ("PKI-09", "PKI-08", 1, "PKI-08: this is a MUST"),
            ("PKI-09", "PKI-99", 1, "no requirement"),
            (
                "[card, reader]",
                "[card, portal]",
                2,
                "portal: PKI-09 binds no such role",
            ),
            ("[card, reader]", "[card, card]", 2, "named twice"),
            ("[card, reader]", "[]", 1, "no role"),
            (
                "Phones come with the next model.",
                "''",
                3,
                "statement is empty",
            ),
            ("  statement:", "  because:", 3, "because"),
        ] {
            let said = statements(&STATEMENT.replacen(from, to, 1))
                .unwrap_err()
                .to_string();
            let place = format!("mine.yaml:{line}:");
            assert!(
                said.starts_with(&place) && said.contains(words),
                "{from} → {to}: {said}"
            );
        }
        let twice = statements(&[STATEMENT, STATEMENT].concat())
            .unwrap_err()
            .to_string();
        assert!(twice.starts_with("mine.yaml:4:"), "{twice}");
    }

    #[test]
    fn the_published_schemas_refuse_what_they_can_see() {
        for (from, to) in [
            ("2026-12-31", "31.12.2026"),
            ("  reason: Screens follow in June.\n", ""),
            ("  owner:", "  expiry: never\n  owner:"),
            ("LIFE-02", "LIFE"),
        ] {
            assert!(
                !fits(WAIVERS_SCHEMA, &WAIVER.replacen(from, to, 1)),
                "{from} → {to}"
            );
        }
        for (from, to) in [
            ("[card, reader]", "[]"),
            ("statement:", "because:"),
            ("card", "toaster"),
        ] {
            assert!(
                !fits(STATEMENT_SCHEMA, &STATEMENT.replacen(from, to, 1)),
                "{from} → {to}"
            );
        }
    }
}
