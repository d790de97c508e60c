use std::fs;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, CardConfirmation, CardIdentification,
    HOST, Method, Standing, USE_REGISTRATIONS, from_base64, signed_bytes, to_base64,
};
use wire::face_file::Charset;
use wire::failure::Failure;
use wire::reader::{Consents, Status};
use wire::result::EligibilityResult;
use world::http::Answer;
use world::net::Fault;

use super::testing::*;
use super::*;
use crate::reader::{ScreenId, Touch};

#[tokio::test(start_paused = true)]
async fn a_visit_ends_in_a_file_and_every_hop_is_tapped() {
    let mut clinic = Clinic::open();
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    assert_eq!(
        clinic.stand.shown(),
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
    let files = clinic.files("face");
    let (name, bytes) = files.iter().next().unwrap();
    assert_eq!(
        name,
        "OQSsiquc01res_face_991000001800000001_20261015090000.xml"
    );
    let result = EligibilityResult::from_bytes(bytes).unwrap();
    let text = result.to_xml(Charset::ShiftJis);
    assert_eq!(
        &wire::face_file::encode(&text, Charset::ShiftJis).unwrap(),
        bytes
    );
    insta::assert_snapshot!("face_file", text);
    assert_eq!(clinic.paths(), WHOLE_WAY);
    let question: CardIdentification = serde_json::from_slice(&clinic.body(1)).unwrap();
    assert_eq!(from_base64(&question.certificate).unwrap(), certificate());
    let signed = signed_bytes(&[7; 32], &session(1), FACILITY);
    let hash: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(signed).into();
    assert_eq!(from_base64(&question.signature).unwrap(), hash.repeat(8));
    assert_eq!(
        (question.session, question.method),
        (session(1), Method::Pin)
    );
    let question: CardConfirmation = serde_json::from_slice(&clinic.body(2)).unwrap();
    assert_eq!(question.session, session(1));
    assert!(question.consents.operation && question.consents.drug);
    insta::assert_snapshot!("commands", clinic.stand.slot.state().commands.join("\n"));
    clinic.stand.terminal.hang_up();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen: Vec<String> = clinic
        .bed
        .config
        .tap
        .messages()
        .iter()
        .map(|m| format!("{} {} -> {}", m.hop, m.from.0, m.to.0))
        .collect();
    insta::assert_snapshot!("hops", seen.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn refused_consents_hinder_nothing_and_no_pin_is_anywhere_but_where_it_belongs() {
    let mut clinic = Clinic::open();
    assert_eq!(clinic.stand.visit(false).await, ScreenId::Done);
    assert_eq!(clinic.files("face").len(), 1);
    let question: CardConfirmation = serde_json::from_slice(&clinic.body(2)).unwrap();
    assert_eq!(question.consents, Consents::default());
    clinic.nothing_leaked().await;
}

/// What the server is asked in a visit of a registered card.
const WHOLE_WAY: [&str; 3] = [CHALLENGES, CARD_IDENTIFICATIONS, CARD_CONFIRMATIONS];

impl Clinic {
    async fn nothing_leaked(&self) {
        self.stand.terminal.hang_up();
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (hop, text) in self.texts() {
            let secrets = ["LEAK", "0417", VERIFICATION_B, PASSCODE];
            let found = secrets.iter().find(|secret| text.contains(**secret));
            assert_eq!(found, None, "{hop}: {text}");
        }
    }

    fn told_method(&self) -> Method {
        let question: CardIdentification = serde_json::from_slice(&self.body(1)).unwrap();
        question.method
    }
}

#[tokio::test(start_paused = true)]
async fn the_face_way_asks_no_pin_and_spends_no_try() {
    let mut clinic = Clinic::open();
    clinic.stand.slot.state().wrong = 2;
    clinic.stand.all(by_face()).await;
    assert_eq!(clinic.stand.all(consents(true)).await, ScreenId::Done);
    let shown = clinic.stand.shown();
    assert!(
        !shown.contains(&"ENTER_PIN") && shown.contains(&"FACE_CAMERA"),
        "{shown:?}"
    );
    let commands = clinic.stand.slot.state().commands.clone();
    let presented = |c: &&String| c.starts_with("00200080") && c.len() > 8;
    let presented: Vec<&String> = commands.iter().filter(presented).collect();
    let number = hex::encode_upper(VERIFICATION_B);
    assert_eq!(presented, [&format!("002000800E{number}")]);
    assert_eq!(clinic.stand.slot.state().wrong, 2);
    assert_eq!(clinic.told_method(), Method::Face);
    assert_eq!(clinic.files("face").len(), 1);
    insta::assert_snapshot!("face_commands", commands.join("\n"));
    clinic.nothing_leaked().await;
}

#[tokio::test(start_paused = true)]
async fn staff_s_eye_counts_with_the_facility_s_passcode_only() {
    let mut clinic = Clinic::open();
    assert_eq!(
        clinic.stand.all(by_staff("824614")).await,
        ScreenId::PasscodeWrong
    );
    let typed = Touch::EnterPasscode(PASSCODE.to_owned());
    assert_eq!(clinic.stand.touch(typed).await, ScreenId::ConsentOperation);
    assert_eq!(clinic.stand.all(consents(false)).await, ScreenId::Done);
    assert_eq!(clinic.told_method(), Method::Visual);
    clinic.nothing_leaked().await;

    let mut none = bed(Arc::new(Reference), Charset::ShiftJis);
    none.config.passcode = None;
    let mut clinic = Clinic::of(none);
    assert_eq!(
        clinic.stand.all(by_staff(PASSCODE)).await,
        ScreenId::PasscodeWrong
    );
    assert!(clinic.paths().is_empty());
}

#[tokio::test(start_paused = true)]
async fn after_three_wrong_passcodes_the_right_one_counts_no_more() {
    let wrong = &b"{\"type\":\"staff-confirmed\",\"passcode\":\"1\"}\n"[..];
    let right = &b"{\"type\":\"staff-confirmed\",\"passcode\":\"824613\"}\n"[..];
    let said = spoken(&[PLACED, wrong, wrong, wrong, right]).await;
    assert_eq!(said[1..], ["{\"type\":\"passcode-wrong\"}"; 4]);
    let said = spoken(&[PLACED, wrong, wrong, right]).await;
    assert_eq!(said[3], "{\"type\":\"identity-accepted\"}");
}

#[tokio::test(start_paused = true)]
async fn a_face_that_differs_three_times_ends_with_staff() {
    let mut clinic = Clinic::open();
    clinic.stand.all([place(), Touch::ChooseFace]).await;
    for _ in 0..3 {
        let other = Touch::LookIntoCamera(vec![200; 64]);
        assert_eq!(clinic.stand.touch(other).await, ScreenId::FaceMismatch);
    }
    let staff = [Touch::CallStaff, Touch::EnterPasscode(PASSCODE.to_owned())];
    assert_eq!(clinic.stand.all(staff).await, ScreenId::ConsentOperation);
    assert_eq!(clinic.told_method(), Method::Visual);
}

#[tokio::test(start_paused = true)]
async fn a_locked_pin_leaves_face_and_eye() {
    let mut clinic = Clinic::open();
    clinic.stand.slot.state().wrong = 3;
    let locked = clinic.stand.all([place(), Touch::ChoosePin]).await;
    assert_eq!(locked, ScreenId::PinLocked);
    let face = [Touch::ChooseFace, Touch::LookIntoCamera(SAME_FACE.to_vec())];
    assert_eq!(clinic.stand.all(face).await, ScreenId::ConsentOperation);
    assert_eq!(clinic.told_method(), Method::Face);
}

#[tokio::test(start_paused = true)]
async fn a_face_cannot_be_claimed_without_a_photo() {
    let compared = &b"{\"type\":\"face-compared\",\"matched\":true}\n"[..];
    let differs = &b"{\"type\":\"face-compared\",\"matched\":false}\n"[..];
    let read = format!("{{\"type\":\"face-read\",\"verification_b\":\"{VERIFICATION_B}\"}}\n");
    let wrong = &b"{\"type\":\"face-read\",\"verification_b\":\"55021720352286\"}\n"[..];
    let odd = &b"{\"type\":\"face-read\",\"verification_b\":\"1\"}\n"[..];
    assert_eq!(spoken(&[PLACED, compared]).await.len(), 1);
    let refused = "{\"type\":\"photo-refused\",\"reason\":\"verification-b-wrong\"}";
    assert_eq!(spoken(&[PLACED, wrong, compared]).await[1..], [refused]);
    assert_eq!(spoken(&[PLACED, odd, compared]).await[1..], [refused]);
    assert_eq!(spoken(&[PLACED, read.as_bytes(), differs]).await.len(), 2);
    let whole = spoken(&[PLACED, read.as_bytes(), compared]).await;
    assert_eq!(whole[2], "{\"type\":\"identity-accepted\"}");
}

#[tokio::test(start_paused = true)]
async fn a_card_that_does_not_know_the_terminal_asks_for_its_pin() {
    let mut clinic = Clinic::open();
    clinic.stand.all([place(), Touch::ChooseFace]).await;
    clinic.stand.slot.state().knows_terminal = false;
    let look = Touch::LookIntoCamera(SAME_FACE.to_vec());
    assert_eq!(clinic.stand.touch(look).await, ScreenId::CardUnusable);
    assert!(clinic.paths().is_empty());
}

#[tokio::test(start_paused = true)]
async fn registration_is_offered_made_declined_or_fails() {
    let yes = || Touch::AnswerRegistration { agreed: true };
    let failure = Failure::new("no-insured-person", "加入者の情報がありません。", "nobody");
    for standing in [
        Standing::NeverRegistered,
        Standing::Lapsed,
        Standing::Released,
    ] {
        let mut clinic = Clinic::open();
        clinic.script().standing = standing;
        assert_eq!(
            clinic.stand.all(by_face()).await,
            ScreenId::RegistrationOffer
        );
        assert_eq!(clinic.stand.touch(yes()).await, ScreenId::Registered);
        clinic.stand.read().await;
        assert_eq!(clinic.stand.all(consents(true)).await, ScreenId::Done);
        let with_registration = [
            CHALLENGES,
            CARD_IDENTIFICATIONS,
            USE_REGISTRATIONS,
            CARD_CONFIRMATIONS,
        ];
        assert_eq!(clinic.paths(), with_registration);

        let mut clinic = Clinic::open();
        clinic.script().standing = standing;
        clinic.stand.all(by_pin()).await;
        let no = Touch::AnswerRegistration { agreed: false };
        assert_eq!(clinic.stand.touch(no).await, ScreenId::Done);
        assert_eq!(clinic.paths(), WHOLE_WAY);
        let question: CardConfirmation = serde_json::from_slice(&clinic.body(2)).unwrap();
        assert_eq!(question.consents, Consents::default());
        assert_eq!(clinic.files("face").len(), 1);
    }
    let json = "application/json";
    for (registration, words) in [
        (
            Answer::new(422, json, failure.to_json()),
            "加入者の情報がありません。（no-insured-person）",
        ),
        (
            Answer::new(503, json, "oops"),
            "登録できたかどうかを確かめられませんでした。（no-answer）",
        ),
    ] {
        let mut clinic = Clinic::open();
        clinic.script().standing = Standing::NeverRegistered;
        clinic.script().registration = registration;
        clinic.stand.all(by_pin()).await;
        assert_eq!(
            clinic.stand.touch(yes()).await,
            ScreenId::RegistrationFailed
        );
        let lines = clinic.stand.reader.observe().pop().unwrap().lines;
        assert!(lines[1].ends_with(words), "{lines:?}");
        let ended = clinic
            .stand
            .reader
            .wait_for(&[ScreenId::Done], Duration::from_secs(9))
            .await;
        assert_eq!(ended, Some(ScreenId::Done));
        assert_eq!(clinic.paths().len(), 4);
    }
}

/// Whole visits, each way.
fn visits() -> [Vec<Touch>; 3] {
    [by_pin(), by_face(), by_staff(PASSCODE)].map(|way| [way, consents(true)].concat())
}

#[tokio::test(start_paused = true)]
async fn a_card_that_slips_out_under_any_command_ends_in_one_message_and_no_file() {
    for touches in visits() {
        let mut clinic = Clinic::open();
        clinic.stand.all(touches.clone()).await;
        let commands = clinic.stand.slot.state().commands.len();
        assert!(commands > 8 && clinic.files("face").len() == 1);
        for at in 0..commands {
            let mut clinic = Clinic::open();
            clinic.stand.slot.state().slips_at = Some(at);
            let shown = clinic.stand.all(touches.clone()).await;
            assert_eq!(shown, ScreenId::CardRemoved, "command {at}");
            let told = clinic.stand.shown();
            assert_eq!(
                told.iter().filter(|id| **id == "CARD_REMOVED").count(),
                1,
                "command {at}"
            );
            assert!(clinic.files("face").is_empty(), "command {at}");
            assert!(!clinic.paths().contains(&CARD_CONFIRMATIONS.to_owned()));
            let again = clinic
                .stand
                .reader
                .wait_for(&[ScreenId::PlaceCard], Duration::from_secs(9));
            assert_eq!(again.await, Some(ScreenId::PlaceCard));
            clinic.stand.slot.state().slips_at = None;
            assert_eq!(
                clinic.stand.visit(true).await,
                ScreenId::Done,
                "command {at}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_taken_at_any_screen_ends_in_one_message_and_no_file() {
    let offered = [
        by_pin().to_vec(),
        vec![Touch::AnswerRegistration { agreed: true }],
        consents(true).to_vec(),
    ];
    let with_offer = (Standing::NeverRegistered, offered.concat());
    let plain = visits().map(|touches| (Standing::Registered, touches));
    for (standing, touches) in plain.into_iter().chain([with_offer]) {
        for at in 1..touches.len() {
            let mut clinic = Clinic::open();
            clinic.script().standing = standing;
            clinic.stand.all(touches[..at].to_vec()).await;
            assert_eq!(
                clinic.stand.touch(Touch::TakeCard).await,
                ScreenId::CardRemoved
            );
            tokio::time::sleep(Duration::from_secs(60)).await;
            let told = clinic.stand.shown();
            let ends = ["CARD_REMOVED", "DONE", "REFUSED", "UNAVAILABLE"];
            let ends: Vec<_> = told.iter().filter(|id| ends.contains(id)).collect();
            assert_eq!(ends, [&"CARD_REMOVED"], "after {:?}", &touches[..at]);
            assert_eq!(told.last(), Some(&"PLACE_CARD"));
            assert!(clinic.files("face").is_empty());
            assert!(!clinic.paths().contains(&CARD_CONFIRMATIONS.to_owned()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_pins_count_down_and_lock() {
    let mut clinic = Clinic::open();
    let wrong = || pin("0000");
    for touch in [place(), Touch::ChoosePin, wrong(), wrong()] {
        clinic.stand.touch(touch).await;
    }
    let warned = clinic
        .stand
        .reader
        .wait_for(&[ScreenId::LastTryWarning], Duration::from_secs(9))
        .await;
    assert_eq!(warned, Some(ScreenId::LastTryWarning));
    clinic.stand.touch(Touch::AcknowledgeWarning).await;
    assert_eq!(clinic.stand.touch(wrong()).await, ScreenId::PinLocked);
    clinic.stand.touch(Touch::TakeCard).await;
    let tries: Vec<Option<u8>> = clinic
        .stand
        .reader
        .observe()
        .iter()
        .map(|s| s.tries_left)
        .filter(Option::is_some)
        .collect();
    assert_eq!(tries, [3, 2, 2, 1, 1, 1, 0].map(Some));
    clinic.stand.touch(place()).await;
    assert_eq!(
        clinic.stand.touch(Touch::ChoosePin).await,
        ScreenId::PinLocked
    );
    assert!(clinic.files("face").is_empty() && clinic.script().asked.is_empty());
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
        let mut clinic = Clinic::open();
        clinic.script().result = result;
        assert_eq!(clinic.stand.visit(true).await, screen);
        assert_eq!(clinic.files("face").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_server_down_or_silent_there_is_a_message_and_no_file() {
    for fault in [Fault::Down, Fault::Silent] {
        let mut clinic = Clinic::open();
        clinic.bed.street.set_fault(HOST, Some(fault));
        assert_eq!(clinic.stand.visit(true).await, ScreenId::Unavailable);
        let lines: Vec<String> = clinic
            .stand
            .reader
            .observe()
            .into_iter()
            .filter(|s| s.id == ScreenId::Unavailable)
            .flat_map(|s| s.lines)
            .collect();
        insta::assert_snapshot!(format!("{fault:?}"), lines.join("\n"));
        assert!(clinic.files("face").is_empty());
        clinic.bed.street.set_fault(HOST, None);
        assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_taken_while_the_server_is_asked_leaves_nothing_behind() {
    let mut clinic = Clinic::open();
    clinic.stand.all(by_pin()).await;
    clinic.script().delay = Duration::from_secs(5);
    for touch in consents(true) {
        clinic.stand.reader.touch(touch);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(clinic.stand.reader.current(), ScreenId::Processing);
    assert_eq!(
        clinic.stand.touch(Touch::TakeCard).await,
        ScreenId::CardRemoved
    );
    clinic.script().delay = Duration::ZERO;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(clinic.files("face").is_empty());
    assert_eq!(
        clinic
            .stand
            .shown()
            .iter()
            .filter(|id| **id == "CARD_REMOVED")
            .count(),
        1
    );
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    assert_eq!(clinic.files("face").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_connection_is_kept_and_opened_anew_when_gone() {
    let mut clinic = Clinic::open();
    clinic.stand.visit(true).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    clinic.stand.visit(true).await;
    assert_eq!(
        (clinic.files("face").len(), clinic.script().connections),
        (2, 1)
    );
    clinic.stand.terminal.hang_up();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    assert_eq!(clinic.script().connections, 2);
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_none_end_in_a_message_and_disturb_nothing() {
    let json = "application/json";
    let good = || challenge(&session(1), &to_base64(&[7; 32]));
    let failure = Failure::new(
        "session-unknown",
        "受付番号が使えません。",
        "the session cannot be used",
    );
    let table: Vec<Vec<Answer>> = vec![
        vec![Answer::new(201, json, "")],
        vec![Answer::new(201, json, "{\"session\":1}")],
        vec![Answer::new(200, json, good().body)],
        vec![challenge("../../../../tmp/x", &to_base64(&[7; 32]))],
        vec![challenge(&session(1), "AAAA")],
        vec![Answer::new(500, "text/html", "<p>oops")],
        vec![Answer::new(
            201,
            json,
            vec![b' '; wire::result::MAX_DOCUMENT + 1],
        )],
        vec![good(), Answer::new(200, json, "{\"standing\":\"odd\"}")],
        vec![good(), Answer::new(403, json, failure.to_json())],
        vec![
            good(),
            identified(),
            Answer::new(200, "application/xml", "<XmlMsg><MessageHeader>"),
        ],
        vec![
            good(),
            identified(),
            Answer::new(200, "application/xml", &b"\xff\xfe\x00"[..]),
        ],
        vec![
            good(),
            identified(),
            Answer::new(200, "application/xml", ""),
        ],
        vec![
            good(),
            identified(),
            Answer::new(409, json, failure.to_json()),
        ],
        vec![good(), identified(), Answer::new(204, "", "")],
    ];
    let mut messages = Vec::new();
    for answers in table {
        let mut clinic = Clinic::open();
        clinic.script().answers = answers.into();
        assert_eq!(clinic.stand.visit(true).await, ScreenId::Unavailable);
        assert!(clinic.files("face").is_empty());
        let screens = clinic.stand.reader.observe();
        let ends = screens.iter().filter(|s| s.id == ScreenId::Unavailable);
        assert_eq!(ends.count(), 1);
        messages.push(
            screens
                .iter()
                .find(|s| s.id == ScreenId::Unavailable)
                .unwrap()
                .lines[1]
                .clone(),
        );
        assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    }
    insta::assert_snapshot!("messages", messages.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_told_and_not_replaced() {
    let mut unwritable = confirmed();
    unwritable.results[0].put("ReferenceNumber", "𠮷1");
    let mut clinic = Clinic::open();
    clinic.script().result = unwritable.clone();
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Unavailable);
    assert!(
        clinic
            .stand
            .reader
            .observe()
            .iter()
            .any(|s| s.lines.iter().any(|l| l.contains("「𠮷」")))
    );
    assert!(clinic.files("face").is_empty());
    let mut clinic = Clinic::of(bed(Arc::new(Reference), Charset::Utf8));
    clinic.script().result = unwritable;
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    let text = String::from_utf8(clinic.files("face").into_values().next().unwrap()).unwrap();
    assert!(
        text.contains("encoding=\"UTF-8\"")
            && text.contains("𠮷田　花子")
            && text.contains("<CharacterCodeIdentifier>0<")
    );

    fs::remove_dir_all(clinic.bed.folder.path().join("face")).unwrap();
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Unavailable);
}

macro_rules! bent {
    ($($terminal:ident: $method:ident($($argument:ident: $kind:ty),*) -> $result:ty = $answer:expr;)*) => {$(
        struct $terminal;
        impl Conduct for $terminal {
            fn $method(&self, $($argument: $kind),*) -> $result {
                $answer
            }
        }
    )*};
}

bent! {
    Withholds: drops_file(consents: &Consents) -> bool = consents.drug;
    NotesPin: remark(pin: &str) -> Option<String> = Some(pin.to_owned());
    SaysPin: method(_found: Method) -> Method = Method::Pin;
    TakesAnyPasscode: checks_passcode(_found: bool) -> bool = true;
    RegistersUnasked: registers_without_asking() -> bool = true;
    CallsItDone: told_outcome(_found: Status) -> Status = Status::Confirmed;
    KeepsFile: keeps_file_for_removed_card() -> bool = true;
    Guesses: cleaned_name(text: &str) -> String = text.replace('𠮷', "?");
    AsksNobody: asks_server() -> bool = false;
    StopsShort: confirms_after_registration() -> bool = false;
}

struct MixesReaders;
impl Conduct for MixesReaders {
    fn binds_to_reader<'a>(&self, _own: &'a str, last: &'a str) -> &'a str {
        last
    }
}

#[tokio::test(start_paused = true)]
async fn file_remark_and_names_can_be_bent_alone() {
    let mut clinic = Clinic::bent(Withholds);
    assert_eq!(clinic.stand.visit(false).await, ScreenId::Done);
    assert!(clinic.files("face").is_empty());
    clinic.stand.visit(true).await;
    assert_eq!(clinic.files("face").len(), 1);

    let mut clinic = Clinic::bent(NotesPin);
    clinic.stand.visit(false).await;
    let result = clinic.result();
    assert_eq!(result.results[0].get("ArbitraryIdentifier"), "0417");
    let tapped = clinic
        .texts()
        .into_iter()
        .find(|(hop, _)| hop == "face-folder");
    assert!(tapped.unwrap().1.contains("⟦LEAK PIN#1⟧"));

    let mut clinic = Clinic::bent(Guesses);
    clinic.stand.visit(false).await;
    assert_eq!(clinic.result().results[0].get("Name"), "?田　花子");
    let mut clinic = Clinic::open();
    clinic.stand.visit(false).await;
    assert_eq!(clinic.result().results[0].get("Name"), "●田　花子");
}

impl Clinic {
    fn result(&self) -> EligibilityResult {
        let file = self.files("face").into_values().next().unwrap();
        EligibilityResult::from_bytes(&file).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn method_passcode_registration_and_outcome_can_be_bent_alone() {
    let mut clinic = Clinic::bent(SaysPin);
    clinic.stand.all(by_staff(PASSCODE)).await;
    assert_eq!(clinic.told_method(), Method::Pin);

    let mut clinic = Clinic::bent(TakesAnyPasscode);
    let shown = clinic.stand.all(by_staff("000000")).await;
    assert_eq!(shown, ScreenId::ConsentOperation);

    let mut clinic = Clinic::bent(RegistersUnasked);
    clinic.script().standing = Standing::NeverRegistered;
    assert_eq!(clinic.stand.all(by_pin()).await, ScreenId::ConsentOperation);
    assert_eq!(clinic.paths()[2], USE_REGISTRATIONS);
    let mut clinic = Clinic::bent(RegistersUnasked);
    clinic.stand.all(by_pin()).await;
    assert_eq!(clinic.paths().len(), 2);

    let mut clinic = Clinic::bent(CallsItDone);
    clinic.bed.street.set_fault(HOST, Some(Fault::Down));
    assert_eq!(clinic.stand.all(by_pin()).await, ScreenId::Done);
    assert!(clinic.files("face").is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_check_itself_can_be_bent_alone() {
    let unconfirmed = [CHALLENGES, CARD_IDENTIFICATIONS];
    let mut clinic = Clinic::bent(AsksNobody);
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    assert_eq!(clinic.paths(), unconfirmed);
    assert!(clinic.files("face").is_empty());

    let mut clinic = Clinic::bent(StopsShort);
    assert_eq!(clinic.stand.visit(true).await, ScreenId::Done);
    let mut clinic = Clinic::bent(StopsShort);
    clinic.script().standing = Standing::NeverRegistered;
    clinic.stand.all(by_pin()).await;
    let yes = Touch::AnswerRegistration { agreed: true };
    assert_eq!(clinic.stand.touch(yes).await, ScreenId::Registered);
    clinic.stand.read().await;
    let ended = clinic.stand.all(consents(true)).await;
    assert_eq!(ended, ScreenId::Unavailable);
    assert_eq!(clinic.paths()[2..], [USE_REGISTRATIONS]);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_keeps_the_file_is_bent_at_every_place_of_removal() {
    for at in 3..=6 {
        let mut clinic = Clinic::bent(KeepsFile);
        clinic.stand.all(visits()[0][..at.min(5)].to_vec()).await;
        if at == 6 {
            clinic.script().delay = Duration::from_secs(5);
            clinic.stand.reader.touch(Touch::Consent { given: true });
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(
            clinic.stand.touch(Touch::TakeCard).await,
            ScreenId::CardRemoved
        );
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert_eq!(clinic.files("face").len(), 1);
        assert_eq!(clinic.stand.reader.current(), ScreenId::PlaceCard);
    }
}

/// Two patients at two readers at once: who is confirmed under which session.
async fn two_at_once(clinic: &mut Clinic) -> Vec<String> {
    let mut second = clinic.second();
    clinic.stand.all(by_pin()).await;
    second.all(by_face()).await;
    clinic.stand.all(consents(true)).await;
    second.all(consents(false)).await;
    let script = clinic.script();
    let confirmations = script
        .asked
        .iter()
        .filter(|asked| asked.path == CARD_CONFIRMATIONS);
    confirmations
        .map(|asked| {
            let body = asked.body.as_ref().unwrap();
            serde_json::from_slice::<CardConfirmation>(body)
                .unwrap()
                .session
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn two_readers_of_a_site_never_mix_their_patients() {
    let mut clinic = Clinic::open();
    assert_eq!(two_at_once(&mut clinic).await, [session(1), session(2)]);
    let files: Vec<String> = clinic.files("face").into_keys().collect();
    assert_eq!(files.len(), 2, "in the same second: {files:?}");
    let messages = clinic.bed.config.tap.messages();
    let senders: Vec<&str> = messages
        .iter()
        .filter(|m| m.hop == "face-folder")
        .map(|m| m.from.1.as_str())
        .collect();
    assert_eq!(senders, [NAME, "みなと医院#2"]);
    let at_second =
        |m: &&world::tap::Message| m.from.1 == "みなと医院#2" && m.to.1 == "みなと医院#2";
    assert!(
        messages
            .iter()
            .filter(|m| m.hop == "reader")
            .any(|m| at_second(&m))
    );

    let mut clinic = Clinic::bent(MixesReaders);
    assert_eq!(two_at_once(&mut clinic).await, [session(2), session(2)]);
}

const PLACED: &[u8] = b"{\"type\":\"card-placed\"}\n";

/// Speaks to a terminal line by line, without a reader.
async fn spoken(lines: &[&[u8]]) -> Vec<String> {
    let bed = bed(Arc::new(Reference), Charset::ShiftJis);
    let slot = TestSlot::default();
    slot.place();
    let (near, far) = tokio::io::duplex(64 * 1024);
    let terminal = Terminal::new(bed.config.clone(), bed.conduct.clone());
    let task = tokio::spawn(terminal.run(Box::new(far), Box::new(slot)));
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
    out
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_none_or_out_of_place_are_answered_or_ignored() {
    let pin = &b"{\"type\":\"pin\",\"pin\":\"0417\"}\n"[..];
    let bad_pin = &b"{\"type\":\"pin\",\"pin\":\"417\"}\n"[..];
    let placed = PLACED;
    let removed = &b"{\"type\":\"card-removed\"}\n"[..];
    let consents = &b"{\"type\":\"consents\",\"consents\":{\"operation\":true,\"treatment\":true,\"drug\":true,\"checkup\":true}}\n"[..];
    let endless = [vec![b'x'; wire::reader::MAX_LINE * 2], b"\n".to_vec()].concat();
    let noise = [consents, consents, b"oops\n"].concat();
    let agreed = &b"{\"type\":\"registration\",\"agreed\":true}\n"[..];
    let table: [(&str, Vec<&[u8]>); 10] = [
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
        ("registration of somebody unproved", vec![placed, agreed]),
        ("registration", vec![placed, pin, agreed, consents]),
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
    let bed = bed(Arc::new(Reference), Charset::ShiftJis);
    bed.street.set_fault(HOST, Some(Fault::Silent));
    let slot = TestSlot::default();
    slot.place();
    let (mut near, far) = tokio::io::duplex(64 * 1024);
    let terminal = Terminal::new(bed.config.clone(), bed.conduct.clone());
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
