use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::{date, datetime};
use proptest::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use wire::apdu::{self, Response, StatusWord, file};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CHALLENGES, CardConfirmation, HOST, from_base64, signed_bytes, to_base64,
};
use wire::result::PersonBlock;
use world::http::{Answer, Asked};
use world::keys::{self, Authority};
use world::net::{Fault, Street};
use world::tls::{FacilityAuthority, acceptor, required_clients};

use super::*;
use crate::reader::{self, ReaderHandle, ScreenId, Touch};

const SESSION: &str = "0123456789abcdef0123456789abcdef";
const FACILITY: &str = "9910000018";

/// A card as far as the terminal goes: PIN 0417, three tries, a certificate of 300 bytes, and a
/// signature that repeats the hash it was asked to sign.
#[derive(Default)]
struct CardState {
    present: bool,
    selected: u16,
    wrong: u8,
    verified: bool,
    commands: Vec<String>,
}

#[derive(Clone, Default)]
struct TestSlot(Arc<Mutex<CardState>>);

impl TestSlot {
    fn state(&self) -> MutexGuard<'_, CardState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) {
        let mut state = self.state();
        *state = CardState {
            present: true,
            wrong: state.wrong,
            commands: std::mem::take(&mut state.commands),
            ..CardState::default()
        };
    }
}

fn certificate() -> Vec<u8> {
    [vec![0x30, 0x82, 0x01, 0x28], vec![0xC5; 296]].concat()
}

impl Slot for TestSlot {
    fn transmit(&mut self, bytes: &[u8]) -> Result<Vec<u8>, SlotError> {
        let mut card = self.state();
        if !card.present {
            return Err(SlotError::NoCard);
        }
        card.commands.push(hex::encode_upper(bytes));
        let command = apdu::Command::parse(bytes).unwrap();
        let tries = |card: &CardState| StatusWord::tries(3 - card.wrong);
        let response = match (command.instruction(), command.p1()) {
            (0xA4, 0x04) => Response::ok(vec![]),
            (0xA4, _) => {
                card.selected = u16::from_be_bytes(command.data().try_into().unwrap());
                Response::ok(vec![])
            }
            (0x20, _) if command.data().is_empty() => Response::status(tries(&card)),
            (0x20, _) if card.wrong == 3 => Response::status(StatusWord::BLOCKED),
            (0x20, _) if command.data() == b"0417" => {
                (card.verified, card.wrong) = (true, 0);
                Response::ok(vec![])
            }
            (0x20, _) => {
                card.wrong += 1;
                Response::status(tries(&card))
            }
            (0xB0, high) if card.selected == file::AUTHENTICATION_CERTIFICATE => {
                let from = usize::from(u16::from_be_bytes([high, command.p2()]));
                let wanted = command.expected().unwrap() as usize;
                Response::ok(certificate()[from..].iter().take(wanted).copied().collect())
            }
            (0x2A, 0) if card.verified && card.selected == file::AUTHENTICATION_KEY => {
                let hash = command.data()[19..].to_vec();
                Response::ok(hash.repeat(8))
            }
            _ => Response::status(StatusWord::SECURITY_NOT_SATISFIED),
        };
        Ok(response.to_bytes())
    }
}

#[derive(Default)]
struct ServerScript {
    asked: Vec<Asked>,
    /// Taken before the regular answers.
    answers: VecDeque<Answer>,
    result: EligibilityResult,
    connections: u32,
}

type Script = Arc<Mutex<ServerScript>>;

fn answer(script: &Script, asked: Asked) -> Answer {
    let mut script = script.lock().unwrap();
    let path = asked.path.clone();
    script.asked.push(asked);
    if let Some(answer) = script.answers.pop_front() {
        return answer;
    }
    match path.as_str() {
        CHALLENGES => challenge(SESSION, &to_base64(&[7; 32])),
        CARD_CONFIRMATIONS => {
            Answer::new(200, "application/xml", script.result.to_xml(Charset::Utf8))
        }
        _ => Answer::new(404, "", ""),
    }
}

fn challenge(session: &str, challenge: &str) -> Answer {
    let body = serde_json::json!({"session": session, "challenge": challenge});
    Answer::new(201, "application/json", body.to_string())
}

struct Bed {
    tap: Tap,
    street: Street,
    slot: TestSlot,
    script: Script,
    folder: tempfile::TempDir,
    terminal: Terminal,
}

fn confirmed() -> EligibilityResult {
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

fn bed(conduct: Arc<dyn Conduct>, charset: Charset) -> Bed {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let tap = Tap::new(clock.clone());
    tap.secret("PIN", "0417");
    let street = Street::default();
    let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
    let roots = vec![authority.certificate.clone()];
    let house = authority.issue(HOST, 2, keys::tls::ELIGIBILITY).unwrap();
    let acceptor = acceptor(&house, required_clients(&roots).unwrap(), &clock).unwrap();
    let script = Script::default();
    script.lock().unwrap().result = confirmed();
    let (mut door, served) = (street.listen(HOST), script.clone());
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            let (acceptor, script) = (acceptor.clone(), served.clone());
            script.lock().unwrap().connections += 1;
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    world::http::serve(stream, 64 * 1024, |asked| {
                        let answer = answer(&script, asked);
                        async move { answer }
                    })
                    .await;
                }
            });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let clinic = authority.issue(FACILITY, 3, keys::tls::FACILITY).unwrap();
    let config = Config {
        facility_code: FacilityCode::parse(FACILITY).unwrap(),
        facility_name: "みなと医院".to_owned(),
        caller: Caller::new(&clinic, &roots, &clock).unwrap(),
        network: Arc::new(street.clone()),
        tap: tap.clone(),
        clock,
        charset,
        shared: Shared::open(folder.path()).unwrap(),
    };
    let terminal = Terminal::new(config, conduct);
    Bed {
        tap,
        street,
        slot: TestSlot::default(),
        script,
        folder,
        terminal,
    }
}

struct Clinic {
    tap: Tap,
    street: Street,
    slot: TestSlot,
    script: Script,
    folder: tempfile::TempDir,
    reader: ReaderHandle,
    terminal: TerminalHandle,
}

fn opened(bed: Bed) -> Clinic {
    let Bed {
        tap,
        street,
        slot,
        script,
        folder,
        terminal,
    } = bed;
    let (near, far) = tokio::io::duplex(64 * 1024);
    let terminal = terminal.spawn(Box::new(far), Box::new(slot.clone()));
    let profile = rules::Profile::default();
    let reader = reader::spawn(
        Arc::new(reader::Reference),
        &profile,
        Box::new(near),
        tap.clone(),
        reader::hop("みなと医院"),
    );
    Clinic {
        tap,
        street,
        slot,
        script,
        folder,
        reader,
        terminal,
    }
}

fn clinic() -> Clinic {
    opened(bed(Arc::new(Reference), Charset::ShiftJis))
}

impl Clinic {
    async fn touch(&mut self, touch: Touch) -> ScreenId {
        match touch {
            Touch::PlaceCard => self.slot.place(),
            Touch::TakeCard => self.slot.state().present = false,
            _ => {}
        }
        self.reader.touch(touch);
        self.reader.settled().await
    }

    /// Places the card, types the PIN and refuses or gives every consent.
    async fn until_processing(&mut self, given: bool) {
        for touch in [
            Touch::PlaceCard,
            Touch::ChoosePin,
            Touch::EnterPin("0417".to_owned()),
        ] {
            self.touch(touch).await;
        }
        for _ in 0..3 {
            self.reader.touch(Touch::Consent { given });
        }
    }

    async fn visit(&mut self, given: bool) -> ScreenId {
        self.until_processing(given).await;
        let end = self.reader.settled().await;
        self.touch(Touch::TakeCard).await;
        end
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = fs::read_dir(self.folder.path().join("face")).unwrap();
        folder
            .map(|e| e.unwrap())
            .map(|e| {
                (
                    e.file_name().into_string().unwrap(),
                    fs::read(e.path()).unwrap(),
                )
            })
            .collect()
    }

    fn shown(&self) -> Vec<&'static str> {
        self.reader
            .observe()
            .iter()
            .map(|screen| screen.id.name())
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_visit_ends_in_a_file_and_every_hop_is_tapped() {
    let mut clinic = clinic();
    assert_eq!(clinic.visit(true).await, ScreenId::Done);
    assert_eq!(
        clinic.shown(),
        [
            "PLACE_CARD",
            "CHOOSE_METHOD",
            "ENTER_PIN",
            "CONSENT_OPERATION",
            "CONSENT_TREATMENT_DRUG",
            "CONSENT_CHECKUP",
            "PROCESSING",
            "DONE",
            "TAKE_CARD",
            "PLACE_CARD",
        ]
    );
    let files = clinic.files();
    let (name, bytes) = files.iter().next().unwrap();
    assert_eq!(
        name,
        "OQSsiquc01res_face_991000001801234567_20261015090000.xml"
    );
    let result = EligibilityResult::from_bytes(bytes).unwrap();
    let text = result.to_xml(Charset::ShiftJis);
    assert_eq!(
        &wire::face_file::encode(&text, Charset::ShiftJis).unwrap(),
        bytes
    );
    insta::assert_snapshot!("face_file", text);
    let asked = clinic.script.lock().unwrap().asked.clone();
    let question: CardConfirmation =
        serde_json::from_slice(asked[1].body.as_ref().unwrap()).unwrap();
    assert_eq!(from_base64(&question.certificate).unwrap(), certificate());
    let signed = signed_bytes(&[7; 32], SESSION, FACILITY);
    let hash: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(signed).into();
    assert_eq!(from_base64(&question.signature).unwrap(), hash.repeat(8));
    insta::assert_snapshot!("commands", clinic.slot.state().commands.join("\n"));
    clinic.terminal.hang_up();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen: Vec<String> = clinic
        .tap
        .messages()
        .iter()
        .map(|m| format!("{} {} -> {}", m.hop, m.from.0, m.to.0))
        .collect();
    insta::assert_snapshot!("hops", seen.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn refused_consents_hinder_nothing_and_no_pin_is_anywhere_but_where_it_belongs() {
    let mut clinic = clinic();
    assert_eq!(clinic.visit(false).await, ScreenId::Done);
    assert_eq!(clinic.files().len(), 1);
    let asked = clinic.script.lock().unwrap().asked.clone();
    let question: CardConfirmation =
        serde_json::from_slice(asked[1].body.as_ref().unwrap()).unwrap();
    assert_eq!(question.consents, Consents::default());
    clinic.terminal.hang_up();
    tokio::time::sleep(Duration::from_secs(1)).await;
    for message in clinic.tap.messages() {
        let text =
            String::from_utf8_lossy(message.bytes.as_deref().unwrap_or_default()).into_owned();
        assert!(
            !text.contains("LEAK") && !text.contains("0417"),
            "{}: {text}",
            message.hop
        );
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_pins_count_down_and_lock() {
    let mut clinic = clinic();
    let wrong = || Touch::EnterPin("0000".to_owned());
    for touch in [Touch::PlaceCard, Touch::ChoosePin, wrong(), wrong()] {
        clinic.touch(touch).await;
    }
    let warned = clinic
        .reader
        .wait_for(&[ScreenId::LastTryWarning], Duration::from_secs(9))
        .await;
    assert_eq!(warned, Some(ScreenId::LastTryWarning));
    clinic.touch(Touch::AcknowledgeWarning).await;
    assert_eq!(clinic.touch(wrong()).await, ScreenId::PinLocked);
    clinic.touch(Touch::TakeCard).await;
    let tries: Vec<Option<u8>> = clinic
        .reader
        .observe()
        .iter()
        .map(|s| s.tries_left)
        .filter(Option::is_some)
        .collect();
    assert_eq!(tries, [3, 2, 2, 1, 1, 1, 0].map(Some));
    clinic.touch(Touch::PlaceCard).await;
    assert_eq!(clinic.touch(Touch::ChoosePin).await, ScreenId::PinLocked);
    assert!(clinic.files().is_empty() && clinic.script.lock().unwrap().asked.is_empty());
}

#[tokio::test(start_paused = true)]
async fn notices_and_refusals_reach_patient_and_desk() {
    let lost = EligibilityResult {
        qualification_validity: "2".to_owned(),
        ..confirmed()
    };
    let coded = |status: &str, code: &str| EligibilityResult {
        processing_result_status: status.to_owned(),
        processing_result_code: code.to_owned(),
        processing_result_message: "模擬の案内".to_owned(),
        ..confirmed()
    };
    let refused = EligibilityResult {
        results: vec![],
        qualification_validity: String::new(),
        ..coded("2", "SIM-E202")
    };
    for (result, screen) in [
        (coded("1", "SIM-N101"), ScreenId::DoneNotice),
        (coded("1", "SIM-N102"), ScreenId::DoneNotice),
        (lost, ScreenId::Done),
        (refused, ScreenId::Refused),
    ] {
        let mut clinic = clinic();
        clinic.script.lock().unwrap().result = result;
        assert_eq!(clinic.visit(true).await, screen);
        assert_eq!(clinic.files().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_server_down_or_silent_there_is_a_message_and_no_file() {
    for fault in [Fault::Down, Fault::Silent] {
        let mut clinic = clinic();
        clinic.street.set_fault(HOST, Some(fault));
        assert_eq!(clinic.visit(true).await, ScreenId::Unavailable);
        let lines: Vec<String> = clinic
            .reader
            .observe()
            .into_iter()
            .filter(|s| s.id == ScreenId::Unavailable)
            .flat_map(|s| s.lines)
            .collect();
        insta::assert_snapshot!(format!("{fault:?}"), lines.join("\n"));
        assert!(clinic.files().is_empty());
        clinic.street.set_fault(HOST, None);
        assert_eq!(clinic.visit(true).await, ScreenId::Done);
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_taken_while_the_server_is_asked_leaves_nothing_behind() {
    let mut clinic = clinic();
    clinic.street.set_fault(HOST, Some(Fault::Silent));
    clinic.until_processing(true).await;
    assert_eq!(
        clinic
            .reader
            .wait_for(&[ScreenId::Processing], Duration::from_secs(1))
            .await,
        Some(ScreenId::Processing)
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(clinic.touch(Touch::TakeCard).await, ScreenId::CardRemoved);
    clinic.street.set_fault(HOST, None);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(clinic.files().is_empty());
    assert_eq!(
        clinic
            .shown()
            .iter()
            .filter(|id| **id == "CARD_REMOVED")
            .count(),
        1
    );
    assert_eq!(clinic.visit(true).await, ScreenId::Done);
    assert_eq!(clinic.files().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_card_that_vanishes_from_the_slot_ends_the_visit() {
    let mut clinic = clinic();
    for touch in [Touch::PlaceCard, Touch::ChoosePin] {
        clinic.touch(touch).await;
    }
    clinic.slot.state().present = false;
    assert_eq!(
        clinic.touch(Touch::EnterPin("0417".to_owned())).await,
        ScreenId::CardRemoved
    );
    clinic.until_processing(true).await;
    clinic.slot.state().present = false;
    assert_eq!(clinic.reader.settled().await, ScreenId::CardRemoved);
    assert!(clinic.files().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_connection_is_kept_and_opened_anew_when_gone() {
    let mut clinic = clinic();
    clinic.visit(true).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    clinic.visit(true).await;
    assert_eq!(
        (
            clinic.files().len(),
            clinic.script.lock().unwrap().connections
        ),
        (2, 1)
    );
    clinic.terminal.hang_up();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(clinic.visit(true).await, ScreenId::Done);
    assert_eq!(clinic.script.lock().unwrap().connections, 2);
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_none_end_in_a_message_and_disturb_nothing() {
    let json = "application/json";
    let good = || challenge(SESSION, &to_base64(&[7; 32]));
    let failure = wire::failure::Failure::new(
        "session-unknown",
        "受付番号が使えません。",
        "the session cannot be used",
    );
    let table: Vec<Vec<Answer>> = vec![
        vec![Answer::new(201, json, "")],
        vec![Answer::new(201, json, "{\"session\":1}")],
        vec![Answer::new(200, json, good().body)],
        vec![challenge("../../../../tmp/x", &to_base64(&[7; 32]))],
        vec![challenge(SESSION, "AAAA")],
        vec![Answer::new(500, "text/html", "<p>oops")],
        vec![Answer::new(
            201,
            json,
            vec![b' '; wire::result::MAX_DOCUMENT + 1],
        )],
        vec![
            good(),
            Answer::new(200, "application/xml", "<XmlMsg><MessageHeader>"),
        ],
        vec![
            good(),
            Answer::new(200, "application/xml", &b"\xff\xfe\x00"[..]),
        ],
        vec![good(), Answer::new(200, "application/xml", "")],
        vec![good(), Answer::new(422, json, failure.to_json())],
        vec![good(), Answer::new(204, "", "")],
    ];
    let mut messages = Vec::new();
    for answers in table {
        let mut clinic = clinic();
        clinic.script.lock().unwrap().answers = answers.into();
        assert_eq!(clinic.visit(true).await, ScreenId::Unavailable);
        assert!(clinic.files().is_empty());
        let screens = clinic.reader.observe();
        messages.push(
            screens
                .iter()
                .find(|s| s.id == ScreenId::Unavailable)
                .unwrap()
                .lines[1]
                .clone(),
        );
        assert_eq!(clinic.visit(true).await, ScreenId::Done);
    }
    insta::assert_snapshot!("messages", messages.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_told_and_not_replaced() {
    let mut unwritable = confirmed();
    unwritable.results[0].put("ReferenceNumber", "𠮷1");
    let mut clinic = clinic();
    clinic.script.lock().unwrap().result = unwritable.clone();
    assert_eq!(clinic.visit(true).await, ScreenId::Unavailable);
    assert!(
        clinic
            .reader
            .observe()
            .iter()
            .any(|s| s.lines.iter().any(|l| l.contains("「𠮷」")))
    );
    assert!(clinic.files().is_empty());
    let mut clinic = opened(bed(Arc::new(Reference), Charset::Utf8));
    clinic.script.lock().unwrap().result = unwritable;
    assert_eq!(clinic.visit(true).await, ScreenId::Done);
    let text = String::from_utf8(clinic.files().into_values().next().unwrap()).unwrap();
    assert!(
        text.contains("encoding=\"UTF-8\"")
            && text.contains("𠮷田　花子")
            && text.contains("<CharacterCodeIdentifier>0<")
    );

    fs::remove_dir_all(clinic.folder.path().join("face")).unwrap();
    assert_eq!(clinic.visit(true).await, ScreenId::Unavailable);
}

struct Withholds;
impl Conduct for Withholds {
    fn drops_file(&self, consents: &Consents) -> bool {
        consents.drug
    }
}

struct NotesPin;
impl Conduct for NotesPin {
    fn remark(&self, pin: &str) -> Option<String> {
        Some(pin.to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn each_decision_can_be_bent_alone() {
    let mut clinic = opened(bed(Arc::new(Withholds), Charset::ShiftJis));
    assert_eq!(clinic.visit(false).await, ScreenId::Done);
    assert!(clinic.files().is_empty());
    clinic.visit(true).await;
    assert_eq!(clinic.files().len(), 1);

    let mut clinic = opened(bed(Arc::new(NotesPin), Charset::ShiftJis));
    clinic.visit(false).await;
    let file = clinic.files().into_values().next().unwrap();
    assert_eq!(
        EligibilityResult::from_bytes(&file).unwrap().results[0].get("ArbitraryIdentifier"),
        "0417"
    );
    let tapped = clinic
        .tap
        .messages()
        .into_iter()
        .find(|m| m.hop == "face-folder")
        .unwrap();
    assert!(String::from_utf8_lossy(&tapped.bytes.unwrap()).contains("⟦LEAK PIN#1⟧"));
}

/// Speaks to a terminal line by line, without a reader.
async fn spoken(lines: &[&[u8]]) -> Vec<String> {
    let Bed {
        slot,
        terminal,
        folder,
        ..
    } = bed(Arc::new(Reference), Charset::ShiftJis);
    slot.place();
    let (near, far) = tokio::io::duplex(64 * 1024);
    let task = tokio::spawn(terminal.run(Box::new(far), Box::new(slot.clone())));
    let (read, mut write) = tokio::io::split(near);
    let mut heard = BufReader::new(read).lines();
    for line in lines {
        write.write_all(line).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    write.shutdown().await.unwrap();
    let mut out = Vec::new();
    while let Ok(Some(line)) = heard.next_line().await {
        out.push(line);
    }
    task.await.unwrap();
    drop(folder);
    out
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_none_or_out_of_place_are_answered_or_ignored() {
    let pin = &b"{\"type\":\"pin\",\"pin\":\"0417\"}\n"[..];
    let bad_pin = &b"{\"type\":\"pin\",\"pin\":\"417\"}\n"[..];
    let placed = &b"{\"type\":\"card-placed\"}\n"[..];
    let removed = &b"{\"type\":\"card-removed\"}\n"[..];
    let consents = &b"{\"type\":\"consents\",\"consents\":{\"operation\":true,\"treatment\":true,\"drug\":true,\"checkup\":true}}\n"[..];
    let endless = [vec![b'x'; wire::reader::MAX_LINE * 2], b"\n".to_vec()].concat();
    let noise = [consents, consents, b"oops\n"].concat();
    let table: [(&str, Vec<&[u8]>); 8] = [
        ("pin without a card", vec![pin, consents, removed]),
        ("consents without a pin", vec![placed, consents]),
        ("pin of three digits spends no try", vec![placed, bad_pin]),
        ("pin twice", vec![placed, pin, pin]),
        (
            "not the protocol",
            vec![
                b"\n",
                b"{}\n",
                b"\xff\n",
                b"{\"type\":\"dance\"}\n",
                &endless,
            ],
        ),
        (
            "not the protocol inside a visit",
            vec![placed, b"oops\n", pin, placed],
        ),
        (
            "removed before consent",
            vec![placed, pin, removed, consents],
        ),
        (
            "the whole way, with noise while the server is asked",
            vec![placed, pin, &noise],
        ),
    ];
    let mut out = String::new();
    for (title, lines) in table {
        out.push_str(&format!(
            "# {title}\n{}\n\n",
            spoken(&lines).await.join("\n")
        ));
    }
    insta::assert_snapshot!("spoken", out);
}

#[tokio::test(start_paused = true)]
async fn the_terminal_ends_with_its_reader_even_while_asking() {
    let Bed {
        slot,
        terminal,
        street,
        ..
    } = bed(Arc::new(Reference), Charset::ShiftJis);
    street.set_fault(HOST, Some(Fault::Silent));
    slot.place();
    let (mut near, far) = tokio::io::duplex(64 * 1024);
    let task = tokio::spawn(terminal.run(Box::new(far), Box::new(slot)));
    near.write_all(b"{\"type\":\"card-placed\"}\n{\"type\":\"pin\",\"pin\":\"0417\"}\n{\"type\":\"consents\",\"consents\":{\"operation\":true,\"treatment\":true,\"drug\":true,\"checkup\":true}}\n").await.unwrap();
    let mut some = [0; 16];
    near.read_exact(&mut some).await.unwrap();
    drop(near);
    tokio::time::timeout(Duration::from_secs(1), task)
        .await
        .unwrap()
        .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_bytes_of_a_reader_make_the_terminal_panic_or_hang(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let answers = runtime.block_on(spoken(&[&bytes]));
        prop_assert!(answers.iter().all(|line| line.contains("\"unavailable\"")));
    }
}
