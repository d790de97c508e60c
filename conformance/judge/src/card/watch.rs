//! One card followed command by command: what is selected, which secrets were presented, what the counters
//! may be, and so what each answer must be. Where the card errs its own word counts from then on, so that one
//! wrong answer is blamed once.

use std::collections::BTreeMap;

use super::Report;
use super::content::Needles;
use super::counter::Try;
use super::files::{Application, Opens, Secret, file};
use super::known::{Given, Known};
use super::pinless::Pinless;
use super::reading::Assembly;
use crate::case::{Card, CardExchange, Case, Person};
use crate::decode::apdu::{Command, Response};
use crate::finding::{q, t};

/// Whether something may come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// It must.
    Must,
    /// It must not.
    MustNot,
    /// Either is right.
    Either,
}

/// One card.
pub struct Watch<'a> {
    pub(super) card: &'a Card,
    pub(super) person: Option<&'a Person>,
    pub(super) needles: &'a Needles,
    pub(super) report: Report,
    pub(super) pin: String,
    pub(super) known: BTreeMap<Secret, Known>,
    connection: Option<u32>,
    application: Application,
    current: Option<u16>,
    /// False after a SELECT that failed: some cards keep the file before, some none.
    sure: bool,
    pub(super) pinless: Pinless,
    pub(super) certificates: BTreeMap<u16, Assembly>,
    /// Record of the blow to a chip that must be dead.
    dead: Option<u32>,
    /// Torn tries that counted, and that did not.
    pub(super) tears: (u32, u32),
    /// The card will slip off its reader in this stay: record of the hand that laid it so.
    slips: Option<u32>,
}

impl<'a> Watch<'a> {
    /// A card as it was handed out.
    pub fn new(case: &'a Case, card: &'a Card, needles: &'a Needles) -> Self {
        let known = Secret::ALL.map(|secret| (secret, Known::of(card, secret)));
        Watch {
            card,
            person: case.facts.person(&card.holder),
            needles,
            report: Report::default(),
            pin: card.pin.clone(),
            known: known.into(),
            connection: None,
            application: Application::Other,
            current: None,
            sure: true,
            pinless: Pinless::default(),
            certificates: BTreeMap::new(),
            dead: None,
            tears: (0, 0),
            slips: None,
        }
    }

    /// The card was used elsewhere: so many tries of its PIN are left.
    pub fn tried_elsewhere(&mut self, left: u8) {
        let pin = self.of(Secret::Pin);
        pin.counter = pin.counter.with_left(left);
        // Power was cut between there and here.
        pin.cut_since_locked = false;
        self.power_cut();
    }

    /// The municipality's counter set a secret anew.
    pub fn reset(&mut self, seq: u32, secret: &str, new: &str) {
        let which = match secret {
            "authentication-pin" => Secret::Pin,
            "sign-password" => Secret::Sign,
            "text-pin" => Secret::Text,
            _ => return,
        };
        if which == Secret::Pin {
            self.pin = new.to_owned();
        }
        let known = self.of(which);
        known.counter = known.counter.restored();
        (known.reset, known.disturbed, known.neighbour_locked) = (true, false, false);
        self.power_cut();
        self.report
            .touch("CARD-06", seq, "reset at the counter", which.name().1);
    }

    /// Somebody forced the chip.
    pub fn tampered(&mut self, seq: u32) {
        self.dead.get_or_insert(seq);
    }

    /// The card will slip off amid this stay.
    pub fn slips(&mut self, seq: u32) {
        self.slips = Some(seq);
    }

    /// The card got power anew.
    pub fn powered(&mut self) {
        self.power_cut();
        if let Some(seq) = self.slips.take() {
            self.disturbed(seq, None);
        }
    }

    /// The card left its reader, amid a try of a secret or between two commands.
    fn disturbed(&mut self, seq: u32, during: Option<(Secret, Try)>) {
        for known in self.known.values_mut() {
            known.disturbed = true;
        }
        if let Some((secret, tried)) = during {
            let known = self.of(secret);
            known.torn.push((known.counter.left(), tried == Try::Wrong));
            known.counter.torn(tried);
            known.given = Given::Open;
        }
        self.report.touch("CARD-12", seq, "card removed", "");
    }

    /// What is to be said of the card.
    pub fn finish(mut self) -> Report {
        let (counted, free) = self.tears;
        // A card that lowers before it compares counts a torn try wherever it is torn but at the very beginning.
        let none = counted == 0 && free >= 3;
        let few = counted + free >= 4 && free > counted;
        if none || few {
            let seq = self
                .report
                .seen
                .get("CARD-12")
                .and_then(|s| s.quotes.last());
            let quote = q(
                seq.map_or(0, |q| q.seq),
                "tries after a removal",
                "unchanged",
            );
            let wrong = t(
                format!(
                    "照合の途中で{}回抜かれたうち、{free}回が数えられなかった",
                    counted + free
                ),
                format!(
                    "Of {} tries it was torn amid, it did not count {free}.",
                    counted + free
                ),
            );
            self.report.breach("CARD-12", quote, wrong);
        }
        self.report
    }

    pub(super) fn of(&mut self, secret: Secret) -> &mut Known {
        let card = self.card;
        let fresh = || Known::of(card, secret);
        self.known.entry(secret).or_insert_with(fresh)
    }

    fn power_cut(&mut self) {
        (self.application, self.current, self.sure) = (Application::Other, None, true);
        self.pinless = Pinless::default();
        for known in self.known.values_mut() {
            known.given = Given::No;
            known.cut_since_locked |= known.counter.is_locked();
        }
    }

    /// Takes in a command and its answer.
    pub fn command(&mut self, exchange: &CardExchange) {
        if self.connection.replace(exchange.connection) != Some(exchange.connection) {
            self.powered();
        }
        if let Some(blow) = self.dead {
            self.after_death(blow, exchange);
            return;
        }
        if self.report.unreadable.is_some() {
            return;
        }
        let command = match &exchange.command {
            Ok(command) => command,
            Err(error) => {
                self.report.unreadable = Some((exchange.seq, error.to_string()));
                return;
            }
        };
        match &exchange.response {
            Some((_, Ok(response))) => self.answered(exchange, command, response),
            Some((seq, Err(error))) => {
                let id = self.requirement_of(command);
                let wrong = t(
                    format!("応答を読み取れない（{error}）"),
                    format!("Its response cannot be read: {error}."),
                );
                self.report
                    .breach(id, q(*seq, "APDU", error.to_string()), wrong);
            }
            None => {
                let tried = match command {
                    Command::Verify(p2, presented) => self.target(*p2).and_then(|id| {
                        let secret = Secret::of(self.application, id)?;
                        Some((secret, self.tries(secret, presented)))
                    }),
                    _ => None,
                };
                self.disturbed(exchange.seq, tried);
            }
        }
    }

    fn requirement_of(&self, command: &Command) -> &'static str {
        let target = match command {
            Command::Verify(p2, _) | Command::ComputeSignature(_, p2, _) => self.target(*p2),
            _ => self.current,
        };
        match target.map(|id| file(self.application, id).1) {
            Some(id) if !id.is_empty() => id,
            _ => "CARD-03",
        }
    }

    fn after_death(&mut self, blow: u32, exchange: &CardExchange) {
        self.report.touch("CARD-10", blow, "tamper", "");
        match &exchange.response {
            None => self
                .report
                .touch("CARD-10", exchange.seq, "command", "no answer"),
            Some((seq, response)) => {
                let said = response.as_ref().map_or(0, |r| r.status);
                let wrong = t(
                    "こじ開けられた後のコマンドに応答した",
                    "It answered a command after it had been forced open.",
                );
                let quote = q(*seq, "response", format!("{said:04X}"));
                self.report.breach("CARD-10", quote, wrong);
            }
        }
    }

    /// The file P2 (or P1 of READ BINARY) names.
    fn target(&self, named: u8) -> Option<u16> {
        match named {
            0x80 => self.current,
            0x81..=0x9F => Some(u16::from(named & 0x1F)),
            _ => None,
        }
    }

    fn answered(&mut self, exchange: &CardExchange, command: &Command, response: &Response) {
        let normal = response.status == 0x9000;
        self.stray(exchange.seq, command, response);
        match command {
            Command::SelectApplication(name) if normal => self.select(name),
            Command::SelectFile(id) => self.select_file(exchange.seq, *id, response.status),
            Command::ReadBinary(short) => {
                let id = short.map_or(self.current, |s| Some(u16::from(s)));
                let sure = self.sure || short.is_some();
                if short.is_some() && normal {
                    (self.current, self.sure) = (id, true);
                }
                if let Some(id) = id {
                    self.read(exchange, id, sure, response);
                }
            }
            Command::Verify(p2, presented) => {
                let held = self
                    .target(*p2)
                    .and_then(|id| Secret::of(self.application, id));
                if let Some(secret) = held {
                    self.verify(exchange.seq, secret, presented, response.status);
                }
            }
            Command::ComputeSignature(_, p2, data) => {
                let target = self.target(*p2);
                if self.application == Application::Jpki
                    && let Some(id @ (0x17 | 0x1A)) = target
                {
                    self.sign(exchange, id, data, response);
                }
            }
            Command::Other(..)
                if normal
                    && self.application == Application::Jpki
                    && Pinless::is_part(&exchange.bytes) =>
            {
                self.pinless(exchange, response);
            }
            // CHANGE REFERENCE DATA: what is right from now on is not declared.
            Command::Other(0x00, 0x24) if normal && self.current == Some(0x18) => {
                self.pin = "?".to_owned();
            }
            _ => {}
        }
    }

    fn pinless(&mut self, exchange: &CardExchange, response: &Response) {
        if !self.pinless.answered(&exchange.bytes, &response.data) {
            let wrong = t(
                "正しく署名していない端末に、暗証番号なしの使用を許した",
                "It let a terminal use it without the PIN that had not proved itself.",
            );
            let quote = q(exchange.seq, "EXTERNAL AUTHENTICATE", "9000");
            self.report.breach("CARD-03", quote, wrong);
        }
    }

    fn select(&mut self, name: &[u8]) {
        let Some(application) = Application::named(name) else {
            // Several fit: nothing more is known until a whole name comes.
            (self.application, self.current) = (Application::Other, None);
            self.known.values_mut().for_each(|k| k.given = Given::Open);
            return;
        };
        // Another application forgets what was presented in this one.
        if application != self.application || application == Application::Other {
            self.known.values_mut().for_each(|k| k.given = Given::No);
            self.pinless = Pinless::default();
        }
        (self.application, self.current, self.sure) = (application, None, true);
    }

    fn select_file(&mut self, seq: u32, id: u16, status: u16) {
        if let Application::Jpki = self.application
            && let 0x01 | 0x1A | 0x1B = id
        {
            self.report.touch(
                "CARD-04",
                seq,
                format!("SELECT {id:04X}"),
                format!("{status:04X}"),
            );
        }
        if status == 0x9000 {
            (self.current, self.sure) = (Some(id), true);
            return;
        }
        self.sure = false;
        if self.is_there(id) {
            let (_, requirement) = file(self.application, id);
            let wrong = t(
                format!("あるはずのファイル{id:04X}を選べない（{status:04X}）"),
                format!("File {id:04X}, which it must have, cannot be selected ({status:04X})."),
            );
            let quote = q(seq, format!("SELECT {id:04X}"), format!("{status:04X}"));
            self.report.breach(requirement, quote, wrong);
        }
    }

    /// Whether a card of this kind surely has that file.
    fn is_there(&self, id: u16) -> bool {
        let Some(chip) = &self.card.chip else {
            return false;
        };
        match (self.application, id) {
            (Application::Jpki, 0x0A | 0x17) => true,
            (Application::Jpki, 0x18) => !self.card.pin.is_empty(),
            (Application::Jpki, 0x01 | 0x1A | 0x1B) => !chip.signing_certificate.is_empty(),
            (Application::Text, 0x11) => !chip.text_pin.is_empty(),
            (Application::Text, 0x01 | 0x02 | 0x14 | 0x15) => true,
            (Application::Surface, 0x02 | 0x12 | 0x13) => true,
            _ => false,
        }
    }

    /// Whether the facts let something behind one of these secrets out.
    pub(super) fn opened(&self, secrets: &[Secret]) -> May {
        let given = |secret: &Secret| self.known.get(secret).map_or(Given::Open, |k| k.given);
        let all: Vec<Given> = secrets.iter().map(given).collect();
        match () {
            () if all.contains(&Given::Yes) => May::Must,
            () if all.contains(&Given::Open) => May::Either,
            () => May::MustNot,
        }
    }

    /// Whether a file of the current application may be read.
    pub(super) fn may_read(&self, id: u16) -> May {
        match file(self.application, id).0 {
            Opens::Free => May::Must,
            Opens::After(secrets) => self.opened(secrets),
            Opens::Never => May::MustNot,
            Opens::Unknown => May::Either,
        }
    }

    /// The current file, which may be one that was selected before a SELECT failed.
    pub(super) fn current_file(&self) -> Option<u16> {
        self.current
    }

    /// The current application.
    pub(super) fn application(&self) -> Application {
        self.application
    }

    /// Whether some other secret of the card is locked while one is used.
    pub(super) fn beside_locked(&mut self, used: &[Secret], seq: u32, what: &str, said: String) {
        let mut others = self.known.iter().filter(|(s, _)| !used.contains(s));
        let signs = self
            .card
            .chip
            .as_ref()
            .is_some_and(|c| !c.sign_password.is_empty());
        let is_held = |secret: Secret| secret != Secret::Sign || signs;
        let locked = others.find(|(s, k)| k.counter.is_locked() && is_held(**s));
        if let Some((secret, _)) = locked {
            let what = format!("{what} ({} locked)", secret.name().1);
            self.report.touch("CARD-05", seq, what, said);
        }
    }
}
