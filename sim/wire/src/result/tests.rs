use proptest::prelude::*;

use super::*;
use crate::registration::InsuredNumbers;

fn sample() -> EligibilityResult {
    let mut person = PersonBlock::default();
    person.put("InsurerNumber", "06991238");
    person.put("Name", "山田 <花子> & 太郎");
    person.put("Address", "");
    EligibilityResult {
        process_execution_time: "20261015090000".into(),
        segment_of_result: "1".into(),
        character_code_identifier: "1".into(),
        processing_result_status: "1".into(),
        qualification_validity: "1".into(),
        results: vec![person],
        ..Default::default()
    }
}

/// Everything at once, put in an order that is not the layout's.
fn full() -> EligibilityResult {
    let mut person = PersonBlock::default();
    person.put("ReferenceNumber", "00012");
    person.put("ReferenceNumber", "A-34");
    let limit = "LimitApplicationCertificateRelatedInfo";
    person.put_path(
        &[limit, "LimitApplicationCertificateValidEndDate"],
        "20270731",
    );
    person.put_path(&[limit, "LimitApplicationCertificateClassification"], "01");
    person.put("LimitApplicationCertificateRelatedConsFlg", "1");
    person.put("InsurerName", "模擬健康保険組合");
    person.put("InsurerNumber", "06991238");
    person.put_path(
        &[limit, "LimitApplicationCertificateClassificationFlag"],
        "A99",
    );
    person.put_path(
        &[
            "ElderlyRecipientCertificateInfo",
            "ElderlyRecipientContributionRatio",
        ],
        "020",
    );
    person.put("NewElement", "残す");
    EligibilityResult {
        reference_classification: "2".into(),
        arbitrary_file_identifier: "FILE-1".into(),
        search: Some(SearchInfo {
            insured: InsuredNumbers {
                insurer_number: "06991238".into(),
                symbol: "１２‐３４".into(),
                number: "000123".into(),
                branch: "00".into(),
            },
            birthdate: "19800217".into(),
            limit_consent: "1".into(),
            arbitrary_identifier: "P-7".into(),
        }),
        results: vec![person, sample().results.remove(0)],
        ..sample()
    }
}

#[test]
fn written_and_read_in_both_charsets() {
    for (result, charset) in [
        (sample(), Charset::Utf8),
        (sample(), Charset::ShiftJis),
        (full(), Charset::Utf8),
        (full(), Charset::ShiftJis),
    ] {
        let bytes = result.to_bytes(charset).unwrap();
        assert_eq!(EligibilityResult::from_bytes(&bytes).unwrap(), result);
    }
}

#[test]
fn the_document_as_text() {
    insta::assert_snapshot!(sample().to_xml(Charset::ShiftJis));
}

#[test]
fn everything_as_text() {
    insta::assert_snapshot!(full().to_xml(Charset::Utf8).replace("><", ">\n<"));
}

#[test]
fn elements_are_found_where_they_were_put() {
    let full = full();
    let person = &full.results[0];
    let limit = "LimitApplicationCertificateRelatedInfo";
    let class = [limit, "LimitApplicationCertificateClassificationFlag"];
    assert_eq!(person.get_path(&class), "A99");
    assert_eq!(
        person.get(class[1]),
        "",
        "a nested element is not a flat one"
    );
    assert_eq!(person.get(limit), "", "a group has no text");
    assert_eq!(person.get("ReferenceNumber"), "00012");
    assert_eq!(person.get_all("ReferenceNumber"), ["00012", "A-34"]);
    assert_eq!(person.get_all("Sex2"), [""; 0]);
}

#[test]
fn an_element_or_a_whole_group_is_taken_away() {
    let mut person = full().results.remove(0);
    person.remove("LimitApplicationCertificateRelatedInfo");
    person.remove("ReferenceNumber");
    person.remove("NoSuchElement");
    let left: Vec<&str> = person.elements.iter().map(|(path, _)| &**path).collect();
    assert_eq!(
        left,
        [
            "InsurerNumber",
            "InsurerName",
            "ElderlyRecipientCertificateInfo/ElderlyRecipientContributionRatio",
            "LimitApplicationCertificateRelatedConsFlg",
            "NewElement",
        ]
    );
}

#[test]
fn what_is_unknown_is_kept_in_its_place_and_groups_that_repeat_stay_apart() {
    let inside = "<InsurerNumber>06991238</InsurerNumber><NewLeaf>x</NewLeaf><Name>y</Name>\
        <SpecificDiseasesCertificateList>\
        <SpecificDiseasesCertificateInfo><SpecificDiseasesDiseaseCategory>1</SpecificDiseasesDiseaseCategory>\
        <Odd>1</Odd></SpecificDiseasesCertificateInfo>\
        <SpecificDiseasesCertificateInfo><SpecificDiseasesDiseaseCategory>2</SpecificDiseasesDiseaseCategory>\
        </SpecificDiseasesCertificateInfo></SpecificDiseasesCertificateList>\
        <NewGroup><Deep><Leaf>1</Leaf><Leaf>2</Leaf></Deep></NewGroup>";
    let text = format!(
        "<XmlMsg><MessageBody><ResultList><ResultOfQualificationConfirmation>{inside}\
         </ResultOfQualificationConfirmation></ResultList></MessageBody></XmlMsg>"
    );
    let result = EligibilityResult::from_bytes(text.as_bytes()).unwrap();
    assert!(result.to_xml(Charset::Utf8).contains(inside));
    let second = [
        "SpecificDiseasesCertificateList",
        "SpecificDiseasesCertificateInfo[2]",
        "SpecificDiseasesDiseaseCategory",
    ];
    assert_eq!(result.results[0].get_path(&second), "2");
}

#[test]
fn an_aborted_answer_without_a_body_is_read() {
    let text = "<XmlMsg><MessageHeader><SegmentOfResult>9</SegmentOfResult><ErrorCode>E1</ErrorCode>\
        <ErrorMessage>中止</ErrorMessage></MessageHeader></XmlMsg>";
    let result = EligibilityResult::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(
        (&*result.error_code, &*result.error_message),
        ("E1", "中止")
    );
    assert_eq!(result.results, []);
}

#[test]
fn absent_and_empty_elements_are_the_same() {
    let of = |inside: &str| {
        let text = format!("<XmlMsg><MessageBody>{inside}</MessageBody></XmlMsg>");
        EligibilityResult::from_bytes(text.as_bytes()).unwrap()
    };
    for empty in [
        "<QualificationValidity></QualificationValidity>",
        "<QualificationValidity/>",
        "<QualificationValidity> \n </QualificationValidity>",
        "<QualificationConfirmSearchInfo></QualificationConfirmSearchInfo>",
        "<ResultList/>",
    ] {
        assert_eq!(of(empty), EligibilityResult::default(), "{empty}");
    }
}

#[test]
fn a_person_of_a_thousand_elements_is_read_and_one_more_is_not() {
    let of = |count: usize| {
        let leaves = "<A>1</A>".repeat(count);
        let text = format!(
            "<XmlMsg><MessageBody><ResultList><ResultOfQualificationConfirmation>{leaves}\
             </ResultOfQualificationConfirmation></ResultList></MessageBody></XmlMsg>"
        );
        EligibilityResult::from_bytes(text.as_bytes())
    };
    assert_eq!(
        of(MAX_BLOCK).unwrap().results[0].get_all("A").len(),
        MAX_BLOCK
    );
    assert!(matches!(
        of(MAX_BLOCK + 1),
        Err(XmlError::Unexpected { .. })
    ));
}

#[test]
fn the_layout_names_each_element_once() {
    let names: std::collections::BTreeSet<_> = LAYOUT.into_iter().collect();
    assert_eq!(names.len(), LAYOUT.len());
}

/// A place in the person block: a known or unknown element, flat, in a known or in an unknown group.
fn place() -> impl Strategy<Value = Vec<&'static str>> {
    let leaf = prop::sample::select(vec!["Name", "Sex1", "ReferenceNumber", "Unknown", "Other"]);
    let groups = [
        vec![],
        vec!["LimitApplicationCertificateRelatedInfo"],
        vec!["ElderlyRecipientCertificateInfo"],
        vec!["NewGroup"],
        vec!["NewGroup", "Inner"],
    ];
    (prop::sample::select(groups.to_vec()), leaf).prop_map(|(mut path, leaf)| {
        path.push(leaf);
        path
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = EligibilityResult::from_bytes(&bytes);
    }

    #[test]
    fn a_cut_document_is_an_error(cut in 1usize..200) {
        let text = sample().to_xml(Charset::Utf8);
        let end = text.len().saturating_sub(cut);
        prop_assert!(EligibilityResult::from_bytes(&text.as_bytes()[..end]).is_err());
    }

    #[test]
    fn whatever_is_put_in_whatever_order_is_read_back(
        puts in proptest::collection::vec((place(), "[ -~あ-ん一-龠ｱ-ﾝ]{0,6}"), 0..20)
    ) {
        let mut person = PersonBlock::default();
        for (path, value) in &puts {
            // Blanks alone say nothing, like no element at all.
            person.put_path(path, if value.trim_matches(' ').is_empty() { "" } else { value });
        }
        let result = EligibilityResult {
            results: if person.elements.is_empty() { vec![] } else { vec![person] },
            ..sample()
        };
        let bytes = result.to_bytes(Charset::Utf8).unwrap();
        prop_assert_eq!(EligibilityResult::from_bytes(&bytes).unwrap(), result);
    }
}
