//! One visit, played right unless a test bends it.

use base64::Engine;
use evidence::{Act, Attested, Party, Tapped, Tls, What};
use serde_json::json;

use super::{CLINIC, NUMBER, Scene, pki};
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

/// A visit.
#[derive(Clone, Debug)]
pub struct Play {
    pub card: &'static str,
    pub facility: &'static str,
    pub tries: u8,
    pub told_tries: Option<u8>,
    pub pins: Vec<Pin>,
    pub consents: bool,
    pub consents_first: bool,
    pub asks: bool,
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

    fn xml(&self, encoding: &str) -> String {
        let Answer::Xml {
            status,
            code,
            validity,
            insurer,
            flags,
        } = self
        else {
            return String::new();
        };
        let flag = |name: &str| format!("<{name}InfoConsFlg>{flags}</{name}InfoConsFlg>");
        let flags: String = [
            "SpecificHealthCheckups",
            "Pharmacists",
            "Diagnosis",
            "Operation",
        ]
        .map(flag)
        .concat();
        let person = match *insurer {
            "" => String::new(),
            insurer => format!(
                "<ResultList><ResultOfQualificationConfirmation><InsurerNumber>{insurer}</InsurerNumber>\
                 <InsuredCardSymbol>１２</InsuredCardSymbol><InsuredIdentificationNumber>３４</InsuredIdentificationNumber>\
                 <InsuredBranchNumber>00</InsuredBranchNumber>{flags}</ResultOfQualificationConfirmation></ResultList>"
            ),
        };
        let message = if code.is_empty() {
            ""
        } else {
            "電子証明書の更新をお願いします"
        };
        let identifier = if encoding == "Shift_JIS" { "1" } else { "0" };
        format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\" standalone=\"no\"?>\n<XmlMsg><MessageHeader>\
             <SegmentOfResult>1</SegmentOfResult><CharacterCodeIdentifier>{identifier}</CharacterCodeIdentifier></MessageHeader>\
             <MessageBody><ProcessingResultStatus>{status}</ProcessingResultStatus><ProcessingResultCode>{code}</ProcessingResultCode>\
             <ProcessingResultMessage>{message}</ProcessingResultMessage><QualificationValidity>{validity}</QualificationValidity>\
             {person}</MessageBody></XmlMsg>"
        )
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
            facility: CLINIC,
            tries: 3,
            told_tries: None,
            pins: vec![Pin::right()],
            consents: true,
            consents_first: false,
            asks: true,
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
            person: "田中".into(),
            facility: play.facility.into(),
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
        if !play.consents_first {
            CONSENTS
                .iter()
                .for_each(|id| self.screen(play.facility, id, &[], None));
        }
        self.screen(play.facility, "PROCESSING", &[], None);
        let given = play.consents;
        let consents =
            json!({ "operation": given, "treatment": given, "drug": given, "checkup": given });
        self.says(
            play,
            true,
            &json!({ "type": "consents", "consents": consents }),
        );
        if play.asks {
            self.ask(play, &consents);
        }
        let code = match &play.answer {
            Answer::Xml { code, .. } => code,
            _ => "",
        };
        let message = if code.is_empty() {
            ""
        } else {
            "電子証明書の更新をお願いします"
        };
        let told = play.told_code.unwrap_or(code);
        let outcome = json!({ "type": "outcome", "status": "confirmed", "code": told, "message": message, "validity": "1" });
        self.says(play, false, &outcome);
        self.screen(play.facility, play.last.0, play.last.1, None);
    }

    fn ask(&mut self, play: &Play, consents: &serde_json::Value) {
        let tls = self.tls(play);
        if let Some(alert) = play.alert {
            let tls = Some(Tls {
                alert: Some(alert.into()),
                version: None,
                ..tls
            });
            let from = Party::at("terminal", play.facility);
            let to = Party::role("eligibility-server");
            let tapped = Tapped {
                hop: "eligibility".into(),
                from: to,
                to: from,
                connection: 9,
                name: None,
                bytes: None,
                tls,
            };
            self.push(What::Tapped(tapped));
            return;
        }
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
        self.apdu(play, &hexed("00A4020C020017"), 0x9000);
        self.apdu(play, &hexed("802A008003010203"), 0x9000);
        let code = if play.facility == CLINIC {
            "9911234567"
        } else {
            "9917654321"
        };
        let message = [challenge.as_slice(), session.as_bytes(), code.as_bytes()].concat();
        let key = if play.signature == Signature::Foreign {
            pki::Key::Foreign
        } else {
            pki::Key::Card
        };
        let card = self.records.records.iter().find_map(|r| match &r.what {
            What::Declared(d) => match &d.fact {
                evidence::Fact::Card {
                    card,
                    certificate,
                    serial,
                    ..
                } if card == play.card => {
                    Some((self.records.bytes[certificate].clone(), serial.clone()))
                }
                _ => None,
            },
            _ => None,
        });
        let (der, serial) = card.unwrap();
        let body = json!({
            "session": session, "certificate": base64(&der), "signature": base64(&pki::sign(&message, key)),
            "method": "pin", "consents": consents,
        });
        self.asks(play, &tls, "/v1/card-confirmations", &body.to_string());
        self.revocation(play, &serial);
        self.reply(play, &tls);
        self.drop_file(play);
    }

    fn tls(&mut self, play: &Play) -> Tls {
        let code = if play.facility == CLINIC {
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
            let answer = http(
                200,
                "application/ocsp-response",
                &pki::ocsp_response(serial, status),
            );
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
            xml @ Answer::Xml { .. } => http(200, "application/xml", xml.xml("UTF-8").as_bytes()),
        };
        self.answers(play, tls, &bytes);
    }

    fn drop_file(&mut self, play: &Play) {
        let xml = play.answer.xml("Shift_JIS");
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
        let name = Some(file_name(self.sessions));
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
            "source": file_name(self.sessions),
        });
        let insurances = if number.is_empty() {
            vec![]
        } else {
            vec![insurance]
        };
        let seen = json!({ "person": "田中", "insurances": insurances, "messages": [] });
        let product = Party::at("receipt-computer", play.facility);
        self.push(What::Attested(Attested {
            product,
            shows: "chart".into(),
            seen,
        }));
    }
}

fn file_name(session: u8) -> String {
    format!("OQSsiquc01res_face_9911234567{session:08x}_20261015090007.xml")
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
