//! Each decision bent alone shows, and only where it is bent.

use super::*;

const LIMIT: &str =
    "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag";

macro_rules! bent {
    ($($method:tt)*) => {{
        struct Bent;
        impl Conduct for Bent {
            $($method)*
        }
        let conduct: Arc<dyn Conduct> = Arc::new(Bent);
        conduct
    }};
}

/// What the same story shows with the reference and with a bent desk.
fn both(conduct: Arc<dyn Conduct>, story: impl Fn(&mut Bed)) -> [Value; 2] {
    [Arc::new(Reference) as Arc<dyn Conduct>, conduct].map(|conduct| {
        let mut bed = bed_of(conduct);
        story(&mut bed);
        let (_, trash, quarantine) = bed.counts();
        json!({"chart": bed.chart(), "trash": trash, "quarantine": quarantine})
    })
}

#[tokio::test(start_paused = true)]
async fn lost_as_current() {
    let conduct = bent! {
        fn state_for(&self, _: &str) -> ChartState {
            ChartState::Current
        }
    };
    let shown = both(conduct, |bed| {
        bed.receive(1, &result("2", vec![person("06991238", &[])]))
    });
    let states = shown.map(|v| states(&v["chart"]["insurances"]));
    assert_eq!(states, [["06991238 reference"], ["06991238 current"]]);
}

#[tokio::test(start_paused = true)]
async fn own_share_and_own_limit() {
    let conduct = bent! {
        fn share_to_use(&self, _: &str, age: Option<u32>) -> String {
            if age >= Some(75) { "010" } else { "030" }.to_owned()
        }
        fn limit_to_use(&self, _: &str) -> String {
            "A03".to_owned()
        }
    };
    let shown = both(conduct, |bed| {
        bed.receive(
            1,
            &valid(&[("InsuredPartialContributionRatio", "020"), (LIMIT, "A05")]),
        );
    });
    let carried = shown.map(|v| v["chart"]["insurances"][0]["carries"].clone());
    assert_eq!(carried[0]["InsuredPartialContributionRatio"], "020");
    assert_eq!(carried[1]["InsuredPartialContributionRatio"], "030");
    assert_eq!(
        (&carried[0][LIMIT], &carried[1][LIMIT]),
        (&json!("A05"), &json!("A03"))
    );
}

#[tokio::test(start_paused = true)]
async fn codes_and_empty_elements() {
    let conduct = bent! {
        fn unknown_code(&self, _: &str) -> String {
            "A03".to_owned()
        }
    };
    let shown = both(conduct, |bed| bed.receive(1, &valid(&[(LIMIT, "C01")])));
    let limits = shown.map(|v| v["chart"]["insurances"][0]["carries"][LIMIT].clone());
    assert_eq!(limits, ["C01", "A03"]);

    let conduct = bent! {
        fn empty_is_absent(&self) -> bool {
            false
        }
    };
    let text = valid(&[])
        .to_xml(Charset::Utf8)
        .replace("<Sex1>2</Sex1>", "<ReasonOfLoss/>");
    let shown = both(conduct, |bed| {
        bed.write(1, text.as_bytes());
        bed.desk.poll();
    });
    let reasons = shown.map(|v| {
        v["chart"]["insurances"][0]["carries"]
            .get("ReasonOfLoss")
            .cloned()
    });
    assert_eq!(reasons, [None, Some(json!(""))]);
}

#[tokio::test(start_paused = true)]
async fn imported_twice() {
    let conduct = bent! {
        fn same_file_again(&self, _: bool) -> bool {
            false
        }
    };
    let shown = both(conduct, |bed| {
        bed.receive(1, &valid(&[]));
        bed.receive(2, &valid(&[]));
    });
    let counts = shown.map(|v| {
        let of = |name: &str| v["chart"][name].as_array().unwrap().len();
        (of("insurances"), of("checks"))
    });
    assert_eq!(counts, [(1, 1), (2, 2)]);
}

#[tokio::test(start_paused = true)]
async fn first_of_two_charts() {
    let conduct = bent! {
        fn chart_for(&self, matches: &[usize], _: &[usize]) -> Choice {
            matches.first().map_or(Choice::New, |at| Choice::Chart(*at))
        }
    };
    let shown = both(conduct, |bed| {
        bed.desk.open_chart(seed("10", "髙橋　花子", KANA)).unwrap();
        bed.desk.open_chart(seed("11", "高橋　花子", KANA)).unwrap();
        bed.receive(1, &valid(&[("Name", "●橋　花子")]));
    });
    assert_eq!(shown[0]["chart"]["insurances"], json!([]));
    assert_eq!(shown[0]["chart"]["undecided"][0]["file"], Bed::name(1));
    assert_eq!(shown[1]["chart"]["insurances"][0]["patient_number"], "10");
    assert_eq!(shown[1]["chart"]["undecided"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn names_and_addresses_overwritten() {
    let conduct = bent! {
        fn keeps_name(&self, _: &str, _: &str) -> bool {
            false
        }
        fn keeps_address(&self, _: &str, _: &str) -> bool {
            false
        }
    };
    let shown = both(conduct, |bed| {
        let chart = ChartSeed {
            address: "港町１".to_owned(),
            ..seed("7", "髙山　花子", KANA)
        };
        bed.desk.open_chart(chart).unwrap();
        bed.receive(1, &valid(&[("Name", "●山　花子"), ("Address", "緑町２")]));
    });
    let shown = shown.map(|v| (v["chart"]["name"].clone(), v["chart"]["address"].clone()));
    assert_eq!(shown[0], (json!("髙山　花子"), json!("港町１")));
    assert_eq!(shown[1], (json!("●山　花子"), json!("緑町２")));
}

#[tokio::test(start_paused = true)]
async fn put_aside_at_once() {
    let conduct = bent! {
        fn waits_for_rest_of_file(&self) -> bool {
            false
        }
    };
    let whole = bytes(&valid(&[]));
    let shown = both(conduct, |bed| {
        bed.write(1, &whole[..whole.len() / 2]);
        bed.desk.poll();
        if bed.counts().0 == 1 {
            bed.write(1, &whole);
        }
        bed.desk.poll();
    });
    let counts = shown.map(|v| (v["trash"].clone(), v["quarantine"].clone()));
    assert_eq!(counts, [(json!(1), json!(0)), (json!(0), json!(1))]);
}

#[tokio::test(start_paused = true)]
async fn reference_number_ignored() {
    let conduct = bent! {
        fn reference_number_decides(&self) -> bool {
            false
        }
    };
    let shown = both(conduct, |bed| {
        bed.desk.open_chart(seed("10", "山田　花子", KANA)).unwrap();
        bed.desk.open_chart(seed("11", "山田　花子", KANA)).unwrap();
        bed.receive(1, &valid(&[("ReferenceNumber", "11")]));
    });
    assert_eq!(shown[0]["chart"]["insurances"][0]["patient_number"], "11");
    assert_eq!(shown[1]["chart"]["insurances"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn return_visits_skipped() {
    let conduct = bent! {
        fn checks_again_on_return_visit(&self) -> bool {
            false
        }
    };
    let shown = both(conduct, |bed| {
        bed.receive(1, &valid(&[]));
        bed.receive(
            2,
            &on("20261022", result("2", vec![person("06991238", &[])])),
        );
        bed.receive(
            3,
            &on("20261105", result("9", vec![person("39991239", &[])])),
        );
    });
    let shown = shown.map(|v| states(&v["chart"]["insurances"]));
    assert_eq!(shown[0], ["06991238 ended", "39991239 reference"]);
    assert_eq!(shown[1], ["06991238 current", "39991239 reference"]);
}

#[tokio::test(start_paused = true)]
async fn pending_forgotten_and_notice_hidden() {
    let conduct = bent! {
        fn remembers_pending(&self) -> bool {
            false
        }
    };
    let asked = Question {
        kana: KANA.to_owned(),
        insurer_number: "06991238".to_owned(),
        number: "123".to_owned(),
        birth: BIRTH.to_owned(),
        ..Question::default()
    };
    let shown = both(conduct, |bed| {
        let name = bed.desk.ask_by_number(&asked).unwrap();
        assert_eq!(bed.count(bed.shared.req()), 1);
        bed.reply(&name, &bytes(&valid(&[])));
    });
    let shown = shown.map(|v| {
        (
            states(&v["chart"]["insurances"]).len(),
            v["chart"]["undecided"].as_array().unwrap().len(),
        )
    });
    assert_eq!(shown, [(1, 0), (0, 1)]);

    let conduct = bent! {
        fn shows_notice(&self, _: &str) -> bool {
            false
        }
    };
    let notice = EligibilityResult {
        processing_result_code: "SIM-N102".to_owned(),
        ..valid(&[])
    };
    let shown = both(conduct, |bed| bed.receive(1, &notice));
    let shown = shown.map(|v| v["chart"]["messages"].to_string().contains("SIM-N102"));
    assert_eq!(shown, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn nothing_shown_of_what_is_not_valid() {
    let conduct = bent! {
        fn shows(&self, state: ChartState) -> bool {
            state == ChartState::Current
        }
    };
    let shown = both(conduct, |bed| {
        bed.receive(1, &valid(&[]));
        bed.receive(2, &result("4", Vec::new()));
        bed.receive(
            3,
            &on("20261016", result("2", vec![person("39991239", &[])])),
        );
    });
    let told = shown.map(|v| {
        let said = v["chart"]["messages"].to_string();
        let words = ["喪失", "見つかりません"].map(|word| said.contains(word));
        (states(&v["chart"]["insurances"]), words)
    });
    let current = "06991238 current".to_owned();
    let both = vec![current.clone(), "39991239 reference".to_owned()];
    assert_eq!(
        told,
        [(both, [true, true]), (vec![current], [false, false])]
    );
}

#[tokio::test(start_paused = true)]
async fn an_element_dropped() {
    let conduct = bent! {
        fn keeps_element(&self, path: &str) -> bool {
            path != "Sex1"
        }
    };
    let shown = both(conduct, |bed| bed.receive(1, &valid(&[])));
    let sexes = shown.map(|v| v["chart"]["insurances"][0]["carries"].get("Sex1").cloned());
    assert_eq!(sexes, [Some(json!("2")), None]);
}

#[tokio::test(start_paused = true)]
async fn drugs_hidden() {
    let conduct = bent! {
        fn shows_drugs(&self) -> bool {
            false
        }
    };
    let shown = both(conduct, |bed| {
        bed.receive(1, &valid(&[]));
        let name = bed.desk.ask_drugs(KANA, BIRTH).unwrap();
        let given = super::asking::drug_answer(&[("20260920", "模擬錠5mg")]);
        bed.reply(&name, &given.to_bytes(Charset::ShiftJis).unwrap());
    });
    let drugs = shown.map(|v| v["chart"]["drugs"].as_array().unwrap().len());
    assert_eq!(drugs, [1, 0]);
}
