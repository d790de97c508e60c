use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use identifiers::InsurerNumber;
use jiff::civil::{date, datetime};
use proptest::prelude::*;
use wire::eligibility::HOST;
use wire::failure::Failure;
use wire::registration::{
    FEED_LINKS, FEED_QUALIFICATIONS, FedQualification, INTERMEDIATE_HOST, Kind, REGISTRATIONS,
    Registration,
};
use world::http::{Answer, Asked, BodyRefused, Client, NoAnswer, serve};
use world::keys::{self, Authority};
use world::net::{Fault, Street};
use world::tls::FacilityAuthority;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn insurer_number() -> String {
    InsurerNumber::from_body("0699123").unwrap().to_string()
}

/// A sound gain of the n-th person.
pub(crate) fn registration(person: u64) -> Registration {
    let text = str::to_owned;
    Registration {
        individual_number: IndividualNumber::invented(person).reveal().to_owned(),
        qualification: Qualification {
            kind: Kind::Gain,
            insurer_number: insurer_number(),
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

fn loss(person: u64) -> Registration {
    let mut loss = registration(person);
    (loss.qualification.kind, loss.qualification.reason_of_loss) =
        (Kind::Loss, Some("03".to_owned()));
    loss
}

#[derive(Default)]
struct Feed {
    /// Path and body of everything that was taken.
    taken: Vec<(String, serde_json::Value)>,
    /// Statuses to answer before the regular 204; such messages are not taken.
    answers: VecDeque<u16>,
    connections: u32,
}

struct Bed {
    authority: FacilityAuthority,
    clock: Clock,
    tap: Tap,
    street: Street,
    feed: Arc<Mutex<Feed>>,
    house: IntermediateHandle,
}

fn fed(feed: &Mutex<Feed>, asked: Asked) -> Answer {
    let mut feed = feed.lock().unwrap();
    match feed.answers.pop_front() {
        Some(status) => Answer::new(
            status,
            "application/json",
            Failure::new("made-up", "模擬", "made up").to_json(),
        ),
        None => {
            let body = serde_json::from_slice(&asked.body.unwrap()).unwrap();
            feed.taken.push((asked.path, body));
            Answer::new(204, "", "")
        }
    }
}

fn bed() -> Bed {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let (tap, street) = (Tap::new(clock.clone()), Street::default());
    let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
    let roots = vec![authority.certificate.clone()];
    let server = authority.issue(HOST, 2, keys::tls::ELIGIBILITY).unwrap();
    let acceptor = acceptor(&server, required_clients(&roots).unwrap(), &clock).unwrap();
    let feed = Arc::<Mutex<Feed>>::default();
    let (mut door, listening) = (street.listen(HOST), feed.clone());
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            let (acceptor, feed) = (acceptor.clone(), listening.clone());
            feed.lock().unwrap().connections += 1;
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, 64 * 1024, |asked| {
                        let answer = fed(&feed, asked);
                        async move { answer }
                    })
                    .await;
                }
            });
        }
    });
    let feeder = authority
        .issue(FEED_NAME, 4, keys::tls::INTERMEDIATE)
        .unwrap();
    let config = Config {
        door: street.listen(INTERMEDIATE_HOST),
        identity: authority
            .issue(INTERMEDIATE_HOST, 3, keys::tls::INTERMEDIATE)
            .unwrap(),
        trusted: roots.clone(),
        caller: Caller::new(&feeder, &roots, &clock).unwrap(),
        network: Arc::new(street.clone()),
        tap: tap.clone(),
        clock: clock.clone(),
    };
    let house = spawn(config).unwrap();
    Bed {
        authority,
        clock,
        tap,
        street,
        feed,
        house,
    }
}

impl Bed {
    async fn client(&self, issuer: &FacilityAuthority, name: &str) -> Result<Client, NoAnswer> {
        let identity = issuer.issue(name, 9, keys::tls::INSURER).unwrap();
        let caller = Caller::new(
            &identity,
            std::slice::from_ref(&self.authority.certificate),
            &self.clock,
        )
        .unwrap();
        let stream = self.street.connect(INTERMEDIATE_HOST).await.unwrap();
        let hop = Hop {
            name: "registration",
            ..feed_hop()
        };
        let stream = caller.call(INTERMEDIATE_HOST, stream, &self.tap, hop).await;
        Client::over(
            stream.map_err(|e| NoAnswer::Connection(e.to_string()))?,
            INTERMEDIATE_HOST,
        )
        .await
    }

    async fn post(&self, asker: &str, body: Vec<u8>) -> (u16, String) {
        let mut client = self.client(&self.authority, asker).await.unwrap();
        let answer = client
            .post(REGISTRATIONS, "application/json", body, MINUTE, 1 << 16)
            .await
            .unwrap();
        (
            answer.status,
            String::from_utf8(answer.body.to_vec()).unwrap(),
        )
    }

    async fn register(&self, registration: &Registration) -> u16 {
        self.post(&insurer_number(), serde_json::to_vec(registration).unwrap())
            .await
            .0
    }

    fn taken(&self) -> Vec<(String, serde_json::Value)> {
        self.feed.lock().unwrap().taken.clone()
    }

    fn connections(&self) -> u32 {
        self.feed.lock().unwrap().connections
    }
}

#[tokio::test(start_paused = true)]
async fn registrations_and_ties_reach_the_feed_in_order_under_one_link_number() {
    let mut bed = bed();
    assert_eq!(bed.register(&registration(1)).await, 201);
    assert_eq!(bed.register(&registration(2)).await, 201);
    assert_eq!(bed.register(&loss(1)).await, 201);
    bed.house
        .tie(
            &IndividualNumber::invented(1),
            CertificateSerial::new(0xBFCD).unwrap(),
        )
        .unwrap();
    bed.house
        .tie(
            &IndividualNumber::invented(7),
            CertificateSerial::new(0x0A).unwrap(),
        )
        .unwrap();
    assert!(bed.house.settled(MINUTE).await);
    let taken = bed.taken();
    let told: Vec<String> = taken
        .iter()
        .map(|(path, body)| format!("{path} {} {}", body["link_number"], body["serial"]))
        .collect();
    assert_eq!(
        told,
        [
            "/v1/feed/qualifications \"L000000000001\" null",
            "/v1/feed/qualifications \"L000000000002\" null",
            "/v1/feed/qualifications \"L000000000001\" null",
            "/v1/feed/links \"L000000000001\" \"bfcd\"",
            "/v1/feed/links \"L000000000003\" \"a\"",
        ]
    );
    assert_eq!(
        (FEED_QUALIFICATIONS, FEED_LINKS),
        ("/v1/feed/qualifications", "/v1/feed/links")
    );
    let first: FedQualification = serde_json::from_value(taken[0].1.clone()).unwrap();
    assert_eq!(first.qualification, registration(1).qualification);
    assert_eq!(bed.house.entries().len(), 3);
    // Individual numbers stay in this house.
    tokio::time::sleep(MINUTE).await;
    for person in [1, 2, 7] {
        let number = IndividualNumber::invented(person).reveal().to_owned();
        let fed = bed.tap.messages().into_iter().filter(|m| m.hop == "feed");
        assert!(
            fed.filter_map(|m| m.bytes)
                .all(|b| !String::from_utf8_lossy(&b).contains(&number))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_insurer_registers_its_own_insured_only_and_strangers_nothing() {
    let bed = bed();
    let body = || serde_json::to_vec(&registration(1)).unwrap();
    let (status, said) = bed.post("39990000", body()).await;
    assert!(
        status == 403 && said.contains("insurer-not-asker"),
        "{said}"
    );
    let (status, _) = bed.post("clinic", body()).await;
    assert_eq!(status, 403);
    let foreign = FacilityAuthority::new(Authority::Foreign, date(2025, 1, 1)).unwrap();
    let refused = match bed.client(&foreign, &insurer_number()).await {
        Err(error) => Err(error),
        Ok(mut client) => {
            client
                .post(REGISTRATIONS, "application/json", body(), MINUTE, 1 << 16)
                .await
        }
    };
    assert!(refused.is_err());
    assert!(bed.house.entries().is_empty() && bed.house.waiting() == 0);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_check_digit_is_refused_by_name_whoever_asks() {
    let bed = bed();
    let mut wrong = registration(1);
    let right = insurer_number();
    let last = (right.as_bytes()[7] - b'0' + 1) % 10;
    wrong.qualification.insurer_number = format!("{}{last}", &right[..7]);
    let (status, said) = bed.post(&right, serde_json::to_vec(&wrong).unwrap()).await;
    assert!(
        status == 422 && said.contains("insurer-number-check-digit"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn with_the_server_down_everything_waits_in_order() {
    for fault in [Fault::Down, Fault::Silent] {
        let mut bed = bed();
        bed.street.set_fault(HOST, Some(fault));
        for person in 1..=3 {
            assert_eq!(bed.register(&registration(person)).await, 201);
        }
        assert!(!bed.house.settled(MINUTE).await);
        assert_eq!((bed.house.waiting(), bed.taken().len()), (3, 0));
        bed.street.set_fault(HOST, None);
        assert!(bed.house.settled(2 * MINUTE).await);
        let links: Vec<String> = bed
            .taken()
            .iter()
            .map(|(_, body)| body["link_number"].to_string())
            .collect();
        assert_eq!(
            links,
            [
                "\"L000000000001\"",
                "\"L000000000002\"",
                "\"L000000000003\""
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_courier_tries_with_growing_pauses_then_rests_and_loses_nothing() {
    let mut bed = bed();
    bed.feed.lock().unwrap().answers = vec![503; 1000].into();
    bed.register(&registration(1)).await;
    tokio::time::sleep(24 * 60 * MINUTE).await;
    let tried = bed.connections();
    assert_eq!(tried, ATTEMPTS);
    tokio::time::sleep(24 * 60 * MINUTE).await;
    assert_eq!((bed.connections(), bed.house.waiting()), (tried, 1));
    bed.feed.lock().unwrap().answers.clear();
    assert!(!bed.house.settled(60 * MINUTE).await);
    bed.house.retry();
    assert!(bed.house.settled(MINUTE).await);
    assert_eq!(bed.taken().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_refuses_for_good_is_kept_aside_and_stops_nothing() {
    let mut bed = bed();
    bed.feed.lock().unwrap().answers = [500, 429, 422].into();
    bed.register(&registration(1)).await;
    bed.register(&registration(2)).await;
    assert!(bed.house.settled(MINUTE).await);
    let refused = bed.house.refused();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].reason, "HTTP 422 made-up: made up");
    assert!(String::from_utf8_lossy(&refused[0].body).contains("L000000000001"));
    assert_eq!(bed.taken()[0].1["link_number"], "L000000000002");
}

#[tokio::test(start_paused = true)]
async fn the_same_entry_sent_again_is_kept_once_and_a_return_is_not_the_same() {
    let mut bed = bed();
    for sent in [
        registration(1),
        registration(1),
        loss(1),
        loss(1),
        registration(1),
    ] {
        assert_eq!(bed.register(&sent).await, 201);
    }
    assert!(bed.house.settled(MINUTE).await);
    let kinds: Vec<Kind> = bed
        .house
        .entries()
        .iter()
        .map(|entry| entry.qualification.kind)
        .collect();
    assert_eq!(kinds, [Kind::Gain, Kind::Loss, Kind::Gain]);
    assert_eq!(bed.taken().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_before_it_confirms() {
    let (told, _waiting) = watch::channel(0);
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let shared: Shared = Arc::new(Mutex::new(House::new(clock, told)));
    let serial = CertificateSerial::new(1).unwrap();
    let person = IndividualNumber::invented(1);
    for _ in 0..LONGEST_QUEUE {
        house::locked(&shared).tie(&person, serial).unwrap();
    }
    assert_eq!(
        house::locked(&shared).tie(&person, serial),
        Err(TieError::Full(LONGEST_QUEUE))
    );
    let answer = house::answer(
        &shared,
        &insurer_number(),
        &asked(serde_json::to_vec(&registration(1)).unwrap()),
    );
    assert_eq!(answer.status, 503);
    assert!(house::locked(&shared).entries().is_empty());
}

fn asked(body: Vec<u8>) -> Asked {
    Asked {
        method: "POST".into(),
        path: REGISTRATIONS.into(),
        content_type: "application/json".into(),
        body: Ok(body.into()),
    }
}

fn lonely() -> Shared {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    Arc::new(Mutex::new(House::new(clock, watch::channel(0).0)))
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_none_are_refused_by_name() {
    let good = || serde_json::to_vec(&registration(1)).unwrap();
    let mut extra = serde_json::to_value(registration(1)).unwrap();
    extra["sex"] = serde_json::json!(2);
    let table: [(Asked, u16, &str); 9] = [
        (
            Asked {
                path: "/".into(),
                ..asked(good())
            },
            404,
            "not-found",
        ),
        (
            Asked {
                method: "GET".into(),
                ..asked(good())
            },
            405,
            "method-not-allowed",
        ),
        (
            Asked {
                content_type: "text/xml".into(),
                ..asked(good())
            },
            415,
            "content-type",
        ),
        (
            Asked {
                body: Err(BodyRefused::TooLarge),
                ..asked(good())
            },
            413,
            "too-large",
        ),
        (
            Asked {
                body: Err(BodyRefused::Broken),
                ..asked(good())
            },
            400,
            "body-broken",
        ),
        (asked(vec![]), 400, "malformed"),
        (asked(good()[..40].to_vec()), 400, "malformed"),
        (asked(extra.to_string().into_bytes()), 400, "malformed"),
        (
            asked(b"{\"individual_number\":123456789012}".to_vec()),
            400,
            "malformed",
        ),
    ];
    for (asked, status, error) in table {
        let answer = house::answer(&lonely(), &insurer_number(), &asked);
        let failure: Failure = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, failure.error.as_str()), (status, error));
        assert!(!format!("{failure:?}").contains("123456789012"));
    }
}

proptest! {
    #[test]
    fn no_body_makes_the_house_panic(body: Vec<u8>, cut in 0usize..400) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _guard = runtime.enter();
        let house = lonely();
        let whole = serde_json::to_vec(&registration(1)).unwrap();
        prop_assert!(house::answer(&house, "", &asked(body)).status >= 400);
        let end = cut.min(whole.len() - 1);
        prop_assert_eq!(house::answer(&house, "", &asked(whole[..end].to_vec())).status, 400);
        prop_assert!(house::locked(&house).entries().is_empty());
    }
}
