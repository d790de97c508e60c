//! What did not simply pass, requirement by requirement: failed, undecided, not tested, waived, not applicable,
//! each with the roles it is about and who is at fault or what it waits for.

use std::collections::BTreeSet;

use judge::{Text, Verdict};
use reports::{Named, Page, RequirementPart};

/// A requirement that did not simply pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its id.
    pub id: String,
    /// `MUST`, `SHOULD`, or nothing when the catalogue does not know it.
    pub level: String,
    /// Its title in both languages.
    pub title: Text,
    /// The roles it is about.
    pub roles: Vec<Named>,
    /// Who is at fault, or what it waits for; may be empty.
    pub note: Text,
}

impl Line {
    /// Whether it stands in the way of a certificate: everything but a recommendation does.
    pub(crate) fn binds(&self) -> bool {
        self.level != "SHOULD"
    }
}

/// Everything that did not simply pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    /// Against the rule.
    pub failed: Vec<Line>,
    /// Touched and not decided.
    pub undecided: Vec<Line>,
    /// Not touched, for a role that was under test.
    pub untested: Vec<Line>,
    /// Accepted by name.
    pub waived: Vec<Line>,
    /// Not done by the product, by the vendor's own statement.
    pub not_applicable: Vec<Line>,
    /// Ids of requirements that bind only roles nobody tested: outside the scope.
    pub outside: BTreeSet<String>,
}

/// Sorts a report's requirements into lists, in the report's order.
pub(crate) fn lists(page: &Page) -> Lists {
    let scope = page.under_test();
    let mut lists = Lists::default();
    for requirement in &page.requirements {
        let with = |wanted: &[Verdict]| line(page, requirement, wanted);
        lists.failed.extend(with(&[Verdict::Fail]));
        lists
            .undecided
            .extend(with(&[Verdict::Inconclusive, Verdict::BedError]));
        lists.waived.extend(with(&[Verdict::Waived]));
        lists.not_applicable.extend(with(&[Verdict::NotApplicable]));
        lists.untested.extend(untouched(page, requirement, &scope));
        if requirement.by_role.is_empty() && !within(&requirement.unjudged, &scope) {
            lists.outside.insert(requirement.id.clone());
        }
    }
    for row in &page.untested {
        if !within(&row.roles, &scope) {
            lists.outside.insert(row.id.clone());
            continue;
        }
        lists.untested.push(Line {
            id: row.id.clone(),
            level: row.level.clone().unwrap_or_default(),
            title: row.title.clone(),
            roles: of_scope(&row.roles, &scope),
            note: row.reason.clone(),
        });
    }
    lists
}

/// Whether a requirement is about somebody under test; one that names nobody is about everybody.
fn within(roles: &[Named], scope: &BTreeSet<&str>) -> bool {
    roles.is_empty() || roles.iter().any(|role| scope.contains(role.id.as_str()))
}

fn of_scope(roles: &[Named], scope: &BTreeSet<&str>) -> Vec<Named> {
    let known = |role: &&Named| scope.contains(role.id.as_str());
    roles.iter().filter(known).cloned().collect()
}

/// The requirement for the roles that have one of the verdicts; nothing when there is none.
fn line(page: &Page, requirement: &RequirementPart, wanted: &[Verdict]) -> Option<Line> {
    let roles: Vec<_> = requirement
        .by_role
        .iter()
        .filter(|by| wanted.contains(&by.verdict))
        .map(|by| by.role.clone())
        .collect();
    if roles.is_empty() {
        return None;
    }
    let blamed: BTreeSet<&Named> = wanted
        .iter()
        .flat_map(|verdict| page.findings(*verdict))
        .filter(|(_, finding)| finding.requirement == requirement.id)
        .filter_map(|(_, finding)| finding.at_fault.as_ref())
        .collect();
    Some(of(requirement, roles, named(&blamed)))
}

/// The requirement for the roles under test that nobody judged it for.
fn untouched(page: &Page, requirement: &RequirementPart, scope: &BTreeSet<&str>) -> Option<Line> {
    let tagged = requirement
        .by_role
        .iter()
        .filter(|by| by.verdict == Verdict::NotTested)
        .map(|by| by.role.clone());
    let roles: Vec<_> = tagged
        .chain(of_scope(&requirement.unjudged, scope))
        .collect();
    if roles.is_empty() {
        return None;
    }
    // The report says why in the same words: no check yet, or no scenario that reached it.
    let mut lacks = page.lacks.iter();
    let lack = lacks.find(|lack| {
        lack.requirement.as_ref() == Some(&requirement.id)
            && lack.role.as_ref().is_some_and(|role| roles.contains(role))
    });
    let note = lack.map_or_else(
        || Text {
            ja: "今回は判定なし".to_owned(),
            en: "Not judged this time".to_owned(),
        },
        |lack| lack.what.clone(),
    );
    Some(of(requirement, roles, note))
}

fn of(requirement: &RequirementPart, roles: Vec<Named>, note: Text) -> Line {
    Line {
        id: requirement.id.clone(),
        level: requirement.level.clone(),
        title: Text {
            ja: requirement.ja.clone(),
            en: requirement.en.clone(),
        },
        roles,
        note,
    }
}

fn named(blamed: &BTreeSet<&Named>) -> Text {
    if blamed.is_empty() {
        return Text::default();
    }
    let ja: Vec<_> = blamed.iter().map(|name| name.ja.as_str()).collect();
    let en: Vec<_> = blamed.iter().map(|name| name.en.as_str()).collect();
    Text {
        ja: format!("責任: {}", ja.join("、")),
        en: format!("At fault: {}", en.join(", ")),
    }
}
