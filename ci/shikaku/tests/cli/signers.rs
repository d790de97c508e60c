//! Signers of the tests: an authority of their own, with leaves between any two days.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use seal::{Identity, seal_folder};

/// A root nobody else has.
pub struct Root {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

/// A key and its certificate, PEM.
pub struct Leaf {
    pub key: String,
    pub pem: String,
}

fn params(name: &str, years: [i32; 2]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years[0], 1, 1);
    params.not_after = date_time_ymd(years[1], 1, 1);
    params
}

impl Root {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params("Laboratory root", [2000, 2100]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = params.self_signed(&key).unwrap().pem();
        Root {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    pub fn leaf(&self, name: &str, years: [i32; 2]) -> Leaf {
        let mut params = params(name, years);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        self.issued(params)
    }

    /// A time-stamp authority's.
    pub fn stamping(&self, name: &str) -> Leaf {
        let mut params = params(name, [2000, 2100]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // rcgen writes the extension uncritical, and RFC 3161 asks for a critical one.
        let mut critical =
            rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 37], STAMPING_ALONE.to_vec());
        critical.set_criticality(true);
        params.extended_key_usages = Vec::<ExtendedKeyUsagePurpose>::new();
        params.custom_extensions.push(critical);
        self.issued(params)
    }

    fn issued(&self, params: CertificateParams) -> Leaf {
        let key = KeyPair::generate().unwrap();
        Leaf {
            pem: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// SEQUENCE { OID 1.3.6.1.5.5.7.3.8 }.
const STAMPING_ALONE: &[u8] = &[
    0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08,
];

impl Leaf {
    pub fn seals(&self, dir: &Path) {
        let identity = Identity::from_pem(&self.key, &self.pem).unwrap();
        seal_folder(dir, &identity, None).unwrap();
    }
}

/// As a forger with the one key this program trusts by itself would.
pub fn test_identity_seals(dir: &Path) {
    seal_folder(dir, &Identity::test().unwrap(), None).unwrap();
}

/// Writes DIGESTS of the evidence anew, as a forger would who knows the format.
pub fn digests_anew(dir: &Path) {
    let evidence = dir.join("evidence");
    let text = fs::read_to_string(evidence.join("DIGESTS")).unwrap();
    let rows: String = text
        .lines()
        .map(|row| row.split_once("  ").unwrap().1)
        .filter(|name| evidence.join(name).exists())
        .map(|name| {
            let bytes = fs::read(evidence.join(name)).unwrap();
            format!("{}  {name}\n", evidence::digest_hex(&bytes))
        })
        .collect();
    fs::write(evidence.join("DIGESTS"), rows).unwrap();
}

/// Names scenarios and town anew in the first line of every file of records, as such a forger would.
pub fn bound_anew(dir: &Path) {
    let evidence = dir.join("evidence");
    let head = fs::read(evidence.join("run.json")).unwrap();
    let Ok(run) = serde_json::from_slice::<evidence::Run>(&head) else {
        return;
    };
    for line in &run.scenarios {
        let path = evidence.join(format!("scenarios/{}.jsonl", line.id));
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let body = text.split_once('\n').unwrap().1;
        fs::write(&path, format!("{}\n{body}", run.first_line(&line.id))).unwrap();
    }
}
