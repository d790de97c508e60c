//! A request over mutual TLS and in-memory streams: both sides know each other, the tap keeps
//! both messages in causal order, and strangers get an alert that is kept too.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{date, datetime};
use world::Clock;
use world::http::{Answer, Client, NoAnswer, serve};
use world::keys::{self, Authority};
use world::net::{Network, Street};
use world::tap::{Carrier, Hop, Tap};
use world::tls::{Caller, FacilityAuthority, acceptor, required_clients};

const HOST: &str = "house.sim.invalid";

fn hop() -> Hop {
    let end = |r: &str| (r.to_owned(), String::new());
    Hop {
        name: "eligibility",
        near: end("terminal"),
        far: end("eligibility-server"),
        carrier: Carrier::None,
    }
}

async fn ask(authority: Authority, key: &'static [u8]) -> (Result<Answer, NoAnswer>, Tap) {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let tap = Tap::new(clock.clone());
    let trusted = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
    let issuer = FacilityAuthority::new(authority, date(2025, 1, 1)).unwrap();
    let house = trusted.issue(HOST, 2, keys::tls::ELIGIBILITY).unwrap();
    let clinic = issuer.issue("9910000019", 3, key).unwrap();
    let roots = vec![trusted.certificate.clone()];
    let street = Street::default();
    let mut door = street.listen(HOST);
    let acceptor = acceptor(&house, required_clients(&roots).unwrap(), &clock).unwrap();
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, 1024, |asked| async move {
                    Answer::new(
                        200,
                        "text/plain",
                        format!("{} {}", asked.path, asked.body.unwrap().len()),
                    )
                })
                .await;
            }
        }
    });
    let caller = Caller::new(&clinic, &roots, &clock).unwrap();
    let stream = street.connect(HOST).await.unwrap();
    let answered = async {
        let stream = caller
            .call(HOST, stream, &tap, hop())
            .await
            .map_err(|e| NoAnswer::Connection(e.to_string()))?;
        let mut client = Client::over(stream, HOST).await?;
        client
            .post("/a", "text/plain", "hello", Duration::from_secs(5), 1024)
            .await
    };
    (answered.await, tap)
}

#[tokio::test(start_paused = true)]
async fn request_and_answer_are_tapped_with_both_chains() {
    let (answer, tap) = ask(Authority::Facility, keys::tls::FACILITY).await;
    assert_eq!(answer.unwrap().body.as_ref(), b"/a 5");
    let messages = tap.messages();
    assert_eq!(messages.len(), 2);
    let text = |i: usize| String::from_utf8(messages[i].bytes.clone().unwrap()).unwrap();
    assert!(
        text(0).starts_with("POST /a HTTP/1.1\r\n") && text(0).ends_with("\r\n\r\nhello"),
        "{}",
        text(0)
    );
    assert!(
        text(1).starts_with("HTTP/1.1 200 OK\r\n") && text(1).ends_with("/a 5"),
        "{}",
        text(1)
    );
    assert!(!text(1).to_lowercase().contains("date:"));
    assert_eq!(
        (messages[1].from.0.as_str(), messages[1].to.0.as_str()),
        ("eligibility-server", "terminal")
    );
    let tls = messages[0].tls.clone().unwrap();
    assert_eq!(tls.version.as_deref(), Some("TLSv1.3"));
    assert_eq!((tls.client_chain.len(), tls.server_chain.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stranger_gets_an_alert_and_no_answer() {
    let (answer, tap) = ask(Authority::Foreign, keys::tls::STRANGER).await;
    assert!(answer.is_err());
    let messages = tap.messages();
    let last = messages.last().unwrap();
    assert!(last.bytes.is_none());
    let alert = last.tls.clone().unwrap().alert.unwrap();
    assert!(alert.contains("alert"), "{alert}");
    assert!(
        messages
            .iter()
            .all(|m| m.from.0 != "eligibility-server" || m.bytes.is_none())
    );
}

#[tokio::test(start_paused = true)]
async fn certificates_come_out_the_same_every_time() {
    let make = || {
        let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 31)).unwrap();
        let leaf = authority
            .issue("9910000019", 300, keys::tls::FACILITY)
            .unwrap();
        (authority.certificate, Arc::unwrap_or_clone(leaf.chain))
    };
    assert_eq!(make(), make());
}
