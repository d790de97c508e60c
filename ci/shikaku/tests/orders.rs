//! Whatever the order of registration, release, renewal, suspension, change of insurer, passing days and visits:
//! the reference town keeps the rules, one link a person, no answer in the dead period and nothing medical
//! in the grace. A failing order is shrunk and printed as a scenario that can be put into a feature file.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

mod bed;

use std::collections::BTreeMap;
use std::fmt;

use bed::Bed;
use evidence::{ScenarioRecords, What};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// What may happen next. Each makes sense at any time; one that does not is left out of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    RegisterAtHome,
    RegisterAtClinic,
    VisitByPin,
    VisitByFace,
    AskDrugs,
    Release(u8),
    Renew,
    Suspend,
    Lift,
    Lose,
    Gain,
    Days(u16),
}

/// An order of events, with a certificate that ends so many days from the first.
#[derive(Clone, PartialEq, Eq)]
struct Order {
    ends_in: u16,
    events: Vec<Event>,
}

impl Order {
    /// The steps of the story. The certificate's state is followed so far that no step is impossible.
    fn steps(&self) -> Vec<String> {
        let mut steps = vec![
            "患者「鈴木一郎」は「模擬健保組合」の被保険者である".to_owned(),
            "患者「鈴木一郎」には20日前に「模擬アムロジピン錠」が調剤されている".to_owned(),
            format!(
                "患者「鈴木一郎」は電子証明書の有効期限まであと{}日の利用登録済みのカードを持っている",
                self.ends_in
            ),
        ];
        let mut suspended = false;
        let mut elsewhere = false;
        let mut charted = false;
        for event in &self.events {
            let step = match event {
                Event::RegisterAtHome => "患者「鈴木一郎」が自宅でマイナポータルから利用登録をする".to_owned(),
                Event::RegisterAtClinic => "患者「鈴木一郎」が「みなと診療所」で顔認証により利用登録をして受け付けし、すべての閲覧に同意する".to_owned(),
                Event::VisitByPin => "患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する".to_owned(),
                Event::VisitByFace => "患者「鈴木一郎」が「みなと診療所」で顔認証により受け付けし、すべての閲覧に同意する".to_owned(),
                Event::AskDrugs if charted => "「みなと診療所」の医師が患者「鈴木一郎」の薬剤情報を求める".to_owned(),
                Event::Release(days) => format!("「模擬健保組合」が患者「鈴木一郎」の利用登録を{days}日後から解除する届を登録する"),
                Event::Renew if !suspended => "患者「鈴木一郎」が市区町村の窓口で電子証明書を更新する".to_owned(),
                Event::Suspend if !suspended => {
                    suspended = true;
                    "患者「鈴木一郎」は紛失を届け出て電子証明書が一時停止されている".to_owned()
                }
                Event::Lift if suspended => {
                    suspended = false;
                    "患者「鈴木一郎」のカードが見つかり一時停止が解除される".to_owned()
                }
                Event::Lose => "「模擬健保組合」は患者「鈴木一郎」が0日前に資格を喪失したことを登録した".to_owned(),
                Event::Gain if !elsewhere => {
                    elsewhere = true;
                    "「模擬市国保」は患者「鈴木一郎」が0日前に資格を取得したことを登録した".to_owned()
                }
                Event::Days(days) => format!("{days}日後の10時0分になる"),
                Event::AskDrugs | Event::Renew | Event::Suspend | Event::Lift | Event::Gain => continue,
            };
            charted |= matches!(
                event,
                Event::RegisterAtClinic | Event::VisitByPin | Event::VisitByFace
            );
            steps.push(step);
        }
        steps
    }

    fn feature(&self) -> String {
        let steps: Vec<String> = self
            .steps()
            .iter()
            .map(|s| format!("    * {s}\n"))
            .collect();
        format!(
            "# language: ja\n機能: 順序\n\n  @id-order @border @LIFE-07\n  シナリオ: 見つかった順序\n    English: an order that was found\n\n{}",
            steps.concat()
        )
    }
}

/// Printed as the scenario it is, so that it can be put into a feature file as it stands.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.feature())
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::RegisterAtHome),
        2 => Just(Event::RegisterAtClinic),
        4 => Just(Event::VisitByPin),
        1 => Just(Event::VisitByFace),
        2 => Just(Event::AskDrugs),
        1 => (0u8..4).prop_map(Event::Release),
        2 => Just(Event::Renew),
        1 => Just(Event::Suspend),
        1 => Just(Event::Lift),
        1 => Just(Event::Lose),
        1 => Just(Event::Gain),
        3 => prop_oneof![1u16..4, 20u16..40, 85u16..100].prop_map(Event::Days),
    ]
}

fn order() -> impl Strategy<Value = Order> {
    let ends = prop_oneof![0u16..5, 25u16..35, 85u16..100, Just(400)];
    (ends, proptest::collection::vec(event(), 1..8))
        .prop_map(|(ends_in, events)| Order { ends_in, events })
}

/// Requests and answers of a hop as text, in order.
fn texts<'a>(
    records: &'a ScenarioRecords,
    hop: &'a str,
) -> impl Iterator<Item = (u32, String)> + 'a {
    records.records.iter().filter_map(move |record| {
        let What::Tapped(tapped) = &record.what else {
            return None;
        };
        let digest = tapped.bytes.as_ref().filter(|_| tapped.hop == hop)?;
        let text = String::from_utf8_lossy(&records.bytes[digest]).into_owned();
        Some((record.seq, text))
    })
}

/// Registrations answered as new that no release or renewal lies between.
fn links_made_twice(records: &ScenarioRecords) -> usize {
    let mut linked: BTreeMap<String, bool> = BTreeMap::new();
    let mut twice = 0;
    let mut asked = String::new();
    for (_, text) in texts(records, "feed") {
        if text.starts_with("POST /v1/feed/releases") {
            linked.clear();
        } else if text.starts_with("POST /v1/feed/use-registrations") {
            asked = text
                .split("\"serial\":\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned();
        } else if text.contains("{\"new\":true}") && !asked.is_empty() {
            twice += usize::from(linked.insert(std::mem::take(&mut asked), true).is_some());
        } else if text.contains("{\"new\":false}") {
            asked.clear();
        }
    }
    twice
}

#[test]
fn every_order_of_events_keeps_the_rules() {
    let bed = Bed::open();
    let config = Config {
        cases: 60,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let result = runner.run(&order(), |order| {
        let (said, records) = bed.tried(&order.feature());
        prop_assert!(said.is_empty(), "{}", said.join("\n"));
        prop_assert_eq!(links_made_twice(&records), 0, "one link a certificate");
        Ok(())
    });
    drop(std::panic::take_hook());
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
