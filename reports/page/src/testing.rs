//! A small judgement with the evidence it rests on, built by hand: one scenario that passed, one that
//! failed, one that stayed open, one the bed spoiled, and damage of the whole run.

use std::collections::BTreeMap;

use evidence::{
    Act, Attested, Declared, Evidence, Fact, Party, ProductLine, Record, RequirementLine, Run,
    SCHEMA, ScenarioLine, ScenarioRecords, Tapped, Tls, What, digest_hex,
};
use judge::{
    BedError, Finding, Judgement, Quote, RequirementVerdict, RoleVerdict, ScenarioVerdict, Text,
    Verdict,
};
use requirements::{InTwoTongues, Untested};

use crate::{Page, RunInfo};

/// The page of the sample.
pub(crate) fn page() -> Page {
    let (judgement, evidence) = sample();
    Page::build(&judgement, &evidence, &untested()).unwrap()
}

/// The page of a run that passed with nothing left untested.
pub(crate) fn calm_page() -> Page {
    calm(&[])
}

/// A run that passed, of a suite that has no check yet for a MUST of a product's role.
pub(crate) fn passing_but_unchecked() -> Page {
    calm(&untested()[..1])
}

fn calm(untested: &[Untested]) -> Page {
    let (mut judgement, evidence) = sample();
    judgement.run.scenarios.truncate(1);
    judgement.run.requirements.truncate(1);
    judgement.scenarios.truncate(1);
    judgement.findings.truncate(1);
    judgement.requirements.truncate(1);
    judgement.roles = vec![of_role("reader", Verdict::Pass, 1)];
    judgement.bed_errors.clear();
    judgement.verdict = Verdict::Pass;
    Page::build(&judgement, &evidence, untested).unwrap()
}

/// A run-info block that does not change from day to day.
pub(crate) fn evidence() -> Evidence {
    sample().1
}

pub(crate) fn run_info() -> RunInfo {
    RunInfo {
        tool: "shikaku-test".into(),
        version: "0.0.0".into(),
        started: None,
        duration_ms: Some(7),
        office: Some(crate::Office {
            number: "T-1".into(),
            issued_on: "2026-11-20".into(),
            laboratory: "架空試験所".into(),
            signatory: "試験 太郎".into(),
            customer: Some("架空システム株式会社".into()),
            ..crate::Office::default()
        }),
    }
}

pub(crate) fn untested() -> Vec<Untested> {
    let row = |id: &str, ja: &str, en: &str| Untested {
        id: id.into(),
        reason: InTwoTongues {
            ja: ja.into(),
            en: en.into(),
        },
    };
    vec![
        row(
            "LIFE-05",
            "更新のシナリオを待つ",
            "Awaits the renewal scenarios.",
        ),
        row("ZZZ-99", "一覧にない", "No such rule in the catalogue."),
    ]
}

/// The sample itself.
pub(crate) fn sample() -> (Judgement, Evidence) {
    let run = run();
    let evidence = Evidence::from_parts(run.clone(), records());
    let judgement = Judgement {
        run,
        evidence: "e".repeat(64),
        findings: findings(),
        requirements: vec![
            of_requirement("AUTH-05", "reader", Verdict::Pass, &["pin-right"]),
            of_requirement("LIFE-01", "reader", Verdict::Fail, &["expires-soon"]),
            of_requirement(
                "LIFE-01",
                "eligibility-server",
                Verdict::Pass,
                &["expires-soon"],
            ),
            of_requirement(
                "PKI-07",
                "eligibility-server",
                Verdict::Inconclusive,
                &["silent"],
            ),
        ],
        scenarios: vec![
            of_scenario("pin-right", Verdict::Pass, &[]),
            of_scenario("expires-soon", Verdict::Fail, &["reader"]),
            of_scenario("silent", Verdict::Inconclusive, &["configuration"]),
            of_scenario("spoiled", Verdict::BedError, &["bed"]),
        ],
        roles: vec![
            of_role("reader", Verdict::Fail, 2),
            of_role("eligibility-server", Verdict::Inconclusive, 2),
        ],
        bed_errors: vec![
            bed(
                "spoiled",
                "step 2: the town did not open. Look at the scenario's first step.",
            ),
            bed(
                "",
                "views: a file DIGESTS does not name. Get an untouched copy.",
            ),
        ],
        waivers: vec![],
        exceptions_replaced: false,
        verdict: Verdict::Fail,
    };
    (judgement, evidence)
}

fn run() -> Run {
    let requirement = |id: &str, roles: &[&str], ja: &str, en: &str| RequirementLine {
        id: id.into(),
        level: "MUST".into(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        ja: ja.into(),
        en: en.into(),
        source: "DA-25".into(),
    };
    Run {
        schema: SCHEMA.into(),
        suite: "5".repeat(64),
        seed: u64::MAX,
        edition: "2026-10-15".into(),
        profile: BTreeMap::from([
            ("grace_end".to_owned(), "same_day".to_owned()),
            ("of_tomorrow".to_owned(), "1".to_owned()),
        ]),
        part: false,
        waivers: vec![],
        statements: vec![],
        products: vec![
            ProductLine {
                vendor: "Example Works".into(),
                digest: format!("sha256:{}", "7".repeat(64)),
                ..product("reader", "Example Reader", "2.1")
            },
            product("eligibility-server", "Shikaku reference server", "0.1.0"),
        ],
        requirements: vec![
            requirement(
                "AUTH-05",
                &["reader"],
                "最後の一回の警告",
                "The last try is announced.",
            ),
            requirement(
                "LIFE-01",
                &["reader", "terminal", "eligibility-server"],
                "更新案内",
                "The patient sees the renewal notice.",
            ),
            requirement(
                "PKI-07",
                &["eligibility-server"],
                "失効確認不能",
                "Nothing is silently accepted.",
            ),
            requirement(
                "SEC-03",
                &["terminal"],
                "PINの保護",
                "No PIN leaves the reader.",
            ),
        ],
        scenarios: vec![
            scenario("pin-right", "正しい暗証番号", "The right PIN", &["AUTH-05"]),
            scenario(
                "expires-soon",
                "もうすぐ期限が切れる",
                "Expires soon",
                &["LIFE-01"],
            ),
            scenario(
                "silent",
                "失効確認が答えない",
                "OCSP is silent",
                &["PKI-07", "SEC-03"],
            ),
            scenario(
                "spoiled",
                "町が開かない",
                "The town does not open",
                &["LIFE-01"],
            ),
        ],
    }
}

fn product(role: &str, name: &str, version: &str) -> ProductLine {
    ProductLine {
        role: role.into(),
        name: name.into(),
        version: version.into(),
        vendor: String::new(),
        digest: String::new(),
    }
}

fn scenario(id: &str, ja: &str, en: &str, requirements: &[&str]) -> ScenarioLine {
    let feature = if id == "pin-right" { "pin" } else { "expiry" };
    ScenarioLine {
        id: id.into(),
        ja: ja.into(),
        en: en.into(),
        place: format!("scenarios/features/{feature}.feature:12"),
        requirements: requirements.iter().map(|id| (*id).to_owned()).collect(),
        roles: vec!["reader".into(), "eligibility-server".into()],
        steps: vec![[
            "患者がカードを置く".into(),
            "The patient places the card".into(),
        ]],
        replay: format!("1-{id}-18446744073709551615"),
    }
}

fn records() -> Vec<ScenarioRecords> {
    let lines = [
        (r#"{"type":"card-placed"}"#, "reader", "terminal"),
        (
            r#"{"type":"outcome","status":"confirmed","code":"SIM-N101","message":"","validity":"1"}"#,
            "terminal",
            "reader",
        ),
    ];
    let mut whole = ScenarioRecords {
        id: "expires-soon".into(),
        ..Default::default()
    };
    let mut add = |what: What| {
        let seq = whole.records.len() as u32 + 1;
        let at = format!("2026-10-15T09:00:0{seq}.000+09:00");
        whole.records.push(Record { seq, at, what });
    };
    add(What::Declared(Declared {
        fact: Fact::Hands {
            who: "patient".into(),
            act: Act::PlaceCard {
                card: "花子のカード".into(),
                person: "花子".into(),
                facility: "さくら診療所".into(),
                reader: 1,
            },
        },
    }));
    let mut bytes = BTreeMap::new();
    for (line, from, to) in lines {
        let digest = digest_hex(line.as_bytes());
        bytes.insert(digest.clone(), line.as_bytes().to_vec());
        add(tapped("reader", from, to, Some(digest), None));
    }
    let refused = Tls {
        alert: Some("received fatal alert: UnknownCA".into()),
        ..Tls::default()
    };
    add(tapped(
        "eligibility",
        "terminal",
        "eligibility-server",
        None,
        Some(refused),
    ));
    add(What::Attested(Attested {
        product: Party::at("reader", "さくら診療所"),
        shows: "screen".into(),
        seen: serde_json::json!({"id": "DONE", "lines": ["確認しました"], "scale": 1.5}),
    }));
    whole.bytes = bytes;
    vec![whole]
}

fn tapped(hop: &str, from: &str, to: &str, bytes: Option<String>, tls: Option<Tls>) -> What {
    What::Tapped(Tapped {
        hop: hop.into(),
        from: Party::at(from, "さくら診療所"),
        to: Party::role(to),
        connection: 1,
        name: None,
        bytes,
        tls,
    })
}

fn findings() -> Vec<Finding> {
    let text = |ja: &str, en: &str| Text {
        ja: ja.into(),
        en: en.into(),
    };
    let quote = |seq, what: &str, said: &str| Quote {
        seq,
        what: what.into(),
        said: said.into(),
    };
    let pass = Finding {
        requirement: "AUTH-05".into(),
        role: "reader".into(),
        scenario: "pin-right".into(),
        verdict: Verdict::Pass,
        at_fault: None,
        expected: text("警告が出る", "the warning is shown"),
        actual: text("警告が出た", "the warning was shown"),
        advice: None,
        rests_on: vec![],
    };
    vec![
        pass.clone(),
        Finding {
            requirement: "LIFE-01".into(),
            scenario: "expires-soon".into(),
            verdict: Verdict::Fail,
            at_fault: Some("reader".into()),
            expected: text("DONE_NOTICE の画面", "screen DONE_NOTICE"),
            actual: text("DONE の画面", "screen DONE"),
            advice: Some(text(
                "結果コードを見て画面を選ぶ",
                "Choose the screen by the result code.",
            )),
            rests_on: vec![
                quote(1, "Hands", "place-card"),
                quote(3, "outcome code", "SIM-N101"),
                quote(5, "screen", "DONE"),
            ],
            ..pass.clone()
        },
        Finding {
            requirement: "LIFE-01".into(),
            role: "eligibility-server".into(),
            scenario: "expires-soon".into(),
            expected: text("通知", "a notice"),
            actual: text("通知", "a notice"),
            rests_on: vec![quote(3, "outcome code", "SIM-N101")],
            ..pass.clone()
        },
        Finding {
            requirement: "PKI-07".into(),
            role: "eligibility-server".into(),
            scenario: "silent".into(),
            verdict: Verdict::Inconclusive,
            at_fault: Some("configuration".into()),
            expected: text("OCSPへの照会", "an OCSP request"),
            actual: text("照会がない", "no OCSP request"),
            advice: Some(text("OCSPの宛先を確かめる", "Check the OCSP address.")),
            ..pass
        },
    ]
}

fn of_requirement(
    id: &str,
    role: &str,
    verdict: Verdict,
    scenarios: &[&str],
) -> RequirementVerdict {
    RequirementVerdict {
        requirement: id.into(),
        role: role.into(),
        level: "MUST".into(),
        verdict,
        scenarios: scenarios.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn of_scenario(id: &str, verdict: Verdict, at_fault: &[&str]) -> ScenarioVerdict {
    ScenarioVerdict {
        scenario: id.into(),
        verdict,
        at_fault: at_fault.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn of_role(role: &str, verdict: Verdict, judged: usize) -> RoleVerdict {
    RoleVerdict {
        role: role.into(),
        verdict,
        judged,
    }
}

fn bed(scenario: &str, error: &str) -> BedError {
    BedError {
        scenario: scenario.into(),
        error: error.into(),
    }
}
