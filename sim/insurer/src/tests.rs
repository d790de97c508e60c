use std::sync::Mutex;

use jiff::civil::{date, datetime};
use wire::registration::{Kind, Qualification};
use world::Clock;
use world::http::serve;
use world::keys::{self, Authority};
use world::net::{Fault, Street};
use world::tls::{FacilityAuthority, acceptor, required_clients};

use super::*;

const NUMBER: &str = "06991238";

struct Bed {
    insurer: Insurer,
    street: Street,
    tap: Tap,
    heard: Arc<Mutex<Vec<serde_json::Value>>>,
}

/// An insurer before a server that always gives this answer.
fn bed(conduct: Arc<dyn Conduct>, enrolled: Authority, answer: Answer) -> Bed {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let (tap, street) = (Tap::new(clock.clone()), Street::default());
    let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
    let roots = vec![authority.certificate.clone()];
    let house = authority
        .issue(INTERMEDIATE_HOST, 2, keys::tls::INTERMEDIATE)
        .unwrap();
    let acceptor = acceptor(&house, required_clients(&roots).unwrap(), &clock).unwrap();
    let heard = Arc::<Mutex<Vec<serde_json::Value>>>::default();
    let (mut door, listened) = (street.listen(INTERMEDIATE_HOST), heard.clone());
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, 64 * 1024, |asked| {
                    assert_eq!(
                        (asked.method.as_str(), asked.path.as_str()),
                        ("POST", REGISTRATIONS)
                    );
                    listened
                        .lock()
                        .unwrap()
                        .push(serde_json::from_slice(&asked.body.unwrap()).unwrap());
                    let answer = answer.clone();
                    async move { answer }
                })
                .await;
            }
        }
    });
    let issuer = FacilityAuthority::new(enrolled, date(2025, 1, 1)).unwrap();
    let identity = issuer.issue(NUMBER, 3, keys::tls::INSURER).unwrap();
    let caller = Caller::new(&identity, &roots, &clock).unwrap();
    let config = Config {
        name: "みなと健保".to_owned(),
        caller,
        network: Arc::new(street.clone()),
        tap: tap.clone(),
    };
    Bed {
        insurer: Insurer::new(config, conduct),
        street,
        tap,
        heard,
    }
}

fn accepting() -> Bed {
    bed(Arc::new(Reference), Authority::Facility, accepted())
}

fn accepted() -> Answer {
    Answer::new(201, "application/json", r#"{"accepted":true}"#)
}

fn registration(insurer_number: &str) -> Registration {
    let text = str::to_owned;
    Registration {
        individual_number: IndividualNumber::invented(1).reveal().to_owned(),
        qualification: Qualification {
            kind: Kind::Gain,
            insurer_number: text(insurer_number),
            insurer_name: text("みなと健康保険組合"),
            symbol: text("１２‐３４"),
            number: text("０００１２３"),
            branch: text("01"),
            on: text("2026-04-01"),
            name: text("山田　花子"),
            name_kana: text("ﾔﾏﾀﾞ ﾊﾅｺ"),
            birthdate: text("1980-02-17"),
            sex: text("2"),
            relationship: text("1"),
            reason_of_loss: None,
        },
    }
}

fn right_number() -> String {
    InsurerNumber::from_body(&NUMBER[..7]).unwrap().to_string()
}

fn wrong_number() -> String {
    let right = right_number();
    let last = (right.as_bytes()[7] - b'0' + 1) % 10;
    format!("{}{last}", &right[..7])
}

#[tokio::test(start_paused = true)]
async fn a_registration_arrives_and_its_individual_number_stays_secret_in_evidence() {
    let bed = accepting();
    let sent = registration(&right_number());
    bed.insurer.register(sent.clone()).await.unwrap();
    let heard = bed.heard.lock().unwrap()[0].clone();
    assert_eq!(serde_json::from_value::<Registration>(heard).unwrap(), sent);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let messages = bed.tap.messages();
    let texts: Vec<String> = messages
        .iter()
        .map(|m| String::from_utf8(m.bytes.clone().unwrap()).unwrap())
        .collect();
    assert_eq!(texts.len(), 2);
    assert!(
        texts[0].contains("\"individual_number\":\"⟦INDIVIDUAL-NUMBER#1⟧\""),
        "{}",
        texts[0]
    );
    assert!(!texts.concat().contains(&sent.individual_number) && !texts.concat().contains("LEAK"));
    assert_eq!(
        (messages[0].hop, messages[0].from.1.as_str()),
        ("registration", "みなと健保")
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_number_is_named_and_never_sent() {
    let bed = accepting();
    let said = bed
        .insurer
        .register(registration(&wrong_number()))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        said.contains(&wrong_number())
            && said.contains(&format!("must be {}", &right_number()[7..])),
        "{said}"
    );
    let mut wrong = registration(&right_number());
    wrong.individual_number = "123456789018".to_owned();
    let said = bed
        .insurer
        .register(wrong.clone())
        .await
        .unwrap_err()
        .to_string();
    assert!(!said.contains("123456"), "{said}");
    wrong.individual_number = IndividualNumber::invented(1).reveal().to_owned();
    wrong.qualification.branch = "1".to_owned();
    assert!(matches!(
        bed.insurer.register(wrong).await,
        Err(InsurerError::Number(_))
    ));
    assert!(bed.tap.messages().is_empty() && bed.heard.lock().unwrap().is_empty());
}

struct SendsWrong;
impl Conduct for SendsWrong {
    fn checks_number(&self, _number: &str) -> Result<(), NumberError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn its_decision_can_be_bent_alone() {
    let bed = bed(Arc::new(SendsWrong), Authority::Facility, accepted());
    bed.insurer
        .register(registration(&wrong_number()))
        .await
        .unwrap();
    assert_eq!(
        bed.heard.lock().unwrap()[0]["insurer_number"],
        wrong_number()
    );
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_no_acceptance_are_errors() {
    let json = "application/json";
    let failure = Failure::new(
        "name-kana",
        "カナ氏名は1文字以上です。",
        "name-kana has 0 characters",
    )
    .to_json();
    let table = [
        (
            Answer::new(422, json, failure),
            "refused the registration (name-kana, HTTP 422): name-kana has 0 characters",
        ),
        (
            Answer::new(201, json, "{}"),
            "HTTP 201 with something unreadable",
        ),
        (
            Answer::new(201, json, r#"{"accepted":false}"#),
            "HTTP 201 with something unreadable",
        ),
        (
            Answer::new(500, "text/html", "<p>oops"),
            "HTTP 500 with something unreadable",
        ),
        (
            Answer::new(200, json, vec![b' '; MAX_ANSWER + 1]),
            "something unreadable",
        ),
    ];
    for (answer, expected) in table {
        let bed = bed(Arc::new(Reference), Authority::Facility, answer);
        let said = bed
            .insurer
            .register(registration(&right_number()))
            .await
            .unwrap_err()
            .to_string();
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_silent_or_refuses_the_certificate_is_told_apart() {
    let bed_down = accepting();
    bed_down
        .street
        .set_fault(INTERMEDIATE_HOST, Some(Fault::Down));
    let error = bed_down
        .insurer
        .register(registration(&right_number()))
        .await
        .unwrap_err();
    assert!(matches!(error, InsurerError::Unreachable(_)), "{error}");
    bed_down
        .street
        .set_fault(INTERMEDIATE_HOST, Some(Fault::Silent));
    let error = bed_down
        .insurer
        .register(registration(&right_number()))
        .await
        .unwrap_err();
    assert!(matches!(error, InsurerError::Late(10_000)), "{error}");
    let stranger = bed(Arc::new(Reference), Authority::Foreign, accepted());
    let error = stranger
        .insurer
        .register(registration(&right_number()))
        .await
        .unwrap_err();
    assert!(matches!(error, InsurerError::Unreachable(_)), "{error}");
    assert!(stranger.heard.lock().unwrap().is_empty());
}
