//! Builds scenarios as records, the way a player would leave them, for the tests of rules: a town
//! that does everything right, in which a test bends one thing.

mod ask;
pub mod charted;
pub mod chip;
mod home;
mod paper;
pub mod pki;
mod play;
pub mod stay;
mod usual;

use std::collections::BTreeMap;

use evidence::{
    Act, Attested, CardKind, CertificateEvent, Chip, Declared, EntryKind, Evidence, Fact,
    FaultKind, Party, ProductLine, Reading, Record, RequirementLine, Run, SCHEMA, ScenarioLine,
    ScenarioRecords, Tapped, Tls, What, digest_hex,
};
use serde_json::json;

use crate::calendar::{Day, Instant};
use crate::expect::ALL;
use crate::{Case, Finding, Rule, Verdict, decode};
pub use ask::Ask;
pub use home::Home;
pub use pki::Leaf;
pub use play::{Answer, File, Pin, Play, Registers, Signature};
pub use usual::usual;

pub const CLINIC: &str = "みなと診療所";
pub const STRANGER: &str = "無登録医院";
pub const INSURER: &str = "模擬健保組合";
pub const NUMBER: &str = "06139992";
pub const OTHER_NUMBER: &str = "33120015";

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

pub fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap().of_record(u32::MAX)
}

/// A scenario being written down.
#[derive(Clone)]
pub struct Scene {
    pub run: Run,
    pub line: ScenarioLine,
    pub records: ScenarioRecords,
    pub now: String,
    sessions: u8,
    files: u32,
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
        "registration-lapsed" => "SIM-E303",
        "registration-released" => "SIM-E304",
        "no-qualification" => "SIM-E302",
        _ => "",
    }
}

fn run() -> Run {
    let codes = ALL
        .iter()
        .map(|due| (due.profile_key(), code(due.name()).to_owned()));
    let mut profile: BTreeMap<String, String> = codes.collect();
    for (key, value) in [
        ("grace_end", "month_end"),
        ("consent_hours", "24"),
        ("revocation_fallback", "none"),
        ("medical_code.given", "1"),
        ("medical_code.no-consent", "SIM-M401"),
        ("medical_code.consent-expired", "SIM-M402"),
        ("medical_code.unknown-number", "SIM-M404"),
        ("medical_code.bad-request", "SIM-M400"),
    ] {
        profile.insert(key.into(), value.into());
    }
    let product = |role: &str| ProductLine {
        role: role.into(),
        name: "Reference".into(),
        version: "0.1.0".into(),
        vendor: String::new(),
        digest: String::new(),
    };
    let roles = [
        "card",
        "reader",
        "terminal",
        "receipt-computer",
        "eligibility-server",
        "insurer",
        "portal",
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
        part: false,
        waivers: vec![],
        statements: vec![],
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
                "portal",
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
            files: 0,
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
        scene.person("田中", "1980-02-17");
        scene
    }

    pub fn person(&mut self, person: &str, birth: &str) {
        self.declare(Fact::Person {
            person: person.into(),
            name: format!("{person}　花子"),
            kana: "ﾀﾅｶ ﾊﾅｺ".into(),
            birth: birth.into(),
            sex: "2".into(),
            address: String::new(),
        });
    }

    /// A house that misbehaves from now on.
    pub fn fault(&mut self, house: &str, kind: FaultKind) {
        let from = self.now.clone();
        self.declare(Fact::Fault {
            house: house.into(),
            kind,
            from,
        });
    }

    /// Lets some time pass: the civil clock stands at this instant from now on.
    pub fn at(&mut self, instant: &str) {
        self.now = format!("{instant}.000+09:00");
    }

    /// Takes back every use registration, declared and fed.
    pub fn forget_registrations(&mut self) {
        let tells = |record: &Record, bytes: &BTreeMap<String, Vec<u8>>| match &record.what {
            What::Declared(d) => matches!(d.fact, Fact::Registration { .. }),
            What::Tapped(t) => t.bytes.as_ref().is_some_and(|digest| {
                bytes[digest].starts_with(b"POST /v1/feed/use-registrations")
            }),
            What::Attested(_) => false,
        };
        let bytes = self.records.bytes.clone();
        self.records.records.retain(|r| !tells(r, &bytes));
        for (index, record) in self.records.records.iter_mut().enumerate() {
            record.seq = u32::try_from(index + 1).unwrap();
        }
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

    /// A registered patient whose qualification carries these elements.
    fn carrying(carries: &[(&str, &str)]) -> Scene {
        let mut scene = Scene::bare();
        let known = "2024-04-05T09:00:00.000+09:00";
        scene.entered(
            "田中",
            EntryKind::Gain,
            NUMBER,
            "00",
            "2024-04-01",
            known,
            carries,
        );
        scene.sent(EntryKind::Gain, NUMBER, 201);
        scene.fed(EntryKind::Gain, NUMBER);
        scene.card("田中のカード", &Leaf::default(), true);
        scene.registration("田中", "1001");
        scene
    }

    /// A patient whose certificate ended on 2026-07-20 and was renewed on a day, the server being told or not.
    pub fn renewed(on: &str, told: bool) -> Scene {
        let mut scene = Scene::with_card(&Leaf {
            last_day: "2026-07-20",
            ..Leaf::default()
        });
        let leaf = Leaf {
            serial: 0x1002,
            last_day: "2031-02-15",
            ..Leaf::default()
        };
        scene.card("新しいカード", &leaf, true);
        let known_at = match on {
            "2026-11-01" => "2026-11-02T09:00:00.000+09:00",
            _ => "2026-10-15T09:00:00.000+09:00",
        };
        scene.declare(Fact::Renewal {
            person: "田中".into(),
            old_serial: "1001".into(),
            new_serial: "1002".into(),
            on: on.into(),
            known_at: known_at.into(),
        });
        if told {
            let body = json!({
                "old_serial": "1001", "old_last_day": "2026-07-20", "new_serial": "1002",
                "new_last_day": "2031-02-15", "renewed_on": on,
            });
            scene.feed("jlis", "serial-pairs", &body, 200);
        }
        scene
    }

    /// A release from a day on, entered on 2026-10-12 and sent as from another.
    pub fn released(&mut self, effective_on: &str, sent: &str) {
        self.declare(Fact::Release {
            person: "田中".into(),
            effective_on: effective_on.into(),
            known_at: "2026-10-12T09:00:00.000+09:00".into(),
        });
        let token = "⟦INDIVIDUAL-NUMBER#1⟧";
        let body = json!({ "individual_number": token, "effective_on": sent });
        self.post(
            "registration",
            "insurer",
            INSURER,
            "intermediate",
            "/v1/releases",
            &body,
            201,
        );
        let body = json!({ "link_number": "L1", "effective_on": sent });
        self.feed("intermediate", "releases", &body, 204);
    }

    /// Replaces a text in the last message that has it; false when none has.
    pub fn bend(&mut self, from: &str, to: &str) -> bool {
        let found = self
            .records
            .records
            .iter()
            .rev()
            .find_map(|r| match &r.what {
                What::Tapped(t) => {
                    let text = String::from_utf8_lossy(&self.records.bytes[t.bytes.as_ref()?]);
                    text.contains(from).then(|| (r.seq, text.replace(from, to)))
                }
                _ => None,
            });
        let Some((seq, text)) = found else {
            return false;
        };
        let digest = self.keep(relengthed(&text).as_bytes());
        for record in &mut self.records.records {
            if let What::Tapped(tapped) = &mut record.what
                && record.seq == seq
            {
                tapped.bytes = Some(digest.clone());
            }
        }
        true
    }

    /// The server fetches the revocation list.
    /// Changes bytes, written in hex, in the last message of a hop; false when they are nowhere.
    pub fn bend_bytes(&mut self, hop: &str, from: &str, to: &str) -> bool {
        let kept = &self.records.bytes;
        let all = self.records.records.iter_mut().rev();
        let mut own = all.filter_map(|record| match &mut record.what {
            What::Tapped(t) if t.hop == hop => Some(t),
            _ => None,
        });
        let Some(last) = own.next() else {
            return false;
        };
        let old = hex::encode(&kept[last.bytes.as_ref().unwrap()]);
        let bent = hex::decode(old.replace(from, to)).unwrap();
        let name = evidence::digest_hex(&bent);
        last.bytes = Some(name.clone());
        self.records.bytes.insert(name, bent);
        old.contains(from)
    }

    /// Leaves out the first message of a hop that holds a text.
    pub fn leave_out(&mut self, hop: &str, text: &str) -> bool {
        let bytes = &self.records.bytes;
        let own = |r: &Record| match &r.what {
            What::Tapped(t) if t.hop == hop => {
                let kept = t.bytes.as_ref().and_then(|digest| bytes.get(digest));
                kept.is_some_and(|b| String::from_utf8_lossy(b).contains(text))
            }
            _ => false,
        };
        let Some(at) = self.records.records.iter().position(own) else {
            return false;
        };
        self.records.records.remove(at);
        for (seq, record) in (1..).zip(&mut self.records.records) {
            record.seq = seq;
        }
        true
    }

    pub fn fetch_list(&mut self) {
        let (server, jlis) = (Party::role("eligibility-server"), Party::role("jlis"));
        let asked = b"GET /user-authentication.crl HTTP/1.1\r\n\r\n";
        self.tap("crl", server.clone(), jlis.clone(), 1, asked, None);
        let list = pki::revocation_list(&[]);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", list.len());
        let said = [head.as_bytes(), &list].concat();
        self.tap("crl", jlis, server, 1, &said, None);
    }

    /// Puts a signing certificate on a card.
    pub fn signing(&mut self, card: &str, leaf: &Leaf) {
        let signing_certificate = self.keep(&pki::leaf(leaf));
        let chip = Chip {
            kind: CardKind::Adult,
            card_last_day: "2034-02-15".into(),
            signing_certificate,
            sign_password: "⟦SIGN-PASSWORD#1⟧".into(),
            sign_tries_left: 5,
            text_pin: "⟦TEXT-PIN#1⟧".into(),
            verification_a: "⟦INDIVIDUAL-NUMBER#1⟧".into(),
            verification_b: "⟦VERIFICATION-B#1⟧".into(),
            face: "⟦FACE#1⟧".into(),
        };
        for record in &mut self.records.records {
            if let What::Declared(Declared {
                fact: Fact::Card {
                    card: c, chip: on, ..
                },
            }) = &mut record.what
                && c == card
            {
                *on = Some(chip.clone());
            }
        }
    }

    /// One with a limit certificate.
    pub fn limited() -> Scene {
        let of = "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificate";
        let path = |end: &str| format!("{of}{end}");
        let (kind, class) = (path("Classification"), path("ClassificationFlag"));
        let (from, to) = (path("ValidStartDate"), path("ValidEndDate"));
        Scene::carrying(&[
            (&kind, "01"),
            (&class, "A03"),
            (&from, "20260801"),
            (&to, "20270731"),
        ])
    }

    /// One between 70 and 74, with a share of two tenths.
    pub fn elderly() -> Scene {
        let of = "ElderlyRecipientCertificateInfo/ElderlyRecipient";
        let path = |end: &str| format!("{of}{end}");
        let share = path("ContributionRatio");
        let (from, to) = (
            path("CertificateValidStartDate"),
            path("CertificateValidEndDate"),
        );
        Scene::carrying(&[(&share, "020"), (&from, "20260801"), (&to, "20270731")])
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

    /// A screen; without lines of its own it says what it usually does.
    pub fn screen(&mut self, facility: &str, id: &str, lines: &[&str], tries_left: Option<u8>) {
        let lines = match lines {
            [] | [""] => usual(id),
            own => own,
        };
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
            reader: "face".into(),
            passcode: String::new(),
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
            chip: None,
        });
    }

    pub fn event(&mut self, serial: &str, event: CertificateEvent, at: &str) {
        self.declare(Fact::Certificate {
            serial: serial.into(),
            event,
            reason: String::new(),
            at: at.into(),
        });
    }

    /// A use registration, which the portal reports to the server.
    pub fn registration(&mut self, person: &str, serial: &str) {
        self.declare(Fact::Registration {
            person: person.into(),
            serial: serial.into(),
            at: "2024-04-10T09:00:00.000+09:00".into(),
        });
        self.tied(serial, NUMBER, 201);
    }

    /// The portal's report of a use registration.
    pub fn tied(&mut self, serial: &str, insurer_number: &str, status: u16) {
        let last_day = self.last_day(serial);
        let body = json!({
            "serial": serial, "last_day": last_day, "link_number": "L1",
            "insured": { "insurer_number": insurer_number, "symbol": "12", "number": "34", "branch": "00" },
        });
        self.feed("portal", "use-registrations", &body, status);
    }

    /// Last day of the certificate with a serial, as declared.
    pub fn last_day(&self, wanted: &str) -> String {
        let found = self.records.records.iter().find_map(|r| match &r.what {
            What::Declared(Declared {
                fact: Fact::Card {
                    serial, last_day, ..
                },
            }) if serial == wanted => Some(last_day.clone()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// Something a house feeds the server.
    pub fn feed(&mut self, from: &str, what: &str, body: &serde_json::Value, status: u16) {
        let path = format!("/v1/feed/{what}");
        self.post("feed", from, "", "eligibility-server", &path, body, status);
    }

    /// An insurer's entry alone.
    pub fn entry_only(&mut self, kind: EntryKind, insurer_number: &str, on: &str, known_at: &str) {
        self.entered("田中", kind, insurer_number, "00", on, known_at, &[]);
    }

    #[expect(clippy::too_many_arguments, reason = "one entry has that many parts")]
    pub fn entered(
        &mut self,
        person: &str,
        kind: EntryKind,
        insurer_number: &str,
        branch: &str,
        on: &str,
        known_at: &str,
        carries: &[(&str, &str)],
    ) {
        let carries = carries.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        self.declare(Fact::InsurerEntry {
            insurer: INSURER.into(),
            person: person.into(),
            kind,
            insurer_number: insurer_number.into(),
            symbol: "12".into(),
            number: "34".into(),
            branch: branch.into(),
            on: on.into(),
            known_at: known_at.into(),
            carries: carries.collect(),
        });
    }

    /// An insurer's entry, sent and passed on when its number is right.
    pub fn entry(&mut self, kind: EntryKind, insurer_number: &str, on: &str, known_at: &str) {
        self.entry_of("田中", kind, insurer_number, "00", on, known_at);
    }

    /// The same for somebody, under a branch.
    pub fn entry_of(
        &mut self,
        person: &str,
        kind: EntryKind,
        insurer_number: &str,
        branch: &str,
        on: &str,
        known_at: &str,
    ) {
        self.entered(person, kind, insurer_number, branch, on, known_at, &[]);
        if crate::expect::check_digit_holds(insurer_number) {
            self.sent(kind, insurer_number, 201);
            self.fed(kind, insurer_number);
        }
    }

    /// The last entry declared, as the insurer sends it, its number bent where another is given.
    pub fn sent(&mut self, kind: EntryKind, insurer_number: &str, status: u16) {
        let mut body = self.words(kind, insurer_number);
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
        let mut body = self.words(kind, insurer_number);
        body["link_number"] = json!("L1");
        self.feed("intermediate", "qualifications", &body, 204);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one exchange has that many parts"
    )]
    pub fn post(
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
        let said = match path.ends_with("/use-registrations") {
            true => format!("{{\"new\":{}}}", status == 201),
            false => String::new(),
        };
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{said}",
            said.len()
        );
        self.tap(hop, to, from, 1, answer.as_bytes(), None);
    }

    /// A JSON question and its JSON answer.
    pub fn exchange(
        &mut self,
        hop: &str,
        (from, to): (&Party, &Party),
        path: &str,
        body: &serde_json::Value,
        (status, answer): (u16, &serde_json::Value),
    ) {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: sim.invalid\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.tap(hop, from.clone(), to.clone(), 1, request.as_bytes(), None);
        let answer = answer.to_string();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        self.tap(hop, to.clone(), from.clone(), 1, answer.as_bytes(), None);
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

/// An HTTP message with its Content-Length made right again.
fn relengthed(text: &str) -> String {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return text.to_owned();
    };
    let lines = head.split("\r\n").map(|line| match line.split_once(": ") {
        Some(("content-length", _)) => format!("content-length: {}", body.len()),
        _ => line.to_owned(),
    });
    format!("{}\r\n\r\n{body}", lines.collect::<Vec<_>>().join("\r\n"))
}
