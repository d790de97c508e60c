//! What the clerk does at the receipt computer: charts opened by hand, questions put to the terminal,
//! undecided results bound. A question is kept before its request is written, and stays until one answer
//! has come (ELIG-18).

use std::fs;
use std::io;

use wire::face_file::{self, Charset, Unmappable};
use wire::registration::InsuredNumbers;
use wire::request::{
    self, Api, DrugRequest, LONGEST_REFERENCE_NUMBER, QualificationRequest, ReferenceNumberInfo,
    ReferenceNumberRequest, SearchInfo,
};

use super::chart::{Chart, Numbers};
use super::conduct::ChartState;
use super::state::{Asked, Change, Pending};
use super::{Desk, dashless};

/// Drug information is asked for of so many years.
const DRUG_YEARS: i16 = 3;

/// A chart as the clinic writes it by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartSeed {
    /// The clinic's own number of the patient; one is given when it is empty.
    pub patient_number: String,
    /// Name.
    pub name: String,
    /// Kana, in any width.
    pub kana: String,
    /// Birth date, `YYYY-MM-DD` or `yyyyMMdd`.
    pub birth: String,
    /// OQSCD007: 1 male, 2 female, 3 or empty not set.
    pub sex: String,
    /// Address; empty when it is not known.
    pub address: String,
}

/// What is asked by number, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The clinic's own number of the patient it is about; empty when there is no chart yet.
    pub patient_number: String,
    /// Kana of the patient at the desk; the chart's own when it is empty.
    pub kana: String,
    /// 保険者番号.
    pub insurer_number: String,
    /// 記号, may be empty.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番; empty when left out, which is not 00.
    pub branch: String,
    /// Birth date, `YYYY-MM-DD` or `yyyyMMdd`.
    pub birth: String,
    /// Day asked for, `YYYY-MM-DD` or `yyyyMMdd`; today when it is empty.
    pub on: String,
    /// Whether the patient agreed that the limit certificate is shown.
    pub limit_consent: bool,
}

/// Why the receipt computer did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody by that name or number has a chart here.
    #[error("no chart of {0}; open one first")]
    NoChart(String),
    /// Several persons have this kana and birth date.
    #[error("{0} charts have this kana and birth date; name one by its patient number")]
    SeveralCharts(usize),
    /// The number is another patient's.
    #[error("the patient number {0} is taken; choose another")]
    NumberTaken(String),
    /// The chart has no current insurance whose number could be sent.
    #[error("chart {0} has no current insurance; confirm the qualification first")]
    NoInsurance(String),
    /// Another patient's chart has this 照会番号.
    #[error("the reference number is that of chart {0}; choose another")]
    ReferenceTaken(String),
    /// A 照会番号 must have 1 to 50 characters.
    #[error(
        "the reference number has {0} characters; the interface takes 1 to {LONGEST_REFERENCE_NUMBER}"
    )]
    ReferenceLength(usize),
    /// A character the request cannot carry; nothing was sent.
    #[error("{element}: {lost}; write it otherwise")]
    Character {
        /// The element it was typed into.
        element: &'static str,
        /// The character, and its place in what was typed.
        lost: Unmappable,
    },
    /// No such result waits for staff.
    #[error("no undecided result came in {0}")]
    NothingUndecided(String),
    /// The charts, or the shared folder, take nothing more.
    #[error("{0}; check that the folders are there and may be written")]
    Folder(#[from] io::Error),
}

impl Desk {
    /// Opens a chart by hand.
    pub fn open_chart(&mut self, seed: ChartSeed) -> Result<(), AskError> {
        let number = match seed.patient_number.as_str() {
            "" => self.state.free_number(0),
            number => number.to_owned(),
        };
        if self.state.numbered(&number).is_some() {
            return Err(AskError::NumberTaken(number));
        }
        let chart = Chart {
            number,
            name: seed.name,
            kana: seed.kana,
            birth: dashless(&seed.birth),
            sex: seed.sex,
            address: seed.address,
            ..Chart::default()
        };
        Ok(self.commit(vec![Change::Opened(Box::new(chart))])?)
    }

    /// Closes a chart that was merged into another or deleted; nothing is bound to it any more.
    pub fn retire_chart(&mut self, patient_number: &str) -> Result<(), AskError> {
        let at = self.numbered(patient_number)?;
        Ok(self.commit(vec![Change::Retired(at)])?)
    }

    /// Binds the undecided result of a file to the chart staff chose. Of a file with several persons it is
    /// the first; the others go on waiting.
    pub fn decide(&mut self, file: &str, patient_number: &str) -> Result<(), AskError> {
        let at = self.numbered(patient_number)?;
        let mut waiting = self.state.undecided.iter();
        let found = waiting.find(|waiting| waiting.file == file);
        let found = found.ok_or_else(|| AskError::NothingUndecided(file.to_owned()))?;
        let mut changes = vec![Change::Decided(file.to_owned(), found.who.clone())];
        changes.extend(self.bind(at, found.answers.clone()));
        Ok(self.commit(changes)?)
    }

    /// Asks for a qualification by number. The name of the request's file.
    pub fn ask_by_number(&mut self, question: &Question) -> Result<String, AskError> {
        let chart = match question.patient_number.as_str() {
            "" => None,
            number => Some(self.numbered(number)?),
        };
        let kana = match (question.kana.as_str(), chart) {
            ("", Some(at)) => self.state.charts[at].kana.clone(),
            (kana, _) => kana.to_owned(),
        };
        let numbers = Numbers {
            insurer_number: question.insurer_number.clone(),
            symbol: question.symbol.clone(),
            number: question.number.clone(),
            branch: question.branch.clone(),
            aid: false,
        };
        let asked_on = match question.on.as_str() {
            "" => dashless(&self.today()),
            on => dashless(on),
        };
        let request = QualificationRequest {
            medical_institution_code: self.facility_code.clone(),
            arbitrary_file_identifier: String::new(),
            qualification_confirmation_date: asked_on.clone(),
            search: SearchInfo {
                insured: insured(&numbers),
                birthdate: dashless(&question.birth),
                limit_consent: if question.limit_consent { "1" } else { "0" }.to_owned(),
                arbitrary_identifier: question.patient_number.clone(),
            },
        };
        writable(&[
            ("QualificationConfirmationDate", &asked_on),
            ("Birthdate", &request.search.birthdate),
            ("ArbitraryIdentifier", &question.patient_number),
        ])?;
        writable(&named(&numbers))?;
        let document = document(request.to_bytes(Charset::ShiftJis))?;
        let pending = Pending {
            request: String::new(),
            asked: Asked::Qualification,
            chart,
            kana,
            birth: request.search.birthdate,
            numbers,
            reference_number: String::new(),
            asked_on,
            on: self.today(),
            document: hex::encode(document),
        };
        self.put(Api::Qualification, pending)
    }

    /// Asks for the drug information of the person's current number. The name of the request's file.
    pub fn ask_drugs(&mut self, kana: &str, birth: &str) -> Result<String, AskError> {
        let at = self.only_chart(kana, birth)?;
        let numbers = self.current_numbers(at)?;
        let today = self.clock.today();
        let month = |year: i16| format!("{year:04}{:02}", today.month());
        let request = DrugRequest {
            medical_institution_code: self.facility_code.clone(),
            insured: insured(&numbers),
            arbitrary_file_identifier: String::new(),
            start_month: month(today.year() - DRUG_YEARS),
            end_month: month(today.year()),
            // Drugs of claims, as XML, for care in the consulting room.
            file_category: "2".to_owned(),
            prescriptions: String::new(),
            treatment: "1".to_owned(),
        };
        writable(&named(&numbers))?;
        let document = document(request.to_bytes(Charset::ShiftJis))?;
        let pending = Pending {
            asked: Asked::Drugs,
            numbers,
            ..self.pending_of(at, &document)
        };
        self.put(Api::Drugs, pending)
    }

    /// Asks the server to know the person by the clinic's own number (照会番号). The name of the request's file.
    pub fn register_reference_number(
        &mut self,
        kana: &str,
        birth: &str,
        reference_number: &str,
    ) -> Result<String, AskError> {
        let at = self.only_chart(kana, birth)?;
        let length = reference_number.chars().count();
        if length == 0 || length > LONGEST_REFERENCE_NUMBER {
            return Err(AskError::ReferenceLength(length));
        }
        let others = self.state.referenced(reference_number).into_iter();
        let mut others = others.filter(|other| *other != at && !self.state.charts[*other].retired);
        if let Some(other) = others.next() {
            let number = self.state.charts[other].number.clone();
            return Err(AskError::ReferenceTaken(number));
        }
        let numbers = self.current_numbers(at)?;
        let request = ReferenceNumberRequest {
            medical_institution_code: self.facility_code.clone(),
            arbitrary_file_identifier: String::new(),
            info: ReferenceNumberInfo {
                reference_number: reference_number.to_owned(),
                insured: insured(&numbers),
            },
        };
        writable(&[("ReferenceNumber", reference_number)])?;
        writable(&named(&numbers))?;
        let document = document(request.to_bytes(Charset::ShiftJis))?;
        let pending = Pending {
            asked: Asked::ReferenceNumber,
            numbers,
            reference_number: reference_number.to_owned(),
            ..self.pending_of(at, &document)
        };
        self.put(Api::ReferenceNumber, pending)
    }

    fn numbered(&self, patient_number: &str) -> Result<usize, AskError> {
        let found = self.state.numbered(patient_number);
        let living = |at: &usize| !self.state.charts[*at].retired;
        let found = found.filter(living);
        found.ok_or_else(|| AskError::NoChart(format!("patient number {patient_number}")))
    }

    fn only_chart(&self, kana: &str, birth: &str) -> Result<usize, AskError> {
        match self.state.find(kana, birth).as_slice() {
            [] => Err(AskError::NoChart(format!("{kana}, born {birth}"))),
            [one] => Ok(*one),
            several => Err(AskError::SeveralCharts(several.len())),
        }
    }

    /// The numbers of the freshest current insurance; public aid only where there is no insurance.
    fn current_numbers(&self, at: usize) -> Result<Numbers, AskError> {
        let chart = &self.state.charts[at];
        let rows = chart.standing().rows.into_iter();
        let current = rows.filter(|row| row.state == ChartState::Current);
        let freshest = current.max_by_key(|row| {
            let answer = row.answer;
            (!answer.numbers.aid, &answer.asked_on, &answer.executed)
        });
        match freshest {
            Some(row) => Ok(row.answer.numbers.clone()),
            None => Err(AskError::NoInsurance(chart.number.clone())),
        }
    }

    fn pending_of(&self, at: usize, document: &[u8]) -> Pending {
        let chart = &self.state.charts[at];
        Pending {
            request: String::new(),
            asked: Asked::Qualification,
            chart: Some(at),
            kana: chart.kana.clone(),
            birth: chart.birth.clone(),
            numbers: Numbers::default(),
            reference_number: String::new(),
            asked_on: dashless(&self.today()),
            on: self.today(),
            document: hex::encode(document),
        }
    }

    /// Names the request, keeps the question and writes the request. One that could not be written yet is
    /// written at a later look at the folder.
    fn put(&mut self, api: Api, mut pending: Pending) -> Result<String, AskError> {
        let day = dashless(&pending.on);
        let (last_day, last) = &self.state.named;
        let mut sequence = if *last_day == day { last + 1 } else { 1 };
        let mut name = request::file_name(api, &day, sequence);
        while self.is_there(&name) {
            sequence += 1;
            name = request::file_name(api, &day, sequence);
        }
        let answer = request::answer_name(&name).unwrap_or_else(|| name.clone());
        pending.request = name.clone();
        let document = hex::decode(&pending.document).unwrap_or_default();
        let mut changes = vec![Change::Named(day, sequence)];
        if !self.conduct.remembers_pending() {
            self.commit(changes)?;
            self.write_request(&name, &document)?;
            return Ok(name);
        }
        changes.push(Change::Asked(answer.clone(), Box::new(pending)));
        self.commit(changes)?;
        if self.write_request(&name, &document).is_err() {
            self.unsent.insert(answer);
        }
        Ok(name)
    }

    /// Whether a request of that name, or its answer, lies in the shared folder.
    fn is_there(&self, request_name: &str) -> bool {
        let answer = request::answer_name(request_name).unwrap_or_default();
        self.shared.req().join(request_name).exists()
            || (!answer.is_empty() && self.shared.res().join(answer).exists())
    }

    /// Whole or not at all, as the terminal may look at any time.
    fn write_request(&self, name: &str, document: &[u8]) -> io::Result<()> {
        let draft = self.shared.work().join(name);
        fs::write(&draft, document)?;
        fs::rename(&draft, self.shared.req().join(name))
    }

    /// Questions that were kept and whose request never reached the folder, as after a crash between the two.
    pub(super) fn find_unsent(&mut self) {
        let pending = self.state.pending.iter();
        let lost = pending.filter(|(_, pending)| !self.is_there(&pending.request));
        self.unsent = lost.map(|(answer, _)| answer.clone()).collect();
    }

    pub(super) fn send_unsent(&mut self) {
        for answer in std::mem::take(&mut self.unsent) {
            let Some(pending) = self.state.pending.get(&answer) else {
                continue;
            };
            let document = hex::decode(&pending.document).unwrap_or_default();
            if self.write_request(&pending.request, &document).is_err() {
                self.unsent.insert(answer);
            }
        }
    }
}

fn insured(numbers: &Numbers) -> InsuredNumbers {
    InsuredNumbers {
        insurer_number: numbers.insurer_number.clone(),
        symbol: numbers.symbol.clone(),
        number: numbers.number.clone(),
        branch: numbers.branch.clone(),
    }
}

fn named(numbers: &Numbers) -> [(&'static str, &str); 4] {
    [
        ("InsurerNumber", &numbers.insurer_number),
        ("InsuredCardSymbol", &numbers.symbol),
        ("InsuredIdentificationNumber", &numbers.number),
        ("InsuredBranchNumber", &numbers.branch),
    ]
}

/// Names the element and the place of a character Shift_JIS lacks.
fn writable(typed: &[(&'static str, &str)]) -> Result<(), AskError> {
    for (element, text) in typed {
        face_file::encode(text, Charset::ShiftJis)
            .map_err(|lost| AskError::Character { element, lost })?;
    }
    Ok(())
}

fn document(written: Result<Vec<u8>, Unmappable>) -> Result<Vec<u8>, AskError> {
    let element = "MedicalInstitutionCode";
    written.map_err(|lost| AskError::Character { element, lost })
}
