//! Whole visits over the street, each answer as it went out.

use jiff::civil::{Date, date};
use wire::face_file::Charset;
use wire::registration::{Benefits, Elderly, Limit, Qualification};
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::{CertStatus, RevokedInfo};

use super::pki::generalized;
use super::site::{CARD, Site, says, until};
use crate::Reference;
use crate::entry::tests::{gain, loss};

pub(super) fn revoked(reason: Option<CrlReason>) -> CertStatus {
    CertStatus::revoked(RevokedInfo {
        revocation_time: generalized(1_780_000_000_000),
        revocation_reason: reason,
    })
}

fn new_insurer() -> Qualification {
    Qualification {
        insurer_number: identifiers::InsurerNumber::from_body("0199200")
            .unwrap()
            .to_string(),
        insurer_name: "模擬協会".into(),
        symbol: String::new(),
        number: "９８７".into(),
        branch: String::new(),
        on: "2026-10-01".into(),
        relationship: "2".into(),
        ..gain()
    }
}

fn with_benefits() -> Qualification {
    Qualification {
        insurer_number: identifiers::InsurerNumber::from_body("3999900")
            .unwrap()
            .to_string(),
        symbol: String::new(),
        benefits: Benefits {
            card_classification: Some("03".into()),
            address: Some("模擬県模擬市１－１".into()),
            name_of_other: Some("見本　花子".into()),
            contribution_ratio: Some("020".into()),
            elderly: Some(Elderly {
                ratio: "020".into(),
                from: "2026-08-01".into(),
                to: "2027-07-31".into(),
            }),
            limit: Some(Limit {
                classification: "02".into(),
                class: "B05".into(),
                from: "2026-08-01".into(),
                to: "2027-07-31".into(),
            }),
        },
        ..gain()
    }
}

struct Story {
    name: &'static str,
    last_day: Date,
    status: CertStatus,
    fed: Vec<Qualification>,
}

pub(super) const FAR: Date = date(2027, 10, 1);
pub(super) const SOON: Date = date(2026, 12, 1);
pub(super) const GRACE: Date = date(2026, 8, 20);
pub(super) const OVER: Date = date(2026, 6, 20);

#[tokio::test(start_paused = true)]
async fn each_card_gets_its_answer() {
    let good = CertStatus::good();
    let story = |name, last_day, status, fed: &[Qualification]| Story {
        name,
        last_day,
        status,
        fed: fed.to_vec(),
    };
    let fed = [gain()];
    let hold = revoked(Some(CrlReason::CertificateHold));
    let stories = [
        story("confirmed", FAR, good, &fed),
        story("expires soon", SOON, good, &fed),
        story("grace", GRACE, good, &fed),
        story("expired", OVER, good, &fed),
        story("revoked", FAR, revoked(None), &fed),
        story(
            "revoked and expired",
            OVER,
            revoked(Some(CrlReason::KeyCompromise)),
            &fed,
        ),
        story("suspended", FAR, hold, &fed),
        story("unknown to the authority", FAR, CertStatus::unknown(), &fed),
        story("no qualification", FAR, good, &[loss()]),
        story("lost", FAR, good, &[loss(), gain()]),
        story("new insurer", FAR, good, &[new_insurer(), gain(), loss()]),
        story("certificates and shares", FAR, good, &[with_benefits()]),
    ];
    let mut answers = String::new();
    for Story {
        name,
        last_day,
        status,
        fed,
    } in stories
    {
        let site = Site::new(Reference);
        site.register(CARD.serial).await;
        site.let_service(says(status));
        for entry in fed {
            site.feed_qualification(entry).await;
        }
        let answer = site.visit(&until(last_day)).await;
        let xml = answer.to_xml(Charset::Utf8).replace("><", ">\n<");
        answers.push_str(&format!("## {name}\n{xml}\n\n"));
    }
    insta::assert_snapshot!(answers);
}
