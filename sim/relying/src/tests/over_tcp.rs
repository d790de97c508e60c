//! The asking side against a real HTTP server on a real socket, in real time: everything a service may
//! answer that is no OCSP, and a good answer among it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use identifiers::CertificateSerial;
use jiff::civil::datetime;
use rules::{Revocation, RevocationFallback};
use tokio::net::TcpStream;
use wire::certificate::{OCSP_REQUEST, OCSP_RESPONSE};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};
use world::keys::Authority as KeyOf;
use world::net::{BoxFuture, BoxStream, Network};
use world::{Clock, Seed, Tap};
use x509_ocsp::CertStatus;

use super::pki::{Ca, draft};
use crate::authority::Authority;
use crate::doubt::{Doubt, Flaw};
use crate::revocation::{Revocations, Settings};

struct OneHost(SocketAddr);

impl Network for OneHost {
    fn connect<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, io::Result<BoxStream>> {
        Box::pin(async move { Ok(Box::new(TcpStream::connect(self.0).await?) as BoxStream) })
    }
}

fn clock() -> Clock {
    Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0))
}

async fn asked(address: SocketAddr, timeout: Duration) -> Result<Revocation, Doubt> {
    let clock = clock();
    let revocations = Revocations::new(Settings {
        network: Arc::new(OneHost(address)),
        tap: Tap::new(clock.clone()),
        clock,
        nonces: Seed(1).stream("nonces"),
        timeout_ms: u64::try_from(timeout.as_millis()).unwrap(),
        fallback: RevocationFallback::None,
        asker: ("eligibility-server".to_owned(), String::new()),
    });
    let certificate = Ca::of(KeyOf::UserAuthentication).certificate(|_| {});
    let authority = Authority::read_all(&[certificate]).unwrap().remove(0);
    revocations
        .ask(&authority, CertificateSerial::new(0xBFCD).unwrap())
        .await
}

async fn answered(template: ResponseTemplate) -> Result<Revocation, Doubt> {
    let service = MockServer::start().await;
    let mock = Mock::given(method("POST"))
        .and(path("/"))
        .and(header("content-type", OCSP_REQUEST));
    mock.respond_with(template).expect(1).mount(&service).await;
    let timeout = Duration::from_millis(500);
    asked(*service.address(), timeout).await
}

fn ocsp(body: Vec<u8>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, OCSP_RESPONSE)
}

#[tokio::test]
async fn a_right_answer_over_a_socket_is_good() {
    let service = MockServer::start().await;
    let now = clock().now_ms();
    let answer = move |request: &Request| {
        let ca = Ca::of(KeyOf::UserAuthentication);
        ocsp(draft(&ca, &request.body, CertStatus::good(), now).seal())
    };
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&service)
        .await;
    let found = asked(*service.address(), Duration::from_secs(5)).await;
    assert_eq!(found.unwrap(), Revocation::Good);
}

#[tokio::test]
async fn everything_else_is_a_doubt_that_says_why() {
    let table = [
        ("500", ResponseTemplate::new(500), "HTTP 500"),
        (
            "404 with an answer",
            ResponseTemplate::new(404).set_body_raw(vec![1], OCSP_RESPONSE),
            "HTTP 404",
        ),
        (
            "a page",
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            "text/html",
        ),
        ("no content type", ResponseTemplate::new(200), "HTTP 200"),
        ("garbage", ocsp(b"garbage".to_vec()), "cannot be read"),
        ("nothing", ocsp(Vec::new()), "cannot be read"),
        (
            "too much",
            ocsp(vec![0x30; 70_000]),
            "more than 65536 bytes",
        ),
        (
            "late",
            ocsp(vec![1]).set_delay(Duration::from_secs(30)),
            "no answer within 500 ms",
        ),
    ];
    for (case, template, words) in table {
        let doubt = answered(template).await.unwrap_err().to_string();
        assert!(doubt.contains(words), "{case}: {doubt}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_doubt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let doubt = asked(address, Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(doubt.service, Flaw::Silent(_)), "{doubt}");
}

#[tokio::test]
async fn a_service_that_hangs_up_is_a_doubt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let doubt = asked(address, Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(doubt.service, Flaw::Silent(_)), "{doubt}");
}
