//! The card-processing software of the terminal: told by the reader what the patient does, it
//! drives the card, asks the eligibility server and drops the result for the receipt computer.
//! A visit that the card leaves too early leaves nothing behind.

mod card;
mod face;
mod server;

use std::sync::Arc;

use identifiers::FacilityCode;
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use wire::face_file::Charset;
use wire::reader::{Consents, FromReader, FromTerminal, Status, from_line, to_line};
use wire::result::EligibilityResult;
use world::net::{BoxStream, Network};
use world::tls::Caller;
use world::{Carrier, Clock, Hop, Tap};

use crate::Shared;
use crate::lines::{Line, Lines};
use crate::secret::{Secret, wipe};
use card::{Card, CardError, Verified};
use server::Server;

pub use server::{ANSWER_TIME, ServerLine};

/// The slot a card lies in; command bytes in, response bytes out.
pub trait Slot: Send {
    /// Sends one command to the card and waits for its response.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, SlotError>;
}

/// Why the slot gave no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// No card lies in it.
    #[error("no card lies in the slot; the patient must place it")]
    NoCard,
    /// A card lies in it and does not answer.
    #[error("the card does not answer: {0}; place it again, or have the slot looked at")]
    Failed(String),
}

/// The terminal's decisions, one method each; the defaults are the reference.
pub trait Conduct: Send + Sync {
    /// Whether the result is dropped for the receipt computer, given the patient's answers.
    /// Consent never hinders the eligibility result (CONS-05).
    fn drops_file(&self, _consents: &Consents) -> bool {
        true
    }

    /// What is noted of a right PIN for the file's ArbitraryIdentifier (任意識別子). Nothing: no
    /// PIN may appear in a file (SEC-03).
    fn remark(&self, _pin: &str) -> Option<String> {
        None
    }
}

/// The reference terminal.
pub struct Reference;
impl Conduct for Reference {}

/// What a terminal is set up with.
#[derive(Clone)]
pub struct Config {
    /// The facility's code; also the name in its certificate.
    pub facility_code: FacilityCode,
    /// The facility's name in evidence.
    pub facility_name: String,
    /// Opens connections with the facility's certificate.
    pub caller: Caller,
    /// Where the server is reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hops `eligibility` and `face-folder`.
    pub tap: Tap,
    /// The civil clock.
    pub clock: Clock,
    /// Character set of the dropped files.
    pub charset: Charset,
    /// The folder shared with the receipt computer.
    pub shared: Shared,
}

/// The character set a profile names.
pub fn charset_of(profile: &rules::Profile) -> Charset {
    match profile.face_file_charset {
        rules::FaceFileCharset::ShiftJis => Charset::ShiftJis,
        rules::FaceFileCharset::Utf8 => Charset::Utf8,
    }
}

/// The hop between a facility's terminal and the eligibility server.
pub fn eligibility_hop(facility: &str) -> Hop {
    let near = ("terminal".to_owned(), facility.to_owned());
    let far = ("eligibility-server".to_owned(), String::new());
    Hop {
        name: "eligibility",
        near,
        far,
        carrier: Carrier::None,
    }
}

/// The hop of the files from a facility's terminal to its receipt computer.
pub fn face_folder_hop(facility: &str) -> Hop {
    let end = |role: &str| (role.to_owned(), facility.to_owned());
    Hop {
        name: "face-folder",
        near: end("terminal"),
        far: end("receipt-computer"),
        carrier: Carrier::None,
    }
}

/// Where a visit stands between two messages of the reader.
#[derive(Debug)]
enum Visit {
    /// No card, or nothing more to do for it.
    None,
    /// A usable card with so many tries left.
    Ready(u8),
    /// The PIN was right.
    Verified(Verified),
}

/// A terminal, not yet connected to a reader.
pub struct Terminal {
    config: Config,
    conduct: Arc<dyn Conduct>,
    server: Server,
}

/// A running terminal; it ends when this is dropped.
pub struct TerminalHandle {
    line: ServerLine,
    task: JoinHandle<()>,
}

impl TerminalHandle {
    /// Closes the kept connection to the server, if no question is on it. The next one opens anew.
    pub fn hang_up(&self) {
        self.line.hang_up();
    }
}

impl Drop for TerminalHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Terminal {
    /// A terminal with its settings and its way of acting.
    pub fn new(config: Config, conduct: Arc<dyn Conduct>) -> Self {
        let server = Server::new(&config);
        Terminal {
            config,
            conduct,
            server,
        }
    }

    /// The kept connection to the server, to close it from outside.
    pub fn server_line(&self) -> ServerLine {
        self.server.line()
    }

    /// Serves a reader in a task of its own. Call it inside a tokio runtime.
    pub fn spawn(self, reader: BoxStream, slot: Box<dyn Slot>) -> TerminalHandle {
        let line = self.server_line();
        TerminalHandle {
            line,
            task: tokio::spawn(self.run(reader, slot)),
        }
    }

    /// Serves a reader until its line ends.
    pub async fn run(self, reader: BoxStream, slot: Box<dyn Slot>) {
        let (read, write) = tokio::io::split(reader);
        let mut lines = Lines::new(read);
        let mut desk = ReaderLine(write);
        let mut card = Card::new(slot);
        let mut visit = Visit::None;
        while let Some(line) = lines.next().await {
            visit = match understood(line) {
                None => {
                    desk.say(not_understood()).await;
                    Visit::None
                }
                Some(FromReader::CardPlaced) => desk.say_and(placed(&mut card)).await,
                Some(FromReader::Pin { pin }) => {
                    let answer = self.pin(&mut card, visit, Secret::new(pin));
                    desk.say_and(answer).await
                }
                Some(FromReader::Consents { consents }) => match visit {
                    Visit::Verified(verified) => {
                        self.confirm(&mut card, verified, consents, &mut lines, &mut desk)
                            .await;
                        Visit::None
                    }
                    other => other,
                },
                Some(FromReader::CardRemoved) => Visit::None,
            };
        }
    }

    fn pin(&self, card: &mut Card, visit: Visit, pin: Secret) -> (Option<FromTerminal>, Visit) {
        let Visit::Ready(tries_left) = visit else {
            return (None, visit);
        };
        if !pin.is_pin() {
            // Not worth one of the patient's tries.
            return (
                Some(FromTerminal::PinWrong { tries_left }),
                Visit::Ready(tries_left),
            );
        }
        match card.verify(&pin) {
            Ok(()) => {
                let verified = Verified {
                    remark: self.conduct.remark(pin.text()),
                };
                (Some(FromTerminal::PinAccepted), Visit::Verified(verified))
            }
            Err(CardError::WrongPin { tries_left: 0 } | CardError::PinLocked) => {
                (Some(FromTerminal::PinLocked), Visit::None)
            }
            Err(CardError::WrongPin { tries_left }) => (
                Some(FromTerminal::PinWrong { tries_left }),
                Visit::Ready(tries_left),
            ),
            Err(error) => (Some(unusable(&error)), Visit::None),
        }
    }

    /// Asks the server and drops the file, unless the card leaves before the answer is there.
    async fn confirm(
        &self,
        card: &mut Card,
        verified: Verified,
        consents: Consents,
        lines: &mut Lines<ReadHalf<BoxStream>>,
        desk: &mut ReaderLine,
    ) {
        let answered = {
            let asking = self
                .server
                .confirm(card, &self.config.facility_code, consents);
            tokio::pin!(asking);
            loop {
                // The reader first: when card and answer come at one moment, the card decides.
                tokio::select! { biased;
                    line = lines.next() => match line.map(understood) {
                        None | Some(Some(FromReader::CardRemoved)) => return,
                        Some(_) => {}
                    },
                    answered = &mut asking => break answered,
                }
            }
        };
        let message = match answered {
            Ok((session, result)) => self.finish(&session, result, &verified, &consents),
            Err(server::NoResult::Card(error)) => unusable(&error),
            Err(server::NoResult::Server(reason)) => unavailable(&reason),
        };
        desk.say(message).await;
    }

    fn finish(
        &self,
        session: &str,
        mut result: EligibilityResult,
        verified: &Verified,
        consents: &Consents,
    ) -> FromTerminal {
        let outcome = outcome_of(&result);
        if !self.conduct.drops_file(consents) {
            return outcome;
        }
        if let Some(remark) = &verified.remark {
            result
                .results
                .iter_mut()
                .for_each(|block| block.put("ArbitraryIdentifier", remark.clone()));
        }
        match face::drop_file(&self.config, session, result) {
            Ok(()) => outcome,
            Err(error) => unavailable(&error.message_ja()),
        }
    }
}

fn understood(line: Line) -> Option<FromReader> {
    match line {
        Line::Whole(mut bytes) => {
            let message = from_line(&bytes).ok();
            wipe(&mut bytes);
            message
        }
        Line::TooLong(_) => None,
    }
}

fn placed(card: &mut Card) -> (Option<FromTerminal>, Visit) {
    match card.ready() {
        Ok(tries_left) => (
            Some(FromTerminal::CardReady { tries_left }),
            Visit::Ready(tries_left),
        ),
        Err(error) => {
            let reason = match error {
                CardError::NotMyNumberCard => "not-a-my-number-card",
                _ => "not-recognised",
            };
            (
                Some(FromTerminal::CardUnusable {
                    reason: reason.to_owned(),
                }),
                Visit::None,
            )
        }
    }
}

fn unusable(error: &CardError) -> FromTerminal {
    let reason = match error {
        CardError::Slot(SlotError::NoCard) => "removed",
        CardError::NotMyNumberCard => "not-a-my-number-card",
        _ => "not-recognised",
    };
    FromTerminal::CardUnusable {
        reason: reason.to_owned(),
    }
}

fn unavailable(message: &str) -> FromTerminal {
    FromTerminal::Outcome {
        status: Status::Unavailable,
        code: String::new(),
        message: message.to_owned(),
        validity: None,
    }
}

fn not_understood() -> FromTerminal {
    unavailable(
        "端末が読み取り機からの電文を解釈できませんでした。読み取り機の担当者にご連絡ください。",
    )
}

fn outcome_of(result: &EligibilityResult) -> FromTerminal {
    let validity = &result.qualification_validity;
    FromTerminal::Outcome {
        status: if result.processing_result_status == "1" {
            Status::Confirmed
        } else {
            Status::Refused
        },
        code: result.processing_result_code.clone(),
        message: result.processing_result_message.clone(),
        validity: (!validity.is_empty()).then(|| validity.clone()),
    }
}

struct ReaderLine(WriteHalf<BoxStream>);

impl ReaderLine {
    async fn say(&mut self, message: FromTerminal) {
        // A broken line shows as its end when the next one is read.
        let _ = self.0.write_all(&to_line(&message)).await;
        let _ = self.0.flush().await;
    }

    async fn say_and(&mut self, (message, visit): (Option<FromTerminal>, Visit)) -> Visit {
        if let Some(message) = message {
            self.say(message).await;
        }
        visit
    }
}

#[cfg(test)]
mod tests;
