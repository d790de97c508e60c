//! The desk against files as they come. This page has the bed: a shared folder, a clock, results to drop.

mod asking;
mod bent;
mod charts;
mod files;
mod orders;
mod persons;

use std::fs;

use jiff::civil::datetime;
use serde_json::json;
use wire::face_file::{self, Charset};
use wire::result::{EligibilityResult, PersonBlock};

use super::*;

const KANA: &str = "ﾔﾏﾀﾞ ﾊﾅｺ";
const BIRTH: &str = "1980-02-17";
const FACILITY: &str = "9910000018";

struct Bed {
    folder: tempfile::TempDir,
    shared: Shared,
    clock: Clock,
    desk: Desk,
}

fn opened(folder: &Path, clock: &Clock, conduct: Arc<dyn Conduct>) -> Desk {
    let shared = Shared::open(&folder.join("shared")).unwrap();
    let charts = folder.join("charts");
    Desk::open(shared, &charts, FACILITY, clock.clone(), conduct).unwrap()
}

fn bed_of(conduct: Arc<dyn Conduct>) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let desk = opened(folder.path(), &clock, conduct);
    Bed {
        shared: desk.shared.clone(),
        folder,
        clock,
        desk,
    }
}

fn bed() -> Bed {
    bed_of(Arc::new(Reference))
}

/// 山田花子 with an insurer, some elements changed or added.
fn person(insurer: &str, changes: &[(&str, &str)]) -> PersonBlock {
    let mut block = PersonBlock::default();
    let all = [
        ("InsurerNumber", insurer),
        ("InsuredCardSymbol", "１２‐３４"),
        ("InsuredIdentificationNumber", "０００１２３"),
        ("InsuredBranchNumber", "00"),
        ("Name", "山田　花子"),
        ("NameKana", KANA),
        ("Sex1", "2"),
        ("Birthdate", "19800217"),
        ("InsuredPartialContributionRatio", "030"),
    ];
    let changed = |name: &str| changes.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
    for (name, value) in all {
        block.put(name, changed(name).unwrap_or(value));
    }
    let added = changes
        .iter()
        .filter(|(name, _)| !all.iter().any(|(n, _)| n == name));
    for (name, value) in added {
        block.put_path(&name.split('/').collect::<Vec<_>>(), *value);
    }
    block
}

fn result(validity: &str, results: Vec<PersonBlock>) -> EligibilityResult {
    EligibilityResult {
        qualification_confirmation_date: "20261015".to_owned(),
        process_execution_time: "20261015090000".to_owned(),
        processing_result_status: "1".to_owned(),
        segment_of_result: "1".to_owned(),
        character_code_identifier: "1".to_owned(),
        qualification_validity: validity.to_owned(),
        results,
        ..EligibilityResult::default()
    }
}

fn valid(changes: &[(&str, &str)]) -> EligibilityResult {
    result("1", vec![person("06991238", changes)])
}

/// The same on another day asked for, at another moment.
fn on(day: &str, result: EligibilityResult) -> EligibilityResult {
    EligibilityResult {
        qualification_confirmation_date: day.to_owned(),
        process_execution_time: format!("{day}103000"),
        ..result
    }
}

fn refusal() -> EligibilityResult {
    EligibilityResult {
        processing_result_status: "2".to_owned(),
        processing_result_code: "SIM-E202".to_owned(),
        processing_result_message: "電子証明書が失効しています。".to_owned(),
        ..result("", vec![])
    }
}

fn bytes(result: &EligibilityResult) -> Vec<u8> {
    result.to_bytes(Charset::ShiftJis).unwrap()
}

fn seed(number: &str, name: &str, kana: &str) -> ChartSeed {
    ChartSeed {
        patient_number: number.to_owned(),
        name: name.to_owned(),
        kana: kana.to_owned(),
        birth: BIRTH.to_owned(),
        sex: "2".to_owned(),
        address: String::new(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

impl Bed {
    fn name(number: u32) -> String {
        let time = format!("2026101509{:02}00", number % 60);
        face_file::name(FACILITY, &format!("{number:08x}"), &time)
    }

    fn write(&self, number: u32, bytes: &[u8]) {
        fs::write(self.shared.face().join(Bed::name(number)), bytes).unwrap();
    }

    fn drop_result(&self, number: u32, result: &EligibilityResult) {
        self.write(number, &bytes(result));
    }

    /// Drops one result and polls once.
    fn receive(&mut self, number: u32, result: &EligibilityResult) {
        self.drop_result(number, result);
        self.desk.poll();
    }

    /// Takes the place of the terminal: an answer in `res`, the request gone.
    fn reply(&mut self, request: &str, answer: &[u8]) {
        let name = wire::request::answer_name(request).unwrap();
        fs::write(self.shared.res().join(name), answer).unwrap();
        let _ = fs::remove_file(self.shared.req().join(request));
        self.desk.poll();
    }

    fn reopen(&mut self) {
        self.desk = opened(self.folder.path(), &self.clock, self.desk.conduct.clone());
    }

    fn count(&self, folder: PathBuf) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    /// Files in face, trash and quarantine.
    fn counts(&self) -> (usize, usize, usize) {
        (
            self.count(self.shared.face()),
            self.count(self.shared.trash()),
            self.count(self.shared.quarantine()),
        )
    }

    fn chart(&self) -> Value {
        self.desk.chart(KANA, BIRTH)
    }

    fn said(&self) -> Vec<String> {
        texts(&self.chart()["messages"])
    }

    fn says(&self, part: &str) -> bool {
        self.said().iter().any(|text| text.contains(part))
    }

    fn states(&self) -> Vec<String> {
        states(&self.chart()["insurances"])
    }

    /// Everything a screen could show, but for the names of files.
    fn all(&self) -> Value {
        let numbers = self
            .desk
            .state
            .charts
            .iter()
            .map(|chart| chart.number.clone());
        json!(
            numbers
                .map(|n| self.desk.chart_numbered(&n))
                .collect::<Vec<_>>()
        )
    }
}

fn states(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.map(|row| format!("{} {}", text(row, "insurer_number"), text(row, "state")))
        .collect()
}
