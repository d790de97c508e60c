//! The relying party against the simulated J-LIS over the street: every mood of its responder and of its
//! list, with and without the fallback; and cards looked at from end to end, straight and bent.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use identifiers::CertificateSerial;
use jiff::civil::{date, datetime};
use jlis::{Leaf, ListMood, Mood, Publisher, Purpose, Reason, Registry, Responder};
use rules::{CertificateCheck, CertificateFault, Revocation, RevocationFallback, SignatureCheck};
use wire::certificate::{CRL_HOST, CRL_PATH};
use world::keys::{self, Authority as KeyOf};
use world::net::{Fault, Street};
use world::{Clock, Seed, Tap};

use crate::{Bend, Doubt, Examined, Flaw, Refusal, Relying, Settings, Straight};

const TIMEOUT_MS: u64 = 5_000;

struct Town {
    clock: Clock,
    street: Street,
    tap: Tap,
    jpki: jlis::Authority,
    registry: Registry,
    responder: Arc<Responder>,
    publisher: Arc<Publisher>,
}

fn serial() -> CertificateSerial {
    CertificateSerial::new(0xA1_B2C3).unwrap()
}

impl Town {
    fn new() -> Self {
        let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
        let street = Street::default();
        let from = date(2023, 7, 16);
        let key = KeyOf::UserAuthentication;
        let jpki = jlis::Authority::new(Purpose::UserAuthentication, key, from);
        let registry = Registry::new(clock.clone(), 24);
        registry.issue(serial(), date(2030, 2, 17)).unwrap();
        let certificate = jpki.responder_certificate(from);
        let responder = Responder::new(&jpki, certificate, registry.clone(), clock.clone());
        let publisher = Publisher::new(CRL_PATH, jpki.clone(), registry.clone(), clock.clone());
        let town = Town {
            tap: Tap::new(clock.clone()),
            responder: Arc::new(responder),
            publisher: Arc::new(publisher),
            clock,
            street,
            jpki,
            registry,
        };
        let doors = (town.street.listen(jlis::HOST), town.street.listen(CRL_HOST));
        tokio::spawn(jlis::serve(town.responder.clone(), doors.0));
        tokio::spawn(jlis::serve_lists(vec![town.publisher.clone()], doors.1));
        town
    }

    fn relying(&self, fallback: RevocationFallback) -> Relying {
        let settings = Settings {
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
            nonces: Seed(3).stream("nonces"),
            timeout_ms: TIMEOUT_MS,
            fallback,
            asker: ("portal".to_owned(), String::new()),
        };
        Relying::new(std::slice::from_ref(&self.jpki.certificate), settings).unwrap()
    }

    fn certificate(&self) -> Vec<u8> {
        let key = keys::card(0);
        self.jpki.issue_authentication(&Leaf {
            serial: serial(),
            first_day: date(2025, 10, 27),
            last_day: date(2030, 2, 17),
            key: &key.pair,
        })
    }

    fn hops(&self) -> Vec<(&'static str, String, String)> {
        let messages = self.tap.messages();
        let ends = messages
            .iter()
            .map(|m| (m.hop, m.from.0.clone(), m.to.0.clone()));
        ends.collect()
    }
}

fn signature(over: &[u8]) -> Vec<u8> {
    let key = keys::card(0);
    let mut signature = vec![0; key.pair.public_modulus_len()];
    let random = SystemRandom::new();
    key.pair
        .sign(&RSA_PKCS1_SHA256, &random, over, &mut signature)
        .unwrap();
    signature
}

async fn asked(relying: &Relying) -> Result<Revocation, Doubt> {
    relying.revocation_of(serial()).await
}

/// What both say now, the list by silencing the service.
async fn both(town: &Town, relying: &Relying) -> (Revocation, Revocation) {
    let service = asked(relying).await.unwrap();
    town.street.set_fault(jlis::HOST, Some(Fault::Down));
    let list = asked(relying).await.unwrap();
    town.street.set_fault(jlis::HOST, None);
    (service, list)
}

#[tokio::test(start_paused = true)]
async fn service_and_list_tell_every_standing_apart() {
    for reason in Reason::ALL {
        let town = Town::new();
        let relying = town.relying(RevocationFallback::Crl);
        let now = town.clock.now_ms();
        let twice = |said| (said, said);
        assert_eq!(both(&town, &relying).await, twice(Revocation::Good));
        town.registry.suspend(serial(), now).unwrap();
        assert_eq!(both(&town, &relying).await, twice(Revocation::Suspended));
        town.registry.lift(serial()).unwrap();
        assert_eq!(both(&town, &relying).await, twice(Revocation::Good));
        town.registry.revoke(serial(), reason, now).unwrap();
        assert_eq!(both(&town, &relying).await, twice(Revocation::Revoked));
        // Years after the certificate has expired nothing has changed.
        assert!(town.clock.jump_to(datetime(2032, 1, 1, 9, 0, 0, 0)));
        assert_eq!(both(&town, &relying).await, twice(Revocation::Revoked));
        // A list cannot tell the never issued from the good.
        town.registry.forget(serial());
        let unlike = (Revocation::Unknown, Revocation::Good);
        assert_eq!(both(&town, &relying).await, unlike);
    }
}

#[tokio::test(start_paused = true)]
async fn each_mood_of_the_service_is_a_doubt_that_says_why_and_the_list_helps() {
    let late = Duration::from_millis(TIMEOUT_MS + 1);
    let table = [
        (Mood::Slow(late), "no answer within 5000 ms"),
        (Mood::Old, "out of date"),
        (Mood::WrongSignature, "signature does not fit"),
        (Mood::WrongSubject, "not about this certificate"),
        (Mood::TryLater, "it refused: tryLater"),
    ];
    for (mood, words) in table {
        let town = Town::new();
        town.responder.set_mood(mood);
        let alone = town.relying(RevocationFallback::None);
        let doubt = asked(&alone).await.unwrap_err();
        assert!(doubt.list.is_none());
        let said = doubt.to_string();
        assert!(said.contains(words), "{mood:?}: {said}");
        let helped = town.relying(RevocationFallback::Crl);
        assert_eq!(asked(&helped).await.unwrap(), Revocation::Good, "{mood:?}");
        let now = town.clock.now_ms();
        town.registry.suspend(serial(), now).unwrap();
        assert_eq!(asked(&helped).await.unwrap(), Revocation::Suspended);
        town.responder.set_mood(Mood::Normal);
        assert_eq!(asked(&alone).await.unwrap(), Revocation::Suspended);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_but_in_time_and_unknown_are_answers() {
    let town = Town::new();
    let relying = town.relying(RevocationFallback::Crl);
    // Half of the wait is the list's.
    let in_time = Duration::from_millis(TIMEOUT_MS / 2 - 1);
    town.responder.set_mood(Mood::Slow(in_time));
    assert_eq!(asked(&relying).await.unwrap(), Revocation::Good);
    town.responder.set_mood(Mood::Unknown);
    assert_eq!(asked(&relying).await.unwrap(), Revocation::Unknown);
    assert!(town.hops().iter().all(|(hop, ..)| *hop == "ocsp"));
}

#[tokio::test(start_paused = true)]
async fn a_doubtful_list_is_a_second_doubt() {
    let table = [
        (ListMood::Old, "out of date"),
        (ListMood::WrongSignature, "signature does not fit"),
    ];
    for (mood, words) in table {
        let town = Town::new();
        town.responder.set_mood(Mood::TryLater);
        town.publisher.set_mood(mood);
        let relying = town.relying(RevocationFallback::Crl);
        let doubt = asked(&relying).await.unwrap_err();
        assert!(matches!(doubt.service, Flaw::Refused("tryLater")));
        let list = doubt.list.unwrap().to_string();
        assert!(list.contains(words), "{mood:?}: {list}");
        town.publisher.set_mood(ListMood::Normal);
        assert_eq!(asked(&relying).await.unwrap(), Revocation::Good);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_there_is_a_doubt_in_bounded_time() {
    for fault in [Fault::Down, Fault::Silent] {
        let town = Town::new();
        town.street.set_fault(jlis::HOST, Some(fault));
        town.street.set_fault(CRL_HOST, Some(fault));
        let relying = town.relying(RevocationFallback::Crl);
        let before = town.clock.now_ms();
        let doubt = asked(&relying).await.unwrap_err();
        assert!(matches!(doubt.service, Flaw::Silent(_)), "{doubt}");
        assert!(matches!(doubt.list, Some(Flaw::Silent(_))), "{doubt}");
        let waited = town.clock.now_ms() - before;
        assert!(waited <= i64::try_from(TIMEOUT_MS).unwrap() + 2, "{waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn both_hops_are_tapped_under_the_asker_s_name() {
    let town = Town::new();
    town.responder.set_mood(Mood::TryLater);
    asked(&town.relying(RevocationFallback::Crl)).await.unwrap();
    let hop = |hop, from: &str, to: &str| (hop, from.to_owned(), to.to_owned());
    let wanted = [
        hop("ocsp", "portal", "jlis"),
        hop("ocsp", "jlis", "portal"),
        hop("crl", "portal", "jlis"),
        hop("crl", "jlis", "portal"),
    ];
    assert_eq!(town.hops(), wanted);
    let first = town.tap.messages()[2].bytes.clone().unwrap();
    let first = String::from_utf8(first).unwrap();
    assert!(
        first.starts_with("GET /user-authentication.crl HTTP/1.1\r\n"),
        "{first}"
    );
    assert!(first.contains("crl.jpki-sim.invalid"), "{first}");
}

#[tokio::test(start_paused = true)]
async fn the_service_is_asked_anew_for_every_use() {
    let town = Town::new();
    let relying = town.relying(RevocationFallback::None);
    asked(&relying).await.unwrap();
    asked(&relying).await.unwrap();
    let questions: Vec<_> = town.tap.messages().into_iter().map(|m| m.bytes).collect();
    assert_eq!(questions.len(), 4);
    assert_ne!(questions[0], questions[2], "the nonce is the same");
}

/// Houses look at cards inside tasks of their own.
fn sendable<F: Future + Send>(looking: F) -> F {
    looking
}

/// Everything `rules` needs of what was found.
fn told(found: &Examined) -> (CertificateCheck, SignatureCheck, Revocation) {
    (found.certificate, found.signature, found.revocation)
}

const TRUSTED: CertificateCheck = CertificateCheck::Trusted {
    first_day: date(2025, 10, 27),
    last_valid: date(2030, 2, 17),
};

#[tokio::test(start_paused = true)]
async fn a_card_is_looked_at_in_order_and_no_further_than_the_first_refusal() {
    let town = Town::new();
    let relying = town.relying(RevocationFallback::None);
    let (certificate, signed) = (town.certificate(), signature(b"challenge"));
    let looking = relying.examine(&certificate, b"challenge", &signed, &Straight);
    let right = sendable(looking).await;
    let good = (TRUSTED, SignatureCheck::Right, Revocation::Good);
    assert_eq!((told(&right), right.detail.as_str()), (good, ""));
    assert_eq!(right.card.map(|card| card.serial), Some(serial()));

    let before = town.hops().len();
    let replayed = relying
        .examine(&certificate, b"another challenge", &signed, &Straight)
        .await;
    let wrong = (TRUSTED, SignatureCheck::Wrong, Revocation::Unavailable);
    assert_eq!(told(&replayed), wrong);
    assert!(replayed.detail.contains("signature"), "{}", replayed.detail);
    let foreign = jlis::Authority::new(
        Purpose::UserAuthentication,
        KeyOf::Foreign,
        date(2023, 7, 16),
    );
    let forged = Town {
        jpki: foreign,
        ..Town::new()
    }
    .certificate();
    let forged = relying
        .examine(&forged, b"challenge", &signed, &Straight)
        .await;
    let invalid = CertificateCheck::Invalid(CertificateFault::ForeignIssuer);
    assert_eq!(told(&forged).0, invalid);
    assert!(forged.card.is_some());
    let nonsense = relying
        .examine(b"x", b"challenge", &signed, &Straight)
        .await;
    let malformed = CertificateCheck::Invalid(CertificateFault::Malformed);
    assert_eq!(told(&nonsense).0, malformed);
    assert!(nonsense.card.is_none());
    assert_eq!(town.hops().len(), before, "a refused card was asked about");

    town.responder.set_mood(Mood::TryLater);
    let unsure = relying
        .examine(&certificate, b"challenge", &signed, &Straight)
        .await;
    let unavailable = (TRUSTED, SignatureCheck::Right, Revocation::Unavailable);
    assert_eq!(told(&unsure), unavailable);
    assert!(unsure.detail.contains("tryLater"), "{}", unsure.detail);
}

struct NoChain;
impl Bend for NoChain {
    fn chain_ok(&self, _found: Result<(), Refusal>) -> Result<(), Refusal> {
        Ok(())
    }
}

struct NoSignature;
impl Bend for NoSignature {
    fn signature_ok(&self, _found: bool) -> bool {
        true
    }
}

struct AlwaysGood;
impl Bend for AlwaysGood {
    fn revocation(&self, _found: Revocation) -> Revocation {
        Revocation::Good
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_bent_step_lets_through_goes_on_as_if_it_had_been_right() {
    let town = Town::new();
    let relying = town.relying(RevocationFallback::None);
    let foreign = Town {
        jpki: jlis::Authority::new(
            Purpose::UserAuthentication,
            KeyOf::Foreign,
            date(2023, 7, 16),
        ),
        ..Town::new()
    };
    let signed = signature(b"challenge");
    let good = (TRUSTED, SignatureCheck::Right, Revocation::Good);
    let forged = relying
        .examine(&foreign.certificate(), b"challenge", &signed, &NoChain)
        .await;
    assert_eq!(told(&forged), good);
    let certificate = town.certificate();
    let replayed = relying
        .examine(&certificate, b"another", &signed, &NoSignature)
        .await;
    assert_eq!(told(&replayed), good);
    let now = town.clock.now_ms();
    town.registry
        .revoke(serial(), Reason::KeyCompromise, now)
        .unwrap();
    let revoked = relying
        .examine(&certificate, b"challenge", &signed, &AlwaysGood)
        .await;
    assert_eq!(told(&revoked), good);
    let straight = relying
        .examine(&certificate, b"challenge", &signed, &Straight)
        .await;
    assert_eq!(straight.revocation, Revocation::Revoked);
}
