//! Playing: each story on a runtime of its own with a paused clock, stories shared out over
//! threads. cucumber runs the steps; green there only means that the story could be told.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use cucumber::{Cucumber, Event, World, Writer, event, parser, runner, step};
use evidence::ScenarioRecords;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use gherkin::Feature;
use regex::Regex;
use world::clock::Stopwatch;

use crate::stage::{Cast, Stage};
use crate::{PhraseBook, Story};

/// A story that was played.
pub struct Played {
    /// What happened.
    pub records: ScenarioRecords,
    /// Real milliseconds it took; belongs to no digest.
    pub real_ms: u64,
}

/// Why nothing could be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// No runtime.
    #[error(
        "the runtime for {story} could not be started: {error}. The machine is short of something; free it and run again."
    )]
    Runtime {
        /// The story.
        story: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// Plays stories on `jobs` threads and hands each to `put`, with the number played so far, as soon as it
/// ends; returns what `put` said, in the order of the stories.
pub fn play<T: Send>(
    stories: &[&Story],
    book: &Arc<PhraseBook>,
    cast: &Cast,
    jobs: usize,
    put: &(dyn Fn(Played, usize) -> T + Sync),
) -> Result<Vec<T>, PlayError> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let told: Mutex<Vec<(usize, Result<T, PlayError>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, stories.len().max(1)) {
            scope.spawn(|| {
                while let Some((at, story)) = next_story(stories, &next) {
                    let played = play_one(story, book, cast);
                    let number = done.fetch_add(1, Ordering::SeqCst) + 1;
                    let result = played.map(|played| put(played, number));
                    told.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((at, result));
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    told.sort_by_key(|(at, _)| *at);
    told.into_iter().map(|(_, result)| result).collect()
}

fn next_story<'a>(stories: &[&'a Story], next: &AtomicUsize) -> Option<(usize, &'a Story)> {
    let at = next.fetch_add(1, Ordering::SeqCst);
    stories.get(at).map(|story| (at, *story))
}

/// Plays one story on a fresh runtime with a paused clock.
pub fn play_one(story: &Story, book: &Arc<PhraseBook>, cast: &Cast) -> Result<Played, PlayError> {
    let watch = Stopwatch::start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| PlayError::Runtime {
            story: story.id.clone(),
            error,
        })?;
    let stage: Rc<RefCell<Option<Stage>>> = Rc::default();
    let trouble: Rc<RefCell<Vec<String>>> = Rc::default();
    let records = runtime.block_on(async {
        run_steps(story, book, cast, &stage, &trouble).await;
        let stage = stage.borrow_mut().take();
        finished(story, stage, &trouble.borrow())
    });
    Ok(Played {
        records,
        real_ms: watch.milliseconds(),
    })
}

fn finished(story: &Story, stage: Option<Stage>, trouble: &[String]) -> ScenarioRecords {
    match stage {
        Some(mut stage) => {
            trouble.iter().for_each(|t| stage.failed(&story.ja, t));
            let Stage { recorder, town, .. } = stage;
            let records = recorder.finish(&story.id);
            drop(town);
            records
        }
        None => bare_error(story, trouble),
    }
}

/// The records of a story whose town could not even be built.
fn bare_error(story: &Story, trouble: &[String]) -> ScenarioRecords {
    use evidence::{Declared, Fact, Record, What};
    let error = trouble.join("; ");
    let fact = Fact::BedError {
        step: story.ja.clone(),
        error,
    };
    let record = Record {
        seq: 1,
        at: String::new(),
        what: What::Declared(Declared { fact }),
    };
    ScenarioRecords {
        id: story.id.clone(),
        records: vec![record],
        ..Default::default()
    }
}

async fn run_steps(
    story: &Story,
    book: &Arc<PhraseBook>,
    cast: &Cast,
    stage: &Rc<RefCell<Option<Stage>>>,
    trouble: &Rc<RefCell<Vec<String>>>,
) {
    let (before_story, before_cast, before_book) = (story.clone(), cast.clone(), book.clone());
    let (before_trouble, after_stage) = (trouble.clone(), stage.clone());
    let runner = runner::Basic::<Seat>::default()
        .max_concurrent_scenarios(Some(1))
        .steps(steps())
        .before(move |_, _, _, seat: &mut Seat| {
            let (story, cast, book, trouble) = (
                before_story.clone(),
                before_cast.clone(),
                before_book.clone(),
                before_trouble.clone(),
            );
            async move {
                seat.trouble = trouble.clone();
                match Stage::open(&cast, &story, book).await {
                    Ok(stage) => seat.stage = Some(stage),
                    Err(error) => trouble.borrow_mut().push(error.to_string()),
                }
            }
            .boxed_local()
        })
        .after(move |_, _, _, _, seat| {
            let kept = after_stage.clone();
            async move {
                if let Some(seat) = seat {
                    *kept.borrow_mut() = seat.stage.take();
                }
            }
            .boxed_local()
        });
    let listener = Listener {
        trouble: trouble.clone(),
    };
    Cucumber::<Seat, _, (), _, _>::custom(Alone(story.feature.clone()), runner, listener)
        .with_default_cli()
        .run(())
        .await;
}

/// What cucumber hands from step to step.
#[derive(Default)]
struct Seat {
    stage: Option<Stage>,
    trouble: Rc<RefCell<Vec<String>>>,
}

impl World for Seat {
    type Error = std::convert::Infallible;

    async fn new() -> Result<Self, Self::Error> {
        Ok(Seat::default())
    }
}

/// Every step leads to one function: the phrase book, not the runner, knows what it means. The suite has
/// been held against the book before, so no step is left that nobody understands.
fn steps() -> step::Collection<Seat> {
    static ANY: LazyLock<Regex> = LazyLock::new(|| {
        // A constant pattern that matches everything.
        Regex::new("(?s)^.*$").unwrap_or_else(|e| panic!("{e}"))
    });
    step::Collection::new()
        .given(None, ANY.clone(), tell)
        .when(None, ANY.clone(), tell)
        .then(None, ANY.clone(), tell)
}

fn tell(seat: &mut Seat, context: step::Context) -> LocalBoxFuture<'_, ()> {
    async move {
        let Some(stage) = &mut seat.stage else { return };
        if !seat.trouble.borrow().is_empty() {
            return; // what follows a step that failed would prove nothing
        }
        if let Err(error) = stage.play(&context.step.value).await {
            seat.trouble
                .borrow_mut()
                .push(format!("{}: {error}", context.step.value));
        }
    }
    .boxed_local()
}

/// One feature with one scenario, already parsed.
struct Alone(Feature);

impl cucumber::Parser<()> for Alone {
    type Cli = cucumber::cli::Empty;
    type Output = futures::stream::Once<futures::future::Ready<parser::Result<Feature>>>;

    fn parse(self, (): (), _: Self::Cli) -> Self::Output {
        futures::stream::once(futures::future::ready(Ok(self.0)))
    }
}

/// Hears of steps that were skipped or panicked; either is the bed's own fault.
struct Listener {
    trouble: Rc<RefCell<Vec<String>>>,
}

impl Writer<Seat> for Listener {
    type Cli = cucumber::cli::Empty;

    async fn handle_event(
        &mut self,
        event: parser::Result<Event<event::Cucumber<Seat>>>,
        _: &Self::Cli,
    ) {
        let said = match event.map(Event::into_inner) {
            Err(error) => Some(error.to_string()),
            Ok(event::Cucumber::Feature(_, event::Feature::Scenario(_, scenario))) => {
                match scenario.event {
                    event::Scenario::Background(step, what) | event::Scenario::Step(step, what) => {
                        said_of(&what).map(|s| format!("{}: {s}", step.value))
                    }
                    event::Scenario::Hook(_, event::Hook::Failed(_, info)) => Some(format!(
                        "the stage could not be set or struck: {}",
                        panic_text(&*info)
                    )),
                    _ => None,
                }
            }
            Ok(_) => None,
        };
        self.trouble.borrow_mut().extend(said);
    }
}

impl cucumber::writer::Normalized for Listener {}

fn said_of(what: &event::Step<Seat>) -> Option<String> {
    match what {
        event::Step::Skipped => Some("no step function belongs to it".to_owned()),
        event::Step::Failed(.., error) => Some(error.to_string()),
        _ => None,
    }
}

fn panic_text(info: &(dyn std::any::Any + Send)) -> String {
    let text = info.downcast_ref::<String>().cloned();
    text.or_else(|| info.downcast_ref::<&str>().map(|t| (*t).to_owned()))
        .unwrap_or_else(|| "a panic".to_owned())
}
