use proptest::prelude::*;

use super::*;
use crate::face_file;

fn numbers() -> InsuredNumbers {
    InsuredNumbers {
        insurer_number: "06991238".into(),
        symbol: "１２‐３４".into(),
        number: "０００１２３".into(),
        branch: "00".into(),
    }
}

fn national() -> InsuredNumbers {
    InsuredNumbers {
        insurer_number: "990018".into(),
        symbol: String::new(),
        number: "1234567".into(),
        branch: "02".into(),
    }
}

fn qualification() -> QualificationRequest {
    QualificationRequest {
        medical_institution_code: "9910000018".into(),
        arbitrary_file_identifier: "受付-1".into(),
        qualification_confirmation_date: "20261001".into(),
        search: SearchInfo {
            insured: numbers(),
            birthdate: "19800217".into(),
            limit_consent: "1".into(),
            arbitrary_identifier: "A&B <1>".into(),
        },
    }
}

fn reference() -> ReferenceNumberRequest {
    ReferenceNumberRequest {
        medical_institution_code: "9910000018".into(),
        arbitrary_file_identifier: String::new(),
        info: ReferenceNumberInfo {
            reference_number: "00012".into(),
            insured: national(),
        },
    }
}

fn reference_answer() -> ReferenceNumberAnswer {
    ReferenceNumberAnswer {
        process_execution_time: "20261015090000".into(),
        medical_institution_code: "9910000018".into(),
        arbitrary_file_identifier: "F".into(),
        segment_of_result: "1".into(),
        character_code_identifier: "0".into(),
        processing_result_status: "1".into(),
        processing_result_code: "X".into(),
        processing_result_message: "登録しました。".into(),
        info: reference().info,
    }
}

fn drugs() -> DrugRequest {
    DrugRequest {
        medical_institution_code: "9910000018".into(),
        insured: national(),
        arbitrary_file_identifier: "F".into(),
        start_month: "202604".into(),
        end_month: "202609".into(),
        file_category: "2".into(),
        prescriptions: "1".into(),
        treatment: "1".into(),
    }
}

fn drug_answer() -> DrugAnswer {
    let drug = |name: &str| Drug {
        code: "620000001".into(),
        name: name.into(),
        quantity: "1.5".into(),
        unit: "錠".into(),
        usage: "1日3回毎食後".into(),
    };
    let day = |day: &str, drugs| DrugDay {
        day: day.into(),
        drugs,
    };
    DrugAnswer {
        result_code: "1".into(),
        message_contents: String::new(),
        person: Some(DrugPerson {
            name: "模擬　花子".into(),
            kana: "ﾓｷﾞ ﾊﾅｺ".into(),
            birth: "19800217".into(),
            gender: "2".into(),
        }),
        months: vec![
            DrugMonth {
                month: "202608".into(),
                days: vec![
                    day("20260801", vec![drug("模擬錠"), drug("模擬散")]),
                    day("20260815", vec![drug("模擬錠")]),
                ],
            },
            DrugMonth {
                month: "202609".into(),
                days: vec![day("20260902", vec![drug("模擬錠")])],
            },
        ],
    }
}

fn refused() -> DrugAnswer {
    DrugAnswer {
        result_code: "SIM-M401".into(),
        message_contents: "同意がありません。".into(),
        ..DrugAnswer::default()
    }
}

/// Reads what was written, writes it again, and gives the document as lines.
macro_rules! both_ways {
    ($($message:expr => $type:ty),* $(,)?) => {{
        let mut pages = String::new();
        $(
            for charset in [Charset::Utf8, Charset::ShiftJis] {
                let bytes = $message.to_bytes(charset).unwrap();
                assert_eq!(<$type>::from_bytes(&bytes).unwrap(), $message, "{charset:?}");
            }
            let bytes = $message.to_bytes(Charset::Utf8).unwrap();
            pages += &String::from_utf8(bytes).unwrap().replace("><", ">\n<");
            pages += "\n\n";
        )*
        pages
    }};
}

#[test]
fn each_message_as_text_and_back_in_both_charsets() {
    insta::assert_snapshot!(both_ways![
        qualification() => QualificationRequest,
        reference() => ReferenceNumberRequest,
        reference_answer() => ReferenceNumberAnswer,
        drugs() => DrugRequest,
        drug_answer() => DrugAnswer,
        refused() => DrugAnswer,
    ]);
}

#[test]
fn six_digits_travel_with_two_spaces_and_arrive_without() {
    let bytes = reference().to_bytes(Charset::Utf8).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(
        text.contains("<InsurerNumber>  990018</InsurerNumber>"),
        "{text}"
    );
    let read = ReferenceNumberRequest::from_bytes(&bytes).unwrap();
    assert_eq!(read.info.insured.insurer_number, "990018");
    let eight = ReferenceNumberRequest {
        info: ReferenceNumberInfo {
            insured: numbers(),
            ..reference().info
        },
        ..reference()
    };
    let text = String::from_utf8(eight.to_bytes(Charset::Utf8).unwrap()).unwrap();
    assert!(
        text.contains("<InsurerNumber>06991238</InsurerNumber>"),
        "{text}"
    );
}

#[test]
fn the_asked_day_is_read_from_header_and_search_information() {
    let day = |text: &str| {
        format!("<QualificationConfirmationDate>{text}</QualificationConfirmationDate>")
    };
    let ask = |above: &str, below: &str| {
        let text = format!(
            "<XmlMsg><MessageHeader>{above}</MessageHeader><MessageBody>\
             <QualificationConfirmSearchInfo>{below}</QualificationConfirmSearchInfo></MessageBody></XmlMsg>"
        );
        let read = QualificationRequest::from_bytes(text.as_bytes());
        read.map(|request| request.qualification_confirmation_date)
    };
    let (one, other) = (day("20261001"), day("20261002"));
    assert_eq!(ask(&one, "").as_deref(), Ok("20261001"));
    assert_eq!(ask("", &one).as_deref(), Ok("20261001"));
    assert_eq!(ask(&one, &one).as_deref(), Ok("20261001"));
    assert_eq!(ask("", "").as_deref(), Ok(""));
    assert!(matches!(
        ask(&one, &other),
        Err(XmlError::Unexpected { .. })
    ));
}

#[test]
fn what_shift_jis_lacks_is_refused_and_named() {
    let mut request = qualification();
    request.search.insured.symbol = "𠮷１".into();
    assert!(request.to_bytes(Charset::Utf8).is_ok());
    let lost = request.to_bytes(Charset::ShiftJis).unwrap_err();
    assert_eq!(lost.character, '𠮷');
}

#[test]
fn names_of_files() {
    for (api, request, answer, path) in [
        (
            Api::Qualification,
            "OQSsiquc01req_202610150001.xml",
            "OQSsiquc01res_202610150001.xml",
            "/v1/number-confirmations",
        ),
        (
            Api::ReferenceNumber,
            "OQSsiimm01req_202610150001.xml",
            "OQSsiimm01res_202610150001.xml",
            "/v1/reference-numbers",
        ),
        (
            Api::Drugs,
            "YZKsiquc01req_202610150001.xml",
            "YZKsiquc01res_202610150001.xml",
            "/v1/drug-information",
        ),
    ] {
        assert_eq!(file_name(api, "20261015", 1), request);
        assert_eq!(Api::of(request), Some(api));
        assert_eq!(answer_name(request).as_deref(), Some(answer));
        assert_eq!(api.server_path(), path);
        assert_eq!(Api::of(answer), None, "an answer is no request");
    }
    for name in [
        "",
        "OQSsiquc01req_.xml",
        "OQSsiquc01req_1.XML.tmp",
        "OQSsiquc01res_face_9910000018_20261015090000.xml",
        "oqssiquc01req_1.xml",
        "TKKsiquc01req_1.xml",
    ] {
        assert_eq!((Api::of(name), answer_name(name)), (None, None), "{name}");
    }
    let free = "OQSsiquc01req_req_req_.xml";
    assert_eq!(
        answer_name(free).as_deref(),
        Some("OQSsiquc01res_req_req_.xml")
    );
}

proptest! {
    #[test]
    fn any_values_are_written_and_read_back(
        values in proptest::collection::vec("[!-~あ-ん一-龠ｱ-ﾝ０-９‐　-〃]{0,12}", 8)
    ) {
        let of = |at: usize| values[at].clone();
        let insured = InsuredNumbers {
            insurer_number: of(0),
            symbol: of(1),
            number: of(2),
            branch: of(3),
        };
        let request = QualificationRequest {
            medical_institution_code: of(4),
            arbitrary_file_identifier: of(5),
            qualification_confirmation_date: of(6),
            search: SearchInfo {
                insured: insured.clone(),
                birthdate: of(7),
                ..SearchInfo::default()
            },
        };
        let bytes = request.to_bytes(Charset::Utf8).unwrap();
        prop_assert_eq!(QualificationRequest::from_bytes(&bytes).unwrap(), request);
        let request = DrugRequest {
            medical_institution_code: of(4),
            insured: insured.clone(),
            start_month: of(5),
            ..DrugRequest::default()
        };
        let bytes = request.to_bytes(Charset::Utf8).unwrap();
        prop_assert_eq!(DrugRequest::from_bytes(&bytes).unwrap(), request);
        let answer = ReferenceNumberAnswer {
            info: ReferenceNumberInfo {
                reference_number: of(6),
                insured,
            },
            ..ReferenceNumberAnswer::default()
        };
        let bytes = answer.to_bytes(Charset::Utf8).unwrap();
        prop_assert_eq!(ReferenceNumberAnswer::from_bytes(&bytes).unwrap(), answer);
    }

    #[test]
    fn what_shift_jis_carries_comes_back_the_same(text in "\\PC{0,20}") {
        if let Ok(bytes) = face_file::encode(&text, Charset::ShiftJis) {
            let back = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes).0;
            prop_assert_eq!(back, text);
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        spoiled in 0usize..4, at in 0usize..600, with in any::<u8>(), cut in 0usize..600
    ) {
        let mut documents = [
            qualification().to_bytes(Charset::ShiftJis).unwrap(),
            reference().to_bytes(Charset::ShiftJis).unwrap(),
            drugs().to_bytes(Charset::ShiftJis).unwrap(),
            drug_answer().to_bytes(Charset::ShiftJis).unwrap(),
        ];
        let bytes = &mut documents[spoiled];
        if let Some(byte) = bytes.get_mut(at) {
            *byte = with;
        }
        bytes.truncate(bytes.len().saturating_sub(cut / 4));
        let _ = QualificationRequest::from_bytes(bytes);
        let _ = ReferenceNumberRequest::from_bytes(bytes);
        let _ = DrugRequest::from_bytes(bytes);
        let _ = DrugAnswer::from_bytes(bytes);
    }
}
