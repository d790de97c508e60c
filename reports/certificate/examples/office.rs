//! Prints samples of each standing into a folder, unsigned and (`NAME.signed.pdf`) signed by the test identity,
//! whose root lies beside them, so that people and foreign programs can look at them:
//! `cargo run -p certificate --example office -- DIR`.
#![allow(
    clippy::unwrap_used,
    reason = "an example that meets an error should stop there"
)]

use std::path::PathBuf;

use certificate::{Issue, Item, Laboratory, Period, SealedBy, Signatory, certificate, sign};

#[path = "../src/testing.rs"]
mod testing;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let identity = seal::Identity::test().unwrap();
    let at = "2026-11-20T03:00:00Z".parse().unwrap();
    let mut waived = testing::conforming();
    waived.waivers.push(testing::waiver());
    for (name, page, issue) in [
        (
            "conforming",
            testing::conforming(),
            testing::earnest_issue(),
        ),
        ("test-identity", testing::conforming(), testing::issue()),
        ("waived", waived, testing::earnest_issue()),
        ("failing", testing::failing(), testing::earnest_issue()),
        (
            "incomplete",
            testing::incomplete(),
            testing::earnest_issue(),
        ),
        ("golden", testing::golden(), testing::issue()),
        ("spoiled", testing::spoiled(), testing::issue()),
        ("huge", testing::huge(), testing::earnest_issue()),
    ] {
        let pdf = certificate(&page, &issue).unwrap();
        std::fs::write(folder.join(format!("{name}.pdf")), &pdf).unwrap();
        let signed = sign(pdf, &identity, Some(at)).unwrap();
        std::fs::write(folder.join(format!("{name}.signed.pdf")), signed).unwrap();
    }
    let root = identity.chain().last().unwrap();
    std::fs::write(folder.join("root.der"), root).unwrap();
}
