//! One person's chart: what the clinic itself wrote, and every answer that came. What the insurances are is
//! worked out from all answers in the order of the day asked for, so the order in which files arrive, and
//! their own dates, say nothing (facts/eligibility.md 8, 34).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conduct::ChartState;
use super::fold;

/// The numbers that name a qualification, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbers {
    pub insurer_number: String,
    pub symbol: String,
    pub number: String,
    pub branch: String,
    /// 医療扶助 (InsuredCardClassification A1).
    pub aid: bool,
}

impl Numbers {
    /// The four numbers without differences of width and hyphen; zeros count, and 枝番 00 is not blank.
    fn key(&self) -> [String; 4] {
        [
            &self.insurer_number,
            &self.symbol,
            &self.number,
            &self.branch,
        ]
        .map(|text| fold::width(text))
    }

    /// Whether both name one qualification.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.aid == other.aid && self.key() == other.key()
    }

    /// Whether a question by these numbers, perhaps without 枝番, was about that qualification.
    fn ask_for(&self, other: &Self) -> bool {
        let ([insurer, symbol, number, branch], known) = (self.key(), other.key());
        [insurer, symbol, number] == known[..3] && (branch.is_empty() || branch == known[3])
    }
}

/// Who an answer is about, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Who {
    pub name: String,
    pub other_name: String,
    pub kana: String,
    pub other_kana: String,
    /// `yyyyMMdd`.
    pub birth: String,
    /// Sex1 and Sex2.
    pub sexes: [String; 2],
    pub address: String,
    pub reference_number: String,
}

/// One answer about one qualification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// File it came in.
    pub source: String,
    /// Digest of that file, and the block's place in it.
    pub digest: String,
    pub position: usize,
    /// QualificationConfirmationDate, `yyyyMMdd`.
    pub asked_on: String,
    /// ProcessExecutionTime.
    pub executed: String,
    /// Whether the processing ended normally (OQSCD004).
    pub normal: bool,
    pub state: ChartState,
    /// Whether it has a person block; one by number may say only how that number stands.
    pub block: bool,
    pub who: Who,
    pub numbers: Numbers,
    /// Every element but the person's and the numbers, by path: shares, limits, codes, consents.
    pub carries: BTreeMap<String, String>,
    /// What the desk is told.
    pub messages: Vec<String>,
}

impl Answer {
    fn order(&self) -> (&str, &str, &str, usize) {
        (&self.asked_on, &self.executed, &self.digest, self.position)
    }
}

/// A line the desk shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// Japanese calendar day it arose, `YYYY-MM-DD`.
    pub on: String,
    pub text: String,
}

/// A drug the person was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Drug {
    /// Day of dispensing, `yyyyMMdd`.
    pub on: String,
    pub name: String,
}

/// A chart. Name, kana, birth date, sex and address are the clinic's own and change only by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chart {
    /// The clinic's own number of the patient.
    pub number: String,
    pub name: String,
    pub kana: String,
    /// `yyyyMMdd`.
    pub birth: String,
    pub sex: String,
    pub address: String,
    /// Merged into another, or deleted: nothing is bound to it any more.
    pub retired: bool,
    /// 照会番号 the server knows; empty when there is none.
    pub reference_number: String,
    /// In order of [`Answer::order`].
    pub answers: Vec<Answer>,
    /// What else happened, such as answers to registrations.
    pub notes: Vec<Message>,
    /// Of the latest answer with drug information.
    pub drugs: Vec<Drug>,
}

/// An insurance as it stands after all answers.
pub(super) struct Row<'a> {
    pub state: ChartState,
    /// The latest answer that says so.
    pub answer: &'a Answer,
}

/// A chart's insurances and what is to be said of how they came about.
pub(super) struct Standing<'a> {
    pub rows: Vec<Row<'a>>,
    pub messages: Vec<String>,
}

impl Chart {
    /// Adds an answer in its place.
    pub(super) fn add(&mut self, answer: Answer) {
        let at = self
            .answers
            .partition_point(|other| other.order() <= answer.order());
        self.answers.insert(at, answer);
    }

    /// Whether an insurance was confirmed as valid in a month, `yyyyMM`.
    pub(super) fn confirmed_in(&self, month: &str) -> bool {
        let confirms = |a: &&Answer| a.normal && a.block && a.state == ChartState::Current;
        let mut answers = self.answers.iter().filter(confirms);
        answers.any(|answer| answer.asked_on.starts_with(month))
    }

    /// The insurances after all answers.
    pub(super) fn standing(&self) -> Standing<'_> {
        let mut standing = Standing {
            rows: Vec::new(),
            messages: Vec::new(),
        };
        for answer in &self.answers {
            standing.take(answer);
            standing.say(self.differences(answer));
            standing.say(answer.messages.iter().cloned());
        }
        standing
    }

    /// What the result writes otherwise than the clinic; variant kanji, ● and the other name are no difference.
    fn differences(&self, answer: &Answer) -> Vec<String> {
        let who = &answer.who;
        let mut said = Vec::new();
        let known = |name: &String| fold::names_agree(name, &self.name);
        if !who.name.is_empty() && ![&who.name, &who.other_name].into_iter().any(known) {
            said.push(format!(
                "結果の氏名「{}」がカルテと異なります。カルテは変更していません。",
                who.name
            ));
        }
        let plain = |text: &str| fold::width(text).replace(' ', "");
        let both = !who.address.is_empty() && !self.address.is_empty();
        if both && plain(&who.address) != plain(&self.address) {
            said.push(format!(
                "結果の住所「{}」がカルテと異なります。カルテは変更していません。患者に確認してください。",
                who.address
            ));
        }
        said
    }
}

impl<'a> Standing<'a> {
    fn say(&mut self, messages: impl IntoIterator<Item = String>) {
        for message in messages {
            if !self.messages.contains(&message) {
                self.messages.push(message);
            }
        }
    }

    fn take(&mut self, answer: &'a Answer) {
        if !answer.block {
            return self.take_standing_of_number(answer);
        }
        let known = self
            .rows
            .iter()
            .rposition(|row| row.answer.numbers.same(&answer.numbers));
        let Some(at) = known else {
            let state = match answer.state {
                ChartState::Current if answer.normal => ChartState::Current,
                _ => ChartState::Reference,
            };
            return self.open(Row { state, answer });
        };
        if !answer.normal {
            return;
        }
        let row = &self.rows[at];
        if row.answer.order() == answer.order() {
            // The very same answer taken in twice stands twice.
            let state = row.state;
            return self.rows.push(Row { state, answer });
        }
        let state = match (row.state, answer.state) {
            (ChartState::Current | ChartState::Ended, ChartState::Reference) => ChartState::Ended,
            (_, state) => state,
        };
        if state == ChartState::Current {
            self.end_others(answer);
        }
        self.rows[at] = Row { state, answer };
    }

    fn open(&mut self, row: Row<'a>) {
        if row.state == ChartState::Current {
            self.end_others(row.answer);
        }
        self.rows.push(row);
    }

    /// An answer by number without a person block: that number is lost, or it is not.
    fn take_standing_of_number(&mut self, answer: &Answer) {
        if !answer.normal || answer.state != ChartState::Ended {
            return;
        }
        let asked = |row: &&mut Row<'_>| answer.numbers.ask_for(&row.answer.numbers);
        for row in self.rows.iter_mut().filter(asked) {
            if row.state == ChartState::Current {
                row.state = ChartState::Ended;
            }
        }
    }

    /// A new current insurance ends the former one; aid and insurance stand side by side, and so do
    /// those of one file.
    fn end_others(&mut self, answer: &Answer) {
        let mut ended = Vec::new();
        for row in &mut self.rows {
            let other = &row.answer.numbers;
            if row.state == ChartState::Current
                && other.aid == answer.numbers.aid
                && row.answer.digest != answer.digest
                && !other.same(&answer.numbers)
            {
                row.state = ChartState::Ended;
                ended.push(other.insurer_number.clone());
            }
        }
        self.say(ended.into_iter().map(|insurer| {
            format!("保険が変わりました。以前の保険（保険者番号 {insurer}）は終了としました。")
        }));
    }
}
