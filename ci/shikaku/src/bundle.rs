//! From stories to a judged run: plays, puts the evidence on disk, reads it back and judges it
//! from the files alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::judge::{Exceptions, Judgement};
use aws_lc_rs::digest;
use evidence::{Damage, Evidence, ProductLine, Reading, Run, SCHEMA, ScenarioLine, Writer};
use requirements::{Catalogue, Level, Profile, Role};
use scenarios::{Cast, Played, Story, Suite};
use serde_json::json;
use town::Products;

use crate::Setting;
use crate::failure::Failure;
use crate::progress::Progress;

/// The day a run is set on unless it names another. A constant, so that two runs agree.
pub const DEFAULT_EDITION: &str = "2026-10-15";

/// Years a run may be set in: its certificates and the years around it must be days that X.509,
/// the field's eight-digit dates and the calendar can all write.
const EDITION_YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// Everything a playing command needs, read and checked.
pub struct Bed {
    /// The stories.
    pub suite: Suite,
    /// The rules.
    pub catalogue: Catalogue,
    /// Profile values of this run.
    pub values: BTreeMap<String, String>,
    /// Who plays.
    pub cast: Cast,
    /// Waivers and statements that go into the head of a run.
    pub exceptions: Exceptions,
    book: Arc<scenarios::PhraseBook>,
    setting: Setting,
}

/// Files of exceptions, as certify and judge are handed them.
#[derive(clap::Args)]
pub struct ExceptionFiles {
    /// Waivers (YAML): deviations accepted by name, with reason, owner and last day.
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// The vendor's statement (YAML) of what its products leave out.
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
}

impl ExceptionFiles {
    /// Reads them; a waiver may name no scenario beside these.
    pub fn read(&self, scenarios: &BTreeSet<&str>) -> Result<Exceptions, Failure> {
        let (waivers, statement) = (self.waivers.as_deref(), self.statement.as_deref());
        Exceptions::read(waivers, statement, scenarios)
            .map_err(|error| Failure::Configuration(error.to_string()))
    }
}

/// Evidence and what the judge says of it.
pub struct Judged {
    /// As read back from disk.
    pub reading: Reading,
    /// The judge's word.
    pub judgement: Judgement,
}

impl Bed {
    /// Reads the suite and the caller's setting.
    pub fn open(setting: &Setting) -> Result<Self, Failure> {
        let suite = Suite::shipped().map_err(Failure::bed)?;
        let book = Arc::new(scenarios::PhraseBook::shipped().map_err(Failure::bed)?);
        let catalogue = Catalogue::shipped().map_err(Failure::bed)?;
        let values = values(setting)?;
        let profile = town::Profile::from_values(&values)
            .map_err(|e| Failure::Configuration(e.to_string()))?;
        let products = products(setting.impostor.as_deref())?;
        let cast = Cast {
            seed: setting.seed,
            secrets: 0,
            edition: setting.edition.parse().map_err(|e| {
                Failure::Configuration(format!(
                    "--edition {}: {e}. Write a day as YYYY-MM-DD.",
                    setting.edition
                ))
            })?,
            profile,
            products,
        };
        if !EDITION_YEARS.contains(&cast.edition.year()) {
            return Err(Failure::Configuration(format!(
                "--edition {}: the town stands between {} and {}. Choose a day in these years.",
                setting.edition,
                EDITION_YEARS.start(),
                EDITION_YEARS.end()
            )));
        }
        Ok(Bed {
            suite,
            catalogue,
            values,
            cast,
            exceptions: Exceptions::default(),
            book,
            setting: setting.clone(),
        })
    }

    /// Whether a deliberately wrong product plays in place of a reference.
    pub fn has_impostor(&self) -> bool {
        self.setting.impostor.is_some()
    }

    /// The deliberately wrong product that plays, by its id.
    pub fn impostor(&self) -> Option<&str> {
        self.setting.impostor.as_deref()
    }

    /// The same bed with other products.
    pub fn with_products(&self, products: Products) -> Cast {
        Cast {
            products,
            ..self.cast.clone()
        }
    }

    /// Plays stories, writes their evidence into `dir` and judges the files.
    pub fn play(
        &self,
        stories: &[&Story],
        cast: &Cast,
        jobs: usize,
        dir: &Path,
        progress: &Progress,
    ) -> Result<Judged, Failure> {
        let head = self.head(stories)?;
        let writer = Writer::begin(dir, &head).map_err(unwritten)?;
        let writing = Mutex::new((writer, BTreeMap::new()));
        let put = |played: Played, done: usize| {
            let mut writing = writing.lock().unwrap_or_else(PoisonError::into_inner);
            let (writer, times) = &mut *writing;
            times.insert(played.records.id.clone(), played.real_ms);
            progress.at(done);
            writer.scenario(&played.records)
        };
        let told = scenarios::play(stories, &self.book, cast, jobs, &put).map_err(Failure::bed)?;
        // cucumber silences panics for the time of a run, and runs overlap; ours must be heard.
        let _ = std::panic::take_hook();
        progress.finish();
        told.into_iter()
            .try_for_each(|put| put.map_err(unwritten))?;
        let (writer, times) = writing.into_inner().unwrap_or_else(PoisonError::into_inner);
        writer
            .finish(&head, &json!({ "real_milliseconds": times }))
            .map_err(unwritten)?;
        let reading = Evidence::read(dir).map_err(Failure::bed)?;
        let judgement = ::judge::judge(&reading);
        Ok(Judged { reading, judgement })
    }

    /// Takes the waivers and the statement a run is made with.
    pub fn except(&mut self, files: &ExceptionFiles) -> Result<(), Failure> {
        let stories = self.suite.stories.iter();
        self.exceptions = files.read(&stories.map(|story| story.id.as_str()).collect())?;
        Ok(())
    }

    /// What run.json says of these stories, played on this bed.
    pub fn head(&self, stories: &[&Story]) -> Result<Run, Failure> {
        // The built-in products are this very program, so its digest is theirs; an impostor is too, and
        // whoever reads the evidence learns nothing from it.
        let digest = own_digest()?;
        let product = |role: &Role| ProductLine {
            role: role.name().to_owned(),
            name: format!("Shikaku reference {}", role.name()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            vendor: BUILT_IN.to_owned(),
            digest: digest.to_owned(),
        };
        let mut used: Vec<&str> = stories
            .iter()
            .flat_map(|s| &s.requirements)
            .map(String::as_str)
            .collect();
        // A part of the suite answers for what its stories are tagged with, and for nothing else.
        if stories.len() == self.suite.stories.len() {
            used.extend(::judge::rules().iter().map(|r| r.id));
        }
        used.sort_unstable();
        used.dedup();
        let mut run = Run {
            schema: SCHEMA.to_owned(),
            suite: self.suite.digest.clone(),
            seed: self.cast.seed,
            edition: self.cast.edition.to_string(),
            profile: self.values.clone(),
            part: stories.len() != self.suite.stories.len(),
            waivers: Vec::new(),
            statements: Vec::new(),
            products: PLAYED.iter().map(product).collect(),
            requirements: used
                .iter()
                .filter_map(|id| self.catalogue.get(id))
                .map(::judge::requirement_line)
                .collect(),
            scenarios: stories.iter().map(|s| self.scenario_line(s)).collect(),
        };
        self.exceptions.put_into(&mut run);
        Ok(run)
    }

    fn scenario_line(&self, story: &Story) -> ScenarioLine {
        let mut roles: Vec<String> = ::judge::rules()
            .iter()
            .filter(|r| story.requirements.iter().any(|id| id == r.id))
            .flat_map(|r| r.roles.iter().map(|role| (*role).to_owned()))
            .collect();
        roles.sort();
        roles.dedup();
        ScenarioLine {
            id: story.id.clone(),
            ja: story.ja.clone(),
            en: story.en.clone(),
            place: story.place.clone(),
            requirements: story.requirements.clone(),
            roles,
            steps: story.steps.clone(),
            replay: crate::replay::token(&self.suite.digest, &self.setting, &story.id),
        }
    }
}

/// Who makes the products that come with this program.
const BUILT_IN: &str = "Shikaku (built in)";

/// Digest of the running program, `sha256:` and 64 hex digits, worked out once.
fn own_digest() -> Result<&'static str, Failure> {
    static DIGEST: OnceLock<String> = OnceLock::new();
    if let Some(digest) = DIGEST.get() {
        return Ok(digest);
    }
    let digest = digest_of_program().map_err(|error| {
        Failure::Configuration(format!(
            "the program's own file cannot be read: {error}. Its digest names the built-in products; let it be readable."
        ))
    })?;
    Ok(DIGEST.get_or_init(|| digest))
}

fn digest_of_program() -> std::io::Result<String> {
    let mut program = File::open(std::env::current_exe()?)?;
    let mut context = digest::Context::new(&digest::SHA256);
    let mut chunk = vec![0; 1 << 16];
    loop {
        match program.read(&mut chunk)? {
            0 => break,
            length => context.update(&chunk[..length]),
        }
    }
    let digits = context.finish();
    let hex: String = digits.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("sha256:{hex}"))
}

fn unwritten(damage: Damage) -> Failure {
    Failure::Configuration(damage.to_string())
}

/// Roles that are played by a product in the town as it stands.
const PLAYED: &[Role] = &[
    Role::Card,
    Role::Reader,
    Role::Terminal,
    Role::ReceiptComputer,
    Role::EligibilityServer,
    Role::Insurer,
    Role::Portal,
];

/// A level as run.json and coverage write it.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "MUST",
        Level::Should => "SHOULD",
    }
}

fn values(setting: &Setting) -> Result<BTreeMap<String, String>, Failure> {
    let mut values = Profile::shipped().map_err(Failure::bed)?.values();
    for pair in &setting.set {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            Failure::Configuration(format!(
                "--set {pair}: write NAME=VALUE, e.g. grace_end=same_day."
            ))
        })?;
        values.insert(name.to_owned(), value.to_owned());
    }
    Ok(values)
}

fn products(impostor: Option<&str>) -> Result<Products, Failure> {
    match impostor {
        None => Ok(Products::reference()),
        Some(id) => ::impostors::products(id).ok_or_else(|| {
            Failure::Configuration(format!(
                "--impostor {id}: there is none of that name. `shikaku list` names them all."
            ))
        }),
    }
}

/// Number of threads: what was asked for, or what the machine has.
pub fn jobs(asked: Option<NonZeroUsize>) -> usize {
    asked
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, usize::from)
}

/// What a report folder consists of.
pub const REPORT: &[&str] = &[
    "MANIFEST",
    "MANIFEST.p7s",
    "certificate.pdf",
    "ctrf.json",
    "evidence",
    "junit.xml",
    "report.html",
    "report.json",
    "report.schema.json",
    "statement.intoto.json",
];

/// A folder that takes the place of `out` once it is complete. A former report there is replaced;
/// anything else is left alone and refused.
pub struct Fresh {
    out: PathBuf,
    making: PathBuf,
}

impl Fresh {
    /// Checks `out` and opens a folder beside it.
    pub fn beside(out: &Path) -> Result<Self, Failure> {
        if let Some(foreign) = foreign(out) {
            return Err(Failure::Configuration(format!(
                "--out {}: {foreign}. Nothing was touched. Choose another folder, or empty this one.",
                out.display()
            )));
        }
        let name = out
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_else(|| "report".into());
        let making = out.with_file_name(format!(".{name}.being-made.{}", std::process::id()));
        std::fs::create_dir_all(&making).map_err(|e| cannot(&making, &e))?;
        Ok(Fresh {
            out: out.to_owned(),
            making,
        })
    }

    /// Where to write meanwhile.
    pub fn dir(&self) -> &Path {
        &self.making
    }

    /// Puts the folder in its place.
    pub fn settle(self) -> Result<(), Failure> {
        let former = self.making.with_extension("former");
        if self.out.exists() {
            std::fs::rename(&self.out, &former).map_err(|e| cannot(&self.out, &e))?;
        }
        if let Err(error) = std::fs::rename(&self.making, &self.out) {
            // Nothing new can stand there; what stood there goes back.
            let _ = std::fs::rename(&former, &self.out);
            return Err(cannot(&self.out, &error));
        }
        let _ = std::fs::remove_dir_all(&former);
        Ok(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // After settle() there is nothing left; after a failure half a report must not stay.
        let _ = std::fs::remove_dir_all(&self.making);
    }
}

/// What in `out` no former report put there, in words.
fn foreign(out: &Path) -> Option<String> {
    if std::fs::symlink_metadata(out).is_err() {
        return None;
    }
    let Ok(entries) = std::fs::read_dir(out) else {
        return Some("this is no folder that can be read".to_owned());
    };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    if names.is_empty() {
        return None;
    }
    if !out.join("evidence/run.json").is_file() {
        return Some("it holds something that is no report".to_owned());
    }
    let stranger = names.iter().find(|n| !REPORT.contains(&n.as_str()))?;
    Some(format!(
        "beside a former report it holds {stranger}, which is no part of one"
    ))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Configuration(format!(
        "{}: {error}. Choose a folder that can be written, with --out.",
        path.display()
    ))
}
