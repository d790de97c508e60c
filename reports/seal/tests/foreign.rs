//! openssl as the second opinion: it verifies what is sealed here, it makes what must be refused
//! here, and its time-stamp authority answers the question asked here.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use seal::{
    Identity, SealError, Signed, Stamp, Trust, manifest, seal_folder, sha256, sign, verify,
};
use tempfile::TempDir;

const CONTENT: &[u8] = b"shikaku-manifest/1\n";

/// A folder with a small certification authority of openssl's.
struct Office(TempDir);

impl Office {
    fn new() -> Self {
        let office = Office(tempfile::tempdir().unwrap());
        fs::write(office.path("conf"), CONF).unwrap();
        fs::write(office.path("index"), "").unwrap();
        fs::write(office.path("serial"), "0A").unwrap();
        fs::write(office.path("tsaserial"), "01").unwrap();
        office.key("root", "ec");
        office.run("req -x509 -new -key root.key -config conf -extensions root -subj /CN=Root -days 9999 -out root.pem");
        office
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs openssl in the folder; what it says if it fails is the test's failure.
    fn run(&self, arguments: &str) {
        let (fine, said) = self.told(arguments);
        assert!(fine, "openssl {arguments}: {said}");
    }

    fn told(&self, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    }

    fn key(&self, name: &str, kind: &str) {
        let how = match kind {
            "ec" => "EC -pkeyopt ec_paramgen_curve:P-256".to_owned(),
            bits => format!("RSA -pkeyopt rsa_keygen_bits:{bits}"),
        };
        self.run(&format!("genpkey -algorithm {how} -out {name}.key"));
    }

    /// A leaf by `issuer`, with the extensions of a section and between two days.
    fn issue(&self, name: &str, kind: &str, section: &str, issuer: &str, days: [&str; 2]) {
        self.key(name, kind);
        self.run(&format!(
            "req -new -key {name}.key -config conf -subj /CN={name} -out {name}.csr"
        ));
        self.run(&format!(
            "ca -batch -notext -config conf -name authority -cert {issuer}.pem -keyfile {issuer}.key \
             -extensions {section} -startdate {}000000Z -enddate {}000000Z -in {name}.csr -out {name}.pem",
            days[0], days[1]
        ));
    }

    fn identity(&self, name: &str, above: &[&str]) -> Identity {
        let chain: String = [name]
            .iter()
            .chain(above)
            .map(|n| self.text(&format!("{n}.pem")))
            .collect();
        Identity::from_pem(&self.text(&format!("{name}.key")), &chain).unwrap()
    }

    fn trust(&self) -> Trust {
        Trust::anchors_pem(&self.text("root.pem")).unwrap()
    }
}

const CONF: &str = "[req]
distinguished_name = dn
prompt = no
[dn]
CN = replaced
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
[sealing]
keyUsage = critical, keyEncipherment
[server]
extendedKeyUsage = serverAuth
[stamping]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[authority]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[tsa]
default_tsa = tsa_one
[tsa_one]
serial = tsaserial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
";

const LONG: [&str; 2] = ["20000101", "20991231"];

fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn checked(cms: &[u8], trust: &Trust, at: &str) -> Result<Signed, SealError> {
    verify(cms, &sha256(CONTENT), trust, day(at))
}

#[test]
fn openssl_verifies_what_is_sealed_with_each_kind_of_key() {
    let office = Office::new();
    office.issue("middle", "ec", "root", "root", LONG);
    for kind in ["2048", "3072", "ec"] {
        let name = format!("leaf-{kind}");
        office.issue(&name, kind, "leaf", "middle", LONG);
        let identity = office.identity(&name, &["middle"]);
        let dir = office.path(&format!("bundle-{kind}"));
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("report.json"), "{}").unwrap();
        let cms = seal_folder(&dir, &identity, Some(day("2026-10-15"))).unwrap();
        assert_eq!(fs::read(dir.join("MANIFEST.p7s")).unwrap(), cms);
        office.run(&format!(
            "cms -verify -cades -inform DER -binary -in bundle-{kind}/MANIFEST.p7s -content bundle-{kind}/MANIFEST \
             -CAfile root.pem -purpose any -out verified"
        ));
        let digest = manifest::check(&dir).unwrap().sha256;
        let signed = verify(&cms, &digest, &office.trust(), day("2030-01-01")).unwrap();
        let expected = Signed {
            subject: format!("CN={name}"),
            certificate: hex::encode(seal::sha256(&identity.chain()[0])),
            claimed: Some(day("2026-10-15")),
            stamp: Stamp::None,
            test: false,
        };
        assert_eq!(signed, expected);
        // RSA gives the same bytes again, so that the same bundle gives the same seal.
        let again = sign(&identity, &digest, Some(day("2026-10-15"))).unwrap();
        assert_eq!(again == cms, kind != "ec");
        fs::write(dir.join("MANIFEST"), "other").unwrap();
        let (fine, _) = office.told(&format!(
            "cms -verify -inform DER -binary -in bundle-{kind}/MANIFEST.p7s -content bundle-{kind}/MANIFEST \
             -CAfile root.pem -purpose any -out verified"
        ));
        assert!(!fine, "openssl believed another content");
    }
}

#[test]
fn keys_are_taken_in_each_form_and_wrong_ones_named() {
    let office = Office::new();
    office.issue("rsa", "2048", "leaf", "root", LONG);
    office.issue("ec", "ec", "leaf", "root", LONG);
    office.run("pkey -in rsa.key -traditional -out rsa-old.key");
    office.run("ec -in ec.key -out ec-old.key");
    office.run("pkey -in rsa.key -aes256 -passout pass:secret -out locked.key");
    office.key("short", "1024");
    office.run("genpkey -algorithm ED25519 -out ed.key");
    for (key, certificate) in [("rsa-old", "rsa"), ("ec-old", "ec")] {
        let text = office.text(&format!("{key}.key"));
        assert!(text.contains(" PRIVATE KEY"), "{text}");
        let pem = office.text(&format!("{certificate}.pem"));
        let identity = Identity::from_pem(&text, &pem).unwrap();
        let cms = sign(&identity, &sha256(CONTENT), None).unwrap();
        assert_eq!(
            checked(&cms, &office.trust(), "2026-10-15")
                .unwrap()
                .claimed,
            None
        );
    }
    let said = |key: &str, chain: &str| {
        let chain = if chain.is_empty() {
            String::new()
        } else {
            office.text(chain)
        };
        Identity::from_pem(&office.text(key), &chain)
            .unwrap_err()
            .to_string()
    };
    let all = [
        said("rsa.key", "ec.pem"),
        said("locked.key", "rsa.pem"),
        said("short.key", "rsa.pem"),
        said("ed.key", "rsa.pem"),
        said("rsa.pem", "rsa.pem"),
        said("rsa.key", ""),
        said("rsa.key", "rsa.key"),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_must_not_be_believed_is_told_by_cause() {
    let office = Office::new();
    office.issue("good", "ec", "leaf", "root", LONG);
    office.issue("past", "ec", "leaf", "root", ["20200101", "20210101"]);
    office.issue("future", "ec", "leaf", "root", ["20500101", "20600101"]);
    office.issue("sealing", "ec", "sealing", "root", LONG);
    office.issue("server", "ec", "server", "root", LONG);
    office.issue("below", "ec", "leaf", "good", LONG);
    let trust = office.trust();
    let by = |name: &str, above: &[&str]| {
        sign(
            &office.identity(name, above),
            &sha256(CONTENT),
            Some(day("2020-06-01")),
        )
        .unwrap()
    };
    let at = |cms: &[u8]| checked(cms, &trust, "2026-10-15").unwrap_err();
    let good = by("good", &[]);
    checked(&good, &trust, "2026-10-15").unwrap();
    let mut told = vec![
        (
            "other content",
            verify(&good, &sha256(b"other"), &trust, day("2026-10-15")).unwrap_err(),
        ),
        (
            "stranger",
            checked(&good, &Trust::test().unwrap(), "2026-10-15").unwrap_err(),
        ),
        ("past", at(&by("past", &[]))),
        ("future", at(&by("future", &[]))),
        ("wrong usage", at(&by("sealing", &[]))),
        ("wrong extended usage", at(&by("server", &[]))),
        ("issued by no authority", at(&by("below", &["good"]))),
        ("the authority missing", at(&by("below", &[]))),
        ("no DER", at(b"-----BEGIN CMS-----")),
        ("nothing", at(b"")),
        ("trailing bytes", at(&[good.as_slice(), &[0]].concat())),
    ];
    fs::write(office.path("content"), CONTENT).unwrap();
    let foreign = |options: &str| {
        office.run(&format!(
            "cms -sign -binary -in content -inkey good.key -signer good.pem -outform DER -out foreign {options}"
        ));
        fs::read(office.path("foreign")).unwrap()
    };
    checked(&foreign("-cades"), &trust, "2026-10-15").unwrap();
    checked(&foreign("-cades -keyid"), &trust, "2026-10-15").unwrap();
    office.issue("weak", "1024", "leaf", "root", LONG);
    office.run(
        "cms -sign -binary -cades -in content -inkey weak.key -signer weak.pem -outform DER -out foreign",
    );
    let said = checked(
        &fs::read(office.path("foreign")).unwrap(),
        &trust,
        "2026-10-15",
    );
    let said = said.unwrap_err().to_string();
    assert!(
        said.contains("CN=weak is RSA with 1024 bits, too short"),
        "{said}"
    );
    told.extend([
        ("no certificate", at(&foreign("-cades -nocerts"))),
        ("no ESS attribute", at(&foreign(""))),
        ("its own content", at(&foreign("-cades -nodetach"))),
        ("SHA-512", at(&foreign("-cades -md sha512"))),
        ("no attributes", at(&foreign("-noattr"))),
    ]);
    let mut bent = good.clone();
    *bent.last_mut().unwrap() ^= 1;
    told.push(("another key", at(&bent)));
    // Another certificate of the same issuer and number.
    fs::write(office.path("serial"), "0A").unwrap();
    fs::write(office.path("index"), "").unwrap();
    office.issue("twin", "ec", "leaf", "root", LONG);
    let twin = foreign("-cades -nocerts -certfile twin.pem");
    told.push(("an exchanged certificate", at(&twin)));
    let said: String = told
        .iter()
        .map(|(name, error)| format!("{name}: {error}\n"))
        .collect();
    // An ECDSA signature is of one length or another.
    let said = said.replace(&good.len().to_string(), "N");
    insta::assert_snapshot!(said);
    use SealError as E;
    assert!(matches!(told[0].1, E::ContentChanged { .. }));
    assert!(matches!(told[1].1, E::NoAnchor { .. }));
    assert!(matches!(told[2].1, E::Expired { .. }));
    assert!(matches!(told[3].1, E::NotYetValid { .. }));
    assert!(matches!(told[8].1, E::NotDer { .. }));
    assert!(matches!(told[16].1, E::WrongSignature { .. }));
    assert!(matches!(told[17].1, E::OtherCertificate { .. }));
    // Signed while valid does not help without somebody who vouches for the time.
    checked(&by("past", &[]), &trust, "2020-06-01").unwrap();
}

/// The answer of openssl's authority to our question.
fn answered(office: &Office, request: &[u8], signer: &str) -> Vec<u8> {
    fs::write(office.path("query"), request).unwrap();
    office.run(&format!(
        "ts -reply -config conf -queryfile query -signer {signer}.pem -inkey {signer}.key -out answer"
    ));
    fs::read(office.path("answer")).unwrap()
}

#[test]
fn a_time_stamp_goes_the_whole_round() {
    let office = Office::new();
    office.issue("past", "2048", "leaf", "root", ["20200101", "20210101"]);
    office.issue("long", "ec", "leaf", "root", LONG);
    office.issue("tsa", "2048", "stamping", "root", LONG);
    let trust = office.trust();
    let sealed = sign(&office.identity("long", &[]), &sha256(CONTENT), None).unwrap();
    let request = seal::time_stamp_request(&sealed, u64::MAX).unwrap();
    let answer = answered(&office, &request, "tsa");
    let token = seal::time_stamp_token(&answer, &request).unwrap();
    let stamped = seal::with_time_stamp(&sealed, &token).unwrap();
    let later = "2098-01-01";
    let signed = checked(&stamped, &trust, later).unwrap();
    let Stamp::Trusted { time, authority } = &signed.stamp else {
        panic!("{signed:?}");
    };
    assert_eq!(authority, "CN=tsa");
    fs::write(office.path("stamped"), &stamped).unwrap();
    fs::write(office.path("content"), CONTENT).unwrap();
    office.run("cms -verify -cades -inform DER -binary -in stamped -content content -CAfile root.pem -purpose any -out verified");
    // A stamp from the future, a second stamp, an answer to another question, another signature's stamp.
    let before = *time - jiff::SignedDuration::from_hours(1);
    let told = [
        verify(&stamped, &sha256(CONTENT), &trust, before).unwrap_err(),
        seal::with_time_stamp(&stamped, &token).unwrap_err(),
        seal::time_stamp_token(&answer, &seal::time_stamp_request(&sealed, 7).unwrap())
            .unwrap_err(),
        {
            let other = sign(&office.identity("past", &[]), &sha256(CONTENT), None).unwrap();
            seal::time_stamp_token(
                &answer,
                &seal::time_stamp_request(&other, u64::MAX).unwrap(),
            )
            .unwrap_err()
        },
        {
            let other = sign(&office.identity("past", &[]), &sha256(CONTENT), None).unwrap();
            seal::with_time_stamp(&other, &token).unwrap_err()
        },
        seal::time_stamp_token(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02], &request).unwrap_err(),
        seal::time_stamp_token(b"<html>", &request).unwrap_err(),
    ];
    let said: String = told
        .iter()
        .map(|e| {
            e.to_string()
                .replace(&time.to_string(), "STAMPED")
                .replace(&before.to_string(), "BEFORE")
                + "\n"
        })
        .collect();
    insta::assert_snapshot!(said);
}

#[test]
fn a_stamp_saves_an_expired_signature_only_from_a_trusted_authority() {
    // The stamp is of today by openssl's own clock; the certificate's last day is far enough ahead of it.
    let office = Office::new();
    let elsewhere = Office::new();
    office.issue("signer", "ec", "leaf", "root", ["20000101", "20951231"]);
    office.issue("tsa", "2048", "stamping", "root", LONG);
    elsewhere.issue("tsa", "2048", "stamping", "root", LONG);
    let trust = office.trust();
    let plain = sign(&office.identity("signer", &[]), &sha256(CONTENT), None).unwrap();
    let after = "2097-01-01";
    assert!(matches!(
        checked(&plain, &trust, after),
        Err(SealError::Expired { .. })
    ));
    let stamped = |by: &Office| {
        let request = seal::time_stamp_request(&plain, 1).unwrap();
        let token = seal::time_stamp_token(&answered(by, &request, "tsa"), &request).unwrap();
        seal::with_time_stamp(&plain, &token).unwrap()
    };
    checked(&stamped(&office), &trust, after).unwrap();
    assert!(matches!(
        checked(&stamped(&elsewhere), &trust, after),
        Err(SealError::Expired { .. })
    ));
    let now = checked(&stamped(&elsewhere), &trust, "2095-01-01").unwrap();
    assert!(matches!(now.stamp, Stamp::Untrusted { .. }), "{now:?}");
    let both = trust.and(elsewhere.trust());
    checked(&stamped(&elsewhere), &both, after).unwrap();
}

#[test]
fn the_test_identity_is_nobody_and_says_so() {
    let identity = Identity::test().unwrap();
    assert!(identity.is_test());
    assert_eq!(identity.chain().len(), 2);
    for words in ["SHIKAKU TEST", "NOT A SIGNATURE OF ANYBODY", "試験用"] {
        assert!(identity.subject().contains(words), "{}", identity.subject());
    }
    let cms = sign(&identity, &sha256(CONTENT), None).unwrap();
    let signed = checked(&cms, &Trust::test().unwrap(), "2026-10-15").unwrap();
    assert!(signed.test);
    assert_eq!(
        format!("{identity:?}"),
        format!("Identity({:?})", identity.subject())
    );
    let key = include_str!("../test-identity/test-key.pem");
    assert!(
        key.starts_with("TEST KEY"),
        "a key in the tree says what it is"
    );
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("test-identity/README.md")
            .exists()
    );
}

mod hostile {
    use super::*;
    use proptest::prelude::*;

    fn sealed() -> Vec<u8> {
        sign(
            &Identity::test().unwrap(),
            &sha256(CONTENT),
            Some(day("2026-10-15")),
        )
        .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// No flipped byte is believed to be another signer's or another time's, and none panics.
        #[test]
        fn flipped_bytes(at: prop::sample::Index, flip in 1_u8..) {
            let whole = sealed();
            let trust = Trust::test().unwrap();
            let expected = checked(&whole, &trust, "2026-10-15").unwrap();
            let mut bent = whole.clone();
            let at = at.index(bent.len());
            bent[at] ^= flip;
            if let Ok(signed) = checked(&bent, &trust, "2026-10-15") {
                prop_assert_eq!(signed, expected);
            }
            seal::time_stamp_request(&bent, 1).ok();
            seal::with_time_stamp(&whole, &bent).unwrap_err();
            seal::time_stamp_token(&bent, &bent).unwrap_err();
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), cut: prop::sample::Index) {
            let trust = Trust::test().unwrap();
            prop_assert!(checked(&bytes, &trust, "2026-10-15").is_err());
            let whole = sealed();
            prop_assert!(checked(&whole[..cut.index(whole.len())], &trust, "2026-10-15").is_err());
        }
    }
}
