use proptest::prelude::*;
use rules::Profile;
use wire::reader::{from_line, to_line};

use super::*;
use crate::reader::{PUBLISHED_ORDER, Reference, ScreenId, outcomes_by_code};

struct HidesRenewal;
impl Conduct for HidesRenewal {
    fn shows_renewal_notice(&self) -> bool {
        false
    }
}
struct HidesGrace;
impl Conduct for HidesGrace {
    fn shows_grace_notice(&self) -> bool {
        false
    }
}
struct Silent;
impl Conduct for Silent {
    fn tells_of_last_try(&self) -> bool {
        false
    }
}
struct ConsentFirst;
impl Conduct for ConsentFirst {
    fn order(&self) -> &'static [Stage] {
        const {
            &[
                PUBLISHED_ORDER[2],
                PUBLISHED_ORDER[3],
                PUBLISHED_ORDER[4],
                Stage::Method,
                Stage::Pin,
            ]
        }
    }
}

fn conduct(title: &str) -> Arc<dyn Conduct> {
    match title.strip_prefix("as a reader that ") {
        None => Arc::new(Reference),
        Some("hides the renewal notice") => Arc::new(HidesRenewal),
        Some("hides the grace notice") => Arc::new(HidesGrace),
        Some("spends the last try silently") => Arc::new(Silent),
        Some("asks for consent first") => Arc::new(ConsentFirst),
        Some(other) => panic!("no such reader: {other}"),
    }
}

fn machine(conduct: Arc<dyn Conduct>) -> (Machine, Screen) {
    Machine::new(conduct, outcomes_by_code(&Profile::default()))
}

fn touch(words: &str) -> Touch {
    match words.split_once(' ').unwrap_or((words, "")) {
        ("PlaceCard", _) => Touch::PlaceCard,
        ("ChoosePin", _) => Touch::ChoosePin,
        ("AcknowledgeWarning", _) => Touch::AcknowledgeWarning,
        ("EnterPin", pin) => Touch::EnterPin(pin.to_owned()),
        ("Consent", given) => Touch::Consent {
            given: given == "yes",
        },
        ("TakeCard", _) => Touch::TakeCard,
        other => panic!("no such touch: {other:?}"),
    }
}

fn happen(machine: &mut Machine, event: &str) -> Vec<Effect> {
    match event.split_once(' ').unwrap_or((event, "")) {
        ("touch", words) => machine.touch(touch(words)),
        ("hear", json) => machine.heard(from_line(json.as_bytes()).unwrap()),
        ("time", _) => machine.time_is_up(),
        ("broken", _) => machine.line_broke(),
        ("garbage", _) => machine.not_understood(),
        other => panic!("no such event: {other:?}"),
    }
}

fn told(effects: &[Effect], out: &mut String) {
    for effect in effects {
        match effect {
            Effect::Say(message) => {
                out.push_str(&format!(
                    "    says  {}",
                    String::from_utf8(to_line(message)).unwrap()
                ));
            }
            Effect::Show(screen) => {
                let tries = screen
                    .tries_left
                    .map_or(String::new(), |left| format!(" [{left}]"));
                out.push_str(&format!("    shows {}{tries}\n", screen.id.name()));
                screen
                    .lines
                    .iter()
                    .for_each(|line| out.push_str(&format!("          {line}\n")));
            }
        }
    }
}

#[test]
fn dialogues() {
    for part in include_str!("dialogues.txt")
        .split("\n# ")
        .map(|part| part.trim_start_matches("# "))
    {
        let (title, events) = part.split_once('\n').unwrap();
        let (mut machine, first) = machine(conduct(title));
        let mut out = String::new();
        told(&[Effect::Show(first)], &mut out);
        for event in events.lines().filter(|line| !line.is_empty()) {
            out.push_str(&format!("{event}\n"));
            told(&happen(&mut machine, event), &mut out);
        }
        let name = title.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        insta::with_settings!({description => title, omit_expression => true}, { insta::assert_snapshot!(name, out) });
    }
}

#[test]
fn every_refusal_tells_what_happened_and_what_to_do() {
    let mut out = String::new();
    for (code, outcome) in outcomes_by_code(&Profile::default()) {
        let (mut machine, _) = machine(Arc::new(Reference));
        machine.at = At::Processing;
        let message = FromTerminal::Outcome {
            status: Status::Refused,
            code,
            message: String::new(),
            validity: None,
        };
        out.push_str(&format!("{outcome}\n"));
        told(&machine.heard(message), &mut out);
    }
    insta::assert_snapshot!(out);
}

fn events() -> impl Strategy<Value = Vec<String>> {
    let tries = (0u8..5).prop_map(|n| n.to_string());
    let event = prop_oneof![
        4 => Just("touch PlaceCard".to_owned()),
        4 => Just("touch ChoosePin".to_owned()),
        2 => Just("touch AcknowledgeWarning".to_owned()),
        4 => "touch EnterPin [0-9]{4}",
        1 => "touch EnterPin \\PC{0,6}",
        4 => prop_oneof![Just("touch Consent yes".to_owned()), Just("touch Consent no".to_owned())],
        1 => Just("touch TakeCard".to_owned()),
        4 => tries.clone().prop_map(|n| format!("hear {{\"type\":\"card-ready\",\"tries_left\":{n}}}")),
        3 => Just("hear {\"type\":\"pin-accepted\"}".to_owned()),
        2 => tries.prop_map(|n| format!("hear {{\"type\":\"pin-wrong\",\"tries_left\":{n}}}")),
        1 => Just("hear {\"type\":\"pin-locked\"}".to_owned()),
        1 => "hear \\{\"type\":\"card-unusable\",\"reason\":\"(removed|not-recognised|pin-locked|x)\"\\}",
        2 => "hear \\{\"type\":\"outcome\",\"status\":\"(confirmed|refused|unavailable)\",\"code\":\"(SIM-N101|SIM-E202|)\",\"message\":\"\",\"validity\":(null|\"1\"|\"2\")\\}",
        3 => Just("time".to_owned()),
        1 => Just("garbage".to_owned()),
    ];
    proptest::collection::vec(event, 0..120)
}

proptest! {
    /// Whatever happens in whatever order: no PIN but from the pad, no last try without warning,
    /// no consents but of an identified patient, and with the card gone the reader starts anew.
    #[test]
    fn no_order_of_events_breaks_the_rules(events in events()) {
        let (mut machine, _) = machine(Arc::new(Reference));
        let mut shown = ScreenId::PlaceCard;
        let (mut warned, mut accepted) = (false, false);
        for event in &events {
            let before = (machine.at, machine.tries_left);
            if before.0 == At::PinSent && event.contains("pin-accepted") {
                accepted = true;
            }
            for effect in happen(&mut machine, event) {
                match effect {
                    Effect::Show(screen) => {
                        warned |= screen.id == ScreenId::LastTryWarning;
                        shown = screen.id;
                    }
                    Effect::Say(FromReader::Pin { pin }) => {
                        prop_assert!(pin.len() == 4 && shown == ScreenId::EnterPin);
                        prop_assert!(machine.tries_left > 1 || warned, "last try spent without warning");
                    }
                    Effect::Say(FromReader::Consents { .. }) => prop_assert!(accepted),
                    Effect::Say(FromReader::CardPlaced) => (warned, accepted) = (false, false),
                    Effect::Say(FromReader::CardRemoved) => {}
                }
            }
        }
        for _ in 0..3 {
            machine.touch(Touch::TakeCard);
            machine.time_is_up();
        }
        prop_assert_eq!(machine.at, At::Empty);
    }
}
