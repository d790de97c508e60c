//! What the terminal's tests stand on: a card as far as a terminal goes, a server behind real TLS that
//! answers by script, and a clinic with one or two readers around one shared folder.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use card_driver::{Slot, SlotError, TerminalCredential};
use identifiers::FacilityCode;
use jiff::civil::{date, datetime};
use wire::apdu::{self, Response, StatusWord, file, instruction, surface_file};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, HOST, Standing, USE_REGISTRATIONS,
    to_base64,
};
use wire::face_file::Charset;
use wire::result::{EligibilityResult, PersonBlock};
use world::http::{Answer, Asked};
use world::keys::{self, Authority};
use world::net::Street;
use world::tls::{Caller, FacilityAuthority, acceptor, required_clients};
use world::{Clock, Tap};

use super::{Conduct, Config, Reference, Site, Terminal, TerminalHandle};
use crate::Shared;
use crate::reader::{self, Kind, PrintedFace, ReaderHandle, ScreenId, Touch};

pub(crate) const FACILITY: &str = "9910000018";
pub(crate) const NAME: &str = "みなと医院";
pub(crate) const VERIFICATION_B: &str = "55021720352285";
pub(crate) const PASSCODE: &str = "824613";
/// The face on the card, and one close enough to it.
pub(crate) const FACE: [u8; 64] = [100; 64];
pub(crate) const SAME_FACE: [u8; 64] = [110; 64];

/// The session of the nth challenge.
pub(crate) fn session(number: usize) -> String {
    format!("{number:08}abcdef0123456789abcdef00")
}

/// PIN 0417, three tries, a photo, a certificate of 300 bytes, and a signature that repeats the hash
/// it was asked to sign.
#[derive(Default)]
pub(crate) struct CardState {
    pub(crate) present: bool,
    selected: (bool, u16),
    pub(crate) wrong: u8,
    authenticated: bool,
    face_open: bool,
    /// Commands since it was placed, in hex.
    pub(crate) commands: Vec<String>,
    /// The command of this number finds it gone.
    pub(crate) slips_at: Option<usize>,
    /// Whether it knows the terminal's authority.
    pub(crate) knows_terminal: bool,
}

#[derive(Clone, Default)]
pub(crate) struct TestSlot(Arc<Mutex<CardState>>);

impl TestSlot {
    pub(crate) fn state(&self) -> MutexGuard<'_, CardState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn place(&self) {
        let mut state = self.state();
        *state = CardState {
            present: true,
            wrong: state.wrong,
            slips_at: state.slips_at,
            knows_terminal: true,
            ..CardState::default()
        };
    }
}

pub(crate) fn certificate() -> Vec<u8> {
    [vec![0x30, 0x82, 0x01, 0x28], vec![0xC5; 296]].concat()
}

fn card_face() -> Vec<u8> {
    let picture = reader::face::tests::picture(&FACE);
    let sized = |tag: [u8; 2], content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&tag[..], &[0x82], &length, content].concat()
    };
    let objects = [
        sized([0xDF, 0x22], b"19800217"),
        sized([0xDF, 0x27], &picture),
    ];
    sized([0xFF, 0x20], &objects.concat())
}

impl CardState {
    fn answer(&mut self, command: &apdu::Command) -> Response {
        let refused = || Response::status(StatusWord::SECURITY_NOT_SATISFIED);
        let (surface, file) = self.selected;
        match (command.instruction(), command.p1()) {
            (instruction::SELECT, 0x04) => {
                let surface = command.data() == apdu::SURFACE_APPLICATION;
                (self.selected, self.authenticated, self.face_open) = ((surface, 0), false, false);
                Response::ok(vec![])
            }
            (instruction::SELECT, _) => {
                self.selected.1 = u16::from_be_bytes(command.data().try_into().unwrap());
                Response::ok(vec![])
            }
            (instruction::VERIFY, _) => self.verify(command.data()),
            (instruction::READ_BINARY, _)
                if !surface && file == file::AUTHENTICATION_CERTIFICATE =>
            {
                part(&certificate(), command)
            }
            (instruction::READ_BINARY, _)
                if surface && self.face_open && file == surface_file::CARD_FACE =>
            {
                part(&card_face(), command)
            }
            (instruction::PRESENT_CERTIFICATE, _) if self.knows_terminal => Response::ok(vec![]),
            (instruction::PRESENT_CERTIFICATE, _) => {
                Response::status(StatusWord::CONDITIONS_NOT_SATISFIED)
            }
            (instruction::GET_CHALLENGE, _) => Response::ok(vec![9; 32]),
            (instruction::EXTERNAL_AUTHENTICATE, _) if command.data().len() == 64 => {
                self.authenticated = true;
                Response::ok(vec![])
            }
            (instruction::COMPUTE_SIGNATURE, 0)
                if self.authenticated && file == file::AUTHENTICATION_KEY =>
            {
                Response::ok(command.data()[19..].to_vec().repeat(8))
            }
            _ => refused(),
        }
    }

    fn verify(&mut self, secret: &[u8]) -> Response {
        if self.selected == (true, surface_file::VERIFICATION_B) {
            self.face_open = secret == VERIFICATION_B.as_bytes();
            return match self.face_open {
                true => Response::ok(vec![]),
                false => Response::status(StatusWord::tries(9)),
            };
        }
        match secret {
            [] => {}
            _ if self.wrong == 3 => return Response::status(StatusWord::BLOCKED),
            b"0417" => {
                (self.authenticated, self.wrong) = (true, 0);
                return Response::ok(vec![]);
            }
            _ => self.wrong += 1,
        }
        Response::status(StatusWord::tries(3 - self.wrong))
    }
}

fn part(file: &[u8], command: &apdu::Command) -> Response {
    let from = usize::from(u16::from_be_bytes([command.p1(), command.p2()]));
    let wanted = command.expected().unwrap() as usize;
    Response::ok(file[from..].iter().take(wanted).copied().collect())
}

impl Slot for TestSlot {
    fn transmit(&mut self, bytes: &[u8]) -> Result<Vec<u8>, SlotError> {
        let mut card = self.state();
        if card.slips_at == Some(card.commands.len()) {
            card.present = false;
        }
        if !card.present {
            return Err(SlotError::NoCard);
        }
        card.commands.push(hex::encode_upper(bytes));
        let command = apdu::Command::parse(bytes).unwrap();
        Ok(card.answer(&command).to_bytes())
    }
}

pub(crate) struct ServerScript {
    pub(crate) asked: Vec<Asked>,
    /// Taken before the regular answers.
    pub(crate) answers: VecDeque<Answer>,
    pub(crate) result: EligibilityResult,
    pub(crate) standing: Standing,
    /// The answer to a use registration, and to a request of the receipt computer.
    pub(crate) registration: Answer,
    pub(crate) request: Answer,
    pub(crate) delay: Duration,
    pub(crate) connections: u32,
    challenges: usize,
}

pub(crate) type Script = Arc<Mutex<ServerScript>>;

fn answer(script: &Script, asked: Asked) -> Answer {
    let mut script = script.lock().unwrap();
    let path = asked.path.clone();
    script.asked.push(asked);
    if let Some(answer) = script.answers.pop_front() {
        return answer;
    }
    let json = "application/json";
    match path.as_str() {
        CHALLENGES => {
            script.challenges += 1;
            challenge(&session(script.challenges), &to_base64(&[7; 32]))
        }
        CARD_IDENTIFICATIONS => {
            let body = serde_json::json!({"standing": script.standing});
            Answer::new(200, json, body.to_string())
        }
        USE_REGISTRATIONS => script.registration.clone(),
        CARD_CONFIRMATIONS => {
            Answer::new(200, "application/xml", script.result.to_xml(Charset::Utf8))
        }
        _ => script.request.clone(),
    }
}

pub(crate) fn challenge(session: &str, challenge: &str) -> Answer {
    let body = serde_json::json!({"session": session, "challenge": challenge});
    Answer::new(201, "application/json", body.to_string())
}

pub(crate) fn identified() -> Answer {
    Answer::new(200, "application/json", r#"{"standing":"registered"}"#)
}

pub(crate) fn confirmed() -> EligibilityResult {
    let mut block = PersonBlock::default();
    for (name, value) in [
        ("InsurerNumber", "06991238"),
        ("InsuredCardSymbol", "１２‐３４"),
        ("InsuredIdentificationNumber", "０００１２３"),
        ("InsuredBranchNumber", "00"),
        ("Name", "𠮷田　花子"),
        ("NameKana", "ﾖｼﾀﾞ ﾊﾅｺ"),
        ("Sex1", "2"),
        ("Birthdate", "19800217"),
    ] {
        block.put(name, value);
    }
    EligibilityResult {
        process_execution_time: "20261015090000".to_owned(),
        qualification_confirmation_date: "20261015".to_owned(),
        reference_classification: "1".to_owned(),
        segment_of_result: "1".to_owned(),
        processing_result_status: "1".to_owned(),
        qualification_validity: "1".to_owned(),
        results: vec![block],
        ..EligibilityResult::default()
    }
}

/// A server, a folder and what a terminal is set up with.
pub(crate) struct Bed {
    pub(crate) street: Street,
    pub(crate) script: Script,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) config: Config,
    pub(crate) conduct: Arc<dyn Conduct>,
}

pub(crate) fn bed(conduct: Arc<dyn Conduct>, charset: Charset) -> Bed {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let tap = Tap::new(clock.clone());
    tap.secret("PIN", "0417");
    tap.secret("VERIFICATION-B", VERIFICATION_B);
    tap.secret("PASSCODE", PASSCODE);
    tap.secret_bytes(world::tap::FACE, &FACE);
    let street = Street::default();
    let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
    let roots = vec![authority.certificate.clone()];
    let script = Arc::new(Mutex::new(ServerScript {
        asked: Vec::new(),
        answers: VecDeque::new(),
        result: confirmed(),
        standing: Standing::Registered,
        registration: Answer::new(201, "application/json", r#"{"new":true}"#),
        request: Answer::new(200, "application/xml", confirmed().to_xml(Charset::Utf8)),
        delay: Duration::ZERO,
        connections: 0,
        challenges: 0,
    }));
    open_house(&street, &authority, &clock, script.clone());
    let folder = tempfile::tempdir().unwrap();
    let clinic = authority.issue(FACILITY, 3, keys::tls::FACILITY).unwrap();
    let credential = TerminalCredential::issue(
        keys::terminal::AUTHORITY,
        FACILITY,
        keys::terminal::FACILITY,
    );
    let config = Config {
        facility_code: FacilityCode::parse(FACILITY).unwrap(),
        facility_name: NAME.to_owned(),
        reader: 1,
        site: Site::default(),
        passcode: Some(PASSCODE.to_owned()),
        credential: Arc::new(credential.unwrap()),
        caller: Caller::new(&clinic, &roots, &clock).unwrap(),
        network: Arc::new(street.clone()),
        tap,
        clock,
        charset,
        shared: Shared::open(folder.path()).unwrap(),
    };
    Bed {
        street,
        script,
        folder,
        config,
        conduct,
    }
}

fn open_house(street: &Street, authority: &FacilityAuthority, clock: &Clock, script: Script) {
    let roots = vec![authority.certificate.clone()];
    let house = authority.issue(HOST, 2, keys::tls::ELIGIBILITY).unwrap();
    let acceptor = acceptor(&house, required_clients(&roots).unwrap(), clock).unwrap();
    let mut door = street.listen(HOST);
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            let (acceptor, script) = (acceptor.clone(), script.clone());
            script.lock().unwrap().connections += 1;
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    world::http::serve(stream, 128 * 1024, |asked| {
                        let answer = answer(&script, asked);
                        let delay = script.lock().unwrap().delay;
                        async move {
                            tokio::time::sleep(delay).await;
                            answer
                        }
                    })
                    .await;
                }
            });
        }
    });
}

/// A reader with the terminal behind it.
pub(crate) struct Stand {
    pub(crate) slot: TestSlot,
    pub(crate) reader: ReaderHandle,
    pub(crate) terminal: TerminalHandle,
}

impl Stand {
    fn open(bed: &Bed, number: u8) -> Self {
        let config = Config {
            reader: number,
            ..bed.config.clone()
        };
        let (party, tap) = (config.party(), config.tap.clone());
        let slot = TestSlot::default();
        let (near, far) = tokio::io::duplex(64 * 1024);
        let terminal =
            Terminal::new(config, bed.conduct.clone()).spawn(Box::new(far), Box::new(slot.clone()));
        let reader = reader::spawn(
            Arc::new(reader::Reference),
            Kind::Face,
            &rules::Profile::default(),
            Box::new(near),
            tap,
            reader::hop(&party),
        );
        Stand {
            slot,
            reader,
            terminal,
        }
    }

    pub(crate) async fn touch(&mut self, touch: Touch) -> ScreenId {
        match touch {
            Touch::PlaceCard { .. } => self.slot.place(),
            Touch::TakeCard => self.slot.state().present = false,
            _ => {}
        }
        self.reader.touch(touch);
        self.reader.settled().await
    }

    pub(crate) async fn all(&mut self, touches: impl IntoIterator<Item = Touch>) -> ScreenId {
        let mut shown = self.reader.current();
        for touch in touches {
            shown = self.touch(touch).await;
        }
        shown
    }

    /// Lets a screen that only tells something pass.
    pub(crate) async fn read(&mut self) {
        tokio::time::sleep(reader::READING_TIME + Duration::from_millis(1)).await;
    }

    /// Places the card, types the PIN and refuses or gives every consent.
    pub(crate) async fn until_processing(&mut self, given: bool) {
        self.all(by_pin()).await;
        for _ in 0..3 {
            self.reader.touch(Touch::Consent { given });
        }
    }

    pub(crate) async fn visit(&mut self, given: bool) -> ScreenId {
        self.until_processing(given).await;
        let end = self.reader.settled().await;
        self.touch(Touch::TakeCard).await;
        end
    }

    pub(crate) fn shown(&self) -> Vec<&'static str> {
        let screens = self.reader.observe();
        screens.iter().map(|screen| screen.id.name()).collect()
    }
}

pub(crate) fn place() -> Touch {
    Touch::PlaceCard {
        printed: Some(PrintedFace {
            verification_b: VERIFICATION_B.to_owned(),
        }),
    }
}

pub(crate) fn pin(pin: &str) -> Touch {
    Touch::EnterPin(pin.to_owned())
}

pub(crate) fn by_pin() -> [Touch; 3] {
    [place(), Touch::ChoosePin, pin("0417")]
}

pub(crate) fn by_face() -> [Touch; 3] {
    let look = Touch::LookIntoCamera(SAME_FACE.to_vec());
    [place(), Touch::ChooseFace, look]
}

pub(crate) fn by_staff(passcode: &str) -> [Touch; 3] {
    let typed = Touch::EnterPasscode(passcode.to_owned());
    [place(), Touch::CallStaff, typed]
}

pub(crate) fn consents(given: bool) -> [Touch; 3] {
    [(); 3].map(|()| Touch::Consent { given })
}

/// A clinic with its first reader.
pub(crate) struct Clinic {
    pub(crate) bed: Bed,
    pub(crate) stand: Stand,
}

impl Clinic {
    pub(crate) fn of(bed: Bed) -> Self {
        let stand = Stand::open(&bed, 1);
        Clinic { bed, stand }
    }

    pub(crate) fn open() -> Self {
        Self::bent(Reference)
    }

    pub(crate) fn bent(conduct: impl Conduct + 'static) -> Self {
        Self::of(bed(Arc::new(conduct), Charset::ShiftJis))
    }

    /// Another reader beside the first.
    pub(crate) fn second(&self) -> Stand {
        Stand::open(&self.bed, 2)
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, ServerScript> {
        self.bed.script.lock().unwrap()
    }

    /// Paths the server was asked, one a question.
    pub(crate) fn paths(&self) -> Vec<String> {
        let script = self.script();
        let paths = script.asked.iter().map(|asked| asked.path.clone());
        paths.collect()
    }

    pub(crate) fn body(&self, number: usize) -> Vec<u8> {
        let script = self.script();
        script.asked[number].body.as_ref().unwrap().to_vec()
    }

    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        files(&self.bed.folder.path().join(folder))
    }

    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let text = |bytes: Option<Vec<u8>>| {
            String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
        };
        let messages = self.bed.config.tap.messages().into_iter();
        messages
            .map(|m| (m.hop.to_owned(), text(m.bytes)))
            .collect()
    }
}

pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|e| {
        (
            e.file_name().into_string().unwrap(),
            fs::read(e.path()).unwrap(),
        )
    });
    named.collect()
}
