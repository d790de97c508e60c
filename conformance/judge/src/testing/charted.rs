//! Results in a shared folder and what a receipt computer shows of them.

use evidence::{Act, Attested, Fact, Party, What};
use serde_json::{Value, json};

use super::paper::leaf;
use super::{CLINIC, NUMBER, Scene};

/// A result about 田中, right unless a test bends it.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    pub name: &'static str,
    pub folder: &'static str,
    /// Day asked for, `yyyyMMdd`.
    pub day: &'static str,
    pub validity: &'static str,
    /// Name in the block.
    pub person: &'static str,
    pub birth: &'static str,
    /// CharacterCodeIdentifier; empty for none.
    pub charset: &'static str,
    pub utf8: bool,
    /// Without a person's block.
    pub nameless: bool,
    /// More elements by path, two levels at most.
    pub elements: &'static [(&'static str, &'static str)],
}

impl Paper {
    /// A valid one under a name, asked for on a day.
    pub const fn valid(name: &'static str, day: &'static str) -> Paper {
        Paper {
            name,
            folder: "face",
            day,
            validity: "1",
            person: "田中　花子",
            birth: "19800217",
            charset: "",
            utf8: false,
            nameless: false,
            elements: &[],
        }
    }
}

impl Default for Paper {
    fn default() -> Self {
        Paper::valid("OQSsiquc01res_face_1.xml", "20261015")
    }
}

/// What the chart shows beside its rows.
#[derive(Clone, Debug, Default)]
pub struct Shown<'a> {
    pub number: &'a str,
    pub name: &'a str,
    pub kana: &'a str,
    pub address: &'a str,
    pub reference: &'a str,
    pub undecided: &'a [&'a str],
    pub messages: &'a [String],
    /// Names and days.
    pub drugs: &'a [(&'a str, &'a str)],
}

/// A row of insurances out of the default result.
pub fn row(state: &str, carries: &[(&str, &str)]) -> Value {
    let mut row = row_of(&Paper::default(), state);
    for (path, value) in carries {
        row["carries"][*path] = json!(value);
    }
    row
}

/// A row out of that result.
pub fn row_of(result: &Paper, state: &str) -> Value {
    json!({
        "state": state, "insurer_number": NUMBER, "symbol": "12", "number": "34", "branch": "00",
        "source": result.name, "asked_on": result.day, "carries": {},
    })
}

fn xml(result: &Paper) -> Vec<u8> {
    let nested = result
        .elements
        .iter()
        .map(|(path, value)| match path.split_once('/') {
            Some((group, element)) => format!("<{group}>{}</{group}>", leaf(element, value)),
            None => format!("<{path}>{value}</{path}>"),
        });
    let block = [
        leaf("InsurerNumber", NUMBER),
        leaf("InsuredCardSymbol", "１２"),
        leaf("InsuredIdentificationNumber", "３４"),
        leaf("InsuredBranchNumber", "00"),
        leaf("Name", result.person),
        leaf("NameKana", "ﾀﾅｶ ﾊﾅｺ"),
        leaf("Birthdate", result.birth),
        nested.collect(),
    ];
    let block = match result.nameless {
        true => String::new(),
        false => format!(
            "<ResultList><ResultOfQualificationConfirmation>{}</ResultOfQualificationConfirmation></ResultList>",
            block.concat()
        ),
    };
    let head = [
        leaf("QualificationConfirmationDate", result.day),
        leaf("SegmentOfResult", "1"),
        leaf("CharacterCodeIdentifier", result.charset),
    ];
    let encoding = if result.utf8 { "UTF-8" } else { "Shift_JIS" };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<XmlMsg><MessageHeader>{}</MessageHeader><MessageBody>\
         <ProcessingResultStatus>1</ProcessingResultStatus>{}{block}</MessageBody></XmlMsg>",
        head.concat(),
        leaf("QualificationValidity", result.validity),
    );
    match result.utf8 {
        true => text.into_bytes(),
        false => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
    }
}

impl Scene {
    /// The terminal drops a result.
    pub fn drops(&mut self, result: &Paper) {
        self.file(result.folder, CLINIC, result.name, &xml(result));
    }

    /// The suite itself puts it there.
    pub fn plant(&mut self, result: &Paper) {
        self.planted(result, &xml(result), true);
    }

    /// The suite writes the first half of it.
    pub fn plant_half(&mut self, result: &Paper) {
        let bytes = xml(result);
        self.planted(result, &bytes[..bytes.len() / 2], false);
    }

    fn planted(&mut self, result: &Paper, bytes: &[u8], whole: bool) {
        let bytes = self.keep(bytes);
        self.hands(Act::PlantFile {
            facility: CLINIC.into(),
            folder: result.folder.into(),
            name: result.name.into(),
            bytes,
            whole,
            person: "田中".into(),
        });
    }

    /// A chart of 田中 there from the start.
    pub fn old_chart(&mut self, number: &str, name: &str, kana: &str, address: &str) {
        self.declare(Fact::Chart {
            facility: CLINIC.into(),
            person: if number == "100" {
                "田中".into()
            } else {
                String::new()
            },
            patient_number: number.into(),
            name: name.into(),
            kana: kana.into(),
            birth: "1980-02-17".into(),
            address: address.into(),
        });
    }

    /// The clerk looks at the chart of 田中: its rows, and the checks it lists.
    pub fn looked(&mut self, rows: &[Value], checks: &[(&str, &str)]) {
        self.shown(rows, checks, &Shown::default());
    }

    /// The same with more on it.
    pub fn shown(&mut self, rows: &[Value], checks: &[(&str, &str)], shown: &Shown<'_>) {
        let mut seen = self.seen(rows, shown);
        let listed = checks
            .iter()
            .map(|(file, on)| json!({ "file": file, "on": on }));
        seen["checks"] = listed.collect();
        self.attest_chart(seen);
    }

    /// The same by a product that lists no checks.
    pub fn unlisted(&mut self, rows: &[Value]) {
        let seen = self.seen(rows, &Shown::default());
        self.attest_chart(seen);
    }

    fn seen(&self, rows: &[Value], shown: &Shown<'_>) -> Value {
        let undecided: Vec<Value> = shown
            .undecided
            .iter()
            .map(|file| json!({ "file": file, "name": "", "kana": "", "birth": "", "reason": "" }))
            .collect();
        let drugs = shown.drugs.iter();
        let drugs: Vec<Value> = drugs
            .map(|(name, on)| json!({ "name": name, "on": on }))
            .collect();
        json!({
            "person": "田中", "patient_number": shown.number, "name": shown.name, "kana": shown.kana,
            "address": shown.address, "reference_number": shown.reference, "insurances": rows,
            "messages": shown.messages, "undecided": undecided, "drugs": drugs,
        })
    }

    fn attest_chart(&mut self, seen: Value) {
        self.push(What::Attested(Attested {
            product: Party::at("receipt-computer", CLINIC),
            shows: "chart".into(),
            seen,
        }));
    }

    /// The receipt computer puts a question by number to the terminal.
    pub fn request(&mut self) {
        self.file("req", CLINIC, "OQSsiquc01req_1.xml", question().as_bytes());
    }

    /// The terminal asks it of the server, which answers.
    pub fn carry(&mut self) {
        let said = xml(&Paper {
            utf8: true,
            ..Paper::default()
        });
        let said = String::from_utf8(said).unwrap();
        let answer = (200, "application/xml", said.as_str());
        self.put(CLINIC, "/v1/number-confirmations", &question(), answer);
    }

    /// The terminal writes the answer.
    pub fn answer_file(&mut self) {
        let said = xml(&Paper::default());
        self.file("res", CLINIC, "OQSsiquc01res_1.xml", &said);
    }
}

fn question() -> String {
    let info = [
        leaf("InsurerNumber", NUMBER),
        leaf("InsuredCardSymbol", "１２"),
        leaf("InsuredIdentificationNumber", "３４"),
        leaf("InsuredBranchNumber", "00"),
        leaf("Birthdate", "19800217"),
        leaf("QualificationConfirmationDate", "20261015"),
    ];
    format!(
        "<XmlMsg><MessageHeader>{}</MessageHeader><MessageBody><QualificationConfirmSearchInfo>{}\
         </QualificationConfirmSearchInfo></MessageBody></XmlMsg>",
        leaf("MedicalInstitutionCode", "9911234567"),
        info.concat()
    )
}
