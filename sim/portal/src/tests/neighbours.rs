//! Neighbours that answer, but not as described: each is named, and nothing is tied.

use std::fmt::Write as _;

use wire::portal::USE_REGISTRATIONS;
use world::http::Answer;

use super::bed::{Bed, JSON, Shared, bed, outcome, refusal};

async fn ended(bed: &Bed) -> (u16, String, String) {
    let body = serde_json::to_vec(&bed.request().await).unwrap();
    let answer = bed.post(None, USE_REGISTRATIONS, body).await;
    let (status, error) = outcome(&answer);
    let failure: wire::failure::Failure = serde_json::from_slice(&answer.body).unwrap();
    (status, error, failure.message_en)
}

#[tokio::test(start_paused = true)]
async fn answers_off_the_interface_name_their_house() {
    let answers = [
        Answer::new(200, JSON, "{}"),
        Answer::new(200, JSON, ""),
        Answer::new(404, "text/html", "<p>"),
        refusal(404, "not-found"),
        refusal(403, "asker-not-allowed"),
        refusal(500, "store-failed"),
        Answer::new(301, "", ""),
        Answer::new(200, JSON, vec![b' '; 70_000]),
    ];
    let mut out = String::new();
    for answer in answers {
        for intermediate in [true, false] {
            let bed = bed();
            let house: &Shared = if intermediate {
                &bed.intermediate
            } else {
                &bed.eligibility
            };
            // The eligibility server's good answer has no body to be wrong.
            if !intermediate && answer.status == 200 && answer.body.len() < 100 {
                continue;
            }
            house.lock().unwrap().always = Some(answer.clone());
            let (status, error, said) = ended(&bed).await;
            assert_eq!(status, 503);
            let who = if intermediate {
                "intermediate"
            } else {
                "eligibility"
            };
            assert_eq!(error, format!("{who}-unavailable"));
            writeln!(out, "{said}").unwrap();
            assert!(bed.ties().is_empty());
        }
    }
    insta::assert_snapshot!(out);
}

#[tokio::test(start_paused = true)]
async fn what_the_eligibility_server_has_against_a_tie_is_passed_on() {
    let table = [
        (
            refusal(422, "certificate-not-good"),
            403,
            "certificate-not-good",
        ),
        (refusal(422, "serial-of-another"), 422, "serial-of-another"),
        (
            refusal(503, "revocation-unavailable"),
            503,
            "revocation-unavailable",
        ),
        (refusal(422, "link-number"), 503, "eligibility-unavailable"),
    ];
    for (answer, status, error) in table {
        let bed = bed();
        bed.eligibility.lock().unwrap().always = Some(answer);
        let (found, named, _) = ended(&bed).await;
        assert_eq!((found, named.as_str()), (status, error));
    }
}

#[tokio::test(start_paused = true)]
async fn a_serial_j_lis_does_not_know_is_an_unknown_certificate() {
    let bed = bed();
    let unknown = identifiers::CertificateSerial::new(0x77).unwrap();
    let refused = bed
        .portal
        .register_known(unknown, super::bed::last_day())
        .await;
    assert_eq!(refused.unwrap_err().error, "certificate-unknown");
}
