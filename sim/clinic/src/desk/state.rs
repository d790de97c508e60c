//! All a receipt computer keeps, and the changes that make it: each import or act is one list of changes,
//! kept on disk before it is done. Charts are found by index, never by looking through all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::chart::{Answer, Chart, Drug, Message, Numbers, Who};
use super::fold;

/// A readable result that staff must bind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Undecided {
    pub file: String,
    pub who: Who,
    /// Why it was not bound, in Japanese.
    pub reason: String,
    pub answers: Vec<Answer>,
}

/// What was asked of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Asked {
    Qualification,
    ReferenceNumber,
    Drugs,
}

/// A question without its answer yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Name of the request's file.
    pub request: String,
    pub asked: Asked,
    /// The chart it was put from, where it was put from one.
    pub chart: Option<usize>,
    pub kana: String,
    /// `yyyyMMdd`.
    pub birth: String,
    pub numbers: Numbers,
    /// 照会番号 to be registered; empty in other questions.
    pub reference_number: String,
    /// Day asked for, `yyyyMMdd`.
    pub asked_on: String,
    /// Japanese calendar day of the asking, `YYYY-MM-DD`.
    pub on: String,
    /// Hex of the request's bytes, to write it again should it be lost before the terminal saw it.
    pub document: String,
}

/// One thing that changes. In the order of a list, each may build on those before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Change {
    /// A file was taken in: digest and name.
    Imported(String, String),
    /// A chart was opened; its number in the list is the count of charts before it.
    Opened(Box<Chart>),
    /// A chart was merged or deleted.
    Retired(usize),
    /// An answer went to a chart.
    Answered(usize, Box<Answer>),
    /// A chart's name was overwritten.
    Renamed(usize, String),
    /// A chart's address was overwritten.
    Moved(usize, String),
    /// A chart's 照会番号 is known to the server.
    Referenced(usize, String),
    /// Something was noted in a chart.
    Noted(usize, Message),
    /// Drug information came for a chart, none when it was refused.
    Prescribed(usize, Vec<Drug>),
    /// Something was said that belongs to nobody's chart.
    Said(Message),
    /// A result waits for staff.
    Waits(Box<Undecided>),
    /// Staff bound the undecided results of a file about this person.
    Decided(String, Who),
    /// A request's name was used: day and sequence.
    Named(String, u32),
    /// A question was put; under the name its answer will have.
    Asked(String, Box<Pending>),
    /// A question got its answer, under this name.
    Closed(String),
}

/// Everything kept.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub charts: Vec<Chart>,
    /// Digest of each imported file, and its name.
    pub imported: BTreeMap<String, String>,
    pub undecided: Vec<Undecided>,
    /// By name of the answer.
    pub pending: BTreeMap<String, Pending>,
    /// Names of answers that were taken in.
    pub answered: BTreeSet<String>,
    /// Messages that belong to nobody's chart.
    pub board: Vec<Message>,
    /// Day and sequence of the last request.
    pub named: (String, u32),
    #[serde(skip)]
    index: Index,
}

#[derive(Debug, Default)]
struct Index {
    by_birth: BTreeMap<String, Vec<usize>>,
    by_kana: BTreeMap<String, Vec<usize>>,
    by_number: BTreeMap<String, usize>,
    by_reference: BTreeMap<String, Vec<usize>>,
    /// Largest number given by the receipt computer itself.
    last_number: u64,
}

impl Index {
    fn add(&mut self, at: usize, chart: &Chart) {
        let birth = self.by_birth.entry(chart.birth.clone()).or_default();
        birth.push(at);
        let kana = self.by_kana.entry(fold::kana(&chart.kana)).or_default();
        kana.push(at);
        self.by_number.insert(chart.number.clone(), at);
        if let Ok(number) = chart.number.parse::<u64>() {
            self.last_number = self.last_number.max(number);
        }
        if !chart.reference_number.is_empty() {
            self.refer(at, &chart.reference_number);
        }
    }

    fn refer(&mut self, at: usize, number: &str) {
        let charts = self.by_reference.entry(number.to_owned()).or_default();
        if !charts.contains(&at) {
            charts.push(at);
        }
    }
}

/// A change that does not fit what is kept: the file was tampered with.
#[derive(Debug)]
pub(super) struct Misfit;

impl State {
    /// Makes the indexes after reading.
    pub(super) fn indexed(mut self) -> Self {
        self.index = Index::default();
        for (at, chart) in self.charts.iter().enumerate() {
            self.index.add(at, chart);
        }
        self
    }

    /// Does one change.
    pub(super) fn apply(&mut self, change: Change) -> Result<(), Misfit> {
        match change {
            Change::Imported(digest, name) => {
                self.imported.insert(digest, name);
            }
            Change::Opened(chart) => {
                self.index.add(self.charts.len(), &chart);
                self.charts.push(*chart);
            }
            Change::Retired(at) => self.chart_mut(at)?.retired = true,
            Change::Answered(at, answer) => self.chart_mut(at)?.add(*answer),
            Change::Renamed(at, name) => self.chart_mut(at)?.name = name,
            Change::Moved(at, address) => self.chart_mut(at)?.address = address,
            Change::Referenced(at, number) => self.refer(at, number)?,
            Change::Noted(at, message) => self.chart_mut(at)?.notes.push(message),
            Change::Prescribed(at, drugs) => self.chart_mut(at)?.drugs = drugs,
            Change::Said(message) => self.board.push(message),
            Change::Waits(undecided) => self.undecided.push(*undecided),
            Change::Decided(file, who) => {
                self.undecided
                    .retain(|waiting| waiting.file != file || waiting.who != who);
            }
            Change::Named(day, sequence) => self.named = (day, sequence),
            Change::Asked(answer, pending) => {
                self.pending.insert(answer, *pending);
            }
            Change::Closed(answer) => {
                self.pending.remove(&answer);
                self.answered.insert(answer);
            }
        }
        Ok(())
    }

    fn chart_mut(&mut self, at: usize) -> Result<&mut Chart, Misfit> {
        self.charts.get_mut(at).ok_or(Misfit)
    }

    fn refer(&mut self, at: usize, number: String) -> Result<(), Misfit> {
        let before = std::mem::replace(&mut self.chart_mut(at)?.reference_number, number.clone());
        if let Some(charts) = self.index.by_reference.get_mut(&before) {
            charts.retain(|other| *other != at);
        }
        self.index.refer(at, &number);
        Ok(())
    }

    /// Living charts of a birth date, `yyyyMMdd`.
    pub(super) fn born_on(&self, birth: &str) -> impl Iterator<Item = (usize, &Chart)> {
        self.living(self.index.by_birth.get(birth))
    }

    /// Living charts of a kana name, folded.
    pub(super) fn called(&self, kana: &str) -> impl Iterator<Item = (usize, &Chart)> {
        self.living(self.index.by_kana.get(&fold::kana(kana)))
    }

    fn living<'a>(
        &'a self,
        places: Option<&'a Vec<usize>>,
    ) -> impl Iterator<Item = (usize, &'a Chart)> {
        let charts = places.into_iter().flatten();
        charts.filter_map(|at| {
            let chart = self.charts.get(*at)?;
            (!chart.retired).then_some((*at, chart))
        })
    }

    /// Charts, retired ones too, with a 照会番号.
    pub(super) fn referenced(&self, number: &str) -> Vec<usize> {
        let charts = self.index.by_reference.get(number);
        charts.cloned().unwrap_or_default()
    }

    /// The chart, retired or not, with the clinic's own number of a patient.
    pub(super) fn numbered(&self, number: &str) -> Option<usize> {
        self.index.by_number.get(number).copied()
    }

    /// Living charts of a person, by kana and birth date (`yyyyMMdd`, hyphens allowed).
    pub(super) fn find(&self, kana: &str, birth: &str) -> Vec<usize> {
        let birth = birth.replace('-', "");
        let of_birth = self.called(kana).filter(|(_, chart)| chart.birth == birth);
        of_birth.map(|(at, _)| at).collect()
    }

    /// A number for a chart that got none by hand, the `ahead`th from here.
    pub(super) fn free_number(&self, ahead: usize) -> String {
        let ahead = u64::try_from(ahead).unwrap_or(u64::MAX);
        self.index
            .last_number
            .saturating_add(1)
            .saturating_add(ahead)
            .to_string()
    }
}
