//! What the authority issues and answers, read and verified by openssl, which nobody here wrote.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::path::Path;
use std::process::Command;

use identifiers::CertificateSerial;
use jiff::civil::{date, datetime};
use jlis::{Authority, Holder, Leaf, Purpose, Register, Responder, Standing};
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

#[tokio::test(start_paused = true)]
async fn openssl_reads_every_answer_of_the_responder() {
    let Issued { dir, authority } = issued();
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let register = Register::default();
    let responder = Responder::new(
        &authority,
        register.clone(),
        clock.clone(),
        date(2023, 7, 16),
    )
    .unwrap();
    let serial = CertificateSerial::new(0x00A1B2C3).unwrap();
    let (done, said) = openssl(
        dir.path(),
        &[
            "ocsp",
            "-issuer",
            "ca.pem",
            "-cert",
            "leaf.pem",
            "-reqout",
            "request.der",
        ],
    );
    assert!(done, "{said}");
    let request = std::fs::read(dir.path().join("request.der")).unwrap();
    let at = (clock.now_ms() / 1000).to_string();
    let table = [
        (Standing::Unknown, "leaf.pem: unknown"),
        (Standing::Good, "leaf.pem: good"),
        (
            Standing::Suspended(clock.now_ms()),
            "Reason: certificateHold",
        ),
        (Standing::Revoked(clock.now_ms()), "leaf.pem: revoked"),
    ];
    for (standing, wanted) in table {
        register.set(serial, standing);
        let response = responder.answer(&request);
        let nonce = &request[request.len() - 16..];
        assert!(
            response.windows(16).any(|w| w == nonce),
            "the nonce is not echoed"
        );
        std::fs::write(dir.path().join("response.der"), response).unwrap();
        let (done, said) = openssl(
            dir.path(),
            &[
                "ocsp",
                "-issuer",
                "ca.pem",
                "-cert",
                "leaf.pem",
                "-no_nonce",
                "-respin",
                "response.der",
                "-CAfile",
                "ca.pem",
                "-attime",
                &at,
                "-validity_period",
                "4000000000",
            ],
        );
        assert!(
            done && said.contains("Response verify OK") && said.contains(wanted),
            "{standing:?}: {said}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_answered_as_malformed() {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let authority = Authority::new(
        Purpose::UserAuthentication,
        keys::Authority::UserAuthentication,
        date(2023, 7, 16),
    );
    let responder =
        Responder::new(&authority, Register::default(), clock, date(2023, 7, 16)).unwrap();
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
