//! Builds scenarios as records, the way a player would leave them, for the tests of rules: a town
//! that does everything right, in which a test bends one thing.

pub mod pki;
mod play;

use std::collections::BTreeMap;

use evidence::{
    Act, Attested, CertificateEvent, Declared, EntryKind, Evidence, Fact, Party, ProductLine,
    Reading, Record, RequirementLine, Run, SCHEMA, ScenarioLine, ScenarioRecords, Tapped, Tls,
    What, digest_hex,
};
use serde_json::json;

use crate::calendar::{Day, Instant};
use crate::expect::ALL;
use crate::{Case, Finding, Rule, Verdict, decode};
pub use pki::Leaf;
pub use play::{Answer, File, Pin, Play, Signature};

pub const CLINIC: &str = "みなと診療所";
pub const STRANGER: &str = "無登録医院";
pub const INSURER: &str = "模擬健保組合";
pub const NUMBER: &str = "06139992";
pub const OTHER_NUMBER: &str = "33120015";

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// A scenario being written down.
pub struct Scene {
    pub run: Run,
    pub line: ScenarioLine,
    pub records: ScenarioRecords,
    pub now: String,
    sessions: u8,
}

fn code(name: &str) -> &'static str {
    match name {
        "notice-expires-soon" => "SIM-N101",
        "notice-expired-grace" => "SIM-N102",
        "certificate-expired" => "SIM-E201",
        "certificate-revoked" => "SIM-E202",
        "certificate-suspended" => "SIM-E203",
        "certificate-unknown" => "SIM-E204",
        "revocation-unavailable" => "SIM-E205",
        "certificate-invalid" => "SIM-E206",
        "signature-invalid" => "SIM-E207",
        "not-registered" => "SIM-E301",
        "no-qualification" => "SIM-E302",
        _ => "",
    }
}

fn run() -> Run {
    let codes = ALL
        .iter()
        .map(|due| (due.profile_key(), code(due.name()).to_owned()));
    let mut profile: BTreeMap<String, String> = codes.collect();
    profile.insert("grace_end".into(), "month_end".into());
    let product = |role: &str| ProductLine {
        role: role.into(),
        name: "Reference".into(),
        version: "0.1.0".into(),
    };
    let roles = [
        "card",
        "reader",
        "terminal",
        "receipt-computer",
        "eligibility-server",
        "insurer",
    ];
    let requirement = |rule: &Rule| RequirementLine {
        id: rule.id.into(),
        level: "MUST".into(),
        roles: rule.roles.iter().map(|r| (*r).into()).collect(),
        ja: rule.clause.0.into(),
        en: rule.clause.1.into(),
        source: "test".into(),
    };
    Run {
        schema: SCHEMA.into(),
        suite: "test".into(),
        seed: 1,
        edition: "2026-10-15".into(),
        profile,
        products: roles.map(product).into(),
        requirements: crate::rules().iter().map(requirement).collect(),
        scenarios: vec![],
    }
}

impl Scene {
    /// A clock, authorities and an enrolled clinic; nobody is insured.
    pub fn bare() -> Scene {
        let line = ScenarioLine {
            id: "test".into(),
            ja: "試験".into(),
            en: "test".into(),
            place: "test.feature:1".into(),
            requirements: vec![],
            roles: [
                "card",
                "reader",
                "terminal",
                "receipt-computer",
                "eligibility-server",
                "insurer",
            ]
            .map(Into::into)
            .into(),
            steps: vec![],
            replay: "test".into(),
        };
        let records = ScenarioRecords {
            id: "test".into(),
            ..Default::default()
        };
        let mut scene = Scene {
            run: run(),
            line,
            records,
            now: "2026-10-15T09:00:00.000+09:00".into(),
            sessions: 0,
        };
        scene.declare(Fact::Clock {
            at: scene.now.clone(),
        });
        for (bytes, trusted) in [(pki::authority(), true), (pki::foreign_authority(), false)] {
            let certificate = scene.keep(&bytes);
            scene.declare(Fact::Authority {
                authority: "jpki-user-authentication".into(),
                certificate,
                trusted,
            });
        }
        scene.facility(CLINIC, "9911234567", true);
        scene
    }

    /// A registered patient, insured since April 2024, with a card valid until February 2029.
    pub fn registered() -> Scene {
        Scene::with_card(&Leaf::default())
    }

    /// The same with another certificate.
    pub fn with_card(leaf: &Leaf) -> Scene {
        let mut scene = Scene::bare();
        scene.entry(
            EntryKind::Gain,
            NUMBER,
            "2024-04-01",
            "2024-04-05T09:00:00.000+09:00",
        );
        scene.card("田中のカード", leaf, true);
        scene.event(
            "1001",
            CertificateEvent::Issued,
            "2024-02-15T09:00:00.000+09:00",
        );
        scene.registration("田中", "1001");
        scene
    }

    pub fn keep(&mut self, bytes: &[u8]) -> String {
        let digest = digest_hex(bytes);
        self.records.bytes.insert(digest.clone(), bytes.to_vec());
        digest
    }

    pub fn push(&mut self, what: What) -> u32 {
        let seq = u32::try_from(self.records.records.len() + 1).unwrap();
        self.records.records.push(Record {
            seq,
            at: self.now.clone(),
            what,
        });
        seq
    }

    pub fn declare(&mut self, fact: Fact) -> u32 {
        self.push(What::Declared(Declared { fact }))
    }

    pub fn hands(&mut self, act: Act) {
        self.declare(Fact::Hands {
            who: "patient".into(),
            act,
        });
    }

    pub fn tap(
        &mut self,
        hop: &str,
        from: Party,
        to: Party,
        connection: u32,
        bytes: &[u8],
        tls: Option<Tls>,
    ) {
        let bytes = Some(self.keep(bytes));
        let tapped = Tapped {
            hop: hop.into(),
            from,
            to,
            connection,
            name: None,
            bytes,
            tls,
        };
        self.push(What::Tapped(tapped));
    }

    pub fn screen(&mut self, facility: &str, id: &str, lines: &[&str], tries_left: Option<u8>) {
        let mut seen = json!({ "id": id, "lines": lines });
        if let Some(left) = tries_left {
            seen["tries_left"] = json!(left);
        }
        let product = Party::at("reader", facility);
        self.push(What::Attested(Attested {
            product,
            shows: "screen".into(),
            seen,
        }));
    }

    pub fn facility(&mut self, name: &str, code: &str, enrolled: bool) {
        let certificate = self.keep(format!("certificate of {code}").as_bytes());
        self.declare(Fact::Facility {
            facility: name.into(),
            code: code.into(),
            certificate,
            enrolled,
        });
    }

    pub fn card(&mut self, card: &str, leaf: &Leaf, genuine: bool) {
        let certificate = self.keep(&pki::leaf(leaf));
        self.declare(Fact::Card {
            card: card.into(),
            holder: "田中".into(),
            serial: format!("{:x}", leaf.serial),
            certificate,
            first_day: leaf.first_day.into(),
            last_day: leaf.last_day.into(),
            pin: "⟦PIN#1⟧".into(),
            tries_left: 3,
            genuine,
        });
    }

    pub fn event(&mut self, serial: &str, event: CertificateEvent, at: &str) {
        self.declare(Fact::Certificate {
            serial: serial.into(),
            event,
            at: at.into(),
        });
    }

    /// A use registration, which the intermediate server passes on.
    pub fn registration(&mut self, person: &str, serial: &str) {
        let at = self.now.clone();
        self.declare(Fact::Registration {
            person: person.into(),
            serial: serial.into(),
            at,
        });
        let body = json!({ "link_number": "L1", "serial": serial });
        self.post(
            "feed",
            "intermediate",
            "",
            "eligibility-server",
            "/v1/feed/links",
            &body,
            204,
        );
    }

    /// An insurer's entry alone.
    pub fn entry_only(&mut self, kind: EntryKind, insurer_number: &str, on: &str, known_at: &str) {
        self.declare(Fact::InsurerEntry {
            insurer: INSURER.into(),
            person: "田中".into(),
            kind,
            insurer_number: insurer_number.into(),
            symbol: "12".into(),
            number: "34".into(),
            branch: "00".into(),
            on: on.into(),
            known_at: known_at.into(),
        });
    }

    /// An insurer's entry, sent and passed on when its number is right.
    pub fn entry(&mut self, kind: EntryKind, insurer_number: &str, on: &str, known_at: &str) {
        self.entry_only(kind, insurer_number, on, known_at);
        if crate::expect::check_digit_holds(insurer_number) {
            self.sent(kind, insurer_number, 201);
            self.fed(kind, insurer_number);
        }
    }

    pub fn sent(&mut self, kind: EntryKind, insurer_number: &str, status: u16) {
        let mut body = body(kind, insurer_number);
        body["individual_number"] = json!("⟦INDIVIDUAL-NUMBER#1⟧");
        self.post(
            "registration",
            "insurer",
            INSURER,
            "intermediate",
            "/v1/registrations",
            &body,
            status,
        );
    }

    pub fn fed(&mut self, kind: EntryKind, insurer_number: &str) {
        let mut body = body(kind, insurer_number);
        body["link_number"] = json!("L1");
        self.post(
            "feed",
            "intermediate",
            "",
            "eligibility-server",
            "/v1/feed/qualifications",
            &body,
            204,
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one exchange has that many parts"
    )]
    fn post(
        &mut self,
        hop: &str,
        from: &str,
        name: &str,
        to: &str,
        path: &str,
        body: &serde_json::Value,
        status: u16,
    ) {
        let body = body.to_string();
        let told = body.len()
            - if body.contains("INDIVIDUAL") {
                "⟦INDIVIDUAL-NUMBER#1⟧".len() - 12
            } else {
                0
            };
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: sim.invalid\r\ncontent-length: {told}\r\n\r\n{body}"
        );
        let (from, to) = (Party::at(from, name), Party::role(to));
        self.tap(hop, from.clone(), to.clone(), 1, request.as_bytes(), None);
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        self.tap(hop, to, from, 1, answer.as_bytes(), None);
    }

    pub fn case(&self) -> Case {
        Case::read(&self.line, &self.records, &self.run)
    }

    /// The reading of a folder with this one scenario.
    pub fn reading(&self) -> Reading {
        let mut run = self.run.clone();
        run.scenarios.push(self.line.clone());
        let evidence = Evidence::from_parts(run, vec![self.records.clone()]);
        Reading {
            evidence,
            damage: vec![],
        }
    }

    pub fn findings(&self, id: &str) -> Vec<Finding> {
        let case = self.case();
        assert_eq!(case.facts.bed, Vec::<String>::new());
        let rule = crate::rules().iter().find(|rule| rule.id == id).unwrap();
        (rule.check)(&case)
    }

    /// What one rule says: role and verdict, with who is at fault.
    pub fn said(&self, id: &str) -> Vec<(String, Verdict, Option<String>)> {
        self.findings(id)
            .into_iter()
            .map(|f| (f.role, f.verdict, f.at_fault))
            .collect()
    }

    /// Rule and role of everything that fails, over all rules.
    pub fn fails(&self) -> Vec<(String, String)> {
        let judged = crate::judge(&self.reading());
        assert_eq!(judged.bed_errors, vec![]);
        let failed = judged
            .findings
            .into_iter()
            .filter(|f| f.verdict == Verdict::Fail);
        failed.map(|f| (f.requirement, f.role)).collect()
    }

    pub fn views(&self) -> Vec<(String, serde_json::Value)> {
        let tapped = self
            .records
            .records
            .iter()
            .filter_map(|record| match &record.what {
                What::Tapped(tapped) => Some(tapped),
                _ => None,
            });
        let view = |t: &Tapped| {
            let bytes = &self.records.bytes[t.bytes.as_ref()?];
            Some((
                format!("{} from {}", t.hop, t.from.role),
                decode::view(&t.hop, t.name.as_deref(), bytes),
            ))
        };
        tapped.filter_map(view).collect()
    }
}

fn body(kind: EntryKind, insurer_number: &str) -> serde_json::Value {
    let kind = if kind == EntryKind::Gain {
        "gain"
    } else {
        "loss"
    };
    json!({ "kind": kind, "insurer_number": insurer_number, "symbol": "１２", "number": "３４", "branch": "00" })
}
