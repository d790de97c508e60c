//! A bed for tests that play and judge in one process: stories in, findings out.

use std::sync::Arc;

use evidence::{Evidence, Reading, RequirementLine, Run, SCHEMA, ScenarioLine, ScenarioRecords};
use judge::{Judgement, Verdict, judge};
use scenarios::{Cast, PhraseBook, Story, Suite, play_one};
use town::{Date, Products, Profile};

pub struct Bed {
    book: Arc<PhraseBook>,
    cast: Cast,
    requirements: Vec<RequirementLine>,
}

impl Bed {
    pub fn open() -> Self {
        let catalogue = requirements::Catalogue::shipped().unwrap();
        let judged = judge::rules()
            .iter()
            .filter_map(|rule| catalogue.get(rule.id));
        let line = |found: &requirements::Requirement| RequirementLine {
            id: found.id.clone(),
            level: "MUST".to_owned(),
            roles: found.roles.iter().map(|r| r.name().to_owned()).collect(),
            ja: found.ja.clone(),
            en: found.en.clone(),
            source: found.source.clone(),
        };
        Bed {
            book: Arc::new(PhraseBook::shipped().unwrap()),
            cast: Cast {
                seed: 11,
                secrets: 0,
                edition: Date::constant(2026, 10, 15),
                profile: Profile::default(),
                products: Products::reference(),
            },
            requirements: judged.map(line).collect(),
        }
    }

    fn run(&self, suite: &Suite, story: &Story) -> Run {
        let line = ScenarioLine {
            id: story.id.clone(),
            ja: story.ja.clone(),
            en: story.en.clone(),
            place: story.place.clone(),
            requirements: story.requirements.clone(),
            roles: Vec::new(),
            steps: story.steps.clone(),
            replay: String::new(),
        };
        Run {
            schema: SCHEMA.to_owned(),
            suite: suite.digest.clone(),
            seed: self.cast.seed,
            edition: self.cast.edition.to_string(),
            profile: self.cast.profile.to_values(),
            part: false,
            waivers: vec![],
            statements: vec![],
            products: Vec::new(),
            requirements: self.requirements.clone(),
            scenarios: vec![line],
        }
    }

    fn played(&self, suite: &Suite, story: &Story) -> (Run, ScenarioRecords) {
        let played = play_one(story, &self.book, &self.cast).unwrap();
        drop(std::panic::take_hook());
        (self.run(suite, story), played.records)
    }

    /// A story of the suite, played: head and records.
    #[allow(dead_code, reason = "each test uses its own part of the bed")]
    pub fn shipped(&self, id: &str) -> (Run, ScenarioRecords) {
        let suite = Suite::shipped().unwrap();
        let story = suite.find(id).unwrap();
        self.played(&suite, story)
    }

    /// Plays a feature of one story and has it judged; what spoke against it, and the records.
    #[allow(dead_code, reason = "each test uses its own part of the bed")]
    pub fn tried(&self, feature: &str) -> (Vec<String>, ScenarioRecords) {
        let files = [("features/order.feature".into(), feature.to_owned())];
        let suite = Suite::from_files(&files).unwrap();
        let (run, records) = self.played(&suite, &suite.stories[0]);
        let judgement = judge(&Reading {
            evidence: Evidence::from_parts(run, vec![records.clone()]),
            damage: Vec::new(),
        });
        (spoken_against(&judgement), records)
    }
}

#[allow(dead_code, reason = "each test uses its own part of the bed")]
fn spoken_against(judgement: &Judgement) -> Vec<String> {
    let mut said: Vec<String> = judgement
        .bed_errors
        .iter()
        .map(|e| format!("{e:?}"))
        .collect();
    let wrong = [Verdict::Fail, Verdict::BedError];
    let findings = judgement
        .findings
        .iter()
        .filter(|f| wrong.contains(&f.verdict));
    said.extend(findings.map(|f| {
        format!(
            "{} {}: expected {} actual {}",
            f.requirement, f.role, f.expected.en, f.actual.en
        )
    }));
    said
}
