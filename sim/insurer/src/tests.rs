use std::sync::Mutex;

use jiff::civil::{date, datetime};
use wire::registration::{Elderly, Kind, Qualification};
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
    heard: Arc<Mutex<Vec<(String, serde_json::Value)>>>,
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
    let heard = Arc::<Mutex<Vec<(String, serde_json::Value)>>>::default();
    let (mut door, listened) = (street.listen(INTERMEDIATE_HOST), heard.clone());
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, 64 * 1024, |asked| {
                    assert_eq!(asked.method, "POST");
                    let body = serde_json::from_slice(&asked.body.unwrap()).unwrap();
                    listened.lock().unwrap().push((asked.path, body));
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
        clock,
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
            benefits: Benefits::default(),
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
    let (path, heard) = bed.heard.lock().unwrap()[0].clone();
    assert_eq!(path, REGISTRATIONS);
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
        Err(InsurerError::Entry(WrongEntry {
            field: "branch",
            ..
        }))
    ));
    assert!(bed.tap.messages().is_empty() && bed.heard.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_release_arrives_on_the_day_entered() {
    let bed = accepting();
    let release = release("2026-11-01");
    bed.insurer.release(release.clone()).await.unwrap();
    let (path, heard) = bed.heard.lock().unwrap()[0].clone();
    assert_eq!(path, RELEASES);
    assert_eq!(serde_json::from_value::<Release>(heard).unwrap(), release);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let told: String = bed
        .tap
        .messages()
        .iter()
        .map(|m| String::from_utf8(m.bytes.clone().unwrap()).unwrap())
        .collect();
    assert!(told.contains("⟦INDIVIDUAL-NUMBER#1⟧"), "{told}");
    assert!(!told.contains(&release.individual_number) && !told.contains("LEAK"));
}

#[tokio::test(start_paused = true)]
async fn a_release_that_cannot_be_right_is_never_sent() {
    let bed = accepting();
    let mut wrong = release("2026-11-31");
    let error = bed.insurer.release(wrong.clone()).await.unwrap_err();
    assert!(error.to_string().contains("effective_on"), "{error}");
    wrong = release("2026-11-01");
    wrong.individual_number = "123456789018".to_owned();
    let said = bed.insurer.release(wrong).await.unwrap_err().to_string();
    assert!(!said.contains("123456"), "{said}");
    assert!(bed.heard.lock().unwrap().is_empty());
}

fn release(effective_on: &str) -> Release {
    Release {
        individual_number: IndividualNumber::invented(1).reveal().to_owned(),
        effective_on: effective_on.to_owned(),
    }
}

struct SendsWrong;
impl Conduct for SendsWrong {
    fn checks_number(&self, _number: &str) -> Result<(), NumberError> {
        Ok(())
    }
}

struct WrongShare;
impl Conduct for WrongShare {
    fn passes_benefits(&self, mut found: Benefits) -> Benefits {
        if let Some(elderly) = &mut found.elderly {
            elderly.ratio = "030".to_owned();
        }
        found
    }
}

struct DropsBranch;
impl Conduct for DropsBranch {
    fn branch(&self, _found: String) -> String {
        String::new()
    }
}

struct LosesLosses;
impl Conduct for LosesLosses {
    fn sends_entry(&self, entry: &Qualification) -> bool {
        entry.kind == Kind::Gain
    }
}

struct WritesNumber;
impl Conduct for WritesNumber {
    fn other_name(&self, _found: Option<String>, individual_number: &str) -> Option<String> {
        Some(individual_number.to_owned())
    }
}

struct ReleasesAtOnce;
impl Conduct for ReleasesAtOnce {
    fn release_day(&self, _found: Date, today: Date) -> Date {
        today
    }
}

/// Enters a wrong number, shares, a branch, a loss and a release; gives what was sent, in order.
async fn told(conduct: Arc<dyn Conduct>) -> Vec<String> {
    let bed = bed(conduct, Authority::Facility, accepted());
    let _ = bed.insurer.register(registration(&wrong_number())).await;
    let mut gain = registration(&right_number());
    gain.qualification.benefits.elderly = Some(Elderly {
        ratio: "020".to_owned(),
        from: "2026-04-01".to_owned(),
        to: "2027-03-31".to_owned(),
    });
    bed.insurer.register(gain).await.unwrap();
    let mut loss = registration(&right_number());
    loss.qualification.kind = Kind::Loss;
    loss.qualification.reason_of_loss = Some("03".to_owned());
    bed.insurer.register(loss).await.unwrap();
    bed.insurer.release(release("2026-11-01")).await.unwrap();
    let heard = bed.heard.lock().unwrap();
    let told = heard.iter().map(|(_, body)| match &body["effective_on"] {
        serde_json::Value::String(day) => format!("release {day}"),
        _ => format!(
            "{} {} branch {} ratio {}",
            body["kind"].as_str().unwrap(),
            body["insurer_number"].as_str().unwrap(),
            body["branch"],
            body["benefits"]["elderly"]["ratio"]
        ),
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn each_decision_can_be_bent_alone() {
    let (right, wrong) = (right_number(), wrong_number());
    let straight = [
        format!("gain {right} branch \"01\" ratio \"020\""),
        format!("loss {right} branch \"01\" ratio null"),
        "release 2026-11-01".to_owned(),
    ];
    assert_eq!(told(Arc::new(Reference)).await, straight);
    let mut also_wrong = straight.to_vec();
    also_wrong.insert(0, format!("gain {wrong} branch \"01\" ratio null"));
    assert_eq!(told(Arc::new(SendsWrong)).await, also_wrong);
    let shares = told(Arc::new(WrongShare)).await;
    assert_eq!(shares[0], straight[0].replace("020", "030"));
    assert_eq!(shares[1..], straight[1..]);
    let branches = told(Arc::new(DropsBranch)).await;
    assert!(
        branches[..2]
            .iter()
            .all(|entry| entry.contains("branch \"\""))
    );
    assert_eq!(
        told(Arc::new(LosesLosses)).await,
        [straight[0].clone(), straight[2].clone()]
    );
    let at_once = told(Arc::new(ReleasesAtOnce)).await;
    assert_eq!(at_once[..2], straight[..2]);
    assert_eq!(at_once[2], "release 2026-10-15");
}

#[tokio::test(start_paused = true)]
async fn the_individual_number_stands_in_its_own_place_alone_unless_bent() {
    for (conduct, written) in [
        (Arc::new(Reference) as Arc<dyn Conduct>, false),
        (Arc::new(WritesNumber), true),
    ] {
        let bed = bed(conduct, Authority::Facility, accepted());
        let entry = registration(&right_number());
        let number = entry.individual_number.clone();
        bed.insurer.register(entry).await.unwrap();
        let heard = bed.heard.lock().unwrap();
        let other_name = &heard[0].1["benefits"]["name_of_other"];
        assert_eq!(other_name == number.as_str(), written);
    }
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
            "refused the entry (name-kana, HTTP 422): name-kana has 0 characters",
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
