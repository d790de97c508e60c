use wire::face_file::Charset;
use wire::failure::Failure;
use wire::registration::InsuredNumbers;
use wire::request::{
    DrugAnswer, DrugRequest, QualificationRequest, ReferenceNumberAnswer, ReferenceNumberRequest,
    SearchInfo, file_name,
};
use wire::result::EligibilityResult;
use world::net::Fault;

use super::super::Reference;
use super::super::testing::*;
use super::*;

fn request() -> Vec<u8> {
    let request = QualificationRequest {
        medical_institution_code: FACILITY.to_owned(),
        arbitrary_file_identifier: "受付-1".to_owned(),
        search: SearchInfo {
            insured: InsuredNumbers {
                insurer_number: "06991238".to_owned(),
                number: "123".to_owned(),
                ..InsuredNumbers::default()
            },
            ..SearchInfo::default()
        },
        ..QualificationRequest::default()
    };
    request.to_bytes(Charset::ShiftJis).unwrap()
}

fn named(sequence: u32) -> String {
    file_name(Api::Qualification, "20261015", sequence)
}

fn answered(sequence: u32) -> String {
    named(sequence).replace("req_", "res_")
}

impl Clinic {
    /// Moves a request in whole.
    fn put(&self, name: &str, bytes: &[u8]) {
        let root = self.bed.folder.path();
        fs::write(root.join("work").join("desk.part"), bytes).unwrap();
        fs::rename(
            root.join("work").join("desk.part"),
            root.join("req").join(name),
        )
        .unwrap();
    }

    fn names(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_keys().collect()
    }
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn requests_are_passed_on_in_order_as_bytes_and_answered_in_the_agreed_characters() {
    let clinic = Clinic::open();
    let names = [
        named(2),
        file_name(Api::ReferenceNumber, "20261015", 1),
        file_name(Api::Drugs, "20261015", 3),
    ];
    for name in &names {
        clinic.put(name, &request());
    }
    seconds(2).await;
    assert_eq!(
        clinic.paths(),
        [
            "/v1/reference-numbers",
            "/v1/number-confirmations",
            "/v1/drug-information"
        ]
    );
    assert_eq!(clinic.body(0), request());
    assert_eq!(clinic.script().asked[0].content_type, "application/xml");
    assert!(clinic.names("req").is_empty() && clinic.names("work").is_empty());
    let answers = clinic.files("res");
    let mut expected: Vec<String> = names
        .iter()
        .map(|name| name.replace("req_", "res_"))
        .collect();
    expected.sort();
    assert_eq!(answers.keys().cloned().collect::<Vec<_>>(), expected);
    let answer = &answers[&answered(2)];
    assert!(answer.windows(9).any(|part| part == b"Shift_JIS"));
    let result = EligibilityResult::from_bytes(answer).unwrap();
    assert_eq!(result.results[0].get("Name"), "●田　花子");
    clinic.stand.terminal.hang_up();
    let messages = clinic.bed.config.tap.messages();
    let files: Vec<String> = messages
        .iter()
        .filter_map(|m| {
            let name = m.name.as_deref()?;
            Some(format!(
                "{} {}/{} -> {}/{} {name}",
                m.hop, m.from.0, m.from.1, m.to.0, m.to.1
            ))
        })
        .collect();
    insta::assert_snapshot!(files.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn while_the_server_is_down_requests_wait_and_are_caught_up_once_in_order() {
    for fault in [Fault::Down, Fault::Silent] {
        let clinic = Clinic::open();
        clinic
            .bed
            .street
            .set_fault(wire::eligibility::HOST, Some(fault));
        clinic.put(&named(1), &request());
        seconds(300).await;
        clinic.put(&named(2), &request());
        seconds(300).await;
        assert_eq!(clinic.names("req"), [named(1), named(2)]);
        assert!(clinic.names("res").is_empty());
        clinic.bed.street.set_fault(wire::eligibility::HOST, None);
        seconds(45).await;
        assert!(clinic.names("req").is_empty() && clinic.names("work").is_empty());
        assert_eq!(clinic.names("res"), [answered(1), answered(2)]);
        seconds(120).await;
        assert_eq!(clinic.paths().len(), 2);
        let crossed = |hop: &str| clinic.texts().iter().filter(|(of, _)| of == hop).count();
        assert_eq!((crossed("req-folder"), crossed("res-folder")), (2, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_is_tried_every_half_minute() {
    let clinic = Clinic::open();
    clinic.script().delay = Duration::from_secs(3600);
    clinic.put(&named(1), &request());
    seconds(1).await;
    assert_eq!(clinic.paths().len(), 1);
    // Each try waits its ten seconds before the half minute begins.
    seconds(38).await;
    assert_eq!(clinic.paths().len(), 1);
    seconds(4).await;
    assert_eq!(clinic.paths().len(), 2);
    clinic.script().delay = Duration::from_secs(7);
    seconds(60).await;
    assert_eq!((clinic.paths().len(), clinic.names("res").len()), (3, 1));
    seconds(300).await;
    assert_eq!(clinic.paths().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_lies_in_res_in_the_request_s_own_kind() {
    let failure = Failure::new(
        "insurer-number-check-digit",
        "保険者番号が違います。𠮷",
        "wrong",
    );
    for status in [400, 403, 415, 422] {
        let clinic = Clinic::open();
        clinic.script().request = Answer::new(status, "application/json", failure.to_json());
        clinic.put(&named(1), &request());
        let reference = ReferenceNumberRequest {
            arbitrary_file_identifier: "R".to_owned(),
            ..ReferenceNumberRequest::default()
        };
        let reference = reference.to_bytes(Charset::ShiftJis).unwrap();
        clinic.put(&file_name(Api::ReferenceNumber, "20261015", 2), &reference);
        let drugs = DrugRequest::default().to_bytes(Charset::ShiftJis).unwrap();
        clinic.put(&file_name(Api::Drugs, "20261015", 3), &drugs);
        seconds(2).await;
        assert!(clinic.names("req").is_empty());
        let answers = clinic.files("res");
        let result = EligibilityResult::from_bytes(&answers[&answered(1)]).unwrap();
        let said = "保険者番号が違います。●";
        assert_eq!(result.segment_of_result, "9");
        assert_eq!(result.error_code, "insurer-number-check-digit");
        assert_eq!(result.error_message, said);
        assert_eq!(result.arbitrary_file_identifier, "受付-1");
        let number = &answers["OQSsiimm01res_202610150002.xml"];
        let number = ReferenceNumberAnswer::from_bytes(number).unwrap();
        assert_eq!(
            (
                number.segment_of_result.as_str(),
                number.arbitrary_file_identifier.as_str()
            ),
            ("9", "R")
        );
        assert_eq!(number.processing_result_message, said);
        let drugs = DrugAnswer::from_bytes(&answers["YZKsiquc01res_202610150003.xml"]).unwrap();
        assert_eq!(drugs.result_code, "insurer-number-check-digit");
        assert_eq!(drugs.message_contents, said);
    }
    let clinic = Clinic::open();
    clinic.script().request = Answer::new(413, "text/html", "<p>too large");
    clinic.put(&named(1), &request());
    seconds(2).await;
    let result = EligibilityResult::from_bytes(&clinic.files("res")[&answered(1)]).unwrap();
    assert_eq!(
        (
            result.segment_of_result.as_str(),
            result.error_code.as_str()
        ),
        ("9", "http-413")
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_set_cannot_carry_is_told_and_an_answer_that_is_none_is_asked_again() {
    let mut unwritable = confirmed();
    unwritable.results[0].put("ReferenceNumber", "𠮷1");
    let clinic = Clinic::open();
    let xml = unwritable.to_xml(Charset::Utf8);
    clinic.script().request = Answer::new(200, "application/xml", xml.clone());
    clinic.put(&named(1), &request());
    seconds(2).await;
    let result = EligibilityResult::from_bytes(&clinic.files("res")[&answered(1)]).unwrap();
    assert_eq!(
        (
            result.segment_of_result.as_str(),
            result.error_code.as_str()
        ),
        ("9", "characters")
    );

    for (status, body) in [(200, "oops"), (204, ""), (500, ""), (503, "{}")] {
        let clinic = Clinic::open();
        clinic
            .script()
            .answers
            .push_back(Answer::new(status, "application/xml", body));
        clinic.put(&named(1), &request());
        clinic.put(&named(2), &request());
        seconds(2).await;
        assert_eq!(
            clinic.names("res"),
            [answered(2)],
            "{status}: the other is not kept waiting"
        );
        assert_eq!(clinic.names("req"), [named(1)]);
        seconds(32).await;
        assert_eq!(clinic.names("res"), [answered(1), answered(2)]);
        assert_eq!(clinic.paths().len(), 3);
    }
}

/// What lies in the folders after a crash, and whether the desk had taken the answer already.
#[tokio::test(start_paused = true)]
async fn after_a_crash_between_any_two_steps_nothing_is_asked_twice_and_no_answer_is_lost() {
    let digest = hex::encode(Sha256::digest(request()));
    let draft = format!("{}.{}.answer", named(1), &digest[..16]);
    let mark = |answered: bool| {
        let mark = Mark {
            digest: digest.clone(),
            answered,
        };
        serde_json::to_vec(&mark).unwrap()
    };
    let kept = format!("{}.mark", named(1));
    let answer = || confirmed().to_bytes(Charset::Utf8).unwrap();
    type Left<'a> = Vec<(&'a str, String, Vec<u8>)>;
    let table: [(&str, Left<'_>, bool, usize); 6] = [
        (
            "seen, not asked",
            vec![("work", kept.clone(), mark(false))],
            true,
            1,
        ),
        (
            "draft half written",
            vec![
                ("work", kept.clone(), mark(false)),
                ("work", format!("{draft}.part"), b"<Xml".to_vec()),
            ],
            true,
            1,
        ),
        (
            "draft whole",
            vec![
                ("work", kept.clone(), mark(false)),
                ("work", draft.clone(), answer()),
            ],
            true,
            0,
        ),
        (
            "about to be moved",
            vec![
                ("work", kept.clone(), mark(true)),
                ("work", draft, answer()),
            ],
            true,
            0,
        ),
        (
            "moved",
            vec![
                ("work", kept.clone(), mark(true)),
                ("res", answered(1), answer()),
            ],
            true,
            0,
        ),
        (
            "moved, and taken by the desk",
            vec![("work", kept, mark(true))],
            false,
            0,
        ),
    ];
    for (title, left, there, asked) in table {
        let bed = bed(Arc::new(Reference), Charset::Utf8);
        for (folder, name, bytes) in left {
            fs::write(bed.folder.path().join(folder).join(name), bytes).unwrap();
        }
        fs::write(bed.folder.path().join("req").join(named(1)), request()).unwrap();
        let clinic = Clinic::of(bed);
        seconds(40).await;
        assert_eq!(clinic.paths().len(), asked, "{title}");
        assert!(clinic.names("req").is_empty(), "{title}");
        let expected: Vec<String> = there.then(|| answered(1)).into_iter().collect();
        assert_eq!(clinic.names("res"), expected, "{title}");
        assert!(
            clinic
                .names("work")
                .iter()
                .all(|name| name.ends_with(".part")),
            "{title}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_lies_there_is_not_asked_for_and_a_name_used_again_is() {
    let clinic = Clinic::open();
    fs::write(
        clinic.bed.folder.path().join("res").join(answered(1)),
        "theirs",
    )
    .unwrap();
    clinic.put(&named(1), &request());
    seconds(2).await;
    assert!(clinic.paths().is_empty() && clinic.names("req").is_empty());
    assert_eq!(clinic.files("res")[&answered(1)], b"theirs");
    fs::remove_file(clinic.bed.folder.path().join("res").join(answered(1))).unwrap();
    for number in 1..=2 {
        clinic.put(&named(1), &request());
        seconds(2).await;
        assert_eq!(clinic.paths().len(), number);
        fs::remove_file(clinic.bed.folder.path().join("res").join(answered(1))).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_files_are_put_aside_with_a_note_and_nothing_else_is_disturbed() {
    let clinic = Clinic::open();
    let root = clinic.bed.folder.path().to_owned();
    let outside = root.join("secret.txt");
    fs::write(&outside, "not for the server").unwrap();
    clinic.put(&named(1), &vec![b' '; MAX_BODY + 1]);
    clinic.put(&named(2), b"");
    clinic.put("TKKsiquc01req_202610150003.xml", &request());
    clinic.put("OQSsiquc01req_.xml", &request());
    clinic.put("..xml", &request());
    std::os::unix::fs::symlink(&outside, root.join("req").join(named(4))).unwrap();
    clinic.put(&format!("{}.tmp", named(5)), b"being written");
    fs::create_dir(root.join("req").join(named(6))).unwrap();
    clinic.put(&named(7), b"<!DOCTYPE x><XmlMsg/>");
    clinic.put(&named(8), &request());
    seconds(2).await;
    let bodies: Vec<Vec<u8>> = (0..clinic.paths().len()).map(|n| clinic.body(n)).collect();
    assert_eq!(bodies, [b"<!DOCTYPE x><XmlMsg/>".to_vec(), request()]);
    assert_eq!(clinic.names("res"), [answered(7), answered(8)]);
    let quarantine: Vec<String> = clinic
        .names("quarantine")
        .into_iter()
        .filter(|name| name.ends_with(".txt"))
        .map(|name| fs::read_to_string(root.join("quarantine").join(name)).unwrap())
        .collect();
    insta::assert_snapshot!(quarantine.concat());
    assert!(outside.exists() && root.join("req").join(named(6)).exists());
    assert!(root.join("req").join(format!("{}.tmp", named(5))).exists());
}

#[tokio::test(start_paused = true)]
async fn of_two_terminals_in_one_folder_one_serves_the_requests() {
    let mut clinic = Clinic::open();
    let mut second = clinic.second();
    for number in 1..=5 {
        clinic.put(&named(number), &request());
    }
    clinic.stand.visit(true).await;
    second.visit(true).await;
    seconds(5).await;
    let asked = clinic.paths();
    let requests = asked
        .iter()
        .filter(|path| *path == "/v1/number-confirmations");
    assert_eq!(requests.count(), 5);
    assert_eq!(
        (clinic.names("res").len(), clinic.names("face").len()),
        (5, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_folder_is_waited_for() {
    let clinic = Clinic::open();
    let root = clinic.bed.folder.path();
    fs::rename(root.join("req"), root.join("gone")).unwrap();
    seconds(600).await;
    fs::rename(root.join("gone"), root.join("req")).unwrap();
    clinic.put(&named(1), &request());
    seconds(2).await;
    assert_eq!(clinic.names("res"), [answered(1)]);
}

struct AsksTwice;
impl Conduct for AsksTwice {
    fn asks_again(&self, answers: u32) -> bool {
        answers < 2
    }
}

struct LetsGo;
impl Conduct for LetsGo {
    fn drops_pending_request(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn each_decision_can_be_bent_alone() {
    let clinic = Clinic::bent(AsksTwice);
    clinic.put(&named(1), &request());
    seconds(60).await;
    assert_eq!(clinic.paths().len(), 2);
    assert!(clinic.names("req").is_empty() && clinic.names("work").is_empty());

    let clinic = Clinic::bent(LetsGo);
    clinic
        .bed
        .street
        .set_fault(wire::eligibility::HOST, Some(Fault::Down));
    clinic.put(&named(1), &request());
    seconds(2).await;
    clinic.bed.street.set_fault(wire::eligibility::HOST, None);
    seconds(60).await;
    assert!(clinic.paths().is_empty() && clinic.names("req").is_empty());
    assert!(clinic.names("res").is_empty());
}
