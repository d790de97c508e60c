//! Questions a receipt computer asks through the shared folder, played right unless a test bends them.

use evidence::{Act, Fact, Party, Tapped, What};
use serde_json::json;

use super::paper::{self, leaf};
use super::{CLINIC, NUMBER, Scene};

/// A question by number and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub facility: &'static str,
    pub number: &'static str,
    pub branch: &'static str,
    pub on: &'static str,
    pub limit_consent: bool,
    pub status: &'static str,
    pub validity: &'static str,
    /// Insurer number of the person block; empty for none.
    pub block: &'static str,
    /// Elements whose path starts so are left out of the block.
    pub without: &'static str,
    /// Replaced in the answer.
    pub bend: Option<(&'static str, &'static str)>,
    /// Replaced in the file in `res`.
    pub bend_file: Option<(&'static str, &'static str)>,
    /// Replaced in what the terminal sends.
    pub bend_question: Option<(&'static str, &'static str)>,
    pub error: Option<(u16, &'static str)>,
}

impl Default for Ask {
    fn default() -> Self {
        Ask {
            facility: CLINIC,
            number: NUMBER,
            branch: "00",
            on: "2026-10-15",
            limit_consent: false,
            status: "1",
            validity: "1",
            block: NUMBER,
            without: "",
            bend: None,
            bend_file: None,
            bend_question: None,
            error: None,
        }
    }
}

fn bent(text: String, bend: Option<(&str, &str)>) -> String {
    match bend {
        Some((from, to)) => text.replace(from, to),
        None => text,
    }
}

impl Scene {
    /// A file in the shared folder.
    pub fn file(&mut self, folder: &str, facility: &str, name: &str, bytes: &[u8]) {
        let (terminal, desk) = (
            Party::at("terminal", facility),
            Party::at("receipt-computer", facility),
        );
        let (from, to) = match folder {
            "req" => (desk, terminal),
            _ => (terminal, desk),
        };
        let bytes = Some(self.keep(bytes));
        self.push(What::Tapped(Tapped {
            hop: format!("{folder}-folder"),
            from,
            to,
            connection: 1,
            name: Some(name.into()),
            bytes,
            tls: None,
        }));
    }

    /// Something a terminal asks of the server over HTTP, and the answer.
    pub fn put(
        &mut self,
        facility: &str,
        path: &str,
        body: &str,
        (status, kind, answer): (u16, &str, &str),
    ) {
        let (terminal, server) = (
            Party::at("terminal", facility),
            Party::role("eligibility-server"),
        );
        let tls = Some(self.tls_of(facility));
        let length = body.len();
        let asked = format!("POST {path} HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
        self.tap(
            "eligibility",
            terminal.clone(),
            server.clone(),
            2,
            asked.as_bytes(),
            tls.clone(),
        );
        let length = answer.len();
        let said = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{answer}"
        );
        self.tap("eligibility", server, terminal, 2, said.as_bytes(), tls);
    }

    /// A request file, carried to the server, answered, and the answer in a file.
    fn by_folder(
        &mut self,
        facility: &str,
        (api, path): (&str, &str),
        asked: &str,
        posted: &str,
        answer: (u16, &str, &str),
        file: &str,
    ) {
        self.files += 1;
        let number = self.files;
        let name = |step: &str| format!("{api}01{step}_20261015{number:04}.xml");
        let sjis = |text: &str| encoding_rs::SHIFT_JIS.encode(text).0.into_owned();
        self.file("req", facility, &name("req"), &sjis(asked));
        self.put(facility, path, posted, answer);
        if answer.0 == 200 {
            self.file("res", facility, &name("res"), &sjis(file));
        }
    }

    /// Asks by number.
    pub fn ask(&mut self, ask: &Ask) {
        self.hands(Act::AskByNumber {
            facility: ask.facility.into(),
            person: "田中".into(),
            insurer_number: ask.number.into(),
            symbol: "12".into(),
            number: "34".into(),
            branch: ask.branch.into(),
            birth: "1980-02-17".into(),
            on: ask.on.into(),
            limit_consent: ask.limit_consent,
        });
        let on = ask.on.replace('-', "");
        let info = [
            leaf("InsurerNumber", ask.number),
            leaf("InsuredCardSymbol", "１２"),
            leaf("InsuredIdentificationNumber", "３４"),
            leaf("InsuredBranchNumber", ask.branch),
            leaf("Birthdate", "19800217"),
            leaf(
                "LimitApplicationCertificateRelatedConsFlg",
                if ask.limit_consent { "1" } else { "0" },
            ),
            leaf("QualificationConfirmationDate", &on),
        ]
        .concat();
        let asked = request(
            ask.facility,
            &format!("<QualificationConfirmSearchInfo>{info}</QualificationConfirmSearchInfo>"),
        );
        let flag = leaf(
            "LimitApplicationCertificateRelatedConsFlg",
            if ask.limit_consent { "1" } else { "0" },
        );
        let mut block = self.block(ask.block, &flag);
        if !ask.without.is_empty() {
            let (open, close) = (format!("<{}>", ask.without), format!("</{}>", ask.without));
            if let (Some(from), Some(to)) = (block.find(&open), block.find(&close)) {
                block.replace_range(from..to + close.len(), "");
            }
        }
        let result = paper::Result {
            facility: ask.facility,
            on: &on,
            classification: "2",
            status: ask.status,
            code: "",
            validity: ask.validity,
            person: (!ask.block.is_empty()).then_some(block),
        };
        let answer = bent(self.result(&result, "UTF-8"), ask.bend);
        let file = bent(
            bent(self.result(&result, "Shift_JIS"), ask.bend),
            ask.bend_file,
        );
        let posted = bent(utf8(&asked), ask.bend_question);
        let refused = ask.error.map(|(status, error)| {
            let said = json!({ "error": error, "message_ja": "断る", "message_en": "no" });
            (status, said.to_string())
        });
        let said = match &refused {
            Some((status, body)) => (*status, "application/json", body.as_str()),
            None => (200, "application/xml", answer.as_str()),
        };
        self.by_folder(
            ask.facility,
            ("OQSsiquc", "/v1/number-confirmations"),
            &asked,
            &posted,
            said,
            &file,
        );
    }

    /// Asks for drugs: the code answered, and the drugs given.
    pub fn ask_drugs(&mut self, facility: &'static str, code: &str, drugs: &[&str]) {
        self.hands(Act::AskDrugs {
            facility: facility.into(),
            person: "田中".into(),
        });
        let body = [
            leaf("InsurerNumber", NUMBER),
            leaf("InsuranceCardSymbol", "１２"),
            leaf("InsuredPersonIdentificationNumber", "３４"),
            leaf("BranchNumber", "00"),
            leaf("FileCategory", "2"),
            leaf("MedicalTreatmentFlag", "1"),
        ]
        .concat();
        let asked = request(facility, &body);
        let listed: String = drugs
            .iter()
            .map(|name| {
                format!(
                    "<DiDateInf><DiDate>20260901</DiDate><DrugInf><DrugC>620000001</DrugC><DrugN>{name}</DrugN>\
                     <Qua1>1</Qua1><Unit>錠</Unit><UsageN>朝食後</UsageN></DrugInf></DiDateInf>"
                )
            })
            .collect();
        let answer = |encoding: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<XmlMsg><MessageHeader/><MessageBody>\
                 <ResultCode>{code}</ResultCode><MeTrMonthInf><MeTrMonth>202609</MeTrMonth>{listed}</MeTrMonthInf></MessageBody></XmlMsg>"
            )
        };
        let (said, file) = (answer("UTF-8"), answer("Shift_JIS"));
        self.by_folder(
            facility,
            ("YZKsiquc", "/v1/drug-information"),
            &asked,
            &utf8(&asked),
            (200, "application/xml", &said),
            &file,
        );
    }

    /// A drug dispensed to 田中 and fed by the review body.
    pub fn drug(&mut self, name: &str) {
        let known_at = self.now.clone();
        self.declare(Fact::Drug {
            person: "田中".into(),
            on: "2026-09-01".into(),
            name: name.into(),
            known_at,
        });
        let insured =
            json!({ "insurer_number": NUMBER, "symbol": "12", "number": "34", "branch": "00" });
        let body = json!({
            "insured": insured, "month": "2026-09", "dispensed_on": "2026-09-01", "drug_code": "620000001",
            "drug_name": name, "quantity": "1", "unit": "錠", "usage": "朝食後",
        });
        self.feed("review-body", "drugs", &body, 201);
    }

    /// Registers the clinic's own number of a patient.
    pub fn register_reference(&mut self, facility: &'static str, reference: &str) {
        self.hands(Act::RegisterReferenceNumber {
            facility: facility.into(),
            person: "田中".into(),
            reference_number: reference.into(),
        });
        let info = [
            leaf("ReferenceNumber", reference),
            leaf("InsurerNumber", NUMBER),
            leaf("InsuredCardSymbol", "１２"),
            leaf("InsuredIdentificationNumber", "３４"),
            leaf("InsuredBranchNumber", "00"),
        ]
        .concat();
        let body =
            format!("<ReferenceNumberRegistrationInfo>{info}</ReferenceNumberRegistrationInfo>");
        let asked = request(facility, &body);
        let code = match facility {
            CLINIC => "9911234567",
            _ => "9917654321",
        };
        let moment: String = self
            .now
            .chars()
            .filter(char::is_ascii_digit)
            .take(14)
            .collect();
        let answer = |encoding: &str| {
            let header = [
                leaf("ProcessExecutionTime", &moment),
                leaf("MedicalInstitutionCode", code),
                leaf("SegmentOfResult", "1"),
                leaf(
                    "CharacterCodeIdentifier",
                    if encoding == "UTF-8" { "0" } else { "1" },
                ),
            ]
            .concat();
            format!(
                "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<XmlMsg><MessageHeader>{header}</MessageHeader>\
                 <MessageBody><ProcessingResultStatus>1</ProcessingResultStatus>{body}</MessageBody></XmlMsg>"
            )
        };
        let (said, file) = (answer("UTF-8"), answer("Shift_JIS"));
        self.by_folder(
            facility,
            ("OQSsiimm", "/v1/reference-numbers"),
            &asked,
            &utf8(&asked),
            (200, "application/xml", &said),
            &file,
        );
    }
}

fn request(facility: &str, body: &str) -> String {
    let institution = match facility {
        CLINIC => "9911234567",
        _ => "9917654321",
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"Shift_JIS\" standalone=\"no\"?>\n<XmlMsg><MessageHeader>{}</MessageHeader><MessageBody>{body}</MessageBody></XmlMsg>",
        leaf("MedicalInstitutionCode", institution)
    )
}

fn utf8(text: &str) -> String {
    text.replace("Shift_JIS", "UTF-8")
}
