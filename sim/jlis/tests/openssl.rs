//! What the authority issues and answers, read and verified by openssl, which nobody here wrote.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::path::Path;
use std::process::Command;

use identifiers::CertificateSerial;
use jiff::civil::{date, datetime};
use jlis::{
    Authority, Holder, Leaf, ListMood, Mood, Publisher, Purpose, Reason, Registry, Responder,
};
use wire::certificate::CRL_PATH;
use world::{Clock, keys};

fn openssl(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let out = Command::new("openssl")
        .current_dir(dir)
        .args(arguments)
        .output();
    let out = out.expect(
        "openssl is missing: install Debian's package openssl, or run ./ci/test, which does",
    );
    let text = [out.stdout, out.stderr].concat();
    (
        out.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

struct Issued {
    dir: tempfile::TempDir,
    authority: Authority,
}

fn issued() -> Issued {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(
        Purpose::UserAuthentication,
        keys::Authority::UserAuthentication,
        date(2023, 7, 16),
    );
    let signing = Authority::new(
        Purpose::Signing,
        keys::Authority::Signing,
        date(2023, 7, 16),
    );
    let key = keys::card(0);
    let leaf = Leaf {
        serial: CertificateSerial::new(0x00A1B2C3).unwrap(),
        first_day: date(2025, 10, 27),
        last_day: date(2030, 2, 17),
        key: &key.pair,
    };
    let holder = Holder {
        name: "田中　花子",
        address: "模擬県模擬市１－２－３",
        birth: date(1980, 2, 17),
        sex: "2",
    };
    let files = [
        ("ca.der", authority.certificate.clone()),
        ("leaf.der", authority.issue_authentication(&leaf)),
        ("signing-ca.der", signing.certificate.clone()),
        ("signing.der", signing.issue_signing(&leaf, &holder)),
    ];
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        let pem = name.replace(".der", ".pem");
        let (done, said) = openssl(
            dir.path(),
            &["x509", "-inform", "DER", "-in", name, "-out", &pem],
        );
        assert!(done, "{name}: {said}");
    }
    Issued { dir, authority }
}

#[test]
fn openssl_verifies_the_chains_and_reads_the_profile() {
    let Issued { dir, .. } = issued();
    for (ca, leaf) in [("ca.pem", "leaf.pem"), ("signing-ca.pem", "signing.pem")] {
        let (done, said) = openssl(
            dir.path(),
            &[
                "verify",
                "-x509_strict",
                "-attime",
                "1790000000",
                "-CAfile",
                ca,
                leaf,
            ],
        );
        assert!(done, "{leaf}: {said}");
    }
    let (_, crossed) = openssl(
        dir.path(),
        &[
            "verify",
            "-attime",
            "1790000000",
            "-CAfile",
            "ca.pem",
            "signing.pem",
        ],
    );
    assert!(crossed.contains("error"), "{crossed}");
    let (_, text) = openssl(
        dir.path(),
        &[
            "x509",
            "-in",
            "leaf.pem",
            "-noout",
            "-text",
            "-nameopt",
            "utf8,sep_comma_plus",
        ],
    );
    for wanted in [
        "0xa1b2c3",
        "SIMULATED JPKI for user authentication",
        "SIMULATED Japan Agency for Local Authority Information Systems",
        "Feb 17 14:59:59 2030 GMT",
        "Oct 26 15:00:00 2025 GMT",
        "TLS Web Client Authentication",
        "1.2.392.200149.8.5.1.0.30",
        "OCSP - URI:http://ocsp.jpki-sim.invalid/",
        "Digital Signature",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    assert!(
        !text.contains("田中"),
        "the user-authentication certificate names its holder\n{text}"
    );
    let (_, signing) = openssl(dir.path(), &["asn1parse", "-in", "signing.pem", "-i"]);
    assert!(
        signing.contains("1.2.392.200149.8.5.1.0.20")
            || signing.contains("X509v3 Certificate Policies")
    );
}

fn serial() -> CertificateSerial {
    CertificateSerial::new(0x00A1B2C3).unwrap()
}

fn clock() -> Clock {
    Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0))
}

/// A register in which the leaf is good.
fn registry(clock: &Clock) -> Registry {
    let registry = Registry::new(clock.clone(), 24);
    registry.issue(serial(), date(2030, 2, 17)).unwrap();
    registry
}

fn responder(authority: &Authority, registry: &Registry, clock: &Clock) -> Responder {
    let certificate = authority.responder_certificate(date(2023, 7, 16));
    Responder::new(authority, certificate, registry.clone(), clock.clone())
}

/// openssl's question about the leaf.
fn question(dir: &Path) -> Vec<u8> {
    let ask = "ocsp -issuer ca.pem -cert leaf.pem -reqout request.der";
    let (done, said) = openssl(dir, &ask.split(' ').collect::<Vec<_>>());
    assert!(done, "{said}");
    std::fs::read(dir.join("request.der")).unwrap()
}

/// What openssl makes of an answer at a time.
fn judged(dir: &Path, answer: &[u8], at_ms: i64) -> (bool, String) {
    std::fs::write(dir.join("response.der"), answer).unwrap();
    let at = (at_ms / 1000).to_string();
    let judge = "ocsp -issuer ca.pem -cert leaf.pem -no_nonce -respin response.der -CAfile ca.pem";
    let mut arguments: Vec<_> = judge.split(' ').collect();
    arguments.extend(["-attime", &at, "-validity_period", "4000000000"]);
    openssl(dir, &arguments)
}

#[tokio::test(start_paused = true)]
async fn openssl_reads_every_answer_of_the_responder() {
    let Issued { dir, authority } = issued();
    let clock = clock();
    let registry = registry(&clock);
    let responder = responder(&authority, &registry, &clock);
    let request = question(dir.path());
    let answered = |wanted: &str| {
        let response = responder.answer(&request);
        let nonce = &request[request.len() - 16..];
        assert!(
            response.windows(16).any(|w| w == nonce),
            "the nonce is not echoed"
        );
        let (done, said) = judged(dir.path(), &response, clock.now_ms());
        assert!(
            done && said.contains("Response verify OK") && said.contains(wanted),
            "{wanted}: {said}"
        );
    };
    let now = clock.now_ms();
    answered("leaf.pem: good");
    registry.suspend(serial(), now).unwrap();
    answered("Reason: certificateHold");
    registry.lift(serial()).unwrap();
    answered("leaf.pem: good");
    for reason in Reason::ALL {
        registry.forget(serial());
        answered("leaf.pem: unknown");
        registry.issue(serial(), date(2030, 2, 17)).unwrap();
        registry.revoke(serial(), reason, now).unwrap();
        // openssl 3.0 reads this one without having a name for it.
        let name = match reason {
            Reason::PrivilegeWithdrawn => "",
            other => other.name(),
        };
        answered("leaf.pem: revoked");
        answered(&format!("Reason: {name}"));
    }
}

#[tokio::test(start_paused = true)]
async fn openssl_sees_through_every_mood_of_the_responder() {
    let Issued { dir, authority } = issued();
    let clock = clock();
    let registry = registry(&clock);
    let responder = responder(&authority, &registry, &clock);
    let request = question(dir.path());
    let table = [
        (Mood::Normal, "leaf.pem: good"),
        (Mood::WrongSignature, "Response Verify Failure"),
        (Mood::WrongSubject, "No Status found"),
        (Mood::TryLater, "Responder Error: trylater (3)"),
        (Mood::Unknown, "leaf.pem: unknown"),
    ];
    for (mood, wanted) in table {
        responder.set_mood(mood);
        let (_, said) = judged(dir.path(), &responder.answer(&request), clock.now_ms());
        assert!(said.contains(wanted), "{mood:?}: {said}");
    }
    // openssl holds the times of an answer against the machine's clock: this one is old at any.
    responder.set_mood(Mood::Old);
    let (_, said) = judged(dir.path(), &responder.answer(&request), clock.now_ms());
    let this_update = "This Update: Oct 13 00:00:00 2026 GMT";
    let next_update = "Next Update: Oct 13 01:00:00 2026 GMT";
    assert!(
        said.contains(this_update) && said.contains(next_update),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn openssl_knows_the_responder_s_certificate_for_one() {
    let Issued { dir, authority } = issued();
    let certificate = authority.responder_certificate(date(2023, 7, 16));
    std::fs::write(dir.path().join("responder.der"), certificate).unwrap();
    let read = "x509 -inform DER -in responder.der -out responder.pem";
    let (done, said) = openssl(dir.path(), &read.split(' ').collect::<Vec<_>>());
    assert!(done, "{said}");
    let verify = "verify -x509_strict -attime 1790000000 -CAfile ca.pem responder.pem";
    let (done, said) = openssl(dir.path(), &verify.split(' ').collect::<Vec<_>>());
    assert!(done, "{said}");
    let (_, text) = openssl(
        dir.path(),
        &["x509", "-in", "responder.pem", "-noout", "-text"],
    );
    for wanted in ["OCSP Signing", "OCSP No Check", "Digital Signature"] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
}

/// Writes a list where openssl finds it, as `list.pem`; false when openssl cannot read it.
fn kept(dir: &Path, list: &[u8]) -> bool {
    std::fs::write(dir.join("list.der"), list).unwrap();
    let read = "crl -inform DER -in list.der -out list.pem";
    openssl(dir, &read.split(' ').collect::<Vec<_>>()).0
}

/// Whether openssl accepts the leaf by the list at a time, and what it says.
fn checked(dir: &Path, at_ms: i64) -> (bool, String) {
    let at = (at_ms / 1000).to_string();
    let check = "verify -x509_strict -crl_check -CAfile ca.pem -CRLfile list.pem";
    let mut arguments: Vec<_> = check.split(' ').collect();
    arguments.extend(["-attime", &at, "leaf.pem"]);
    openssl(dir, &arguments)
}

#[tokio::test(start_paused = true)]
async fn openssl_verifies_the_list_and_goes_by_it() {
    let Issued { dir, authority } = issued();
    let (dir, clock) = (dir.path(), clock());
    let registry = registry(&clock);
    let publisher = Publisher::new(CRL_PATH, authority, registry.clone(), clock.clone());
    let now = clock.now_ms();
    let verified = |wanted: &str| {
        assert!(kept(dir, &publisher.list()));
        let verify = "crl -in list.pem -CAfile ca.pem -noout -text";
        let (done, said) = openssl(dir, &verify.split(' ').collect::<Vec<_>>());
        assert!(
            done && said.contains("verify OK") && said.contains(wanted),
            "{wanted}: {said}"
        );
    };
    verified("No Revoked Certificates.");
    assert_eq!(checked(dir, now), (true, "leaf.pem: OK\n".to_owned()));
    registry.suspend(serial(), now).unwrap();
    verified("Certificate Hold");
    let (accepted, said) = checked(dir, now);
    assert!(!accepted && said.contains("certificate revoked"), "{said}");
    registry.lift(serial()).unwrap();
    verified("No Revoked Certificates.");
    let names = [
        "Key Compromise",
        "Affiliation Changed",
        "Superseded",
        "Cessation Of Operation",
        "Privilege Withdrawn",
    ];
    for (reason, name) in Reason::ALL.into_iter().zip(names) {
        registry.forget(serial());
        registry.issue(serial(), date(2030, 2, 17)).unwrap();
        registry.revoke(serial(), reason, now).unwrap();
        verified(name);
        verified("Serial Number: A1B2C3");
        verified("X509v3 CRL Number");
        let (accepted, said) = checked(dir, now);
        assert!(
            !accepted && said.contains("certificate revoked"),
            "{reason:?}: {said}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn openssl_sees_through_every_mood_of_the_list() {
    let Issued { dir, authority } = issued();
    let (dir, clock) = (dir.path(), clock());
    let registry = registry(&clock);
    let publisher = Publisher::new(CRL_PATH, authority, registry, clock.clone());
    for (mood, wanted) in [
        (ListMood::Normal, "OK"),
        (ListMood::Old, "CRL has expired"),
        (ListMood::WrongSignature, "CRL signature failure"),
    ] {
        publisher.set_mood(mood);
        assert!(kept(dir, &publisher.list()), "{mood:?}");
        let (accepted, said) = checked(dir, clock.now_ms());
        assert_eq!(accepted, mood == ListMood::Normal, "{mood:?}: {said}");
        assert!(said.contains(wanted), "{mood:?}: {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_answered_as_malformed() {
    let Issued { authority, .. } = issued();
    let clock = clock();
    let responder = responder(&authority, &registry(&clock), &clock);
    for bad in [&b""[..], b"\x30", b"\x30\x80\x00\x00", &[0xFF; 300]] {
        assert_eq!(responder.answer(bad), [0x30, 3, 0x0A, 1, 1]);
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (first, second) = (issued(), issued());
    for name in ["ca.der", "leaf.der", "signing.der"] {
        let read = |i: &Issued| std::fs::read(i.dir.path().join(name)).unwrap();
        assert_eq!(read(&first), read(&second), "{name}");
    }
}
