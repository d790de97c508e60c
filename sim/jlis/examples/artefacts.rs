//! Writes one of everything the town's authorities issue, as DER and PEM, for linters and other foreign eyes:
//! `cargo run -p jlis --example artefacts -- DIR`. What a file is, its name begins with: `certificate-`,
//! `crl-` or `ocsp-`. The same bytes every time.

use std::error::Error;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::{Null, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use identifiers::CertificateSerial;
use jiff::civil::{Date, date, datetime};
use jlis::{Authority, Holder, Leaf, Publisher, Purpose, Reason, Registry, Responder};
use sha1::{Digest, Sha1};
use wire::certificate::{CRL_PATH, SIGNING_CRL_PATH};
use wire::eligibility;
use world::clock::months_after;
use world::keys::{self, Authority as KeyOf};
use world::tls::FacilityAuthority;
use world::{Clock, Key};
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{CertId, OcspRequest, Request, TbsRequest};

type Failed = Box<dyn Error>;

const FROM: Date = date(2023, 7, 16);

/// What a kind of artefact is called in PEM.
fn label(name: &str) -> &'static str {
    match name.split('-').next() {
        Some("crl") => "X509 CRL",
        Some("ocsp") => "OCSP RESPONSE",
        _ => "CERTIFICATE",
    }
}

fn write(dir: &Path, name: &str, der: &[u8]) -> Result<(), Failed> {
    std::fs::write(dir.join(format!("{name}.der")), der)?;
    let label = label(name);
    let coded = STANDARD.encode(der);
    let lines: Vec<String> = coded
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let text = lines.join("\n");
    let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
    std::fs::write(dir.join(format!("{name}.pem")), pem)?;
    Ok(())
}

fn leaf(serial: CertificateSerial, key: &Key) -> Leaf<'_> {
    Leaf {
        serial,
        first_day: date(2025, 10, 27),
        last_day: date(2030, 2, 17),
        key: &key.pair,
    }
}

/// Asks about a serial as a relying party would.
fn question(
    authority: &Authority,
    serial: CertificateSerial,
    nonce: Option<[u8; 32]>,
) -> Result<Vec<u8>, Failed> {
    let tbs = Certificate::from_der(&authority.certificate)?.tbs_certificate;
    let key = tbs.subject_public_key_info.subject_public_key.raw_bytes();
    let sha1 = ObjectIdentifier::new("1.3.14.3.2.26")?;
    let id = CertId {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: sha1,
            parameters: Some(Null.into()),
        },
        issuer_name_hash: OctetString::new(Sha1::digest(tbs.subject.to_der()?).to_vec())?,
        issuer_key_hash: OctetString::new(Sha1::digest(key).to_vec())?,
        serial_number: SerialNumber::from(serial.value()),
    };
    let request = OcspRequest {
        tbs_request: TbsRequest {
            request_list: vec![Request {
                req_cert: id,
                single_request_extensions: None,
            }],
            request_extensions: nonce.map(extension).transpose()?.map(|one| vec![one]),
            ..TbsRequest::default()
        },
        optional_signature: None,
    };
    Ok(request.to_der()?)
}

fn extension(nonce: [u8; 32]) -> Result<Extension, Failed> {
    Ok(Extension {
        extn_id: ObjectIdentifier::new("1.3.6.1.5.5.7.48.1.2")?,
        critical: false,
        extn_value: OctetString::new(OctetString::new(nonce)?.to_der()?)?,
    })
}

fn certificates(dir: &Path, jpki: &Authority, signing: &Authority) -> Result<(), Failed> {
    let holder = Holder {
        name: "田中　花子",
        address: "模擬県模擬市１－２－３",
        birth: date(1980, 2, 17),
        sex: "2",
    };
    let adult = CertificateSerial::new(0x00A1_B2C3)?;
    let minor = CertificateSerial::new(0x00A1_B2C4)?;
    let [first, second, third] = [0, 1, 2].map(keys::card);
    let all = [
        (
            "certificate-ca-user-authentication",
            jpki.certificate.clone(),
        ),
        ("certificate-ca-signing", signing.certificate.clone()),
        (
            "certificate-adult-user-authentication",
            jpki.issue_authentication(&leaf(adult, &first)),
        ),
        (
            "certificate-adult-signing",
            signing.issue_signing(&leaf(adult, &second), &holder),
        ),
        // Under 15 there is no signing certificate.
        (
            "certificate-minor-user-authentication",
            jpki.issue_authentication(&leaf(minor, &third)),
        ),
        (
            "certificate-ocsp-responder",
            jpki.responder_certificate(FROM),
        ),
    ];
    for (name, der) in all {
        write(dir, name, &der)?;
    }
    let facilities = FacilityAuthority::new(KeyOf::Facility, FROM)?;
    write(dir, "certificate-ca-facility", &facilities.certificate)?;
    let clinic = facilities.issue("1312345678", 7, keys::tls::FACILITY)?;
    write(dir, "certificate-facility", &clinic.chain[0])?;
    let server = facilities.issue(eligibility::HOST, 10, keys::tls::ELIGIBILITY)?;
    write(dir, "certificate-facility-server", &server.chain[0])
}

fn revocation(dir: &Path, jpki: &Authority, clock: &Clock) -> Result<(), Failed> {
    let registry = Registry::new(clock.clone(), 24);
    let publisher = Publisher::new(CRL_PATH, jpki.clone(), registry.clone(), clock.clone());
    write(dir, "crl-empty", &publisher.list())?;
    let certificate = jpki.responder_certificate(FROM);
    let responder = Responder::new(jpki, certificate, registry.clone(), clock.clone());
    let now = clock.now_ms();
    let last_day = months_after(clock.today(), 40);
    let good = CertificateSerial::new(0x00A1_B2C3)?;
    let suspended = CertificateSerial::new(0x00A1_B2C4)?;
    for serial in [good, suspended] {
        registry.issue(serial, last_day)?;
    }
    registry.suspend(suspended, now)?;
    let mut answers = vec![
        ("ocsp-good".to_owned(), good),
        ("ocsp-suspended".to_owned(), suspended),
        (
            "ocsp-unknown".to_owned(),
            CertificateSerial::new(0x00FF_FFFF)?,
        ),
    ];
    for (value, reason) in (0x00A1_B2D0..).zip(Reason::ALL) {
        let serial = CertificateSerial::new(value)?;
        registry.issue(serial, last_day)?;
        registry.revoke(serial, reason, now)?;
        answers.push((format!("ocsp-revoked-{}", reason.name()), serial));
    }
    for (name, serial) in answers {
        write(
            dir,
            &name,
            &responder.answer(&question(jpki, serial, None)?),
        )?;
    }
    let with_nonce = question(jpki, good, Some([7; 32]))?;
    write(dir, "ocsp-good-nonce", &responder.answer(&with_nonce))?;
    write(dir, "crl-full", &publisher.list())
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Failed> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from);
    let dir = dir.ok_or("say where to: cargo run -p jlis --example artefacts -- DIR")?;
    std::fs::create_dir_all(&dir)?;
    let jpki = Authority::new(Purpose::UserAuthentication, KeyOf::UserAuthentication, FROM);
    let signing = Authority::new(Purpose::Signing, KeyOf::Signing, FROM);
    certificates(&dir, &jpki, &signing)?;
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    revocation(&dir, &jpki, &clock)?;
    let signing_list = Publisher::new(
        SIGNING_CRL_PATH,
        signing,
        Registry::new(clock.clone(), 0),
        clock,
    );
    write(&dir, "crl-signing-empty", &signing_list.list())
}
