//! Charts and what a result does to them. Answers are added, never written over: an insurance's
//! state follows its latest answer, and everything that came stays as it came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::result::{EligibilityResult, PersonBlock};

use super::fold;

/// What an insurance in a chart may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChartState {
    /// Confirmed as valid; treatment is charged to it.
    Current,
    /// Shown only.
    Reference,
    /// Was current until a later answer.
    Ended,
}

/// One answer about an insurance, as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// File it came in.
    pub source: String,
    /// QualificationConfirmationDate.
    pub on: String,
    /// QualificationValidity, unknown values too.
    pub validity: String,
    /// Every element of the person block.
    pub elements: Vec<(String, String)>,
}

/// An insurance (or, by `aid`, a public aid) of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Insurance {
    pub state: ChartState,
    pub insurer_number: String,
    pub symbol: String,
    pub number: String,
    pub branch: String,
    /// 医療扶助 (InsuredCardClassification A1).
    pub aid: bool,
    /// Oldest first, never empty.
    pub answers: Vec<Answer>,
}

/// A line the desk shows, with the day it arose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    pub on: String,
    pub text: String,
}

/// One person's chart. Name, kana, birth date and sex are the clinic's own and change only by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chart {
    pub number: u32,
    pub name: String,
    pub kana: String,
    /// `yyyyMMdd`.
    pub birth: String,
    pub sex: String,
    pub insurances: Vec<Insurance>,
    pub messages: Vec<Message>,
}

/// All a receipt computer keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Charts {
    pub charts: Vec<Chart>,
    /// Digest of each imported file, and its name.
    pub imported: BTreeMap<String, String>,
    /// Messages that belong to nobody's chart.
    pub board: Vec<Message>,
}

/// Where a person block belongs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// To this chart.
    Chart(usize),
    /// To several, or to none that could be told: nothing is bound.
    Nobody(&'static str),
}

/// One imported result.
pub(super) struct Import<'a> {
    pub name: &'a str,
    /// Japanese calendar day of the import, `YYYY-MM-DD`.
    pub today: &'a str,
    pub result: &'a EligibilityResult,
}

impl Charts {
    /// Charts of a person, by kana and birth date (`yyyyMMdd`, hyphens allowed).
    pub(super) fn find(&self, kana: &str, birth: &str) -> Vec<usize> {
        let (kana, birth) = (fold::kana(kana), birth.replace('-', ""));
        let same = |chart: &Chart| fold::kana(&chart.kana) == kana && chart.birth == birth;
        self.charts
            .iter()
            .enumerate()
            .filter(|(_, chart)| same(chart))
            .map(|(at, _)| at)
            .collect()
    }

    /// Opens a chart and gives its place.
    pub(super) fn open(&mut self, name: &str, kana: &str, birth: &str, sex: &str) -> usize {
        let number = self
            .charts
            .iter()
            .map(|chart| chart.number)
            .max()
            .unwrap_or(0)
            + 1;
        let [name, kana, sex] = [name, kana, sex].map(str::to_owned);
        let birth = birth.replace('-', "");
        self.charts.push(Chart {
            number,
            name,
            kana,
            birth,
            sex,
            insurances: Vec::new(),
            messages: Vec::new(),
        });
        self.charts.len() - 1
    }

    /// Adds a result. Gives the reason when a person block could not be bound to one chart.
    pub(super) fn import(
        &mut self,
        import: &Import<'_>,
        state: ChartState,
    ) -> Result<(), &'static str> {
        if import.result.results.is_empty() {
            self.say_on_board(import, without_person(import.result));
            return Ok(());
        }
        let mut unbound = None;
        for block in &import.result.results {
            match self.bind(block) {
                Bound::Chart(at) => self.charts[at].add(import, block, state),
                Bound::Nobody(reason) => unbound = Some(reason),
            }
        }
        unbound.map_or(Ok(()), Err)
    }

    fn bind(&mut self, block: &PersonBlock) -> Bound {
        let (kana, birth) = (block.get("NameKana"), block.get("Birthdate"));
        if kana.trim().is_empty() || birth.is_empty() {
            return Bound::Nobody("結果にカナ氏名または生年月日がないため、患者を特定できません。");
        }
        match self.find(kana, birth).as_slice() {
            [] => Bound::Chart(self.open(block.get("Name"), kana, birth, block.get("Sex1"))),
            [one] => Bound::Chart(*one),
            _ => Bound::Nobody(
                "カナ氏名と生年月日が同じカルテが複数あるため、患者を特定できません。",
            ),
        }
    }

    pub(super) fn say_on_board(&mut self, import: &Import<'_>, text: String) {
        self.board.push(Message {
            on: import.today.to_owned(),
            text,
        });
    }
}

impl Chart {
    fn add(&mut self, import: &Import<'_>, block: &PersonBlock, state: ChartState) {
        let result = import.result;
        let answer = Answer {
            source: import.name.to_owned(),
            on: result.qualification_confirmation_date.clone(),
            validity: result.qualification_validity.clone(),
            elements: block.elements.clone(),
        };
        self.compare_name(import, block);
        self.add_answer(import, block, state, answer);
        for text in remarks(result) {
            self.say(import, text);
        }
    }

    fn compare_name(&mut self, import: &Import<'_>, block: &PersonBlock) {
        let names = [block.get("Name"), block.get("NameOfOther")];
        let known = names
            .iter()
            .any(|name| !name.is_empty() && fold::same_name(name, &self.name));
        if !known && !names[0].is_empty() {
            self.say(
                import,
                format!(
                    "結果の氏名「{}」がカルテと異なります。カルテは変更していません。",
                    names[0]
                ),
            );
        }
    }

    fn add_answer(
        &mut self,
        import: &Import<'_>,
        block: &PersonBlock,
        state: ChartState,
        answer: Answer,
    ) {
        let key = Key::of(block);
        if state == ChartState::Current {
            self.end_others(import, &key);
        }
        if let Some(insurance) = self
            .insurances
            .iter_mut()
            .find(|insurance| insurance.key() == key)
        {
            insurance.state = match (insurance.state, state) {
                (ChartState::Current | ChartState::Ended, ChartState::Reference) => {
                    ChartState::Ended
                }
                (_, state) => state,
            };
            insurance.answers.push(answer);
            return;
        }
        let text = |name: &str| block.get(name).to_owned();
        self.insurances.push(Insurance {
            state,
            insurer_number: text("InsurerNumber"),
            symbol: text("InsuredCardSymbol"),
            number: text("InsuredIdentificationNumber"),
            branch: text("InsuredBranchNumber"),
            aid: key.aid,
            answers: vec![answer],
        });
    }

    /// A new current insurance ends the former one; aid and insurance stand side by side.
    fn end_others(&mut self, import: &Import<'_>, key: &Key) {
        let mut ended = Vec::new();
        for other in &mut self.insurances {
            let key_of_other = other.key();
            let earlier = other
                .answers
                .last()
                .is_none_or(|answer| answer.source != import.name);
            if other.state == ChartState::Current
                && key_of_other != *key
                && other.aid == key.aid
                && earlier
            {
                other.state = ChartState::Ended;
                ended.push(other.insurer_number.clone());
            }
        }
        for insurer in ended {
            self.say(
                import,
                format!("保険が変わりました。以前の保険（保険者番号 {insurer}）は終了としました。"),
            );
        }
    }

    fn say(&mut self, import: &Import<'_>, text: String) {
        let message = Message {
            on: import.today.to_owned(),
            text,
        };
        if !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }
}

/// What makes two entries the same insurance; width and hyphens do not count, zeros do.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    parts: [String; 4],
    aid: bool,
}

impl Key {
    fn new(parts: [&str; 4], aid: bool) -> Self {
        Key {
            parts: parts.map(fold::width),
            aid,
        }
    }

    fn of(block: &PersonBlock) -> Self {
        let parts = [
            "InsurerNumber",
            "InsuredCardSymbol",
            "InsuredIdentificationNumber",
            "InsuredBranchNumber",
        ];
        Key::new(
            parts.map(|name| block.get(name)),
            block.get("InsuredCardClassification") == "A1",
        )
    }
}

impl Insurance {
    fn key(&self) -> Key {
        Key::new(
            [
                &self.insurer_number,
                &self.symbol,
                &self.number,
                &self.branch,
            ],
            self.aid,
        )
    }
}

fn coded(result: &EligibilityResult) -> String {
    let (code, text) = (
        &result.processing_result_code,
        &result.processing_result_message,
    );
    match (code.is_empty(), text.is_empty()) {
        (true, true) => String::new(),
        (true, false) => text.clone(),
        (false, true) => format!("（{code}）"),
        (false, false) => format!("{text}（{code}）"),
    }
}

/// The board's line for a result that names nobody: a refusal, or no qualification found.
fn without_person(result: &EligibilityResult) -> String {
    let said = coded(result);
    match result.processing_result_status.as_str() {
        "1" => format!(
            "資格確認の結果に資格情報がありません（資格有効性 {}）。{said}",
            result.qualification_validity
        ),
        _ => format!("資格を確認できませんでした。{said}"),
    }
}

/// What the desk is told beside the entry.
fn remarks(result: &EligibilityResult) -> Vec<String> {
    let validity = match result.qualification_validity.as_str() {
        "1" => None,
        "2" => {
            Some("資格は喪失しています。表示は参考で、現在の保険としては使えません。".to_owned())
        }
        "3" => Some(
            "この資格は無効で、新しい資格があります。新しい資格を確認してください。".to_owned(),
        ),
        "4" => {
            Some("該当する資格が見つかりません。まだ登録されていないことがあります。".to_owned())
        }
        "5" => Some("複数の資格が該当しました。枝番を確認してください。".to_owned()),
        "6" => Some("医療扶助は有効ですが、今月の医療券が登録されていません。".to_owned()),
        other => Some(format!(
            "資格有効性「{other}」は扱いが決まっていないため、参考として表示します。"
        )),
    };
    let notice = coded(result);
    let notice = (!notice.is_empty() && !result.processing_result_code.is_empty()).then(|| {
        match result.processing_result_status.as_str() {
            "1" => format!("お知らせ：{notice}"),
            _ => format!("エラー：{notice}"),
        }
    });
    validity.into_iter().chain(notice).collect()
}
