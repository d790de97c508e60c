use std::fmt::Write as _;

use jiff::civil::datetime;
use proptest::prelude::*;
use wire::face_file::{self, Charset};
use wire::result::PersonBlock;

use super::*;

const KANA: &str = "ﾔﾏﾀﾞ ﾊﾅｺ";
const BIRTH: &str = "1980-02-17";

struct Bed {
    folder: tempfile::TempDir,
    shared: Shared,
    clock: Clock,
    desk: Desk,
}

fn opened(folder: &Path, clock: &Clock, conduct: Arc<dyn Conduct>) -> Desk {
    let shared = Shared::open(&folder.join("shared")).unwrap();
    Desk::open(shared, &folder.join("charts"), clock.clone(), conduct).unwrap()
}

fn bed_of(conduct: Arc<dyn Conduct>) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let desk = opened(folder.path(), &clock, conduct);
    Bed {
        shared: desk.shared.clone(),
        folder,
        clock,
        desk,
    }
}

fn bed() -> Bed {
    bed_of(Arc::new(Reference))
}

fn person(insurer: &str, changes: &[(&str, &str)]) -> PersonBlock {
    let mut block = PersonBlock::default();
    let all = [
        ("InsurerNumber", insurer),
        ("InsuredCardSymbol", "１２‐３４"),
        ("InsuredIdentificationNumber", "０００１２３"),
        ("InsuredBranchNumber", "00"),
        ("Name", "山田　花子"),
        ("NameKana", KANA),
        ("Sex1", "2"),
        ("Birthdate", "19800217"),
        ("InsuredPartialContributionRatio", "030"),
    ];
    let changed = |name: &str| changes.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
    all.iter()
        .for_each(|(name, value)| block.put(name, changed(name).unwrap_or(value)));
    changes
        .iter()
        .filter(|(name, _)| !all.iter().any(|(n, _)| n == name))
        .for_each(|(n, v)| block.put(n, *v));
    block
}

fn result(validity: &str, results: Vec<PersonBlock>) -> EligibilityResult {
    EligibilityResult {
        qualification_confirmation_date: "20261015".to_owned(),
        processing_result_status: "1".to_owned(),
        segment_of_result: "1".to_owned(),
        qualification_validity: validity.to_owned(),
        results,
        ..EligibilityResult::default()
    }
}

fn refusal() -> EligibilityResult {
    EligibilityResult {
        processing_result_status: "2".to_owned(),
        processing_result_code: "SIM-E202".to_owned(),
        processing_result_message: "電子証明書が失効しています。".to_owned(),
        ..result("", vec![])
    }
}

impl Bed {
    fn name(number: u32) -> String {
        face_file::name(
            "9910000018",
            &format!("{number:08x}"),
            &format!("2026101509{:02}00", number % 60),
        )
    }

    fn write(&self, number: u32, bytes: &[u8]) {
        fs::write(self.shared.face().join(Bed::name(number)), bytes).unwrap();
    }

    fn drop_result(&self, number: u32, result: &EligibilityResult) {
        self.write(number, &bytes(result));
    }

    /// Drops one result and polls once.
    fn receive(&mut self, number: u32, result: &EligibilityResult) {
        self.drop_result(number, result);
        self.desk.poll();
    }

    fn count(&self, folder: PathBuf) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    /// Files in face, trash and quarantine.
    fn counts(&self) -> (usize, usize, usize) {
        (
            self.count(self.shared.face()),
            self.count(self.shared.trash()),
            self.count(self.shared.quarantine()),
        )
    }

    fn chart(&self) -> Value {
        self.desk.chart(KANA, BIRTH)
    }

    fn states(&self) -> Vec<String> {
        let rows = self.chart()["insurances"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| {
                format!(
                    "{} {}",
                    row["insurer_number"].as_str().unwrap(),
                    row["state"].as_str().unwrap()
                )
            })
            .collect()
    }
}

fn bytes(result: &EligibilityResult) -> Vec<u8> {
    face_file::encode(&result.to_xml(Charset::ShiftJis), Charset::ShiftJis).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_first_visit_opens_a_chart() {
    let mut bed = bed();
    assert_eq!(bed.chart()["insurances"], json!([]));
    bed.receive(1, &result("1", vec![person("06991238", &[])]));
    assert_eq!(bed.counts(), (0, 1, 0));
    assert_eq!(
        bed.chart(),
        json!({
            "person": "山田　花子",
            "insurances": [{
                "state": "current", "insurer_number": "06991238", "symbol": "１２‐３４", "number": "０００１２３",
                "branch": "00", "source": Bed::name(1), "share": "030",
            }],
            "messages": [],
        })
    );
    assert_eq!(bed.desk.chart("ヤマダハナコ", "19800217"), bed.chart());
}

#[tokio::test(start_paused = true)]
async fn what_each_validity_becomes() {
    let mut out = String::new();
    for validity in ["1", "2", "3", "4", "5", "6", "", "9", "01"] {
        let mut bed = bed();
        bed.receive(1, &result(validity, vec![person("06991238", &[])]));
        writeln!(
            out,
            "{validity:?}: {:?} {}",
            bed.states(),
            bed.chart()["messages"]
        )
        .unwrap();
    }
    insta::assert_snapshot!(out);
}

#[tokio::test(start_paused = true)]
async fn a_course_of_answers_is_added_up() {
    let gained = |insurer| result("1", vec![person(insurer, &[])]);
    let lost = |insurer| result("2", vec![person(insurer, &[("ReasonOfLoss", "03")])]);
    let table: [(&[EligibilityResult], &[&str]); 7] = [
        (
            &[gained("06991238"), gained("06991238")],
            &["06991238 current"],
        ),
        (&[lost("06991238")], &["06991238 reference"]),
        (&[gained("06991238"), lost("06991238")], &["06991238 ended"]),
        (
            &[gained("06991238"), lost("06991238"), gained("39991239")],
            &["06991238 ended", "39991239 current"],
        ),
        (
            &[lost("06991238"), gained("06991238")],
            &["06991238 current"],
        ),
        (
            &[gained("06991238"), gained("39991239"), gained("06991238")],
            &["06991238 current", "39991239 ended"],
        ),
        // A lost other one says nothing about the present one.
        (
            &[gained("39991239"), lost("06991238")],
            &["39991239 current", "06991238 reference"],
        ),
    ];
    for (results, states) in table {
        let mut bed = bed();
        for (number, result) in results.iter().enumerate() {
            // Another time each, or it would be the same file again.
            let result = EligibilityResult {
                process_execution_time: number.to_string(),
                ..result.clone()
            };
            bed.receive(number as u32, &result);
        }
        assert_eq!(bed.states(), states);
        assert_eq!(bed.counts().1, results.len());
    }
}

#[tokio::test(start_paused = true)]
async fn spellings_of_one_insurance_are_one_row_and_zeros_and_branches_count() {
    let mut bed = bed();
    let spellings = [
        &[][..],
        &[
            ("InsuredCardSymbol", "12-34"),
            ("InsuredIdentificationNumber", "000123"),
        ],
        &[("InsuredIdentificationNumber", "123")],
        &[("InsuredBranchNumber", "")],
    ];
    for (number, changes) in spellings.iter().enumerate() {
        bed.receive(
            number as u32,
            &result("2", vec![person("06991238", changes)]),
        );
    }
    assert_eq!(bed.states().len(), 3);
    assert_eq!(bed.chart()["insurances"][0]["symbol"], "１２‐３４");
    assert_eq!(bed.chart()["insurances"][0]["source"], Bed::name(1));
}

#[tokio::test(start_paused = true)]
async fn refusals_stand_on_the_board_and_touch_no_chart() {
    let mut bed = bed();
    bed.receive(1, &result("1", vec![person("06991238", &[])]));
    bed.receive(2, &refusal());
    bed.receive(3, &result("4", vec![]));
    assert_eq!(bed.states(), ["06991238 current"]);
    assert_eq!(
        bed.desk.messages(),
        [
            "資格を確認できませんでした。電子証明書が失効しています。（SIM-E202）",
            "資格確認の結果に資格情報がありません（資格有効性 4）。",
        ]
    );
    let shown = bed.chart()["messages"].to_string();
    assert!(
        shown.contains("受付：資格を確認できませんでした。"),
        "{shown}"
    );
    assert!(bed.clock.jump_to(datetime(2026, 10, 16, 9, 0, 0, 0)));
    assert!(bed.desk.messages().is_empty());

    let with_person = EligibilityResult {
        results: vec![person("39991239", &[])],
        qualification_validity: "1".to_owned(),
        ..refusal()
    };
    bed.receive(4, &with_person);
    assert_eq!(bed.states(), ["06991238 current", "39991239 reference"]);
}

#[tokio::test(start_paused = true)]
async fn notices_are_shown_and_are_no_errors() {
    let mut bed = bed();
    let notice = EligibilityResult {
        processing_result_code: "SIM-N101".to_owned(),
        processing_result_message: "有効期限が近づいています。".to_owned(),
        ..result("1", vec![person("06991238", &[])])
    };
    bed.receive(1, &notice);
    assert_eq!(bed.states(), ["06991238 current"]);
    assert_eq!(
        bed.chart()["messages"],
        json!(["お知らせ：有効期限が近づいています。（SIM-N101）"])
    );
}

#[tokio::test(start_paused = true)]
async fn names_are_never_written_over() {
    let mut bed = bed();
    bed.desk
        .open_chart("髙山　花子", "タカヤマ　ハナコ", "1980-02-17", "2")
        .unwrap();
    let block = |name| {
        person(
            "06991238",
            &[("Name", name), ("NameKana", "ﾀｶﾔﾏ ﾊﾅｺ"), ("X", name)],
        )
    };
    bed.receive(1, &result("1", vec![block("●山　花子")]));
    assert_eq!(bed.desk.chart("ﾀｶﾔﾏ ﾊﾅｺ", BIRTH)["messages"], json!([]));
    bed.receive(2, &result("1", vec![block("高山　花子")]));
    let chart = bed.desk.chart("ﾀｶﾔﾏ ﾊﾅｺ", BIRTH);
    assert_eq!(chart["person"], "髙山　花子");
    assert_eq!(
        chart["messages"],
        json!(["結果の氏名「高山　花子」がカルテと異なります。カルテは変更していません。"])
    );
    let other = person(
        "06991238",
        &[
            ("Name", "ﾒｱﾘｰ"),
            ("NameOfOther", "髙山花子"),
            ("NameKana", "ﾀｶﾔﾏ ﾊﾅｺ"),
        ],
    );
    bed.receive(3, &result("1", vec![other]));
    assert_eq!(
        bed.desk.chart("ﾀｶﾔﾏ ﾊﾅｺ", BIRTH)["messages"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_apart_is_bound_to_nobody() {
    let mut bed = bed();
    for name in ["山田　花子", "山田　華子"] {
        bed.desk.open_chart(name, KANA, BIRTH, "2").unwrap();
    }
    let nameless = result("1", vec![person("06991238", &[("NameKana", "")])]);
    bed.receive(1, &result("1", vec![person("06991238", &[])]));
    bed.receive(2, &nameless);
    assert_eq!(bed.counts(), (0, 0, 2));
    assert!(
        bed.desk
            .charts
            .charts
            .iter()
            .all(|chart| chart.insurances.is_empty())
    );
    insta::assert_snapshot!("bound_to_nobody", bed.desk.messages().join("\n"));
    assert_eq!(bed.chart()["insurances"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn aid_and_insurance_stand_side_by_side_and_unknown_codes_are_kept() {
    let mut bed = bed();
    let aid = person(
        "12991230",
        &[
            ("InsuredCardClassification", "A1"),
            ("ReasonOfLoss", "77"),
            ("NewElement", "x"),
        ],
    );
    bed.receive(1, &result("1", vec![person("06991238", &[]), aid]));
    assert_eq!(bed.states(), ["06991238 current"]);
    assert_eq!(bed.chart()["public_expenses"][0]["state"], "current");
    let kept = &bed.desk.charts.charts[0].insurances[1].answers[0].elements;
    assert!(kept.contains(&("ReasonOfLoss".to_owned(), "77".to_owned())));
    assert!(kept.contains(&("NewElement".to_owned(), "x".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn two_results_of_one_second_reach_their_own_patients() {
    let mut bed = bed();
    let other = person(
        "39991239",
        &[("NameKana", "ｻﾄｳ ｲﾁﾛｳ"), ("Name", "佐藤　一郎")],
    );
    bed.write(1, &bytes(&result("1", vec![person("06991238", &[])])));
    bed.write(61, &bytes(&result("1", vec![other])));
    bed.desk.poll();
    assert_eq!(bed.states(), ["06991238 current"]);
    assert_eq!(
        bed.desk.chart("サトウイチロウ", BIRTH)["insurances"][0]["insurer_number"],
        "39991239"
    );
}

#[tokio::test(start_paused = true)]
async fn a_half_written_file_is_read_once_it_is_whole() {
    let mut bed = bed();
    let whole = bytes(&result("1", vec![person("06991238", &[])]));
    for end in (50..whole.len()).step_by(100) {
        bed.write(1, &whole[..end]);
        for _ in 0..RETRIES - 1 {
            bed.desk.poll();
        }
        assert_eq!(bed.counts(), (1, 0, 0));
    }
    bed.write(1, &whole);
    bed.desk.poll();
    assert_eq!(bed.counts(), (0, 1, 0));
    assert_eq!(bed.states(), ["06991238 current"]);
    assert!(bed.desk.messages().is_empty() && bed.desk.waiting.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stays_unreadable_is_put_aside_and_stops_nobody() {
    let hostile: [&[u8]; 7] = [
        b"",
        b"<XmlMsg><MessageHeader>",
        b"<Other></Other>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE x [<!ENTITY a \"b\">]><XmlMsg></XmlMsg>",
        b"PK\x03\x04",
        &[b' '; MAX_DOCUMENT + 1],
    ];
    let mut bed = bed();
    for (number, bytes) in hostile.iter().enumerate() {
        bed.write(number as u32, bytes);
    }
    fs::write(bed.shared.face().join("notes.txt"), "not ours").unwrap();
    fs::create_dir(bed.shared.face().join(Bed::name(50))).unwrap();
    bed.receive(20, &result("1", vec![person("06991238", &[])]));
    assert_eq!(bed.states(), ["06991238 current"]);
    for _ in 0..RETRIES {
        bed.desk.poll();
    }
    assert_eq!(bed.counts(), (2, 1, hostile.len()));
    insta::assert_snapshot!("put_aside", bed.desk.messages().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn the_same_file_is_imported_once() {
    let mut bed = bed();
    let same = result("1", vec![person("06991238", &[])]);
    bed.receive(1, &same);
    let before = bed.chart();
    bed.receive(1, &same);
    bed.receive(2, &same);
    assert_eq!(bed.chart(), before);
    assert_eq!(bed.counts(), (0, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_restart_finds_everything_and_repeats_nothing() {
    let mut bed = bed();
    let one = result("1", vec![person("06991238", &[])]);
    bed.receive(1, &one);
    let before = (bed.chart(), bed.desk.charts.clone());
    // As after a crash between keeping and moving.
    bed.drop_result(1, &one);
    bed.desk = opened(bed.folder.path(), &bed.clock, Arc::new(Reference));
    bed.desk.poll();
    assert_eq!((bed.chart(), bed.desk.charts.clone()), before);
    assert_eq!(bed.counts().0, 0);
}

#[tokio::test(start_paused = true)]
async fn damaged_charts_are_named_and_left_as_they_are() {
    let bed = bed();
    let path = bed.folder.path().join("charts/charts.json");
    for damaged in [
        "",
        "{\"charts\":[",
        "{\"charts\":[],\"imported\":{},\"board\":[],\"x\":1}",
    ] {
        fs::write(&path, damaged).unwrap();
        let shared = bed.shared.clone();
        let error = Desk::open(
            shared,
            &bed.folder.path().join("charts"),
            bed.clock.clone(),
            Arc::new(Reference),
        )
        .err()
        .unwrap();
        assert!(
            matches!(error, DeskError::Damaged { .. }) && error.to_string().contains("charts.json"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_kept_stays_where_it_was() {
    let mut bed = bed();
    fs::remove_dir_all(bed.folder.path().join("charts")).unwrap();
    bed.receive(1, &result("1", vec![person("06991238", &[])]));
    assert_eq!(bed.counts(), (1, 0, 0));
    fs::create_dir(bed.folder.path().join("charts")).unwrap();
    bed.desk.poll();
    assert_eq!(bed.states(), ["06991238 current"]);
}

#[tokio::test(start_paused = true)]
async fn the_running_desk_polls_by_itself_and_waits_out_a_missing_share() {
    let Bed {
        folder,
        shared,
        desk,
        ..
    } = bed();
    let desk = desk.spawn();
    fs::remove_dir_all(shared.face()).unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    fs::create_dir(shared.face()).unwrap();
    shared
        .drop_face_file(
            &Bed::name(1),
            &bytes(&result("1", vec![person("06991238", &[])])),
        )
        .unwrap();
    assert_eq!(desk.chart(KANA, BIRTH)["insurances"], json!([]));
    tokio::time::sleep(POLL * 2).await;
    assert_eq!(desk.chart(KANA, BIRTH)["insurances"][0]["state"], "current");
    shared
        .drop_face_file(&Bed::name(2), &bytes(&refusal()))
        .unwrap();
    desk.poll_now();
    assert_eq!(desk.messages().len(), 1);
    drop(folder);
}

struct TakesLost;
impl Conduct for TakesLost {
    fn state_for(&self, _validity: &str) -> ChartState {
        ChartState::Current
    }
}

#[tokio::test(start_paused = true)]
async fn its_decision_can_be_bent_alone() {
    let mut bed = bed_of(Arc::new(TakesLost));
    bed.receive(1, &result("2", vec![person("06991238", &[])]));
    assert_eq!(bed.states(), ["06991238 current"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_bytes_make_the_desk_panic_or_lose_a_file(files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..5), cut in 0usize..600) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut bed = bed();
            let whole = bytes(&result("1", vec![person("06991238", &[])]));
            let cut_off = whole[..cut.min(whole.len() - 1)].to_vec();
            let all: Vec<&Vec<u8>> = files.iter().chain([&cut_off]).collect();
            all.iter().enumerate().for_each(|(number, bytes)| bed.write(number as u32, bytes));
            for _ in 0..=RETRIES {
                bed.desk.poll();
            }
            assert_eq!(bed.counts(), (0, 0, all.len()));
        });
    }
}
