//! Questions by number, registrations of a 照会番号 and drug information, with a terminal that may be slow.

use wire::request::{
    DrugAnswer, DrugDay, DrugMonth, DrugPerson, DrugRequest, QualificationRequest,
    ReferenceNumberAnswer, ReferenceNumberRequest, SearchInfo,
};

use super::*;

fn question() -> Question {
    Question {
        kana: KANA.to_owned(),
        insurer_number: "06991238".to_owned(),
        symbol: "１２‐３４".to_owned(),
        number: "０００１２３".to_owned(),
        branch: "00".to_owned(),
        birth: BIRTH.to_owned(),
        on: "2026-10-15".to_owned(),
        limit_consent: true,
        ..Question::default()
    }
}

fn by_number(result: EligibilityResult) -> EligibilityResult {
    EligibilityResult {
        reference_classification: "2".to_owned(),
        ..result
    }
}

impl Bed {
    fn request(&self, name: &str) -> Vec<u8> {
        fs::read(self.shared.req().join(name)).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_written_whole_shown_as_pending_and_closed_once() {
    let mut bed = bed();
    let name = bed.desk.ask_by_number(&question()).unwrap();
    assert_eq!(name, "OQSsiquc01req_202610150001.xml");
    let request = QualificationRequest::from_bytes(&bed.request(&name)).unwrap();
    insta::assert_debug_snapshot!("question", request);
    assert_eq!(bed.count(bed.shared.work()), 0);
    assert!(bed.says("番号による資格確認の回答を待っています（OQSsiquc01req_202610150001.xml）。"));
    bed.desk.poll();
    bed.reopen();
    assert!(bed.says("番号による資格確認の回答を待っています"));

    let answer = by_number(valid(&[]));
    bed.reply(&name, &bytes(&answer));
    assert_eq!(bed.states(), ["06991238 current"]);
    assert!(!bed.says("待っています"));
    assert_eq!(bed.counts(), (0, 1, 0));
    // The answer comes once more, the same and then another: nothing is done twice.
    let before = bed.chart();
    bed.reply(&name, &bytes(&answer));
    assert_eq!(bed.chart(), before);
    bed.reply(&name, &bytes(&on("20261016", answer)));
    assert_eq!(bed.chart()["insurances"], before["insurances"]);
    assert_eq!(bed.desk.state.undecided.len(), 1);
    assert!(
        bed.desk.state.undecided[0]
            .reason
            .contains("すでに取り込んであります")
    );
}

#[tokio::test(start_paused = true)]
async fn names_of_requests_go_on_and_cover_none() {
    let mut bed = bed();
    let ask = |bed: &mut Bed| bed.desk.ask_by_number(&question()).unwrap();
    assert_eq!(ask(&mut bed), "OQSsiquc01req_202610150001.xml");
    fs::write(bed.shared.req().join("OQSsiquc01req_202610150002.xml"), "").unwrap();
    bed.reopen();
    assert_eq!(ask(&mut bed), "OQSsiquc01req_202610150003.xml");
    assert!(bed.clock.jump_to(datetime(2026, 10, 16, 0, 0, 1, 0)));
    assert_eq!(ask(&mut bed), "OQSsiquc01req_202610160001.xml");
    assert_eq!(bed.count(bed.shared.req()), 4);
}

#[tokio::test(start_paused = true)]
async fn a_question_outlives_a_missing_folder_and_a_crash_and_is_put_once() {
    let mut bed = bed();
    fs::remove_dir_all(bed.shared.req()).unwrap();
    let name = bed.desk.ask_by_number(&question()).unwrap();
    assert!(bed.says("待っています"));
    bed.desk.poll();
    fs::create_dir(bed.shared.req()).unwrap();
    bed.desk.poll();
    let document = bed.request(&name);
    // Lost between keeping and writing, as by a crash: written again when opened.
    fs::remove_file(bed.shared.req().join(&name)).unwrap();
    bed.reopen();
    bed.desk.poll();
    assert_eq!(bed.request(&name), document);
    // Taken by the terminal meanwhile: its answer lies there, and nobody asks again.
    let answer = wire::request::answer_name(&name).unwrap();
    fs::write(bed.shared.res().join(answer), bytes(&by_number(valid(&[])))).unwrap();
    fs::remove_file(bed.shared.req().join(&name)).unwrap();
    bed.reopen();
    bed.desk.poll();
    assert_eq!(bed.count(bed.shared.req()), 0);
    assert_eq!(bed.states(), ["06991238 current"]);
    bed.reopen();
    bed.desk.poll();
    assert_eq!(bed.count(bed.shared.req()), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_number_s_answer_does_to_the_chart() {
    for (validity, state) in [
        ("2", "ended"),
        ("3", "ended"),
        ("4", "current"),
        ("5", "current"),
        ("9", "current"),
    ] {
        let mut bed = bed();
        bed.receive(1, &valid(&[]));
        let name = bed.desk.ask_by_number(&question()).unwrap();
        let answer = EligibilityResult {
            process_execution_time: "20261015100000".to_owned(),
            ..by_number(result(validity, vec![]))
        };
        bed.reply(&name, &bytes(&answer));
        assert_eq!(bed.states(), [format!("06991238 {state}")], "{validity}");
        assert!(bed.says(&format!("資格有効性 {validity}")));
        assert!(!bed.says("待っています"));
    }
    // Nobody's chart yet: on the board, under the name that was typed.
    let mut bed = bed();
    let name = bed.desk.ask_by_number(&question()).unwrap();
    bed.reply(&name, &bytes(&by_number(result("4", vec![]))));
    assert!(bed.desk.messages()[0].starts_with("ﾔﾏﾀﾞ ﾊﾅｺ：資格確認の結果に資格情報がありません"));
    assert_eq!(bed.chart()["insurances"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_somebody_or_something_else_is_for_staff() {
    let mut bed = bed();
    bed.desk.open_chart(seed("7", "山田　花子", KANA)).unwrap();
    let asked = Question {
        patient_number: "7".to_owned(),
        kana: String::new(),
        ..question()
    };
    let other_birth = valid(&[("Birthdate", "19900101")]);
    let other_person = valid(&[
        ("Name", "佐藤　二郎"),
        ("NameKana", "ｻﾄｳ ｼﾞﾛｳ"),
        ("Sex1", "1"),
    ]);
    let other_number = EligibilityResult {
        search: Some(SearchInfo {
            birthdate: "19800217".to_owned(),
            insured: wire::registration::InsuredNumbers {
                insurer_number: "06991238".to_owned(),
                symbol: String::new(),
                number: "999".to_owned(),
                branch: String::new(),
            },
            ..SearchInfo::default()
        }),
        ..valid(&[])
    };
    for (count, wrong) in [other_birth, other_person, other_number]
        .into_iter()
        .enumerate()
    {
        let name = bed.desk.ask_by_number(&asked).unwrap();
        bed.reply(&name, &bytes(&by_number(wrong)));
        assert_eq!(bed.desk.state.undecided.len(), count + 1);
        assert_eq!(bed.desk.state.charts.len(), 1);
        assert_eq!(bed.chart()["insurances"], json!([]));
    }
    // Asked from one of two charts that fit: the question settles it.
    bed.desk.open_chart(seed("8", "山田　花子", KANA)).unwrap();
    let name = bed.desk.ask_by_number(&asked).unwrap();
    bed.reply(&name, &bytes(&by_number(valid(&[]))));
    assert_eq!(bed.chart()["insurances"][0]["patient_number"], "7");
}

#[tokio::test(start_paused = true)]
async fn answers_nobody_asked_for_are_kept_for_staff() {
    let mut bed = bed();
    let res = |name: &str| bed.shared.res().join(name);
    let reference = ReferenceNumberAnswer {
        processing_result_status: "1".to_owned(),
        ..ReferenceNumberAnswer::default()
    };
    fs::write(res("OQSsiquc01res_1.xml"), bytes(&by_number(valid(&[])))).unwrap();
    fs::write(
        res("OQSsiquc01res_2.xml"),
        bytes(&by_number(result("4", vec![]))),
    )
    .unwrap();
    fs::write(
        res("OQSsiimm01res_3.xml"),
        reference.to_bytes(Charset::ShiftJis).unwrap(),
    )
    .unwrap();
    fs::write(res("EPSsiurl01res_4.xml"), "another program's").unwrap();
    bed.desk.poll();
    assert_eq!(bed.counts(), (0, 1, 2));
    assert_eq!(bed.count(bed.shared.res()), 1);
    assert_eq!(bed.chart()["insurances"], json!([]));
    assert_eq!(bed.chart()["undecided"][0]["file"], "OQSsiquc01res_1.xml");
    insta::assert_snapshot!("unasked", bed.desk.messages().join("\n"));
    bed.desk.open_chart(seed("7", "山田　花子", KANA)).unwrap();
    bed.desk.decide("OQSsiquc01res_1.xml", "7").unwrap();
    assert_eq!(bed.states(), ["06991238 current"]);
}

#[tokio::test(start_paused = true)]
async fn a_character_a_request_cannot_carry_is_refused_with_its_place() {
    let mut bed = bed();
    let asked = Question {
        symbol: "土𠮷".to_owned(),
        ..question()
    };
    match bed.desk.ask_by_number(&asked) {
        Err(AskError::Character { element, lost }) => {
            assert_eq!(
                (element, lost.character, lost.position),
                ("InsuredCardSymbol", '𠮷', 1)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bed.count(bed.shared.req()), 0);
    assert!(!bed.says("待っています"));
    assert_eq!(
        bed.desk.ask_by_number(&question()).unwrap(),
        "OQSsiquc01req_202610150001.xml"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reference_number_is_registered_under_the_freshest_insurance() {
    let mut bed = bed();
    let register = |bed: &mut Bed| bed.desk.register_reference_number(KANA, BIRTH, "A-17");
    assert!(matches!(register(&mut bed), Err(AskError::NoChart(_))));
    bed.desk.open_chart(seed("7", "山田　花子", KANA)).unwrap();
    assert!(matches!(register(&mut bed), Err(AskError::NoInsurance(_))));
    bed.receive(1, &on("20261001", valid(&[])));
    let aid = person("12991230", &[("InsuredCardClassification", "A1")]);
    let nhi = person("990127", &[("InsuredCardSymbol", "")]);
    bed.receive(2, &on("20261015", result("1", vec![nhi, aid])));
    let name = register(&mut bed).unwrap();
    assert_eq!(name, "OQSsiimm01req_202610150001.xml");
    let text = String::from_utf8_lossy(&bed.request(&name)).into_owned();
    assert!(
        text.contains("<InsurerNumber>  990127</InsurerNumber>"),
        "{text}"
    );
    let request = ReferenceNumberRequest::from_bytes(&bed.request(&name)).unwrap();
    assert_eq!(request.medical_institution_code, FACILITY);
    assert_eq!(bed.chart().get("reference_number"), None);

    let mut answer = ReferenceNumberAnswer {
        segment_of_result: "1".to_owned(),
        processing_result_status: "2".to_owned(),
        processing_result_code: "SIM-E900".to_owned(),
        processing_result_message: "登録できません。".to_owned(),
        info: request.info,
        ..ReferenceNumberAnswer::default()
    };
    bed.reply(&name, &answer.to_bytes(Charset::ShiftJis).unwrap());
    assert!(bed.says("登録できませんでした。登録できません。（SIM-E900）"));
    assert_eq!(bed.chart().get("reference_number"), None);

    // An echo of another number answers another question.
    let name = register(&mut bed).unwrap();
    answer.processing_result_status = "1".to_owned();
    answer.processing_result_code = String::new();
    answer.processing_result_message = String::new();
    answer.info.reference_number = "B-18".to_owned();
    bed.reply(&name, &answer.to_bytes(Charset::ShiftJis).unwrap());
    assert_eq!(bed.counts().2, 1);
    assert!(bed.says("照会番号の登録の回答を待っています"));
    answer.info.reference_number = "A-17".to_owned();
    bed.reply(&name, &answer.to_bytes(Charset::ShiftJis).unwrap());
    assert_eq!(bed.chart()["reference_number"], "A-17");
    assert!(!bed.says("待っています"));

    // It comes back with a card, and is missing after a change of insurer.
    let back = [
        ("ReferenceNumber", "A-17"),
        ("NameKana", "ﾔﾏﾀﾞ ﾊﾅ"),
        ("Name", "山田　花"),
    ];
    bed.receive(3, &on("20261016", valid(&back)));
    assert_eq!(bed.chart()["checks"].as_array().unwrap().len(), 3);
    bed.receive(
        4,
        &on("20261017", result("1", vec![person("39991239", &[])])),
    );
    assert!(bed.says("結果に照会番号「A-17」がありません。"));

    bed.desk
        .open_chart(seed("8", "佐藤　一郎", "ｻﾄｳ ｲﾁﾛｳ"))
        .unwrap();
    let other = bed
        .desk
        .register_reference_number("ｻﾄｳ ｲﾁﾛｳ", BIRTH, "A-17");
    assert!(matches!(other, Err(AskError::ReferenceTaken(number)) if number == "7"));
    for (number, length) in [(String::new(), 0), ("9".repeat(51), 51)] {
        let refused = bed.desk.register_reference_number(KANA, BIRTH, &number);
        assert!(matches!(refused, Err(AskError::ReferenceLength(l)) if l == length));
    }
}

pub(super) fn drug_answer(days: &[(&str, &str)]) -> DrugAnswer {
    let day = |(day, name): &(&str, &str)| DrugDay {
        day: (*day).to_owned(),
        drugs: vec![wire::request::Drug {
            name: (*name).to_owned(),
            ..Default::default()
        }],
    };
    DrugAnswer {
        result_code: "1".to_owned(),
        person: Some(DrugPerson {
            name: "山田　花子".to_owned(),
            kana: KANA.to_owned(),
            birth: "19800217".to_owned(),
            gender: "2".to_owned(),
        }),
        months: vec![DrugMonth {
            month: "202609".to_owned(),
            days: days.iter().map(day).collect(),
        }],
        ..DrugAnswer::default()
    }
}

#[tokio::test(start_paused = true)]
async fn drugs_are_shown_while_they_are_given() {
    let mut bed = bed();
    assert!(matches!(
        bed.desk.ask_drugs(KANA, BIRTH),
        Err(AskError::NoChart(_))
    ));
    bed.receive(1, &valid(&[]));
    let name = bed.desk.ask_drugs(KANA, BIRTH).unwrap();
    let request = DrugRequest::from_bytes(&bed.request(&name)).unwrap();
    insta::assert_debug_snapshot!("drug_request", request);
    assert!(bed.says("薬剤情報の回答を待っています"));
    let given = drug_answer(&[("20260920", "模擬錠5mg"), ("20260901", "模擬散")]);
    // Somebody else's drugs are shown to nobody.
    let mut others = given.clone();
    others.person = given.person.clone().map(|person| DrugPerson {
        birth: "19900101".to_owned(),
        ..person
    });
    bed.reply(&name, &others.to_bytes(Charset::ShiftJis).unwrap());
    assert_eq!((&bed.chart()["drugs"], bed.counts().2), (&json!([]), 1));
    bed.reply(&name, &given.to_bytes(Charset::ShiftJis).unwrap());
    assert_eq!(
        bed.chart()["drugs"],
        json!([{"name": "模擬散", "on": "2026-09-01"}, {"name": "模擬錠5mg", "on": "2026-09-20"}])
    );
    let name = bed.desk.ask_drugs(KANA, BIRTH).unwrap();
    let refused = DrugAnswer {
        result_code: "SIM-M402".to_owned(),
        message_contents: "同意の有効期限が過ぎています。".to_owned(),
        ..DrugAnswer::default()
    };
    bed.reply(&name, &refused.to_bytes(Charset::ShiftJis).unwrap());
    assert_eq!(bed.chart()["drugs"], json!([]));
    assert!(bed.says("薬剤情報は提供されませんでした。同意の有効期限が過ぎています。（SIM-M402）"));
}

#[tokio::test(start_paused = true)]
async fn numbers_of_charts_are_one_patient_s() {
    let mut bed = bed();
    bed.desk.open_chart(seed("7", "山田　花子", KANA)).unwrap();
    let again = bed.desk.open_chart(seed("7", "佐藤　一郎", "ｻﾄｳ ｲﾁﾛｳ"));
    assert!(matches!(again, Err(AskError::NumberTaken(_))));
    bed.desk
        .open_chart(seed("", "佐藤　一郎", "ｻﾄｳ ｲﾁﾛｳ"))
        .unwrap();
    assert_eq!(bed.desk.chart("ｻﾄｳ ｲﾁﾛｳ", BIRTH)["patient_number"], "8");
    bed.desk.open_chart(seed("9", "山田　花子", KANA)).unwrap();
    let refused = bed.desk.ask_drugs(KANA, BIRTH);
    assert!(matches!(refused, Err(AskError::SeveralCharts(2))));
    bed.desk.retire_chart("9").unwrap();
    assert!(bed.desk.retire_chart("9").is_err());
    assert_eq!(bed.chart()["patient_number"], "7");
}
