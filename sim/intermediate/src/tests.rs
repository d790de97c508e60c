mod interface;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use identifiers::InsurerNumber;
use jiff::civil::{date, datetime};
use proptest::prelude::*;
use wire::eligibility::HOST;
use wire::failure::Failure;
use wire::portal::{AgencyCode, INSURED_PERSONS, InsuredPerson, NAME as PORTAL};
use wire::registration::{
    Benefits, Elderly, FEED_QUALIFICATIONS, FEED_RELEASES, FedQualification, INTERMEDIATE_HOST,
    InsuredNumbers, Kind, Limit, REGISTRATIONS, RELEASES, Registration, Release,
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
            benefits: Benefits::default(),
        },
    }
}

fn loss(person: u64) -> Registration {
    let mut loss = registration(person);
    (loss.qualification.kind, loss.qualification.reason_of_loss) =
        (Kind::Loss, Some("03".to_owned()));
    loss
}

fn release(person: u64) -> Release {
    Release {
        individual_number: IndividualNumber::invented(person).reveal().to_owned(),
        effective_on: "2026-11-01".to_owned(),
    }
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
        self.post_to(REGISTRATIONS, asker, body).await
    }

    async fn post_to(&self, path: &str, asker: &str, body: Vec<u8>) -> (u16, String) {
        let mut client = self.client(&self.authority, asker).await.unwrap();
        let answer = client
            .post(path, "application/json", body, MINUTE, 1 << 16)
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

    async fn release(&self, asker: &str, release: &Release) -> (u16, String) {
        let body = serde_json::to_vec(release).unwrap();
        self.post_to(RELEASES, asker, body).await
    }

    /// What the portal learns of a code.
    async fn insured(&self, code: &str) -> (u16, String) {
        let agency_code = code.to_owned();
        let body = serde_json::to_vec(&AgencyCode { agency_code }).unwrap();
        self.post_to(INSURED_PERSONS, PORTAL, body).await
    }

    async fn number(&self, code: &str) -> String {
        let (status, body) = self.insured(code).await;
        assert_eq!(status, 200, "{body}");
        let person: InsuredPerson = serde_json::from_str(&body).unwrap();
        person.insured.number
    }

    fn taken(&self) -> Vec<(String, serde_json::Value)> {
        self.feed.lock().unwrap().taken.clone()
    }

    fn connections(&self) -> u32 {
        self.feed.lock().unwrap().connections
    }
}

#[tokio::test(start_paused = true)]
async fn registrations_and_releases_reach_the_feed_in_order_under_one_link_number() {
    let mut bed = bed();
    let mut first = registration(1);
    first.qualification.benefits = Benefits {
        card_classification: Some("01".into()),
        address: Some("模擬県模擬市１－２".into()),
        name_of_other: None,
        contribution_ratio: None,
        elderly: Some(Elderly {
            ratio: "020".into(),
            from: "2026-04-01".into(),
            to: "2027-03-31".into(),
        }),
        limit: Some(Limit {
            classification: "01".into(),
            class: "Z99".into(),
            from: "2026-04-01".into(),
            to: "2027-03-31".into(),
        }),
    };
    assert_eq!(bed.register(&first).await, 201);
    assert_eq!(bed.register(&registration(2)).await, 201);
    assert_eq!(bed.release(&insurer_number(), &release(1)).await.0, 201);
    assert_eq!(bed.register(&loss(1)).await, 201);
    assert_eq!(bed.release(&insurer_number(), &release(2)).await.0, 201);
    assert!(bed.house.settled(MINUTE).await);
    let taken = bed.taken();
    let told: Vec<String> = taken
        .iter()
        .map(|(path, body)| format!("{path} {} {}", body["link_number"], body["effective_on"]))
        .collect();
    assert_eq!(
        told,
        [
            "/v1/feed/qualifications \"L000000000001\" null",
            "/v1/feed/qualifications \"L000000000002\" null",
            "/v1/feed/releases \"L000000000001\" \"2026-11-01\"",
            "/v1/feed/qualifications \"L000000000001\" null",
            "/v1/feed/releases \"L000000000002\" \"2026-11-01\"",
        ]
    );
    assert_eq!(
        (FEED_QUALIFICATIONS, FEED_RELEASES),
        ("/v1/feed/qualifications", "/v1/feed/releases")
    );
    let fed: FedQualification = serde_json::from_value(taken[0].1.clone()).unwrap();
    assert_eq!(fed.qualification, first.qualification);
    assert_eq!(bed.house.entries().len(), 3);
    // Individual numbers stay in this house.
    tokio::time::sleep(MINUTE).await;
    for person in [1, 2] {
        let number = IndividualNumber::invented(person).reveal().to_owned();
        let fed = bed.tap.messages().into_iter().filter(|m| m.hop == "feed");
        assert!(
            fed.filter_map(|m| m.bytes)
                .all(|b| !String::from_utf8_lossy(&b).contains(&number))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_portal_learns_the_latest_number_behind_its_code() {
    let bed = bed();
    let person = IndividualNumber::invented(1);
    bed.house.know_code("agency0000000001", &person);
    // Known to the portal, and no insurer has said anything yet.
    for code in ["agency0000000001", "agency0000000002", ""] {
        let (status, said) = bed.insured(code).await;
        assert!(
            status == 404 && said.contains("no-insured-person"),
            "{said}"
        );
    }
    bed.register(&registration(1)).await;
    let (status, body) = bed.insured("agency0000000001").await;
    assert_eq!(status, 200);
    assert!(!body.contains(person.reveal()));
    let found: InsuredPerson = serde_json::from_str(&body).unwrap();
    assert_eq!(found.link_number, "L000000000001");
    let insured = InsuredNumbers {
        insurer_number: insurer_number(),
        symbol: "１２‐３４".into(),
        number: "０００１２３".into(),
        branch: "01".into(),
    };
    assert_eq!(found.insured, insured);
    // A code stays its person's.
    bed.house
        .know_code("agency0000000001", &IndividualNumber::invented(2));
    assert_eq!(bed.number("agency0000000001").await, "０００１２３");
}

#[tokio::test(start_paused = true)]
async fn which_number_is_the_latest_depends_on_days_and_not_on_arrival() {
    let entry = |number: &str, on: &str, lost: bool| {
        let mut entry = if lost { loss(1) } else { registration(1) };
        entry.qualification.number = number.to_owned();
        entry.qualification.on = on.to_owned();
        entry
    };
    // Today is 2026-10-15.
    type Said = (&'static str, &'static str, bool);
    let table: [(&[Said], &str); 6] = [
        (&[("1", "2020-04-01", false)], "1"),
        (
            &[("1", "2020-04-01", false), ("1", "2026-10-01", true)],
            "1",
        ),
        (
            &[
                ("1", "2020-04-01", false),
                ("2", "2026-10-01", false),
                ("1", "2026-10-01", true),
            ],
            "2",
        ),
        (
            &[("2", "2026-10-01", false), ("1", "2020-04-01", false)],
            "2",
        ),
        (
            &[("1", "2020-04-01", false), ("2", "2026-12-01", false)],
            "1",
        ),
        (&[("2", "2026-12-01", false)], "2"),
    ];
    for (entries, expected) in table {
        let bed = bed();
        bed.house
            .know_code("agency0000000001", &IndividualNumber::invented(1));
        for (number, on, lost) in entries {
            assert_eq!(bed.register(&entry(number, on, *lost)).await, 201);
        }
        assert_eq!(
            bed.number("agency0000000001").await,
            expected,
            "{entries:?}"
        );
    }
    // A loss that came before its gain names the number as well.
    let bed = bed();
    bed.house
        .know_code("agency0000000001", &IndividualNumber::invented(1));
    bed.register(&entry("7", "2026-10-01", true)).await;
    assert_eq!(bed.number("agency0000000001").await, "7");
}

#[tokio::test(start_paused = true)]
async fn an_insurer_releases_its_own_insured_only() {
    let bed = bed();
    let (status, said) = bed.release(&insurer_number(), &release(1)).await;
    assert!(status == 403 && said.contains("not-own-insured"), "{said}");
    bed.register(&registration(1)).await;
    let (status, said) = bed.release("39990000", &release(1)).await;
    assert!(status == 403 && said.contains("not-own-insured"), "{said}");
    let mut wrong = release(1);
    wrong.effective_on = "2026-11-31".into();
    let (status, said) = bed.release(&insurer_number(), &wrong).await;
    assert!(status == 422 && said.contains("effective-on"), "{said}");
    wrong = release(1);
    wrong.individual_number = "123456789018".into();
    let (status, said) = bed.release(&insurer_number(), &wrong).await;
    assert!(
        status == 422 && said.contains("individual-number") && !said.contains("123456"),
        "{said}"
    );
    // Whoever was insured here once may still be released here.
    bed.register(&loss(1)).await;
    assert_eq!(bed.release(&insurer_number(), &release(1)).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn the_portal_asks_and_the_others_register() {
    let bed = bed();
    let code = serde_json::to_vec(&AgencyCode {
        agency_code: "agency0000000001".into(),
    })
    .unwrap();
    for asker in [&insurer_number(), "1399999999", "jlis"] {
        let (status, said) = bed.post_to(INSURED_PERSONS, asker, code.clone()).await;
        assert!(
            status == 403 && said.contains("asker-not-allowed"),
            "{asker}: {said}"
        );
    }
    for (path, body) in [
        (REGISTRATIONS, serde_json::to_vec(&registration(1)).unwrap()),
        (RELEASES, serde_json::to_vec(&release(1)).unwrap()),
    ] {
        let (status, said) = bed.post_to(path, PORTAL, body).await;
        assert!(
            status == 403 && said.contains("asker-not-allowed"),
            "{path}: {said}"
        );
    }
    assert!(bed.house.entries().is_empty() && bed.house.waiting() == 0);
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
    let entry = |number: usize| {
        let mut entry = registration(1);
        entry.qualification.number = number.to_string();
        asked(serde_json::to_vec(&entry).unwrap())
    };
    for number in 0..LONGEST_QUEUE {
        let answer = desk::answer(&shared, &insurer_number(), &entry(number));
        assert_eq!(answer.status, 201);
    }
    let release = Asked {
        path: RELEASES.into(),
        ..asked(serde_json::to_vec(&release(1)).unwrap())
    };
    for refused in [entry(LONGEST_QUEUE), release] {
        let answer = desk::answer(&shared, &insurer_number(), &refused);
        assert_eq!(answer.status, 503);
    }
    assert_eq!(house::locked(&shared).entries().len(), LONGEST_QUEUE);
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
        let answer = desk::answer(&lonely(), &insurer_number(), &asked);
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
        prop_assert!(desk::answer(&house, "", &asked(body)).status >= 400);
        let end = cut.min(whole.len() - 1);
        prop_assert_eq!(desk::answer(&house, "", &asked(whole[..end].to_vec())).status, 400);
        prop_assert!(house::locked(&house).entries().is_empty());
    }
}
