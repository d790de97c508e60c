//! What a result does to a chart: states, shares, limits, codes, messages.

use std::fmt::Write as _;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_first_visit_opens_a_chart() {
    let mut bed = bed();
    assert_eq!(bed.chart()["insurances"], json!([]));
    let address = ("Address", "模擬県模擬市港町１－２－３");
    bed.receive(1, &valid(&[address, ("PreschoolClassification", "1")]));
    assert_eq!(bed.counts(), (0, 1, 0));
    insta::assert_json_snapshot!("first_visit", bed.chart());
    assert_eq!(bed.desk.chart("ヤマダハナコ", "19800217"), bed.chart());
    assert_eq!(bed.desk.chart_numbered("1").unwrap(), bed.chart());
    assert_eq!(bed.desk.chart_numbered("2"), None);
}

#[tokio::test(start_paused = true)]
async fn what_each_validity_becomes() {
    let mut out = String::new();
    for validity in ["1", "2", "3", "4", "5", "6", "", "9", "01"] {
        let mut bed = bed();
        bed.receive(1, &result(validity, vec![person("06991238", &[])]));
        let messages = &bed.said()[1..];
        writeln!(out, "{validity:?}: {:?} {messages:?}", bed.states()).unwrap();
        if validity != "1" {
            assert_eq!(bed.states(), ["06991238 reference"]);
        }
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
    for (results, expected) in table {
        let mut bed = bed();
        for (number, result) in results.iter().enumerate() {
            let result = EligibilityResult {
                process_execution_time: format!("2026101509000{number}"),
                ..result.clone()
            };
            bed.receive(number as u32, &result);
        }
        assert_eq!(bed.states(), expected);
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
        let result = EligibilityResult {
            process_execution_time: format!("2026101509000{number}"),
            ..result("2", vec![person("06991238", changes)])
        };
        bed.receive(number as u32, &result);
    }
    assert_eq!(bed.states().len(), 3);
    assert_eq!(bed.chart()["insurances"][0]["source"], Bed::name(1));
}

#[tokio::test(start_paused = true)]
async fn shares_limits_and_unknown_codes_stay_as_they_came() {
    let mut bed = bed();
    let limit = "LimitApplicationCertificateRelatedInfo";
    let flag = format!("{limit}/LimitApplicationCertificateClassificationFlag");
    let elderly = "ElderlyRecipientCertificateInfo/ElderlyRecipientContributionRatio";
    // A share and a class no age or income explains, and values no table has.
    bed.receive(
        1,
        &valid(&[
            ("InsuredPartialContributionRatio", "010"),
            (elderly, "020"),
            (&flag, "C07"),
            ("ReasonOfLoss", "77"),
            ("Sex2", "8"),
            ("NewElement", "x"),
            ("NewGroup/Inner", "y"),
        ]),
    );
    insta::assert_json_snapshot!("carried", bed.chart()["insurances"][0]["carries"]);
    let unknown: Vec<String> = bed
        .said()
        .into_iter()
        .filter(|t| t.contains("コード表にない値"))
        .collect();
    assert_eq!(unknown.len(), 3, "{unknown:?}");
    // Nothing returned: nothing shown, least of all something usual.
    bed.receive(
        2,
        &on(
            "20261016",
            valid(&[("InsuredPartialContributionRatio", "")]),
        ),
    );
    let carries = &bed.chart()["insurances"][0]["carries"];
    assert_eq!(*carries, json!({"Sex1": "2"}));
}

#[tokio::test(start_paused = true)]
async fn absent_and_empty_are_the_same() {
    let shown = |text: &str| {
        let mut bed = bed();
        bed.write(1, text.as_bytes());
        bed.desk.poll();
        assert_eq!(bed.counts(), (0, 1, 0), "{text}");
        bed.chart()
    };
    let absent = valid(&[("InsuredPartialContributionRatio", "")]).to_xml(Charset::Utf8);
    let absent = absent.replace("Identifier>1<", "Identifier>0<");
    let end = "</ResultOfQualificationConfirmation>";
    let empty = absent.replace(
        end,
        &format!("<Address></Address><ReasonOfLoss/><ReferenceNumber> </ReferenceNumber>{end}"),
    );
    assert_ne!(absent, empty);
    assert_eq!(shown(&absent), shown(&empty));
}

#[tokio::test(start_paused = true)]
async fn refusals_stand_on_the_board_and_touch_no_chart() {
    let mut bed = bed();
    bed.receive(1, &valid(&[]));
    bed.receive(2, &refusal());
    bed.receive(3, &result("4", vec![]));
    let aborted = EligibilityResult {
        segment_of_result: "9".to_owned(),
        error_code: "SIM-E500".to_owned(),
        error_message: "処理できません。".to_owned(),
        qualification_confirmation_date: "20261015".to_owned(),
        ..EligibilityResult::default()
    };
    bed.receive(4, &aborted);
    assert_eq!(bed.states(), ["06991238 current"]);
    insta::assert_snapshot!("board", bed.desk.messages().join("\n"));
    assert!(bed.says("受付：資格を確認できませんでした。"));
    assert!(bed.clock.jump_to(datetime(2026, 10, 16, 9, 0, 0, 0)));
    assert!(bed.desk.messages().is_empty());

    // A refusal that names somebody makes nothing current and ends nothing.
    for (number, insurer) in [(5, "39991239"), (6, "06991238")] {
        let with_person = EligibilityResult {
            results: vec![person(insurer, &[])],
            qualification_validity: "1".to_owned(),
            process_execution_time: "20261016090000".to_owned(),
            ..refusal()
        };
        bed.receive(number, &with_person);
    }
    assert_eq!(bed.states(), ["06991238 current", "39991239 reference"]);
    assert!(bed.says("エラー：電子証明書が失効しています。（SIM-E202）"));
}

#[tokio::test(start_paused = true)]
async fn the_notice_of_the_grace_is_shown_and_is_no_error() {
    let mut bed = bed();
    let notice = EligibilityResult {
        processing_result_code: "SIM-N102".to_owned(),
        processing_result_message: "電子証明書の有効期限が切れています。".to_owned(),
        ..valid(&[])
    };
    bed.receive(1, &notice);
    assert_eq!(bed.states(), ["06991238 current"]);
    assert!(bed.says("お知らせ：電子証明書の有効期限が切れています。（SIM-N102）"));
}

#[tokio::test(start_paused = true)]
async fn aid_and_insurance_stand_side_by_side() {
    let mut bed = bed();
    let aid = person("12991230", &[("InsuredCardClassification", "A1")]);
    bed.receive(1, &result("1", vec![person("06991238", &[]), aid]));
    assert_eq!(bed.states(), ["06991238 current"]);
    let aid = bed.chart()["public_expenses"].clone();
    assert_eq!(states(&aid), ["12991230 current"]);
    assert_eq!(bed.chart()["checks"].as_array().unwrap().len(), 1);
    // Aid that comes alone, on a later day, ends no insurance, and insurances of one file not each other.
    let later = person("25991231", &[("InsuredCardClassification", "A1")]);
    bed.receive(2, &on("20261016", result("1", vec![later])));
    let two = vec![person("39991239", &[]), person("01990014", &[])];
    assert_eq!(bed.states(), ["06991238 current"]);
    bed.receive(3, &on("20261017", result("1", two)));
    let expected = ["06991238 ended", "39991239 current", "01990014 current"];
    assert_eq!(bed.states(), expected);
    let aid = states(&bed.chart()["public_expenses"]);
    assert_eq!(aid, ["12991230 ended", "25991231 current"]);
}

#[tokio::test(start_paused = true)]
async fn every_visit_is_checked_and_a_day_without_a_check_says_so() {
    let mut bed = bed();
    bed.desk.open_chart(seed("7", "山田　花子", KANA)).unwrap();
    assert_eq!(bed.said(), ["資格はまだ一度も確認されていません。"]);
    bed.receive(1, &valid(&[]));
    assert_eq!(bed.said(), ["最終の資格確認：2026-10-15"]);
    assert!(bed.clock.jump_to(datetime(2026, 10, 22, 9, 0, 0, 0)));
    assert!(bed.says("本日の資格確認はまだです。"));
    bed.receive(2, &on("20261022", valid(&[])));
    assert_eq!(bed.said(), ["最終の資格確認：2026-10-22"]);
    let row = bed.chart()["insurances"][0].clone();
    assert_eq!(row["source"], Bed::name(2));
    assert_eq!(row["asked_on"], "2026-10-22");
    assert_eq!(
        bed.chart()["checks"],
        json!([{"file": Bed::name(1), "on": "2026-10-15"}, {"file": Bed::name(2), "on": "2026-10-22"}])
    );
    // Lost between two visits of one month: found at the desk.
    bed.receive(
        3,
        &on("20261023", result("2", vec![person("06991238", &[])])),
    );
    assert_eq!(bed.states(), ["06991238 ended"]);
}

#[tokio::test(start_paused = true)]
async fn the_day_asked_for_decides_and_not_the_file_s() {
    let mut bed = bed();
    let newer = on("20261014", result("1", vec![person("39991239", &[])]));
    let older = on("20261001", valid(&[]));
    // The older one arrives later, under a later name.
    bed.receive(1, &newer);
    bed.receive(30, &older);
    assert_eq!(bed.states(), ["06991238 ended", "39991239 current"]);
    assert!(bed.says("最終の資格確認：2026-10-14"));
    assert!(bed.says("本日の資格確認はまだです。"));
}

#[tokio::test(start_paused = true)]
async fn a_contradicting_character_code_is_said() {
    let mut bed = bed();
    let odd = EligibilityResult {
        character_code_identifier: "0".to_owned(),
        ..valid(&[])
    };
    bed.receive(1, &odd);
    assert_eq!(bed.chart()["name"], "山田　花子");
    assert!(bed.says("文字コード識別「0」がXML宣言（Shift_JIS）と異なります。"));
}
