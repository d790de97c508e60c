//! Whose chart a result goes to.

use super::*;

/// A chart, a result, and where it goes: `1` the chart, `2` a new one, `?` to staff.
const TABLE: &str = include_str!("matching.txt");

struct Row<'a> {
    chart: [&'a str; 4],
    result: Vec<(&'a str, &'a str)>,
    goes: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let lines = TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let cells = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| Row {
            chart: [cells[0], cells[1], cells[2], cells[3]],
            result: cells[4]
                .split(',')
                .filter_map(|change| change.trim().split_once('='))
                .collect(),
            goes: cells[5],
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn whose_chart_a_result_goes_to() {
    let rows = rows();
    assert!(rows.len() > 25);
    for row in rows {
        let mut bed = bed();
        let [name, kana, birth, sex] = row.chart;
        let chart = ChartSeed {
            patient_number: "1".to_owned(),
            name: name.to_owned(),
            kana: kana.to_owned(),
            birth: birth.to_owned(),
            sex: sex.to_owned(),
            address: String::new(),
        };
        bed.desk.open_chart(chart).unwrap();
        // UTF-8, for names Shift_JIS cannot write.
        let result = EligibilityResult {
            character_code_identifier: "0".to_owned(),
            ..valid(&row.result)
        };
        bed.write(1, &result.to_bytes(Charset::Utf8).unwrap());
        bed.desk.poll();
        let bound = |number: &str| match bed.desk.chart_numbered(number) {
            Some(chart) => chart["insurances"].as_array().unwrap().len(),
            None => 0,
        };
        let waiting = bed.desk.state.undecided.len();
        let goes = match (bound("1"), bound("2"), waiting) {
            (1, 0, 0) => "1",
            (0, 1, 0) => "2",
            (0, 0, 1) => "?",
            other => panic!("{:?} {:?}: {other:?}", row.chart, row.result),
        };
        assert_eq!(goes, row.goes, "{:?} {:?}", row.chart, row.result);
        assert_eq!(bed.desk.state.charts[0].name, name);
        assert_eq!(bed.counts(), (0, 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn names_and_addresses_are_never_written_over() {
    let mut bed = bed();
    let chart = ChartSeed {
        address: "模擬県模擬市港町1-2-3".to_owned(),
        ..seed("7", "髙山　花子", "タカヤマ　ハナコ")
    };
    bed.desk.open_chart(chart).unwrap();
    let named = |name, address, time: &str| {
        let changes = [
            ("Name", name),
            ("NameKana", "ﾀｶﾔﾏ ﾊﾅｺ"),
            ("Address", address),
        ];
        EligibilityResult {
            process_execution_time: time.to_owned(),
            ..valid(&changes)
        }
    };
    bed.receive(1, &named("●山　花子", "模擬県模擬市港町１－２－３", "1"));
    bed.receive(2, &named("高山　花子", "", "2"));
    let chart = bed.desk.chart("ﾀｶﾔﾏ ﾊﾅｺ", BIRTH);
    assert_eq!(texts(&chart["messages"]), ["最終の資格確認：2026-10-15"]);
    bed.receive(3, &named("高山　花子", "模擬県別の町４－５", "3"));
    let chart = bed.desk.chart("ﾀｶﾔﾏ ﾊﾅｺ", BIRTH);
    assert_eq!(chart["name"], "髙山　花子");
    assert_eq!(chart["address"], "模擬県模擬市港町1-2-3");
    let said = texts(&chart["messages"]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].contains("結果の住所「模擬県別の町４－５」がカルテと異なります。"));
}

#[tokio::test(start_paused = true)]
async fn two_charts_that_fit_are_for_staff() {
    let mut bed = bed();
    bed.desk.open_chart(seed("10", "髙橋　花子", KANA)).unwrap();
    bed.desk.open_chart(seed("11", "高橋　花子", KANA)).unwrap();
    bed.receive(1, &valid(&[("Name", "●橋　花子")]));
    assert_eq!(bed.counts(), (0, 1, 0));
    assert_eq!(bed.chart()["insurances"], json!([]));
    insta::assert_json_snapshot!("two_fit", bed.chart());
    bed.reopen();
    assert!(matches!(
        bed.desk.decide("x.xml", "11"),
        Err(AskError::NothingUndecided(_))
    ));
    assert!(matches!(
        bed.desk.decide(&Bed::name(1), "12"),
        Err(AskError::NoChart(_))
    ));
    bed.desk.decide(&Bed::name(1), "11").unwrap();
    assert!(bed.desk.decide(&Bed::name(1), "11").is_err());
    let chart = bed.desk.chart_numbered("11").unwrap();
    assert_eq!(states(&chart["insurances"]), ["06991238 current"]);
    assert_eq!(
        (&chart["name"], &chart["undecided"]),
        (&json!("高橋　花子"), &json!([]))
    );
    let other = bed.desk.chart_numbered("10").unwrap();
    assert_eq!(other["insurances"], json!([]));
    // The same file again is the same file still.
    bed.receive(1, &valid(&[("Name", "●橋　花子")]));
    assert!(bed.desk.state.undecided.is_empty());
    assert_eq!(bed.chart()["insurances"][0]["patient_number"], "11");
}

#[tokio::test(start_paused = true)]
async fn a_reference_number_decides() {
    let mut bed = bed();
    for number in ["10", "11", "12"] {
        bed.desk
            .open_chart(seed(number, "山田　花子", KANA))
            .unwrap();
    }
    let with = |number, time: &str| EligibilityResult {
        process_execution_time: time.to_owned(),
        ..valid(&[("ReferenceNumber", number)])
    };
    // The clinic's own number of the patient, although three charts fit.
    bed.receive(1, &with("11", "1"));
    let chart = bed.desk.chart_numbered("11").unwrap();
    assert_eq!(states(&chart["insurances"]), ["06991238 current"]);
    assert_eq!(chart["reference_number"], "11");
    // Married, and the insurer has the new name.
    let married = EligibilityResult {
        process_execution_time: "2".to_owned(),
        ..valid(&[
            ("ReferenceNumber", "11"),
            ("Name", "鈴木　花子"),
            ("NameKana", "ｽｽﾞｷ ﾊﾅｺ"),
        ])
    };
    bed.receive(2, &married);
    let chart = bed.desk.chart_numbered("11").unwrap();
    assert_eq!(
        (chart["name"].as_str(), chart["checks"][1]["file"].as_str()),
        (Some("山田　花子"), Some(&*Bed::name(2)))
    );
    // A retired chart's number, and one whose chart is about somebody else, are for staff.
    bed.desk.retire_chart("12").unwrap();
    bed.receive(3, &with("12", "3"));
    let somebody = valid(&[
        ("ReferenceNumber", "11"),
        ("Name", "佐藤　一郎"),
        ("NameKana", "ｻﾄｳ ｲﾁﾛｳ"),
        ("Birthdate", "19991231"),
    ]);
    bed.receive(4, &somebody);
    let reasons: Vec<&str> = bed
        .desk
        .state
        .undecided
        .iter()
        .map(|u| &*u.reason)
        .collect();
    insta::assert_snapshot!("reference_reasons", reasons.join("\n"));
    // Staff give the merged chart's number to the living one.
    bed.desk.decide(&Bed::name(3), "10").unwrap();
    bed.receive(5, &with("12", "5"));
    let chart = bed.desk.chart_numbered("10").unwrap();
    assert_eq!(chart["checks"].as_array().unwrap().len(), 2);
    assert_eq!(chart["reference_number"], "12");
}

#[tokio::test(start_paused = true)]
async fn results_of_one_second_and_of_one_file_reach_their_own_patients() {
    let mut bed = bed();
    let other = person(
        "39991239",
        &[("NameKana", "ｻﾄｳ ｲﾁﾛｳ"), ("Name", "佐藤　一郎")],
    );
    bed.write(1, &bytes(&valid(&[])));
    bed.write(61, &bytes(&result("1", vec![other.clone()])));
    bed.desk.poll();
    assert_eq!(bed.states(), ["06991238 current"]);
    let chart = bed.desk.chart("サトウイチロウ", BIRTH);
    assert_eq!(states(&chart["insurances"]), ["39991239 current"]);

    let third = person(
        "01990014",
        &[("NameKana", "ｽｽﾞｷ ｼﾞﾛｳ"), ("Name", "鈴木　次郎")],
    );
    bed.receive(2, &on("20261016", result("1", vec![other, third])));
    let chart = bed.desk.chart("スズキ　ジロウ", BIRTH);
    assert_eq!(states(&chart["insurances"]), ["01990014 current"]);
    assert_eq!(bed.desk.state.charts.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_result_without_kana_or_birth_date_is_for_staff() {
    let mut bed = bed();
    bed.receive(1, &valid(&[("NameKana", "")]));
    bed.receive(2, &valid(&[("Birthdate", "")]));
    assert_eq!(bed.counts(), (0, 2, 0));
    assert_eq!(bed.desk.state.undecided.len(), 2);
    assert!(bed.desk.state.charts.is_empty());
    assert!(bed.desk.messages()[0].contains("職員が選んでください"));
}
