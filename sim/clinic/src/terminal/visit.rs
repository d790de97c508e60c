//! Visits, from the card in the slot to the outcome, as the reader's lines ask for them. A card that
//! leaves before the outcome leaves nothing behind, not even the qualification alone without consents:
//! of facts/eligibility.md 8 case 72 and AUTH-08 the terminal holds to the latter, no half-finished visit.

use card_driver::{Card, CardError, Secret, Slot, SlotError, wipe};
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use wire::eligibility::{Method, Standing, to_base64};
use wire::reader::{Consents, FromReader, FromTerminal, MAX_LINE, Status, from_line, to_line};
use wire::result::EligibilityResult;
use world::net::BoxStream;

use super::server::NoResult;
use super::{Terminal, face};
use crate::fallback;
use crate::lines::{Line, Lines};

/// Wrong passcodes in one stay of a card after which no staff's eye counts any more.
const PASSCODES: u8 = 3;

/// Where a visit stands between two messages of the reader.
enum Visit {
    /// No card, or nothing more to do for it.
    None,
    /// A usable card of somebody unproved.
    Ready(Ready),
    /// The person is proved, and the card to the server.
    Identified(Identified),
}

struct Ready {
    tries_left: u8,
    passcodes_left: u8,
    /// Whether the reader has a photo to compare with: without one no face counts.
    photo_given: bool,
}

/// What is kept of a proved person until the visit ends: never the PIN.
struct Identified {
    session: String,
    remark: Option<String>,
    /// Whether the card was registered in this stay.
    registered: bool,
}

/// The reader says that the card left, or has gone itself.
struct Left;

/// A terminal talking to its reader about the card in its slot.
pub(super) struct Dialogue<'a> {
    terminal: &'a Terminal,
    card: Card,
    lines: Lines<ReadHalf<BoxStream>>,
    reader: WriteHalf<BoxStream>,
    visit: Visit,
}

impl<'a> Dialogue<'a> {
    pub(super) fn new(terminal: &'a Terminal, reader: BoxStream, slot: Box<dyn Slot>) -> Self {
        let (read, write) = tokio::io::split(reader);
        Dialogue {
            terminal,
            card: Card::new(slot),
            lines: Lines::new(read),
            reader: write,
            visit: Visit::None,
        }
    }

    /// Until the reader's line ends.
    pub(super) async fn run(mut self) {
        while let Some(line) = self.lines.next().await {
            match understood(line) {
                Some(message) => self.heard(message).await,
                None => {
                    self.unavailable("端末が読み取り機からの電文を解釈できませんでした。読み取り機の担当者にご連絡ください。").await;
                    self.visit = Visit::None;
                }
            }
        }
    }

    async fn heard(&mut self, message: FromReader) {
        let visit = std::mem::replace(&mut self.visit, Visit::None);
        self.visit = match (visit, message) {
            (_, FromReader::CardPlaced) => self.placed().await,
            (visit, FromReader::CardRemoved) => {
                self.removed(visit).await;
                Visit::None
            }
            (Visit::Ready(ready), FromReader::Pin { pin }) => {
                self.pin(ready, &Secret::new(pin)).await
            }
            (Visit::Ready(ready), FromReader::FaceRead { verification_b }) => {
                self.photo(ready, &Secret::new(verification_b)).await
            }
            (Visit::Ready(ready), FromReader::FaceCompared { matched: true })
                if ready.photo_given =>
            {
                self.without_pin(Method::Face).await
            }
            (Visit::Ready(ready), FromReader::StaffConfirmed { passcode }) => {
                self.passcode(ready, &Secret::new(passcode)).await
            }
            (Visit::Identified(person), FromReader::Registration { agreed: true }) => {
                self.register(person).await
            }
            (Visit::Identified(person), FromReader::Consents { consents }) => {
                self.confirm(person, consents).await;
                Visit::None
            }
            (visit, out_of_place) => {
                forget(out_of_place);
                visit
            }
        };
    }

    async fn placed(&mut self) -> Visit {
        match self.card.ready() {
            Ok(tries_left) => {
                self.say(FromTerminal::CardReady { tries_left }).await;
                Visit::Ready(Ready {
                    tries_left,
                    passcodes_left: PASSCODES,
                    photo_given: false,
                })
            }
            Err(error) => self.unusable(&error).await,
        }
    }

    async fn pin(&mut self, ready: Ready, pin: &Secret) -> Visit {
        if !pin.is_pin() {
            // Not worth one of the patient's tries.
            let tries_left = ready.tries_left;
            self.say(FromTerminal::PinWrong { tries_left }).await;
            return Visit::Ready(ready);
        }
        match self.card.verify(pin) {
            Ok(()) => {
                let remark = self.terminal.conduct.remark(pin.text());
                self.say(FromTerminal::PinAccepted).await;
                self.identify(Method::Pin, remark).await
            }
            // The other ways are still open.
            Err(CardError::WrongPin { tries_left: 0 } | CardError::PinLocked) => {
                self.say(FromTerminal::PinLocked).await;
                Visit::Ready(Ready {
                    tries_left: 0,
                    ..ready
                })
            }
            Err(CardError::WrongPin { tries_left }) => {
                self.say(FromTerminal::PinWrong { tries_left }).await;
                Visit::Ready(Ready {
                    tries_left,
                    ..ready
                })
            }
            Err(error) => self.unusable(&error).await,
        }
    }

    async fn photo(&mut self, ready: Ready, verification_b: &Secret) -> Visit {
        let read = match verification_b.is_verification_b() {
            true => self.card.photo(verification_b),
            // Not worth a try of the card's.
            false => Err(CardError::VerificationB { tries_left: 1 }),
        };
        let refused = match read {
            Ok(mut picture) => {
                let image = to_base64(&picture);
                wipe(&mut picture);
                let mut line = to_line(&FromTerminal::Photo { image });
                let fits = line.len() <= MAX_LINE;
                if fits {
                    self.write(&line).await;
                }
                wipe(&mut line);
                if fits {
                    return Visit::Ready(Ready {
                        photo_given: true,
                        ..ready
                    });
                }
                "no-photo"
            }
            Err(CardError::VerificationB { tries_left: 0 }) => "verification-b-locked",
            Err(CardError::VerificationB { .. }) => "verification-b-wrong",
            Err(error @ (CardError::Slot(_) | CardError::NotMyNumberCard)) => {
                return self.unusable(&error).await;
            }
            // The PIN of a card with a broken photo still works.
            Err(_) => "no-photo",
        };
        let reason = refused.to_owned();
        self.say(FromTerminal::PhotoRefused { reason }).await;
        Visit::Ready(ready)
    }

    async fn passcode(&mut self, ready: Ready, typed: &Secret) -> Visit {
        let known = self.terminal.config.passcode.as_ref();
        let right = known.is_some_and(|known| known.as_bytes() == typed.bytes());
        let found = right && ready.passcodes_left > 0;
        if self.terminal.conduct.checks_passcode(found) {
            return self.without_pin(Method::Visual).await;
        }
        self.say(FromTerminal::PasscodeWrong).await;
        Visit::Ready(Ready {
            passcodes_left: ready.passcodes_left.saturating_sub(1),
            ..ready
        })
    }

    async fn without_pin(&mut self, method: Method) -> Visit {
        match self
            .card
            .prove_without_pin(&self.terminal.config.credential)
        {
            Ok(()) => {
                self.say(FromTerminal::IdentityAccepted).await;
                self.identify(method, None).await
            }
            Err(error) => self.unusable(&error).await,
        }
    }

    /// Proves the card to the server and tells the reader how its use registration stands.
    async fn identify(&mut self, method: Method, remark: Option<String>) -> Visit {
        let Terminal {
            config,
            conduct,
            server,
        } = self.terminal;
        let asking = server.identify(
            &mut self.card,
            &config.facility_code,
            conduct.method(method),
        );
        match unless_left(&mut self.lines, asking).await {
            Err(Left) => Visit::None,
            Ok(Err(NoResult::Card(error))) => self.unusable(&error).await,
            Ok(Err(NoResult::Server(reason))) => {
                self.unavailable(&reason).await;
                Visit::None
            }
            Ok(Ok((session, mut standing))) => {
                config.site.identified(&session);
                if conduct.asks_authority_itself() {
                    server.ask_authority().await;
                }
                let open = !matches!(standing, Standing::Registered | Standing::Undetermined);
                if open
                    && conduct.registers_without_asking()
                    && server.register(&session).await.is_ok()
                {
                    standing = Standing::Registered;
                }
                let person = Identified {
                    session,
                    remark,
                    registered: false,
                };
                if standing == Standing::Registered && !conduct.awaits_consents() {
                    self.confirm(person, Consents::default()).await;
                    return Visit::None;
                }
                self.say(FromTerminal::Standing { standing }).await;
                Visit::Identified(person)
            }
        }
    }

    async fn register(&mut self, mut person: Identified) -> Visit {
        let asking = self.terminal.server.register(&person.session);
        let said = match unless_left(&mut self.lines, asking).await {
            Err(Left) => return Visit::None,
            Ok(Ok(())) => {
                person.registered = true;
                FromTerminal::Registered
            }
            Ok(Err((error, message))) => FromTerminal::RegistrationFailed { error, message },
        };
        self.say(said).await;
        Visit::Identified(person)
    }

    /// Asks the server and drops the file, unless the card leaves before the answer is there.
    async fn confirm(&mut self, person: Identified, consents: Consents) {
        let Terminal {
            config,
            conduct,
            server,
        } = self.terminal;
        if !conduct.asks_server() {
            return self.outcome(unasked()).await;
        }
        if person.registered && !conduct.confirms_after_registration() {
            let reason = "利用登録が済みました。次回からお使いいただけます。";
            return self.unavailable(reason).await;
        }
        let last = config.site.last();
        let session = conduct.binds_to_reader(&person.session, &last).to_owned();
        let asking = server.confirm(&session, consents);
        tokio::pin!(asking);
        let answered = match unless_left(&mut self.lines, &mut asking).await {
            Ok(answered) => answered,
            Err(Left) if conduct.keeps_file_for_removed_card() => {
                if let Ok(result) = asking.await {
                    let _ = self.drop_file(&session, result, &person, consents);
                }
                return;
            }
            Err(Left) => return,
        };
        match answered {
            Ok(result) => {
                let outcome = outcome_of(&result);
                match self.drop_file(&session, result, &person, consents) {
                    Ok(()) => self.outcome(outcome).await,
                    Err(message) => self.unavailable(&message).await,
                }
            }
            Err(NoResult::Card(error)) => drop(self.unusable(&error).await),
            Err(NoResult::Server(reason)) => self.unavailable(&reason).await,
        }
    }

    /// The card left between two messages.
    async fn removed(&mut self, visit: Visit) {
        let Visit::Identified(person) = visit else {
            return;
        };
        if self.terminal.conduct.keeps_file_for_removed_card() {
            let asking = self
                .terminal
                .server
                .confirm(&person.session, Consents::default());
            if let Ok(result) = asking.await {
                let _ = self.drop_file(&person.session, result, &person, Consents::default());
            }
        }
    }

    fn drop_file(
        &self,
        session: &str,
        mut result: EligibilityResult,
        person: &Identified,
        consents: Consents,
    ) -> Result<(), String> {
        let Terminal {
            config, conduct, ..
        } = self.terminal;
        if !conduct.drops_file(&consents) {
            return Ok(());
        }
        if let Some(remark) = &person.remark {
            let blocks = result.results.iter_mut();
            blocks.for_each(|block| block.put("ArbitraryIdentifier", remark.clone()));
        }
        face::drop_file(config, &**conduct, session, result).map_err(|error| error.message_ja())
    }

    async fn unusable(&mut self, error: &CardError) -> Visit {
        let reason = match error {
            CardError::Slot(SlotError::NoCard) => "removed",
            CardError::NotMyNumberCard => "not-a-my-number-card",
            CardError::PinlessRefused(_) => "pinless-refused",
            _ => "not-recognised",
        };
        let reason = reason.to_owned();
        self.say(FromTerminal::CardUnusable { reason }).await;
        Visit::None
    }

    /// Nobody could be asked: why, and how the visit goes on (ELIG-18).
    async fn unavailable(&mut self, reason: &str) {
        self.outcome(Ended {
            status: Status::Unavailable,
            code: String::new(),
            message: fallback::after(reason),
            validity: None,
        })
        .await;
    }

    async fn outcome(&mut self, ended: Ended) {
        let status = self.terminal.conduct.told_outcome(ended.status);
        self.say(FromTerminal::Outcome {
            status,
            code: ended.code,
            message: ended.message,
            validity: ended.validity,
        })
        .await;
    }

    async fn say(&mut self, message: FromTerminal) {
        self.write(&to_line(&message)).await;
    }

    async fn write(&mut self, line: &[u8]) {
        // A broken line shows as its end when the next one is read.
        let _ = self.reader.write_all(line).await;
        let _ = self.reader.flush().await;
    }
}

/// How a visit ended.
struct Ended {
    status: Status,
    code: String,
    message: String,
    validity: Option<String>,
}

/// What a terminal tells that takes every card it has proved as valid.
fn unasked() -> Ended {
    Ended {
        status: Status::Confirmed,
        code: String::new(),
        message: String::new(),
        validity: Some("1".to_owned()),
    }
}

fn outcome_of(result: &EligibilityResult) -> Ended {
    let validity = &result.qualification_validity;
    Ended {
        status: match result.processing_result_status.as_str() {
            "1" => Status::Confirmed,
            _ => Status::Refused,
        },
        code: result.processing_result_code.clone(),
        message: result.processing_result_message.clone(),
        validity: (!validity.is_empty()).then(|| validity.clone()),
    }
}

/// Waits for something, unless the reader says meanwhile that the card left.
async fn unless_left<T>(
    lines: &mut Lines<ReadHalf<BoxStream>>,
    doing: impl Future<Output = T>,
) -> Result<T, Left> {
    tokio::pin!(doing);
    loop {
        // The reader first: when card and answer come at one moment, the card decides.
        tokio::select! { biased;
            line = lines.next() => match line.map(understood) {
                None | Some(Some(FromReader::CardRemoved)) => return Err(Left),
                Some(Some(out_of_place)) => forget(out_of_place),
                Some(None) => {}
            },
            done = &mut doing => return Ok(done),
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

/// Lets a message go without a trace of its secret.
fn forget(message: FromReader) {
    if let FromReader::Pin { pin: secret }
    | FromReader::FaceRead {
        verification_b: secret,
    }
    | FromReader::StaffConfirmed { passcode: secret } = message
    {
        drop(Secret::new(secret));
    }
}
