//! Samples for the tests of this room and for its example: the page of the golden evidence, the same bent
//! until it has another standing, a page as large as they come, and an issue.

use std::path::Path;

use evidence::Evidence;
use jiff::civil::date;
use judge::{Text, Verdict, WaiverState};
use reports::{Bed, ByRole, FindingPart, Page, RequirementPart, WaiverPart, name_of};

use super::{Issue, Item, Laboratory, Period, SealedBy, Signatory};

/// An issue with nothing left out, signed by the test identity.
pub(crate) fn issue() -> Issue {
    Issue {
        number: "SHIKAKU-2026-000123".into(),
        issued_on: date(2026, 11, 20),
        laboratory: Laboratory {
            name: "架空試験所".into(),
            address: "99県架空市一番町1-1　電話 00-0000-0000".into(),
        },
        customer: Some("架空システム株式会社 品質保証部".into()),
        signatory: Signatory {
            name: "試験 太郎".into(),
            post: "試験責任者".into(),
        },
        sealed_by: Some(SealedBy {
            subject: "CN=Shikaku TEST signer, O=NOT FOR PROOF".into(),
            test: true,
        }),
        tested: Some(Period {
            from: date(2026, 11, 17),
            to: date(2026, 11, 19),
        }),
        items: vec![Item {
            role: "reader".into(),
            vendor: Some("架空カードリーダー製造株式会社".into()),
            digest: Some(format!("sha256:{}", "0123456789abcdef".repeat(4))),
            received: Some(date(2026, 11, 16)),
        }],
        report_sha256: "89abcdef01234567".repeat(4),
        program: "shikaku 0.1.0".into(),
    }
}

/// The same for a signer who counts.
pub(crate) fn earnest_issue() -> Issue {
    Issue {
        sealed_by: Some(SealedBy {
            subject: "CN=架空試験所 電子印, O=架空試験所".into(),
            test: false,
        }),
        ..issue()
    }
}

/// A deviation accepted by name.
pub(crate) fn waiver() -> WaiverPart {
    WaiverPart {
        id: "W-7".into(),
        requirement: "LIFE-01".into(),
        role: None,
        scenario: None,
        reason: "更新案内の文言は次の版で直す。それまで窓口が口頭で伝える。".into(),
        owner: "品質保証部".into(),
        expires: "2027-03-31".into(),
        state: WaiverState::Used,
        covers: Vec::new(),
    }
}

/// What the judge says of the golden evidence: five scenarios of many, so much stays untested.
pub(crate) fn golden() -> Page {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/judge/tests/golden");
    let reading = Evidence::read(&folder).unwrap();
    let untested = requirements::untested().unwrap();
    Page::build(&judge::judge(&reading), &reading.evidence, &untested).unwrap()
}

/// A page on which everything was judged and met: five requirements and two roles, so that neither the
/// catalogue nor the judge can change what it says.
pub(crate) fn conforming() -> Page {
    let mut page = golden();
    page.untested.clear();
    page.run.suite = "5".repeat(64);
    page.run.evidence = "e".repeat(64);
    let reader = name_of("reader");
    page.requirements.truncate(5);
    for (nth, requirement) in page.requirements.iter_mut().enumerate() {
        requirement.id = format!("AUTH-{nth:02}");
        requirement.ja = format!("読み取り機に関する要求その{nth}、最後の一回を警告する");
        requirement.en = format!("Requirement {nth} of readers: the last try is announced");
        requirement.level = "MUST".into();
        requirement.verdict = Verdict::Pass;
        requirement.unjudged.clear();
        requirement.by_role = vec![ByRole {
            role: reader.clone(),
            verdict: Verdict::Pass,
            scenarios: Vec::new(),
        }];
    }
    page.products
        .retain(|product| ["reader", "terminal"].contains(&product.role.id.as_str()));
    page.roles.retain(|role| role.role.id == "reader");
    for role in &mut page.roles {
        (role.verdict, role.judged, role.untested) = (Verdict::Pass, 5, 0);
        role.open.clear();
        role.failed.clear();
    }
    page.scenarios.truncate(2);
    for scenario in &mut page.scenarios {
        scenario.findings.clear();
    }
    page.lacks.clear();
    page.profile.truncate(2);
    for value in &mut page.profile {
        value.usual = Some(value.value.clone());
    }
    page.verdict = Verdict::Pass;
    page.headline = said(
        "判定した要求はすべて満たしています",
        "Every requirement that was judged is met",
    );
    page.missing = said(
        "要求 5 件すべてを判定した",
        "Requirements judged: 5, all there are",
    );
    page.counts.requirements = [("pass".to_owned(), 5)].into();
    page.counts.scenarios = [("pass".to_owned(), 2)].into();
    page
}

/// A page on which nothing was broken and one thing not judged.
pub(crate) fn incomplete() -> Page {
    let mut page = conforming();
    page.requirements[0].by_role.clear();
    page.requirements[0].unjudged = vec![name_of("reader")];
    page.requirements[0].verdict = Verdict::NotTested;
    page.counts.requirements = [("pass".to_owned(), 4), ("not-tested".to_owned(), 1)].into();
    page.missing = said(
        "要求 5 件のうち 4 件を判定した。1 件は未試験",
        "4 of 5 requirements judged; 1 not tested",
    );
    page
}

/// A page on which the reader broke a rule.
pub(crate) fn failing() -> Page {
    let mut page = conforming();
    let reader = name_of("reader");
    let broken = &mut page.requirements[0];
    broken.verdict = Verdict::Fail;
    broken.by_role = vec![ByRole {
        role: reader.clone(),
        verdict: Verdict::Fail,
        scenarios: vec![page.scenarios[0].id.clone()],
    }];
    page.scenarios[0].findings.push(FindingPart {
        requirement: broken.id.clone(),
        role: reader.clone(),
        verdict: Verdict::Fail,
        at_fault: Some(reader),
        expected: said("警告の画面", "the warning"),
        actual: said("何もない", "nothing"),
        advice: None,
        waiver: None,
        rests_on: Vec::new(),
    });
    for role in page
        .roles
        .iter_mut()
        .filter(|role| role.role.id == "reader")
    {
        role.verdict = Verdict::Fail;
        role.failed = vec![page.requirements[0].id.clone()];
    }
    page.counts.requirements = [("pass".to_owned(), 4), ("fail".to_owned(), 1)].into();
    page.counts.scenarios = [("pass".to_owned(), 1), ("fail".to_owned(), 1)].into();
    page.verdict = Verdict::Fail;
    page.headline = said(
        "要求 1 件に違反。責任: 顔認証付きカードリーダー",
        "1 requirement broken; at fault: card reader",
    );
    page
}

/// A page on which the bed itself went wrong.
pub(crate) fn spoiled() -> Page {
    let mut page = conforming();
    page.verdict = Verdict::BedError;
    page.bed_errors = vec![Bed {
        scenario: String::new(),
        error: "views: a file DIGESTS does not name. Get an untouched copy.".into(),
    }];
    page
}

/// A page as large as they come: 500 scenarios, 130 requirements of which every other failed, and long names.
pub(crate) fn huge() -> Page {
    let mut page = failing();
    let long = "とても長い名前の".repeat(40);
    let requirement: RequirementPart = page.requirements[0].clone();
    page.requirements = (0..130)
        .map(|nth| {
            let mut one = requirement.clone();
            one.id = format!("LONG-{nth:03}");
            one.ja = format!("要求{nth}、{long}");
            one.en = "A requirement whose wording never ends ".repeat(9);
            one.verdict = [Verdict::Fail, Verdict::Inconclusive, Verdict::Waived][nth % 3];
            one.by_role[0].verdict = one.verdict;
            one
        })
        .collect();
    let scenario = page.scenarios[0].clone();
    page.scenarios = vec![scenario; 500];
    let product = page.products[0].clone();
    for (nth, made) in page.products.iter_mut().enumerate() {
        *made = product.clone();
        made.name = format!("{long}{nth}");
        made.version = "1.2.3-alpha.".repeat(20);
    }
    let value = page.profile[0].clone();
    page.profile = vec![value; 80];
    for value in &mut page.profile {
        value.value = "x".repeat(300);
    }
    page.headline.ja = format!("要求 44 件に違反。責任: {long}");
    page
}

fn said(ja: &str, en: &str) -> Text {
    Text {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}
