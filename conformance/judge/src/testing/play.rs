//! One visit, played right unless a test bends it.

use base64::Engine;
use evidence::{Act, Attested, Party, Tapped, Tls, What};
use serde_json::json;

use super::paper::{self, leaf};
use super::{CLINIC, NUMBER, Scene, pki};
use crate::calendar::Day;
use crate::decode::ocsp::Status;

/// A PIN that is typed, and what the card answers.
#[derive(Clone, Debug)]
pub struct Pin {
    pub token: &'static str,
    pub answer: u16,
    pub warned: bool,
}

/// What the server answers.
#[derive(Clone, Debug)]
pub enum Answer {
    Xml {
        status: &'static str,
        code: &'static str,
        validity: &'static str,
        insurer: &'static str,
        flags: &'static str,
    },
    Error(u16, &'static str),
    Raw(&'static str),
    Nothing,
}

/// What the terminal puts into the folder.
#[derive(Clone, Debug)]
pub enum File {
    Same,
    None,
    Other(&'static [u8]),
    Leaking,
}

/// Whose signature the request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    Right,
    Foreign,
    /// Right, over the session of the visit before.
    Replayed,
}

/// A first registration at the reader: the patient's answer, and what the server makes of it.
#[derive(Clone, Copy, Debug)]
pub struct Registers {
    pub agreed: bool,
    pub answer: (u16, &'static str),
    /// Whether portal, J-LIS and intermediate server are seen doing their part.
    pub chain: bool,
}

/// A visit.
#[derive(Clone, Debug)]
pub struct Play {
    pub card: &'static str,
    pub person: &'static str,
    pub facility: &'static str,
    pub tries: u8,
    pub told_tries: Option<u8>,
    pub pins: Vec<Pin>,
    pub consents: bool,
    pub consents_first: bool,
    pub asks: bool,
    /// What the identification is told of the registration, or an HTTP error.
    pub standing: std::result::Result<&'static str, (u16, &'static str)>,
    /// The registration at the reader, when one is offered.
    pub registers: Option<Registers>,
    pub reference: &'static str,
    /// Elements put behind the person's own.
    pub more: &'static str,
    /// Replaced in the server's answer, and so in the file.
    pub bend: Option<(&'static str, &'static str)>,
    pub signature: Signature,
    pub ocsp: Option<Option<Status>>,
    pub answer: Answer,
    pub file: File,
    pub told_code: Option<&'static str>,
    pub last: (&'static str, &'static [&'static str]),
    pub locked_lines: &'static [&'static str],
    pub chart: Option<(&'static str, &'static str)>,
    pub alert: Option<&'static str>,
}

pub const CONFIRMED: Answer = Answer::Xml {
    status: "1",
    code: "",
    validity: "1",
    insurer: NUMBER,
    flags: "1",
};

impl Answer {
    pub fn refused(code: &'static str) -> Answer {
        Answer::Xml {
            status: "2",
            code,
            validity: "",
            insurer: "",
            flags: "",
        }
    }

    pub fn confirmed(code: &'static str, flags: &'static str) -> Answer {
        Answer::Xml {
            status: "1",
            code,
            validity: "1",
            insurer: NUMBER,
            flags,
        }
    }

    pub fn answered(validity: &'static str, insurer: &'static str) -> Answer {
        Answer::Xml {
            status: "1",
            code: "",
            validity,
            insurer,
            flags: "1",
        }
    }
}

impl Pin {
    pub fn right() -> Pin {
        Pin {
            token: "⟦PIN#1⟧",
            answer: 0x9000,
            warned: false,
        }
    }

    pub fn wrong(answer: u16) -> Pin {
        Pin {
            token: "⟦PIN#2⟧",
            answer,
            warned: false,
        }
    }

    pub fn warned(self) -> Pin {
        Pin {
            warned: true,
            ..self
        }
    }
}

impl Default for Play {
    fn default() -> Self {
        Play {
            card: "田中のカード",
            person: "田中",
            facility: CLINIC,
            tries: 3,
            told_tries: None,
            pins: vec![Pin::right()],
            consents: true,
            consents_first: false,
            asks: true,
            standing: Ok("registered"),
            registers: None,
            reference: "",
            more: "",
            bend: None,
            signature: Signature::Right,
            ocsp: Some(Some(Status::Good)),
            answer: CONFIRMED,
            file: File::Same,
            told_code: None,
            last: ("DONE", &["受付が完了しました。"]),
            locked_lines: &["市区町村の窓口で解除できます。"],
            chart: Some(("current", NUMBER)),
            alert: None,
        }
    }
}

const CONSENTS: [&str; 3] = [
    "CONSENT_OPERATION",
    "CONSENT_TREATMENT_DRUG",
    "CONSENT_CHECKUP",
];

impl Scene {
    /// Plays a visit.
    pub fn visit(&mut self, play: &Play) {
        self.hands(Act::PlaceCard {
            card: play.card.into(),
            person: play.person.into(),
            facility: play.facility.into(),
            reader: 1,
        });
        self.says(play, true, &json!({ "type": "card-placed" }));
        self.apdu(play, &hexed("00A4040C0AD392F000260100000001"), 0x9000);
        self.apdu(play, &hexed("00A4020C020018"), 0x9000);
        self.apdu(play, &hexed("00200080"), 0x63C0 | u16::from(play.tries));
        let told = play.told_tries.unwrap_or(play.tries);
        self.says(
            play,
            false,
            &json!({ "type": "card-ready", "tries_left": told }),
        );
        self.screen(play.facility, "CHOOSE_METHOD", &[], None);
        self.hands(Act::ChoosePin);
        if play.consents_first {
            CONSENTS
                .iter()
                .for_each(|id| self.screen(play.facility, id, &[], None));
        }
        let accepted = play.pins.iter().fold(false, |_, pin| self.pin(play, pin));
        if accepted {
            self.confirm(play);
        }
        self.screen(play.facility, "TAKE_CARD", &[], None);
        self.hands(Act::TakeCard);
        self.says(play, true, &json!({ "type": "card-removed" }));
        self.screen(play.facility, "PLACE_CARD", &[], None);
        self.chart(play);
    }

    fn says(&mut self, play: &Play, from_reader: bool, value: &serde_json::Value) {
        let (reader, terminal) = (
            Party::at("reader", play.facility),
            Party::at("terminal", play.facility),
        );
        let (from, to) = if from_reader {
            (reader, terminal)
        } else {
            (terminal, reader)
        };
        self.tap("reader", from, to, 1, format!("{value}\n").as_bytes(), None);
    }

    fn apdu(&mut self, play: &Play, command: &[u8], status: u16) {
        let (reader, card) = (
            Party::at("reader", play.facility),
            Party::at("card", play.card),
        );
        self.tap("card", reader.clone(), card.clone(), 1, command, None);
        self.tap("card", card, reader, 1, &status.to_be_bytes(), None);
    }

    fn pin(&mut self, play: &Play, pin: &Pin) -> bool {
        if pin.warned {
            self.screen(play.facility, "LAST_TRY_WARNING", &["あと1回です"], Some(1));
            self.hands(Act::AcknowledgeWarning);
        }
        self.screen(play.facility, "ENTER_PIN", &[], None);
        self.hands(Act::EnterPin {
            pin: pin.token.into(),
        });
        self.says(play, true, &json!({ "type": "pin", "pin": pin.token }));
        let verify = [&[0x00, 0x20, 0x00, 0x80, 0x04][..], pin.token.as_bytes()].concat();
        self.apdu(play, &verify, pin.answer);
        match pin.answer {
            0x9000 => self.says(play, false, &json!({ "type": "pin-accepted" })),
            0x63C0 | 0x6984 => {
                self.says(play, false, &json!({ "type": "pin-locked" }));
                self.screen(play.facility, "PIN_LOCKED", play.locked_lines, Some(0));
            }
            wrong => {
                let left = wrong & 0xF;
                self.says(
                    play,
                    false,
                    &json!({ "type": "pin-wrong", "tries_left": left }),
                );
                self.screen(
                    play.facility,
                    "PIN_WRONG",
                    &[&format!("残り{left}回です")],
                    None,
                );
            }
        }
        pin.answer == 0x9000
    }

    fn confirm(&mut self, play: &Play) {
        if let Some(alert) = play.alert {
            self.turned_away(play, alert);
            self.outcome(play, "unavailable");
            return;
        }
        let identified = self.identify(play);
        if !identified {
            self.outcome(play, "unavailable");
            return;
        }
        let registered = self.offer(play);
        let given = play.consents && registered;
        let consents =
            json!({ "operation": given, "treatment": given, "drug": given, "checkup": given });
        if registered {
            self.consents(play, &consents);
        } else {
            self.screen(play.facility, "PROCESSING", &[], None);
            self.says(
                play,
                true,
                &json!({ "type": "consents", "consents": consents }),
            );
        }
        if play.asks {
            self.confirmation(play, &consents);
        }
        let status = match &play.answer {
            Answer::Xml { status: "1", .. } => "confirmed",
            Answer::Xml { .. } => "refused",
            _ => "unavailable",
        };
        self.outcome(play, status);
    }

    fn consents(&mut self, play: &Play, consents: &serde_json::Value) {
        for (id, kind) in CONSENTS
            .iter()
            .zip(["operation", "treatment-drug", "checkup"])
        {
            if !play.consents_first {
                self.screen(play.facility, id, &[], None);
            }
            self.hands(Act::Consent {
                kind: kind.into(),
                given: play.consents,
            });
        }
        self.screen(play.facility, "PROCESSING", &[], None);
        self.says(
            play,
            true,
            &json!({ "type": "consents", "consents": consents }),
        );
    }

    fn outcome(&mut self, play: &Play, status: &str) {
        let (code, validity) = match &play.answer {
            Answer::Xml { code, validity, .. } if status != "unavailable" => (*code, *validity),
            _ => ("", ""),
        };
        let message = match code {
            "" => "",
            _ => "電子証明書の更新をお願いします",
        };
        let told = play.told_code.unwrap_or(code);
        let validity = match validity {
            "" => serde_json::Value::Null,
            validity => json!(validity),
        };
        let outcome = json!({ "type": "outcome", "status": status, "code": told, "message": message, "validity": validity });
        self.says(play, false, &outcome);
        self.screen(play.facility, play.last.0, play.last.1, None);
    }

    fn turned_away(&mut self, play: &Play, alert: &str) {
        let tls = Some(Tls {
            alert: Some(alert.into()),
            version: None,
            ..self.tls(play)
        });
        let to = Party::at("terminal", play.facility);
        let from = Party::role("eligibility-server");
        self.push(What::Tapped(Tapped {
            hop: "eligibility".into(),
            from,
            to,
            connection: 9,
            name: None,
            bytes: None,
            tls,
        }));
    }

    /// A card's certificate and serial.
    pub fn certificate_of(&self, name: &str) -> (Vec<u8>, String) {
        let card = self.records.records.iter().find_map(|r| match &r.what {
            What::Declared(d) => match &d.fact {
                evidence::Fact::Card {
                    card,
                    certificate,
                    serial,
                    ..
                } if card == name => {
                    Some((self.records.bytes[certificate].clone(), serial.clone()))
                }
                _ => None,
            },
            _ => None,
        });
        card.unwrap()
    }

    /// Challenge, signature and identification; false when the server does not say how the card stands.
    fn identify(&mut self, play: &Play) -> bool {
        let tls = self.tls(play);
        let fresh = play.signature != Signature::Replayed;
        if fresh {
            self.sessions += 1;
        }
        let (session, challenge) = (format!("{:032x}", self.sessions), [self.sessions; 32]);
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        if fresh {
            self.asks(play, &tls, "/v1/challenges", "");
            let body = json!({ "session": session, "challenge": base64(&challenge) }).to_string();
            self.answers(play, &tls, &http(201, "application/json", body.as_bytes()));
        }
        let (der, serial) = self.certificate_of(play.card);
        let code = match play.facility {
            CLINIC => "9911234567",
            _ => "9917654321",
        };
        let message = [challenge.as_slice(), session.as_bytes(), code.as_bytes()].concat();
        let key = match play.signature {
            Signature::Foreign => pki::Key::Foreign,
            _ => pki::Key::Card,
        };
        let signature = pki::sign(&message, key);
        self.apdu(play, &hexed("00A4020C020017"), 0x9000);
        self.signed(play, &signature);
        let body = json!({
            "session": session, "certificate": base64(&der), "signature": base64(&signature), "method": "pin",
        });
        self.asks(play, &tls, "/v1/card-identifications", &body.to_string());
        self.revocation(play, &serial);
        let (status, said) = match play.standing {
            Ok(standing) => (200, json!({ "standing": standing })),
            Err((status, error)) => (
                status,
                json!({ "error": error, "message_ja": "断る", "message_en": "no" }),
            ),
        };
        let said = said.to_string();
        self.answers(
            play,
            &tls,
            &http(status, "application/json", said.as_bytes()),
        );
        if let Ok(standing) = play.standing {
            self.says(
                play,
                false,
                &json!({ "type": "standing", "standing": standing }),
            );
        }
        play.standing.is_ok()
    }

    /// The registration where the card is not registered; true when consents are asked afterwards.
    fn offer(&mut self, play: &Play) -> bool {
        let offered = ["never-registered", "lapsed", "released"];
        if !play.standing.is_ok_and(|s| offered.contains(&s)) {
            return true;
        }
        let Some(registers) = play.registers else {
            return false;
        };
        self.screen(play.facility, "REGISTRATION_OFFER", &[], None);
        self.hands(Act::AnswerRegistration {
            agreed: registers.agreed,
        });
        self.says(
            play,
            true,
            &json!({ "type": "registration", "agreed": registers.agreed }),
        );
        if !registers.agreed {
            return false;
        }
        let tls = self.tls(play);
        let body = json!({ "session": format!("{:032x}", self.sessions) }).to_string();
        self.asks(play, &tls, "/v1/use-registrations", &body);
        let (status, error) = registers.answer;
        if registers.chain {
            let (_, serial) = self.certificate_of(play.card);
            self.chain(&serial, (status, error));
        }
        let made = matches!(status, 200 | 201);
        let said = match made {
            true => json!({ "new": status == 201 }),
            false => json!({ "error": error, "message_ja": "登録できません", "message_en": "no" }),
        };
        self.answers(
            play,
            &tls,
            &http(status, "application/json", said.to_string().as_bytes()),
        );
        let line = match made {
            true => json!({ "type": "registered" }),
            false => {
                json!({ "type": "registration-failed", "error": error, "message": "登録できません" })
            }
        };
        self.says(play, false, &line);
        let (shown, lines): (_, &[&str]) = match made {
            true => ("REGISTERED", &[]),
            false => ("REGISTRATION_FAILED", &["登録できません"]),
        };
        self.screen(play.facility, shown, lines, None);
        made
    }

    /// From the server to the portal and back to the server: agency code, insured number, the tie.
    pub fn chain(&mut self, serial: &str, (status, error): (u16, &str)) {
        let of = |role: &str| Party::role(role);
        let (server, portal) = (of("eligibility-server"), of("portal"));
        let body = json!({ "serial": serial, "last_day": self.last_day(serial) });
        let asked = format!(
            "POST /v1/clinic-registrations HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
            body.to_string().len()
        );
        self.tap(
            "clinic-registration",
            server.clone(),
            portal.clone(),
            1,
            asked.as_bytes(),
            None,
        );
        self.behind(serial, (status, error));
        let said = match status {
            200 | 201 => json!({ "new": status == 201 }),
            _ => json!({ "error": error, "message_ja": "登録できません", "message_en": "no" }),
        };
        let bytes = http(status, "application/json", said.to_string().as_bytes());
        self.tap("clinic-registration", portal, server, 1, &bytes, None);
    }

    /// What the portal does for a registration, however it was asked.
    pub fn behind(&mut self, serial: &str, (status, error): (u16, &str)) {
        let of = |role: &str| Party::role(role);
        let code = json!({ "agency_code": "agency0000000001" });
        self.exchange(
            "agency",
            (&of("portal"), &of("jlis")),
            "/v1/agency-codes",
            &json!({ "serial": serial }),
            (200, &code),
        );
        let insured =
            json!({ "insurer_number": NUMBER, "symbol": "12", "number": "34", "branch": "00" });
        let known = error != "no-insured-person";
        let answer = match known {
            true => (200, json!({ "link_number": "L1", "insured": insured })),
            false => (
                404,
                json!({ "error": error, "message_ja": "ない", "message_en": "none" }),
            ),
        };
        self.exchange(
            "insured",
            (&of("portal"), &of("intermediate")),
            "/v1/insured-persons",
            &code,
            (answer.0, &answer.1),
        );
        if known && matches!(status, 200 | 201) {
            self.tied(serial, NUMBER, status);
        }
    }

    fn confirmation(&mut self, play: &Play, consents: &serde_json::Value) {
        let tls = self.tls(play);
        let session = format!("{:032x}", self.sessions);
        let body = json!({ "session": session, "consents": consents });
        self.asks(play, &tls, "/v1/card-confirmations", &body.to_string());
        self.reply(play, &tls);
        self.drop_file(play);
    }

    fn signed(&mut self, play: &Play, signature: &[u8]) {
        let (reader, card) = (
            Party::at("reader", play.facility),
            Party::at("card", play.card),
        );
        let command = hexed("802A008003010203");
        self.tap("card", reader.clone(), card.clone(), 1, &command, None);
        let answer = [signature, &[0x90, 0x00]].concat();
        self.tap("card", card, reader, 1, &answer, None);
    }

    fn xml(&self, play: &Play, encoding: &str) -> String {
        let Answer::Xml {
            status,
            code,
            validity,
            insurer,
            flags,
        } = &play.answer
        else {
            return String::new();
        };
        let kinds = [
            "SpecificHealthCheckups",
            "Pharmacists",
            "Diagnosis",
            "Operation",
        ];
        let moment: String = self
            .now
            .chars()
            .filter(char::is_ascii_digit)
            .take(14)
            .collect();
        let tomorrow = moment.replacen("20261015", "20261016", 1);
        let flag = |name: &str| {
            let times = match *flags {
                "1" => [
                    leaf(&format!("{name}InfoConsTime"), &moment),
                    leaf(&format!("{name}InfoAvailableTime"), &tomorrow),
                ]
                .concat(),
                _ => String::new(),
            };
            format!("<{name}InfoConsFlg>{flags}</{name}InfoConsFlg>{times}")
        };
        let more = kinds.map(flag).concat() + play.more + &leaf("ReferenceNumber", play.reference);
        let person = (!insurer.is_empty()).then(|| self.block(insurer, &more));
        let result = paper::Result {
            facility: play.facility,
            on: &self.today(),
            classification: "1",
            status,
            code,
            validity,
            person,
        };
        let text = self.result(&result, encoding);
        match play.bend {
            Some((from, to)) => text.replace(from, to),
            None => text,
        }
    }

    fn tls(&mut self, play: &Play) -> Tls {
        self.tls_of(play.facility)
    }

    pub fn tls_of(&mut self, facility: &str) -> Tls {
        let code = if facility == CLINIC {
            "9911234567"
        } else {
            "9917654321"
        };
        let client = self.keep(format!("certificate of {code}").as_bytes());
        let server = self.keep(b"certificate of the server");
        Tls {
            version: Some("TLSv1.3".into()),
            client_chain: vec![client],
            server_chain: vec![server],
            alert: None,
        }
    }

    fn asks(&mut self, play: &Play, tls: &Tls, path: &str, body: &str) {
        let length = body.len();
        let bytes = format!("POST {path} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
        let (from, to) = (
            Party::at("terminal", play.facility),
            Party::role("eligibility-server"),
        );
        self.tap(
            "eligibility",
            from,
            to,
            1,
            bytes.as_bytes(),
            Some(tls.clone()),
        );
    }

    fn answers(&mut self, play: &Play, tls: &Tls, bytes: &[u8]) {
        let (from, to) = (
            Party::role("eligibility-server"),
            Party::at("terminal", play.facility),
        );
        self.tap("eligibility", from, to, 1, bytes, Some(tls.clone()));
    }

    fn revocation(&mut self, play: &Play, serial: &str) {
        let Some(said) = &play.ocsp else { return };
        let (server, jlis) = (Party::role("eligibility-server"), Party::role("jlis"));
        let body = pki::ocsp_request(serial);
        let head = format!(
            "POST http://ocsp.jpki-sim.invalid/ HTTP/1.1\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.tap(
            "ocsp",
            server.clone(),
            jlis.clone(),
            1,
            &[head.as_bytes(), &body].concat(),
            None,
        );
        if let Some(status) = said {
            // The day in Greenwich, nine hours behind.
            let now = super::instant(&self.now).unix() - 9 * 3600;
            let day = |seconds| format!("{}000000Z", Day::of_unix(seconds).unwrap().to_compact());
            let (this, next) = (day(now), day(now + 86_400));
            let body = pki::ocsp_response_for(serial, status, [&this, &next]);
            let answer = http(200, "application/ocsp-response", &body);
            self.tap("ocsp", jlis, server, 1, &answer, None);
        }
    }

    fn reply(&mut self, play: &Play, tls: &Tls) {
        let bytes = match &play.answer {
            Answer::Nothing => return,
            Answer::Raw(text) => http(200, "application/xml", text.as_bytes()),
            Answer::Error(status, name) => http(
                *status,
                "application/json",
                json!({ "error": name }).to_string().as_bytes(),
            ),
            Answer::Xml { .. } => {
                let xml = self.xml(play, "UTF-8");
                http(200, "application/xml", xml.as_bytes())
            }
        };
        self.answers(play, tls, &bytes);
    }

    fn drop_file(&mut self, play: &Play) {
        let xml = self.xml(play, "Shift_JIS");
        let mut bytes = encoding_rs::SHIFT_JIS.encode(&xml).0.into_owned();
        match &play.file {
            File::None => return,
            File::Same if xml.is_empty() => return,
            File::Same => {}
            File::Other(other) => bytes = other.to_vec(),
            File::Leaking => {
                bytes.truncate(bytes.len() - "</XmlMsg>".len());
                bytes.extend("<Remark>⟦LEAK PIN#1⟧</Remark></XmlMsg>".as_bytes());
            }
        }
        let name = Some(file_name(play.facility, self.sessions));
        let (from, to) = (
            Party::at("terminal", play.facility),
            Party::at("receipt-computer", play.facility),
        );
        let bytes = Some(self.keep(&bytes));
        self.push(What::Tapped(Tapped {
            hop: "face-folder".into(),
            from,
            to,
            connection: 1,
            name,
            bytes,
            tls: None,
        }));
    }

    /// What the last file dropped carries beside person and numbers.
    fn carried_by_file(&self) -> std::collections::BTreeMap<String, String> {
        let files = self
            .records
            .records
            .iter()
            .rev()
            .filter_map(|r| match &r.what {
                What::Tapped(t) if t.hop == "face-folder" => {
                    self.records.bytes.get(t.bytes.as_ref()?)
                }
                _ => None,
            });
        let mut read = files.filter_map(|bytes| crate::decode::result::outcome(bytes).ok());
        let block = read.next().and_then(|mut o| o.persons.pop());
        let paths = block.map(|b| b.paths).unwrap_or_default();
        let elsewhere = [
            "InsurerNumber",
            "InsuredCardSymbol",
            "InsuredIdentificationNumber",
            "InsuredBranchNumber",
            "Name",
            "NameKana",
            "Birthdate",
            "ReferenceNumber",
        ];
        let of_ours = |path: &String| !elsewhere.contains(&path.as_str());
        paths
            .into_iter()
            .filter(|(path, value)| of_ours(path) && !value.is_empty())
            .collect()
    }

    fn chart(&mut self, play: &Play) {
        let Some((state, number)) = play.chart else {
            return;
        };
        self.hands(Act::LookAtChart {
            facility: play.facility.into(),
            person: "田中".into(),
        });
        let insurance = json!({
            "state": state, "insurer_number": number, "symbol": "１２", "number": "３４", "branch": "00",
            "source": file_name(play.facility, self.sessions), "asked_on": self.today(),
            "carries": self.carried_by_file(),
        });
        let insurances = if number.is_empty() {
            vec![]
        } else {
            vec![insurance]
        };
        // What a result says on normal end is shown as it came.
        let told = match &play.answer {
            Answer::Xml { code, .. } if !code.is_empty() => vec!["電子証明書の更新をお願いします"],
            _ => vec![],
        };
        let seen = json!({
            "person": "田中", "name": "田中　花子", "kana": "ﾀﾅｶ ﾊﾅｺ", "insurances": insurances, "messages": told,
            "undecided": [], "drugs": [],
        });
        let product = Party::at("receipt-computer", play.facility);
        self.push(What::Attested(Attested {
            product,
            shows: "chart".into(),
            seen,
        }));
    }
}

fn file_name(facility: &str, session: u8) -> String {
    let code = match facility {
        CLINIC => "9911234567",
        _ => "9917654321",
    };
    format!("OQSsiquc01res_face_{code}{session:08x}_20261015090007.xml")
}

fn hexed(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn http(status: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
