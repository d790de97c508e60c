//! From a result to changes of charts: each person in it goes to one chart, to a new one, or to staff. A
//! file of answers is taken for the question it belongs to, and for nothing else.

use wire::request::Api;
use wire::result::{EligibilityResult, PersonBlock};

use super::answers;
use super::chart::{Answer, Chart, Message, Numbers, Who};
use super::conduct::ChartState;
use super::files::{Arrived, Kind, Taken};
use super::matching::{Place, place};
use super::state::{Asked, Change, Pending, Undecided};
use super::{Desk, codes, said};

/// The flags of consent to the view of medical information.
const MEDICAL_CONSENTS: [&str; 4] = [
    "SpecificHealthCheckupsInfoConsFlg",
    "PharmacistsInfoConsFlg",
    "DiagnosisInfoConsFlg",
    "OperationInfoConsFlg",
];

/// What a readable result is taken in with.
struct Intake<'a> {
    arrived: &'a Arrived<'a>,
    result: &'a EligibilityResult,
    question: Option<&'a Pending>,
    changes: Vec<Change>,
    /// Charts opened by these changes.
    opened: usize,
}

impl Desk {
    /// Reads a file and says what becomes of it.
    pub(super) fn take(&self, arrived: &Arrived<'_>) -> Taken {
        match arrived.kind {
            Kind::Face => self.take_result(arrived, None),
            Kind::Answer(api) => self.take_answer(api, arrived),
        }
    }

    fn take_answer(&self, api: Api, arrived: &Arrived<'_>) -> Taken {
        let question = self.state.pending.get(arrived.name);
        if api == Api::Qualification {
            return self.take_result(arrived, question);
        }
        let Some(question) = question else {
            return match answers::readable(api, arrived.bytes) {
                Ok(()) => Taken::Unfitting(self.unasked(arrived.name)),
                Err(said) => Taken::Unreadable(said),
            };
        };
        let on = self.today();
        let read = match question.asked {
            Asked::Drugs => answers::drugs(&self.state, question, arrived, &on),
            _ => answers::reference_number(question, arrived, &on),
        };
        match read {
            Taken::In(mut changes) => {
                changes.extend(taken_in(arrived));
                changes.push(Change::Closed(arrived.name.to_owned()));
                Taken::In(changes)
            }
            other => other,
        }
    }

    fn take_result(&self, arrived: &Arrived<'_>, question: Option<&Pending>) -> Taken {
        let result = match EligibilityResult::from_bytes(arrived.bytes) {
            Ok(result) => result,
            Err(error) => return Taken::Unreadable(error.to_string()),
        };
        if let Some(name) = result.results.iter().find_map(codes::said_twice) {
            return Taken::Unreadable(format!("{name}が2回あります"));
        }
        let asked_for = arrived.kind == Kind::Face || question.is_some();
        if !asked_for && result.results.is_empty() {
            return Taken::Unfitting(self.unasked(arrived.name));
        }
        let mut intake = Intake {
            arrived,
            result: &result,
            question,
            changes: taken_in(arrived).collect(),
            opened: 0,
        };
        if question.is_some() {
            intake.changes.push(Change::Closed(arrived.name.to_owned()));
        }
        if result.results.is_empty() {
            self.take_without_person(&mut intake);
        }
        if is_without_consent(arrived, &result) && !self.conduct.imports_without_consent() {
            return Taken::In(intake.changes);
        }
        for (who, answers) in self.persons(&intake) {
            self.take_person(&mut intake, who, answers);
        }
        Taken::In(intake.changes)
    }

    fn unasked(&self, name: &str) -> String {
        let reason = match self.state.answered.contains(name) {
            true => "この要求の回答はすでに取り込んであります。",
            false => "対応する要求がありません。",
        };
        format!("{reason}手作業で確認してください。")
    }

    /// The persons of a result with their answers; blocks of one person stay together.
    fn persons(&self, intake: &Intake<'_>) -> Vec<(Who, Vec<Answer>)> {
        let mut persons: Vec<(Who, Vec<Answer>)> = Vec::new();
        let empty = match self.conduct.empty_is_absent() {
            true => Vec::new(),
            false => wire::empty::elements(intake.arrived.bytes).unwrap_or_default(),
        };
        for (position, block) in intake.result.results.iter().enumerate() {
            let empty = empty.get(position).map_or(&[][..], Vec::as_slice);
            let answer = self.answer(intake, position, block, empty);
            let same = |other: &&mut (Who, _)| same_person(&other.0, &answer.who);
            match persons.iter_mut().find(same) {
                Some((_, answers)) => answers.push(answer),
                None => persons.push((answer.who.clone(), vec![answer])),
            }
        }
        persons
    }

    fn answer(
        &self,
        intake: &Intake<'_>,
        position: usize,
        block: &PersonBlock,
        empty: &[String],
    ) -> Answer {
        let result = intake.result;
        let asked_on = asked_on(result);
        let carried = codes::carried(&*self.conduct, block, empty, &asked_on);
        let mut messages = said::remarks(&*self.conduct, result);
        messages.extend(carried.messages);
        messages.extend(said::charset(
            intake.arrived.bytes,
            &result.character_code_identifier,
        ));
        Answer {
            source: intake.arrived.name.to_owned(),
            digest: intake.arrived.digest.clone(),
            position,
            asked_on,
            executed: result.process_execution_time.clone(),
            normal: said::normal(result),
            state: match said::normal(result) {
                true => self.conduct.state_for(&result.qualification_validity),
                false => ChartState::Reference,
            },
            block: true,
            who: who(block),
            numbers: numbers(block),
            carries: carried.elements,
            messages,
        }
    }

    fn take_person(&self, intake: &mut Intake<'_>, who: Who, answers: Vec<Answer>) {
        match self.place_of(intake, &who) {
            Place::Chart(at) => intake.changes.extend(self.bind(at, answers)),
            Place::New => {
                let chart = Chart {
                    number: self.state.free_number(intake.opened),
                    name: who.name.clone(),
                    kana: who.kana.clone(),
                    birth: who.birth.clone(),
                    sex: who.sexes[0].clone(),
                    address: who.address.clone(),
                    reference_number: who.reference_number.clone(),
                    ..Chart::default()
                };
                intake.changes.push(Change::Opened(Box::new(chart)));
                let at = self.state.charts.len() + intake.opened;
                intake.opened += 1;
                let answered = answers.into_iter().map(Box::new);
                let answered = answered.map(|answer| Change::Answered(at, answer));
                intake.changes.extend(answered);
            }
            Place::Undecided(reason) => {
                let name = intake.arrived.name;
                let text = format!("{reason}ファイル {name} のカルテを職員が選んでください。");
                let waits = Undecided {
                    file: name.to_owned(),
                    who,
                    reason,
                    answers,
                };
                intake.changes.push(Change::Waits(Box::new(waits)));
                let on = self.today();
                intake.changes.push(Change::Said(Message { on, text }));
            }
        }
    }

    fn place_of(&self, intake: &Intake<'_>, who: &Who) -> Place {
        let by_number = intake.arrived.kind != Kind::Face;
        match intake.question {
            None if by_number => Place::Undecided(self.unasked(intake.arrived.name)),
            Some(question) if !answers_question(intake.result, who, question) => {
                Place::Undecided("結果が照会した内容と異なります。".to_owned())
            }
            question => place(
                &self.state,
                &*self.conduct,
                who,
                question.and_then(|question| question.chart),
            ),
        }
    }

    /// What binding answers to a chart changes.
    pub(super) fn bind(&self, at: usize, answers: Vec<Answer>) -> Vec<Change> {
        let Some(chart) = self.state.charts.get(at) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for mut answer in answers {
            let month = answer.asked_on.get(..6).unwrap_or_default();
            let checked = chart.confirmed_in(month) && !month.is_empty();
            if checked && !self.conduct.checks_again_on_return_visit() {
                continue;
            }
            let who = &answer.who;
            let other = |kept: &str, returned: &str| !returned.is_empty() && returned != kept;
            if other(&chart.name, &who.name) && !self.conduct.keeps_name(&chart.name, &who.name) {
                changes.push(Change::Renamed(at, who.name.clone()));
            }
            if other(&chart.address, &who.address)
                && !self.conduct.keeps_address(&chart.address, &who.address)
            {
                changes.push(Change::Moved(at, who.address.clone()));
            }
            changes.extend(self.refer(at, chart, &mut answer));
            changes.push(Change::Answered(at, Box::new(answer)));
        }
        changes
    }

    /// A 照会番号 that came back for a chart without one is the chart's; another one than the chart's is
    /// said, and so is one that is missing, for it may hang on a former insurance.
    fn refer(&self, at: usize, chart: &Chart, answer: &mut Answer) -> Option<Change> {
        let (kept, returned) = (&chart.reference_number, &answer.who.reference_number);
        if kept == returned || !self.conduct.reference_number_decides() {
            return None;
        }
        if returned.is_empty() {
            answer.messages.push(format!(
                "結果に照会番号「{kept}」がありません。保険が変わったときは登録し直してください。"
            ));
            return None;
        }
        let taken = |other: &usize| *other != at && !self.state.charts[*other].retired;
        if kept.is_empty() && !self.state.referenced(returned).iter().any(taken) {
            return Some(Change::Referenced(at, returned.clone()));
        }
        answer.messages.push(format!(
            "結果の照会番号「{returned}」がカルテと異なります。カルテは変更していません。"
        ));
        None
    }

    /// A result that names nobody: it goes to the chart the question was put from, or on the board.
    fn take_without_person(&self, intake: &mut Intake<'_>) {
        let result = intake.result;
        let said = said::without_person(&*self.conduct, result);
        let mut messages: Vec<String> = said.into_iter().collect();
        messages.extend(said::charset(
            intake.arrived.bytes,
            &result.character_code_identifier,
        ));
        let chart = intake.question.and_then(|question| self.chart_of(question));
        let (Some(at), Some(question)) = (chart, intake.question) else {
            let whose = intake.question.map_or("", |question| &question.kana);
            let whose = match whose {
                "" => String::new(),
                kana => format!("{kana}："),
            };
            let on = self.today();
            let said = messages.into_iter().map(|text| Message {
                on: on.clone(),
                text: format!("{whose}{text}"),
            });
            return intake.changes.extend(said.map(Change::Said));
        };
        let answer = Answer {
            source: intake.arrived.name.to_owned(),
            digest: intake.arrived.digest.clone(),
            position: 0,
            asked_on: asked_on(result),
            executed: result.process_execution_time.clone(),
            normal: said::normal(result),
            state: match result.qualification_validity.as_str() {
                "2" | "3" => ChartState::Ended,
                _ => ChartState::Reference,
            },
            block: false,
            who: Who::default(),
            numbers: question.numbers.clone(),
            carries: Default::default(),
            messages,
        };
        intake.changes.push(Change::Answered(at, Box::new(answer)));
    }

    /// The chart a question is about: the one it was put from, else the only one of that person.
    fn chart_of(&self, question: &Pending) -> Option<usize> {
        question.chart.or_else(|| {
            match self.state.find(&question.kana, &question.birth).as_slice() {
                [one] => Some(*one),
                _ => None,
            }
        })
    }
}

/// QualificationConfirmationDate, or the day of execution where it is missing; never the file's.
fn asked_on(result: &EligibilityResult) -> String {
    let executed = result.process_execution_time.get(..8).unwrap_or_default();
    match result.qualification_confirmation_date.as_str() {
        "" => executed.to_owned(),
        date => date.to_owned(),
    }
}

/// Whether a result of a visit with the card says that the patient consented to nothing.
fn is_without_consent(arrived: &Arrived<'_>, result: &EligibilityResult) -> bool {
    let all = |block: &PersonBlock| MEDICAL_CONSENTS.iter().all(|flag| block.get(flag) == "0");
    arrived.kind == Kind::Face && !result.results.is_empty() && result.results.iter().all(all)
}

/// A file is taken in once it is known by its digest.
fn taken_in(arrived: &Arrived<'_>) -> impl Iterator<Item = Change> {
    let (digest, name) = (arrived.digest.clone(), arrived.name.to_owned());
    std::iter::once(Change::Imported(digest, name))
}

fn who(block: &PersonBlock) -> Who {
    let text = |name: &str| block.get(name).to_owned();
    Who {
        name: text("Name"),
        other_name: text("NameOfOther"),
        kana: text("NameKana"),
        other_kana: text("NameOfOtherKana"),
        birth: text("Birthdate"),
        sexes: [text("Sex1"), text("Sex2")],
        address: text("Address"),
        reference_number: text("ReferenceNumber"),
    }
}

fn numbers(block: &PersonBlock) -> Numbers {
    let text = |name: &str| block.get(name).to_owned();
    Numbers {
        insurer_number: text("InsurerNumber"),
        symbol: text("InsuredCardSymbol"),
        number: text("InsuredIdentificationNumber"),
        branch: text("InsuredBranchNumber"),
        aid: block.get("InsuredCardClassification") == "A1",
    }
}

/// Whether two blocks of one file are about one person.
fn same_person(one: &Who, other: &Who) -> bool {
    one.kana == other.kana
        && one.birth == other.birth
        && one.name == other.name
        && one.reference_number == other.reference_number
}

/// Whether a result says what was asked: the person's birth date, and the number where it is echoed.
fn answers_question(result: &EligibilityResult, who: &Who, question: &Pending) -> bool {
    let differ = |one: &str, other: &str| {
        let (one, other) = (super::fold::width(one), super::fold::width(other));
        !one.is_empty() && !other.is_empty() && one != other
    };
    let echo = result.search.as_ref().is_some_and(|search| {
        differ(&search.insured.number, &question.numbers.number)
            || differ(
                &search.insured.insurer_number,
                &question.numbers.insurer_number,
            )
    });
    !echo && !differ(&who.birth, &question.birth)
}
