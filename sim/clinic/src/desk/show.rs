//! What the receipt computer's screen says of a person, as data.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::chart::{Answer, Chart, Row};
use super::conduct::ChartState;
use super::state::{Asked, Pending};
use super::{Desk, dashless};

impl Desk {
    /// What the clerk sees for a person, by kana in any width and birth date: `{"person","patient_number",
    /// "name","kana","address"?,"reference_number"?,"insurances","public_expenses"?,"messages","checks",
    /// "undecided","drugs"}`.
    ///
    /// A row of `insurances` (and of `public_expenses`, where there is public aid) is `{"state",
    /// "insurer_number","symbol","number","branch","source","asked_on","carries"}`: `source` is the file of
    /// the latest answer, `asked_on` its day (`YYYY-MM-DD`), `carries` its elements by path, as they came.
    /// `checks` are the files that confirmed or denied a qualification, `{"file","on"}` by day asked for.
    /// Messages are the chart's own, then what it waits for, then (marked 受付) the day's that belong to
    /// nobody. `undecided` lists `{"file","name","kana","birth","reason"}` of every result that waits for
    /// staff. Without a chart there are no insurances and a message says so; with several, each row names its
    /// chart's `patient_number`.
    pub fn chart(&self, kana: &str, birth: &str) -> Value {
        let found = self.state.find(kana, birth);
        let mut view = match found.as_slice() {
            [one] => self.view_of(&self.state.charts[*one]),
            several => {
                let charts: Vec<&Chart> =
                    several.iter().map(|at| &self.state.charts[*at]).collect();
                let shows = |state| self.conduct.shows(state);
                let insurances = charts.iter().flat_map(|c| numbered_rows(c, shows));
                let insurances: Vec<Value> = insurances.collect();
                let said = match charts.as_slice() {
                    [] => "この患者のカルテはまだありません。".to_owned(),
                    charts => {
                        let numbers: Vec<&str> = charts.iter().map(|c| &*c.number).collect();
                        let numbers = numbers.join("、");
                        format!(
                            "カナ氏名と生年月日が同じカルテ（患者番号 {numbers}）が複数あります。"
                        )
                    }
                };
                json!({
                    "person": kana, "name": "", "kana": kana, "insurances": insurances, "messages": [said],
                    "checks": [], "drugs": [],
                })
            }
        };
        self.add_desk(&mut view, kana, birth);
        view
    }

    /// The same for one chart, by the clinic's own number of the patient, retired or not; none without one.
    pub fn chart_numbered(&self, patient_number: &str) -> Option<Value> {
        let chart = &self.state.charts[self.state.numbered(patient_number)?];
        let mut view = self.view_of(chart);
        self.add_desk(&mut view, &chart.kana, &chart.birth);
        Some(view)
    }

    /// Today's messages about results that belong to nobody's chart: refusals, files put aside.
    pub fn messages(&self) -> Vec<String> {
        let today = self.today();
        let of_today = self.state.board.iter().filter(|said| said.on == today);
        of_today.map(|said| said.text.clone()).collect()
    }

    fn view_of(&self, chart: &Chart) -> Value {
        let standing = chart.standing();
        let checks = checks(chart);
        let last = checks.last().map(|answer| answer.asked_on.as_str());
        let mut messages = last_check(last, &dashless(&self.today()));
        messages.extend(standing.messages);
        messages.extend(chart.notes.iter().map(|note| note.text.clone()));
        if chart.retired {
            messages.push("このカルテは統合または削除されています。".to_owned());
        }
        let rows = |aid: bool| {
            let of_kind = standing
                .rows
                .iter()
                .filter(|row| row.answer.numbers.aid == aid && self.conduct.shows(row.state));
            of_kind.map(row).collect::<Vec<Value>>()
        };
        let drugs = { chart.drugs.iter() }.filter(|_| self.conduct.shows_drugs());
        let drugs: Vec<Value> = drugs
            .map(|drug| json!({"name": drug.name, "on": dashed(&drug.on)}))
            .collect();
        let checks: Vec<Value> = checks
            .iter()
            .map(|answer| json!({"file": answer.source, "on": dashed(&answer.asked_on)}))
            .collect();
        let mut view = json!({
            "person": chart.name, "patient_number": chart.number, "name": chart.name, "kana": chart.kana,
            "insurances": rows(false), "messages": messages, "checks": checks, "drugs": drugs,
        });
        for (name, text) in [
            ("address", &chart.address),
            ("reference_number", &chart.reference_number),
        ] {
            if !text.is_empty() {
                view[name] = json!(text);
            }
        }
        let aid = rows(true);
        if !aid.is_empty() {
            view["public_expenses"] = json!(aid);
        }
        view
    }

    /// What stands beside every chart: questions about that person, the day's messages, undecided results.
    fn add_desk(&self, view: &mut Value, kana: &str, birth: &str) {
        let own = self.state.find(kana, birth);
        let (kana, birth) = (super::fold::kana(kana), dashless(birth));
        let about = |pending: &&Pending| match pending.chart {
            Some(at) => own.contains(&at),
            None => super::fold::kana(&pending.kana) == kana && pending.birth == birth,
        };
        let waiting = self.state.pending.values().filter(about).map(waiting_for);
        let board = self.messages().into_iter();
        let said = waiting.chain(board.map(|text| format!("受付：{text}")));
        if let Some(messages) = view["messages"].as_array_mut() {
            messages.extend(said.map(Value::String));
        }
        let undecided: Vec<Value> = self
            .state
            .undecided
            .iter()
            .map(|waiting| {
                json!({
                    "file": waiting.file, "name": waiting.who.name, "kana": waiting.who.kana,
                    "birth": dashed(&waiting.who.birth), "reason": waiting.reason,
                })
            })
            .collect();
        view["undecided"] = json!(undecided);
    }
}

/// Answers that say how a qualification stands, one a file.
fn checks(chart: &Chart) -> Vec<&Answer> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in &chart.answers {
        let place = first.entry(&answer.digest).or_insert(answer.position);
        *place = answer.position.min(*place);
    }
    let counts = |answer: &&Answer| {
        answer.normal && first.get(answer.digest.as_str()) == Some(&answer.position)
    };
    chart.answers.iter().filter(counts).collect()
}

/// When the qualification was last checked, and whether today is still to be (ELIG-17).
fn last_check(last: Option<&str>, today: &str) -> Vec<String> {
    let Some(last) = last else {
        return vec!["資格はまだ一度も確認されていません。".to_owned()];
    };
    let mut said = vec![format!("最終の資格確認：{}", dashed(last))];
    if last != today {
        said.push("本日の資格確認はまだです。".to_owned());
    }
    said
}

fn waiting_for(pending: &Pending) -> String {
    let what = match pending.asked {
        Asked::Qualification => "番号による資格確認",
        Asked::ReferenceNumber => "照会番号の登録",
        Asked::Drugs => "薬剤情報",
    };
    format!("{what}の回答を待っています（{}）。", pending.request)
}

fn row(row: &Row<'_>) -> Value {
    let answer = row.answer;
    json!({
        "state": row.state,
        "insurer_number": answer.numbers.insurer_number,
        "symbol": answer.numbers.symbol,
        "number": answer.numbers.number,
        "branch": answer.numbers.branch,
        "source": answer.source,
        "asked_on": dashed(&answer.asked_on),
        "carries": answer.carries,
    })
}

fn numbered_rows(chart: &Chart, shows: impl Fn(ChartState) -> bool) -> Vec<Value> {
    let numbered = |shown: &Row<'_>| {
        let mut shown = row(shown);
        shown["patient_number"] = json!(chart.number);
        shown
    };
    let standing = chart.standing();
    let rows = standing.rows.iter().filter(|row| shows(row.state));
    rows.map(numbered).collect()
}

/// `yyyyMMdd` as `YYYY-MM-DD`; anything else as it is.
fn dashed(day: &str) -> String {
    let digits = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
    match digits {
        true => format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]),
        false => day.to_owned(),
    }
}
