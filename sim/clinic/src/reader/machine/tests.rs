use proptest::prelude::*;
use rules::Profile;
use wire::eligibility::to_base64;
use wire::reader::{from_line, to_line};

use super::*;
use crate::reader::{PUBLISHED_ORDER, PrintedFace, Reference, ScreenId, outcomes_by_code};

macro_rules! bent {
    ($($reader:ident: $method:ident($($argument:ident: $kind:ty),*) -> $result:ty = $answer:expr;)*) => {$(
        struct $reader;
        impl Conduct for $reader {
            fn $method(&self, $($argument: $kind),*) -> $result {
                $answer
            }
        }
    )*};
}

bent! {
    HidesRenewal: shows_renewal_notice() -> bool = false;
    HidesGrace: shows_grace_notice() -> bool = false;
    Silent: tells_of_last_try() -> bool = false;
    ConsentFirst: order() -> &'static [Stage] = &CONSENT_FIRST;
    AsksPin: asks_pin_in_face_way() -> bool = true;
    TakesEveryFace: face_matches(_distance: u8) -> bool = true;
    OneMethod: allows_fail_over() -> bool = false;
    TakesCard: keeps_card_with_patient() -> bool = false;
    OffersNothing: offers_registration(_standing: Standing) -> bool = false;
    OffersAll: offers_registration(_standing: Standing) -> bool = true;
    Mute: tells_removal() -> bool = false;
    Cameraless: offers_face_without_camera() -> bool = true;
}

const CONSENT_FIRST: [Stage; 5] = [
    PUBLISHED_ORDER[2],
    PUBLISHED_ORDER[3],
    PUBLISHED_ORDER[4],
    Stage::Identity,
    Stage::Registration,
];

fn conduct(title: &str) -> Arc<dyn Conduct> {
    match title.strip_prefix("as a reader that ") {
        None => Arc::new(Reference),
        Some("hides the renewal notice") => Arc::new(HidesRenewal),
        Some("hides the grace notice") => Arc::new(HidesGrace),
        Some("spends the last try silently") => Arc::new(Silent),
        Some("asks for consent first") => Arc::new(ConsentFirst),
        Some("asks the PIN after the face") => Arc::new(AsksPin),
        Some("takes every face") => Arc::new(TakesEveryFace),
        Some("allows no other method") => Arc::new(OneMethod),
        Some("has staff take the card") => Arc::new(TakesCard),
        Some("offers nothing") => Arc::new(OffersNothing),
        Some("offers to the registered too") => Arc::new(OffersAll),
        Some("keeps silent about a card taken too early") => Arc::new(Mute),
        Some(other) => panic!("no such reader: {other}"),
    }
}

fn kind(title: &str) -> Kind {
    match title.starts_with("at a general-purpose reader") {
        true => Kind::General,
        false => Kind::Face,
    }
}

fn machine(conduct: Arc<dyn Conduct>, kind: Kind) -> (Machine, Screen) {
    Machine::new(conduct, kind, outcomes_by_code(&Profile::default()))
}

/// The face on every photo here.
const FACE: [u8; 64] = [100; 64];

fn touch(words: &str) -> Touch {
    match words.split_once(' ').unwrap_or((words, "")) {
        ("PlaceCard", "blank") => Touch::PlaceCard { printed: None },
        ("PlaceCard", _) => Touch::PlaceCard {
            printed: Some(PrintedFace {
                verification_b: "55021720352285".to_owned(),
            }),
        },
        ("ChoosePin", _) => Touch::ChoosePin,
        ("ChooseFace", _) => Touch::ChooseFace,
        ("CallStaff", _) => Touch::CallStaff,
        ("Look", "same") => Touch::LookIntoCamera(vec![124; 64]),
        ("Look", "other") => Touch::LookIntoCamera(vec![125; 64]),
        ("Look", _) => Touch::LookIntoCamera(Vec::new()),
        ("EnterPasscode", passcode) => Touch::EnterPasscode(passcode.to_owned()),
        ("AnswerRegistration", agreed) => Touch::AnswerRegistration {
            agreed: agreed == "yes",
        },
        ("AcknowledgeWarning", _) => Touch::AcknowledgeWarning,
        ("EnterPin", pin) => Touch::EnterPin(pin.to_owned()),
        ("Consent", given) => Touch::Consent {
            given: given == "yes",
        },
        ("TakeCard", _) => Touch::TakeCard,
        other => panic!("no such touch: {other:?}"),
    }
}

fn message(words: &str) -> FromTerminal {
    match words {
        "photo" => FromTerminal::Photo {
            image: to_base64(&crate::reader::face::tests::picture(&FACE)),
        },
        "down" => FromTerminal::Outcome {
            status: Status::Unavailable,
            code: String::new(),
            message: crate::fallback::after("サーバーに接続できませんでした。"),
            validity: None,
        },
        json => from_line(json.as_bytes()).unwrap(),
    }
}

fn happen(machine: &mut Machine, event: &str) -> Vec<Effect> {
    match event.split_once(' ').unwrap_or((event, "")) {
        ("touch", words) => machine.touch(touch(words)),
        ("hear", words) => machine.heard(message(words)),
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
        let (mut machine, first) = machine(conduct(title), kind(title));
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
        let (mut machine, _) = machine(Arc::new(Reference), Kind::Face);
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
    let word = |words: &'static [&'static str]| {
        proptest::sample::select(words).prop_map(|word| word.to_owned())
    };
    let event = prop_oneof![
        6 => word(&["touch PlaceCard", "touch PlaceCard", "touch PlaceCard blank"]),
        6 => word(&["touch ChoosePin", "touch ChooseFace", "touch CallStaff"]),
        4 => word(&["touch Look same", "touch Look other", "touch Look none"]),
        3 => word(&["touch EnterPasscode 824613", "touch EnterPasscode"]),
        3 => word(&["touch AnswerRegistration yes", "touch AnswerRegistration no"]),
        2 => word(&["touch AcknowledgeWarning"]),
        4 => "touch EnterPin [0-9]{4}",
        1 => "touch EnterPin \\PC{0,6}",
        5 => word(&["touch Consent yes", "touch Consent no"]),
        1 => word(&["touch TakeCard"]),
        5 => tries.clone().prop_map(|n| format!("hear {{\"type\":\"card-ready\",\"tries_left\":{n}}}")),
        6 => word(&[
            "hear {\"type\":\"pin-accepted\"}",
            "hear {\"type\":\"identity-accepted\"}",
            "hear {\"type\":\"passcode-wrong\"}",
            "hear {\"type\":\"registered\"}",
            "hear {\"type\":\"registration-failed\",\"error\":\"x\",\"message\":\"\"}",
            "hear photo",
        ]),
        4 => "hear \\{\"type\":\"standing\",\"standing\":\"(registered|never-registered|lapsed|released|undetermined)\"\\}",
        1 => "hear \\{\"type\":\"photo-refused\",\"reason\":\"(no-photo|verification-b-wrong|x)\"\\}",
        2 => tries.prop_map(|n| format!("hear {{\"type\":\"pin-wrong\",\"tries_left\":{n}}}")),
        1 => word(&["hear {\"type\":\"pin-locked\"}"]),
        1 => "hear \\{\"type\":\"card-unusable\",\"reason\":\"(removed|not-recognised|pin-locked|x)\"\\}",
        2 => "hear \\{\"type\":\"outcome\",\"status\":\"(confirmed|refused|unavailable)\",\"code\":\"(SIM-N101|SIM-E202|)\",\"message\":\"\",\"validity\":(null|\"1\"|\"2\")\\}",
        4 => word(&["time"]),
        1 => word(&["garbage"]),
    ];
    proptest::collection::vec(event, 0..160)
}

/// What happened since the card was placed.
#[derive(Default)]
struct Seen {
    warned: bool,
    chose_pin: bool,
    matched: bool,
    identified: bool,
    outcomes: u32,
}

/// Screens that say how a visit ended; a visit has one.
const OUTCOMES: [ScreenId; 6] = [
    ScreenId::Done,
    ScreenId::DoneNotice,
    ScreenId::Refused,
    ScreenId::Unavailable,
    ScreenId::CardRemoved,
    ScreenId::CardUnusable,
];

fn looked_at(seen: &mut Seen, screen: ScreenId) -> Result<(), TestCaseError> {
    match screen {
        ScreenId::LastTryWarning => seen.warned = true,
        ScreenId::EnterPin => prop_assert!(seen.chose_pin, "a PIN pad nobody chose"),
        ScreenId::RegistrationOffer
        | ScreenId::ConsentOperation
        | ScreenId::ConsentTreatmentDrug
        | ScreenId::ConsentCheckup
        | ScreenId::Processing => {
            prop_assert!(seen.identified, "{} before identity", screen.name());
        }
        _ => {}
    }
    seen.outcomes += u32::from(OUTCOMES.contains(&screen));
    prop_assert!(seen.outcomes <= 1, "a second outcome: {}", screen.name());
    Ok(())
}

#[test]
fn a_reader_without_a_camera_offers_the_face_only_where_bent() {
    for (conduct, offered) in [
        (Arc::new(Reference) as Arc<dyn Conduct>, false),
        (Arc::new(Cameraless), true),
    ] {
        let (mut machine, _) = machine(conduct, Kind::General);
        happen(&mut machine, "touch PlaceCard");
        let ready = r#"hear {"type":"card-ready","tries_left":3}"#;
        let effects = happen(&mut machine, ready);
        let named = effects.iter().any(|effect| match effect {
            Effect::Show(screen) => screen.lines.iter().any(|line| line.contains("顔認証")),
            Effect::Say(_) => false,
        });
        assert_eq!(named, offered);
    }
}

proptest! {
    /// Whatever happens in whatever order, at either kind of reader: no PIN but from a pad the patient
    /// chose, no last try without warning, no face without a match, nothing asked or offered before
    /// identity, one outcome a visit, and with the card gone the reader starts anew.
    #[test]
    fn no_order_of_events_breaks_the_rules(events in events(), general: bool) {
        let kind = if general { Kind::General } else { Kind::Face };
        let (mut machine, _) = machine(Arc::new(Reference), kind);
        let mut shown = ScreenId::PlaceCard;
        let mut seen = Seen::default();
        for event in &events {
            let before = machine.at;
            seen.chose_pin |= event == "touch ChoosePin" && before != At::Empty;
            seen.matched |= event == "touch Look same";
            seen.identified |= match before {
                At::PinSent => event.contains("pin-accepted"),
                At::FaceSent | At::PasscodeSent => event.contains("identity-accepted"),
                _ => false,
            };
            for effect in happen(&mut machine, event) {
                match effect {
                    Effect::Show(screen) => {
                        looked_at(&mut seen, screen.id)?;
                        shown = screen.id;
                    }
                    Effect::Say(FromReader::Pin { pin }) => {
                        prop_assert!(pin.len() == 4 && shown == ScreenId::EnterPin);
                        prop_assert!(machine.stay.tries_left > 1 || seen.warned, "last try spent without warning");
                    }
                    Effect::Say(FromReader::FaceRead { .. }) => prop_assert!(!general),
                    Effect::Say(FromReader::FaceCompared { matched }) => {
                        prop_assert!(shown == ScreenId::FaceCamera && (!matched || seen.matched));
                    }
                    Effect::Say(FromReader::StaffConfirmed { .. }) => prop_assert_eq!(shown, ScreenId::StaffEye),
                    Effect::Say(FromReader::Registration { .. }) => prop_assert_eq!(shown, ScreenId::RegistrationOffer),
                    Effect::Say(FromReader::Consents { .. }) => prop_assert!(seen.identified),
                    Effect::Say(FromReader::CardPlaced) => seen = Seen::default(),
                    Effect::Say(FromReader::CardRemoved) => {}
                }
            }
            if machine.at == At::Empty {
                seen = Seen::default();
            }
        }
        for _ in 0..3 {
            machine.touch(Touch::TakeCard);
            machine.time_is_up();
        }
        prop_assert_eq!(machine.at, At::Empty);
    }
}
