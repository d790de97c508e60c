//! The reader: screen, PIN pad, camera and slot. What the patient sees and may do next is a state
//! machine (`machine`) with its texts (`screens`); this file runs it between the hands at it and
//! the terminal's line.

mod conduct;
pub(crate) mod face;
mod machine;
mod screens;
mod touch;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rules::{Outcome, Profile};
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Sleep, sleep, timeout};
use wire::reader::{FromReader, from_line, to_line};
use world::net::BoxStream;
use world::tap::Way;
use world::{Carrier, Hop, Tap};

use crate::lines::{Line, Lines};
use card_driver::wipe;
use machine::{Effect, Machine};

pub use conduct::{Ask, Conduct, FACE_TOLERANCE, PUBLISHED_ORDER, Reference, Stage};
pub use screens::ScreenId;
pub use touch::{Kind, PrintedFace, Touch};

/// How long a screen stays that only tells something, unless the patient goes on before.
pub const READING_TIME: Duration = Duration::from_secs(3);
/// How long the reader waits for its terminal before it gives the visit up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A screen as the patient sees it; serialises to `{"id","lines","tries_left"?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screen {
    /// Which screen.
    pub id: ScreenId,
    /// Its lines, in Japanese.
    pub lines: Vec<String>,
    /// PIN tries left, where the screen tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
}

/// The hop between a reader and its terminal, both known by [`crate::party`].
pub fn hop(party: &str) -> Hop {
    let end = |role: &str| (role.to_owned(), party.to_owned());
    Hop {
        name: "reader",
        near: end("reader"),
        far: end("terminal"),
        carrier: Carrier::JsonMembers(&[
            ("pin", "PIN"),
            ("verification_b", "VERIFICATION-B"),
            ("passcode", "PASSCODE"),
            ("image", "FACE"),
        ]),
    }
}

/// What the reader does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Now {
    screen: ScreenId,
    /// Whether the terminal's answer is awaited.
    busy: bool,
    /// Touches dealt with so far.
    handled: u64,
}

/// A running reader; it ends when this is dropped.
pub struct ReaderHandle {
    touches: mpsc::UnboundedSender<Touch>,
    sent: u64,
    now: watch::Receiver<Now>,
    screens: Shown,
    task: JoinHandle<()>,
}

type Shown = Arc<Mutex<Vec<Screen>>>;

fn locked(screens: &Shown) -> MutexGuard<'_, Vec<Screen>> {
    screens.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ReaderHandle {
    /// A touch of the patient's; it is dealt with soon, see [`Self::settled`].
    pub fn touch(&mut self, touch: Touch) {
        // The task ends only when this handle is dropped.
        let _ = self.touches.send(touch);
        self.sent += 1;
    }

    /// The screens shown since the last call, in order.
    pub fn observe(&self) -> Vec<Screen> {
        std::mem::take(&mut locked(&self.screens))
    }

    /// The screen shown now.
    pub fn current(&self) -> ScreenId {
        self.now.borrow().screen
    }

    /// Waits until every touch so far is dealt with and no answer of the terminal is awaited.
    /// Returns the screen then shown; screens that only tell something count.
    pub async fn settled(&mut self) -> ScreenId {
        let sent = self.sent;
        let settled = self
            .now
            .wait_for(|now| now.handled == sent && !now.busy)
            .await
            .map(|now| now.screen);
        settled.unwrap_or_else(|_| self.current())
    }

    /// Waits until one of these screens is shown, at most `limit`.
    pub async fn wait_for(&mut self, screens: &[ScreenId], limit: Duration) -> Option<ScreenId> {
        let shown = self.now.wait_for(|now| screens.contains(&now.screen));
        Some(timeout(limit, shown).await.ok()?.ok()?.screen)
    }
}

impl Drop for ReaderHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a reader on its line to the terminal. `profile` tells which result codes are notices.
/// Call it inside a tokio runtime.
pub fn spawn(
    conduct: Arc<dyn Conduct>,
    kind: Kind,
    profile: &Profile,
    stream: BoxStream,
    tap: Tap,
    hop: Hop,
) -> ReaderHandle {
    let (touches, inbox) = mpsc::unbounded_channel();
    let (machine, first) = Machine::new(conduct, kind, outcomes_by_code(profile));
    let screens: Shown = Arc::new(Mutex::new(vec![first]));
    let (tell, now) = watch::channel(Now {
        screen: ScreenId::PlaceCard,
        busy: false,
        handled: 0,
    });
    let (read, write) = tokio::io::split(stream);
    let connection = tap.connection(&hop);
    let line = TerminalLine {
        write,
        tap,
        hop,
        connection,
    };
    let reader = Reader {
        machine,
        line,
        screens: screens.clone(),
        tell,
        inbox,
        handled: 0,
    };
    let task = tokio::spawn(reader.run(Lines::new(read)));
    ReaderHandle {
        touches,
        sent: 0,
        now,
        screens,
        task,
    }
}

fn outcomes_by_code(profile: &Profile) -> BTreeMap<String, Outcome> {
    Outcome::ALL
        .into_iter()
        .map(|outcome| (profile.result_code(outcome).to_owned(), outcome))
        .collect()
}

struct TerminalLine<W> {
    write: W,
    tap: Tap,
    hop: Hop,
    connection: u32,
}

impl<W: AsyncWrite + Unpin> TerminalLine<W> {
    /// Says something; false when the line is broken.
    async fn say(&mut self, message: FromReader) -> bool {
        let mut line = to_line(&message);
        self.tap
            .message(&self.hop, self.connection, Way::Out, &line);
        let said = self.write.write_all(&line).await.is_ok() && self.write.flush().await.is_ok();
        wipe(&mut line);
        if let FromReader::Pin { pin: secret }
        | FromReader::FaceRead {
            verification_b: secret,
        }
        | FromReader::StaffConfirmed { passcode: secret } = message
        {
            wipe(&mut secret.into_bytes());
        }
        said
    }

    fn heard(&self, bytes: &[u8]) {
        self.tap
            .message(&self.hop, self.connection, Way::Back, bytes);
    }
}

struct Reader {
    machine: Machine,
    line: TerminalLine<WriteHalf<BoxStream>>,
    screens: Shown,
    tell: watch::Sender<Now>,
    inbox: mpsc::UnboundedReceiver<Touch>,
    handled: u64,
}

impl Reader {
    async fn run(mut self, mut lines: Lines<tokio::io::ReadHalf<BoxStream>>) {
        let mut connected = true;
        let mut timer: Option<(u64, Pin<Box<Sleep>>)> = None;
        loop {
            let moment = self.machine.moment();
            if timer.as_ref().map(|(of, _)| *of) != Some(moment) {
                timer = self
                    .machine
                    .waits()
                    .map(|time| (moment, Box::pin(sleep(time))));
            }
            let waiting = timer.is_some();
            let over = async {
                if let Some((_, sleep)) = timer.as_mut() {
                    sleep.await;
                }
            };
            // In this order always, so that one seed gives one course of events.
            let effects = tokio::select! { biased;
                line = lines.next(), if connected => {
                    connected = line.is_some();
                    self.heard(line)
                }
                touch = self.inbox.recv() => match touch {
                    Some(touch) => {
                        self.handled += 1;
                        self.machine.touch(touch)
                    }
                    None => return,
                },
                () = over, if waiting => self.machine.time_is_up(),
            };
            self.perform(effects).await;
        }
    }

    fn heard(&mut self, line: Option<Line>) -> Vec<Effect> {
        let mut bytes = match line {
            None => return self.machine.line_broke(),
            Some(Line::TooLong(bytes)) => {
                self.line.heard(&bytes);
                return self.machine.not_understood();
            }
            Some(Line::Whole(bytes)) => bytes,
        };
        self.line.heard(&bytes);
        let message = from_line(&bytes);
        // It may have carried the photo.
        wipe(&mut bytes);
        match message {
            Ok(message) => self.machine.heard(message),
            Err(_) => self.machine.not_understood(),
        }
    }

    async fn perform(&mut self, effects: Vec<Effect>) {
        let mut effects = std::collections::VecDeque::from(effects);
        let mut screen = self.tell.borrow().screen;
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Show(shown) => {
                    screen = shown.id;
                    locked(&self.screens).push(shown);
                }
                Effect::Say(message) => {
                    if !self.line.say(message).await {
                        effects.extend(self.machine.line_broke());
                    }
                }
            }
        }
        let now = Now {
            screen,
            busy: self.machine.is_busy(),
            handled: self.handled,
        };
        self.tell.send_replace(now);
    }
}

#[cfg(test)]
mod tests;
