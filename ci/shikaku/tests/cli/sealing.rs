//! `certify` with a key of one's own and a time-stamp authority, which here is openssl behind a socket.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

use crate::program::{Place, shikaku};
use crate::signers::Root;

const CONF: &str = "[tsa]
default_tsa = one
[one]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
";

/// Answers one question; `honest` asks openssl, else it is a page.
fn authority(dir: PathBuf, honest: bool) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/tsa?x=1", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        let body = loop {
            let read = stream.read(&mut piece).unwrap();
            bytes.extend_from_slice(&piece[..read]);
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
                continue;
            };
            assert!(text.starts_with("post /tsa?x=1 http/1.1"), "{text}");
            assert!(
                text.contains("content-type: application/timestamp-query"),
                "{text}"
            );
            let long = text.split("content-length: ").nth(1).unwrap();
            let long: usize = long.split("\r\n").next().unwrap().parse().unwrap();
            if bytes.len() == head + 4 + long {
                break bytes.split_off(head + 4);
            }
        };
        let answer = if honest {
            fs::write(dir.join("query"), body).unwrap();
            let made = Command::new("openssl")
                .args("ts -reply -config conf -queryfile query -signer tsa.pem -inkey tsa.key -out answer".split(' '))
                .current_dir(&dir)
                .output()
                .unwrap();
            assert!(made.status.success(), "{made:?}");
            fs::read(dir.join("answer")).unwrap()
        } else {
            b"<html>welcome</html>".to_vec()
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&answer).unwrap();
    });
    (address, answering)
}

#[test]
fn a_report_is_sealed_with_a_key_handed_in_and_stamped() {
    let place = Place::new();
    let root = Root::new();
    let (signer, stamper) = (
        root.leaf("Laboratory", [2020, 2090]),
        root.stamping("Clock"),
    );
    for (name, text) in [
        ("conf", CONF),
        ("serial", "01"),
        ("root.pem", &root.pem),
        ("key.pem", &signer.key),
        ("chain.pem", &signer.pem),
        ("tsa.key", &stamper.key),
        ("tsa.pem", &stamper.pem),
    ] {
        fs::write(place.path(name), text).unwrap();
    }
    let certify = |address: &str| {
        shikaku(&[
            "certify",
            "--role",
            "portal",
            "--out",
            &place.arg("report"),
            "--sign-key",
            &place.arg("key.pem"),
            "--sign-chain",
            &place.arg("chain.pem"),
            "--time-stamp",
            address,
        ])
    };
    let (address, answering) = authority(place.path(""), true);
    let told = certify(&address);
    answering.join().unwrap();
    assert!(place.path("report/MANIFEST.p7s").exists(), "{}", told.all());
    let secret = signer.key.lines().nth(1).unwrap();
    assert!(!told.all().contains(secret));
    let report = place.arg("report");
    let told = shikaku(&["verify", &report, "--trust", &place.arg("root.pem")]);
    assert_eq!(told.code, 4, "{}", told.all());
    assert!(
        told.out.contains("Sealed by CN=Laboratory, time-stamped 2"),
        "{}",
        told.out
    );
    assert!(told.out.contains("by CN=Clock."), "{}", told.out);
    // openssl agrees.
    let openssl = Command::new("openssl")
        .args("cms -verify -cades -inform DER -binary -in report/MANIFEST.p7s -content report/MANIFEST -CAfile root.pem -purpose any -out x".split(' '))
        .current_dir(place.path(""))
        .output()
        .unwrap();
    assert!(openssl.status.success(), "{openssl:?}");
    // An authority that answers nonsense, and one that is not there: the former report stays.
    let before = fs::read(place.path("report/MANIFEST.p7s")).unwrap();
    let (address, answering) = authority(place.path(""), false);
    for address in [address.as_str(), "http://127.0.0.1:9/"] {
        let told = certify(address);
        assert_eq!(told.code, 2, "{}", told.all());
        assert!(
            told.err.contains("--time-stamp http://127.0.0.1"),
            "{}",
            told.err
        );
        assert!(
            told.err.contains("seal without a time stamp"),
            "{}",
            told.err
        );
    }
    answering.join().unwrap();
    assert_eq!(fs::read(place.path("report/MANIFEST.p7s")).unwrap(), before);
}

#[test]
fn wrong_keys_and_addresses_are_told_before_anything_is_played() {
    let place = Place::new();
    let root = Root::new();
    let (one, two) = (
        root.leaf("One", [2020, 2090]),
        root.leaf("Two", [2020, 2090]),
    );
    fs::write(place.path("one.key"), &one.key).unwrap();
    fs::write(place.path("two.pem"), &two.pem).unwrap();
    let (key, chain, missing) = (place.arg("one.key"), place.arg("two.pem"), place.arg("no"));
    for (args, words) in [
        (
            vec!["--sign-key", &key, "--sign-chain", &chain],
            "does not belong to the first certificate (CN=Two)",
        ),
        (
            vec!["--sign-key", &missing, "--sign-chain", &chain],
            "--sign-key",
        ),
        (vec!["--sign-key", &key], "--sign-chain"),
        (
            vec!["--time-stamp", "https://tsa.example/"],
            "no http address",
        ),
        (vec!["--time-stamp", "tsa"], "no http address"),
    ] {
        let out = place.arg("report");
        let told = shikaku(&[&["certify", "--out", &out], args.as_slice()].concat());
        assert_eq!(told.code, 2, "{args:?}: {}", told.all());
        assert!(told.err.contains(words), "{words} in {}", told.all());
        assert!(!told.all().contains(one.key.lines().nth(1).unwrap()));
        assert!(!place.path("report").exists(), "{args:?}");
    }
}
