//! The head of a run held to the suite it names: the same scenarios with the same steps, the same requirements, a
//! setting that can be had, and replay lines that say the same as the head.

use evidence::{RequirementLine, Run};
use requirements::Catalogue;

use super::Wrong;
use crate::Setting;
use crate::bundle::Bed;
use crate::failure::Failure;

/// How much of which suite was played.
pub enum Extent {
    /// All of so many.
    Whole(usize),
    /// Some of so many.
    Part(usize),
    /// A suite this program does not hold.
    OtherSuite(String),
}

impl Extent {
    /// How many scenarios the suite has, where it is known.
    pub fn of_suite(&self) -> Option<usize> {
        match self {
            Extent::Whole(all) | Extent::Part(all) => Some(*all),
            Extent::OtherSuite(_) => None,
        }
    }

    /// In words.
    pub fn told(&self, played: usize) -> String {
        match self {
            Extent::Whole(_) => format!("The whole suite, {played} scenarios."),
            Extent::Part(all) => format!(
                "A part of the suite, {played} of {all} scenarios: nothing is said of the rest."
            ),
            Extent::OtherSuite(digest) => format!(
                "Another suite ({}): whether its {played} scenarios are all cannot be checked by this program; use the version that made the report.",
                digest.chars().take(12).collect::<String>()
            ),
        }
    }
}

/// Says in one sentence what in run.json was edited.
pub fn edited(what: impl std::fmt::Display) -> Wrong {
    Wrong::Bundle(format!(
        "evidence/run.json {what}. It was edited; ask for an untouched copy."
    ))
}

/// Holds the head of a run to the suite it names; gives the bed it was played on, where the suite is this program's.
pub fn extent(run: &Run) -> Result<(Extent, Option<Bed>), Wrong> {
    let suite = scenarios::Suite::shipped().map_err(Failure::bed)?;
    if run.suite != suite.digest {
        return Ok((Extent::OtherSuite(run.suite.clone()), None));
    }
    let setting = setting(run)?;
    let bed = Bed::open(&setting).map_err(|e| {
        let said = e.to_string();
        edited(format!(
            "names a setting this suite cannot have ({})",
            said.trim_end_matches('.')
        ))
    })?;
    let mut stories = Vec::new();
    for line in &run.scenarios {
        let story = bed.suite.stories.iter().find(|s| s.id == line.id);
        stories.push(story.ok_or_else(|| {
            edited(format!(
                "names a scenario {:?} the suite does not have",
                line.id
            ))
        })?);
    }
    let all = bed.suite.stories.len();
    if let Some(left_out) = bed
        .suite
        .stories
        .iter()
        .find(|s| !run.part && !run.scenarios.iter().any(|line| line.id == s.id))
    {
        return Err(Wrong::Bundle(format!(
            "the scenario {} is left out: evidence/run.json says it is the whole suite and has {} of {all} scenarios. Somebody took it away; ask for the whole bundle.",
            left_out.id,
            run.scenarios.len()
        )));
    }
    same_head(run, bed.head(&stories)?, &bed.catalogue)?;
    let extent = match run.part {
        true => Extent::Part(all),
        false => Extent::Whole(all),
    };
    Ok((extent, Some(bed)))
}

/// What the run was made with, by its replay lines: all of them, and the head, are held to it afterwards.
fn setting(run: &Run) -> Result<Setting, Wrong> {
    let Some(first) = run.scenarios.first() else {
        let pairs = run.profile.iter();
        return Ok(Setting {
            seed: run.seed,
            edition: run.edition.clone(),
            set: pairs
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
            impostor: None,
        });
    };
    crate::replay::setting(&first.replay)
        .ok_or_else(|| edited(format!("has a replay line for {} that is none", first.id)))
}

fn same_head(run: &Run, expected: Run, catalogue: &Catalogue) -> Result<(), Wrong> {
    let other = |what: &str| Err(edited(format!("has other {what} than the suite it names")));
    if (run.seed, &run.edition) != (expected.seed, &expected.edition) {
        return Err(edited(format!(
            "says edition {} and seed {}, its replay lines say {} and {}",
            run.edition, run.seed, expected.edition, expected.seed
        )));
    }
    if run.profile != expected.profile {
        return Err(edited(
            "has other values of the profile than its replay lines and the suite give",
        ));
    }
    let roles =
        |run: &Run| -> Vec<String> { run.products.iter().map(|p| p.role.clone()).collect() };
    if roles(run) != roles(&expected) {
        return Err(edited(format!(
            "names products for the roles {}, and played are {}, each by one product",
            roles(run).join(", "),
            roles(&expected).join(", ")
        )));
    }
    for (own, suite) in run.scenarios.iter().zip(&expected.scenarios) {
        if own.replay != suite.replay {
            return Err(edited(format!(
                "has a replay line for {} that plays something else than the run it tells of",
                own.id
            )));
        }
        if own != suite {
            return other(&format!("words or requirements for scenario {}", own.id));
        }
    }
    if run.scenarios.len() != expected.scenarios.len() || run.part != expected.part {
        return other("scenarios");
    }
    // Waivers and statements bring their requirements along where the stories have none.
    let excepted = |id: &str| {
        run.waivers.iter().any(|w| w.requirement == id)
            || run.statements.iter().any(|s| s.requirement == id)
    };
    let brought = run.requirements.iter().skip(expected.requirements.len());
    let known = |line: &RequirementLine| {
        let found = catalogue.get(&line.id).map(::judge::requirement_line);
        excepted(&line.id) && found.as_ref() == Some(line)
    };
    if !run.requirements.starts_with(&expected.requirements) || !brought.into_iter().all(known) {
        return other("requirements");
    }
    exceptions(run, catalogue)
}

/// Waivers and statements are about what the catalogue has, as they must be where people write them.
fn exceptions(run: &Run, catalogue: &Catalogue) -> Result<(), Wrong> {
    let binds = |id: &str, role: Option<&str>| {
        catalogue.get(id).is_some_and(|found| {
            role.is_none_or(|role| found.roles.iter().any(|r| r.name() == role))
        })
    };
    for waiver in &run.waivers {
        let scenario = waiver.scenario.as_deref();
        let played = scenario.is_none_or(|id| run.part || run.scenarios.iter().any(|s| s.id == id));
        if !binds(&waiver.requirement, waiver.role.as_deref()) || !played {
            return Err(edited(format!(
                "has a waiver {} of what this suite does not have",
                waiver.id
            )));
        }
    }
    let odd = run.statements.iter().find(|s| {
        let level = catalogue.get(&s.requirement).map(|found| found.level);
        level != Some(requirements::Level::Should) || !binds(&s.requirement, Some(&s.role))
    });
    match odd {
        None => Ok(()),
        Some(statement) => Err(edited(format!(
            "has a statement about {} for {}, which no statement can leave out",
            statement.requirement, statement.role
        ))),
    }
}
