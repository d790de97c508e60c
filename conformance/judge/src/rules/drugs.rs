//! What rules about medical information look at: each question for drug information the server was fairly
//! asked, with the consent it rests on.

use super::block::same_text;
use super::common::{SERVER, SERVER_HOUSES, limping, mend_message};
use super::delivery::{self, Kept};
use crate::calendar::Instant;
use crate::case::{Case, Exchange, Kind, Question, Said};
use crate::decode::drugs::{Drug, Drugs};
use crate::expect::{self, Consent};
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

/// Place of the drug consent among the four.
pub(crate) const DRUG: usize = 2;

/// A question for drug information.
pub(crate) struct DrugAsk<'a> {
    pub question: &'a Question,
    /// Whose number it names; none when nobody's.
    pub person: Option<&'a str>,
    pub consent: Consent,
}

/// Questions for drug information that a terminal of an enrolled facility asked.
pub(crate) fn drug_asks(case: &Case) -> impl Iterator<Item = DrugAsk<'_>> {
    case.questions.iter().filter_map(|question| {
        let enrolled = case
            .facts
            .facility(&question.facility)
            .is_none_or(|f| f.enrolled);
        let status = match &question.answer {
            Some((_, _, Said::Error(status, _))) => Some(*status),
            _ => None,
        };
        let own = question.kind == Kind::Drugs && question.from.role == "terminal";
        let fair = own && enrolled && !limping(case, question.at, status);
        let request = question.request.as_ref().ok().filter(|_| fair)?;
        let owners = expect::owners(&case.facts, &request.numbers, None, question.at);
        let person = match owners.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let consent = person.map_or(Consent::None, |person| {
            expect::consent_for(case, person, &question.facility, DRUG, question.at)
        });
        Some(DrugAsk {
            question,
            person,
            consent,
        })
    })
}

impl<'a> DrugAsk<'a> {
    /// The answer, when it is one.
    pub fn drugs(&self) -> Option<&'a Drugs> {
        match &self.question.answer {
            Some((_, _, Said::Drugs(drugs))) => Some(drugs),
            _ => None,
        }
    }

    pub fn quotes(&self) -> Vec<Quote> {
        let asked = self.question.request.as_ref();
        let numbers = asked.map_or_else(|_| String::new(), |r| r.numbers.to_string());
        let mut quotes = vec![q(self.question.seq, "POST /v1/drug-information", numbers)];
        if let Some((seq, _, said)) = &self.question.answer {
            quotes.push(q(*seq, "ResultCode", told(said)));
        }
        quotes
    }

    pub fn actual(&self) -> Text {
        match &self.question.answer {
            Some((_, _, said)) => {
                let told = told(said);
                t(format!("{told}と答えた"), format!("It answered {told}."))
            }
            None => t("応答がなかった", "It gave no answer."),
        }
    }

    /// Whether no drug was given and the answer carries this code of the profile.
    pub fn refuses(&self, case: &Case, code: &str) -> bool {
        let due = case.value(code);
        self.drugs()
            .is_some_and(|d| d.drugs.is_empty() && d.code == due)
    }

    /// Whether the drugs the server knows of were given.
    pub fn gives(&self, case: &Case) -> bool {
        let Some((person, answer)) = self.person.zip(self.drugs()) else {
            return false;
        };
        let mut due = expect::drugs_due(case, person, self.question.at);
        let named = |d: &Drug| (d.name.clone(), d.day.clone());
        let mut given: Vec<(String, String)> = answer.drugs.iter().map(named).collect();
        due.sort();
        given.sort();
        answer.code == case.value("medical_code.given")
            && given == due
            && answer.drugs.iter().all(|d| self.as_fed(case, d))
            && holder(case, person, answer)
    }

    /// Whether a drug is told as the claim said it.
    fn as_fed(&self, case: &Case, drug: &Drug) -> bool {
        let mut fed = case.feed.iter().filter(|e| {
            let day = e.text("dispensed_on").replace('-', "");
            let told = e.seq < self.question.seq && e.posts("/v1/feed/drugs") && e.accepted();
            told && e.text("drug_name") == drug.name && day == drug.day
        });
        let as_said = |e: &Exchange| {
            [
                ("drug_code", &drug.code),
                ("quantity", &drug.quantity),
                ("unit", &drug.unit),
                ("usage", &drug.usage),
            ]
            .into_iter()
            .all(|(member, told)| same_text(e.text(member), told))
                && e.text("month").replace('-', "") == drug.month
        };
        fed.any(as_said)
    }

    /// Who kept back what the answer rests on.
    fn kept(&self, case: &Case) -> Option<Kept> {
        let (person, seq) = (self.person?, self.question.seq);
        let untold = case.facts.drugs.iter().find(|drug| {
            drug.person == person
                && drug.known_at <= self.question.at
                && !case.feed.iter().any(|e| {
                    e.seq < seq
                        && e.posts("/v1/feed/drugs")
                        && e.text("drug_name") == drug.name
                        && e.text("dispensed_on") == drug.on.to_string()
                        && names(case, e, person, self.question.at)
                })
        });
        let untold = untold
            .filter(|_| self.consent == Consent::Holds)
            .map(|drug| {
                let name = &drug.name;
                let why = t(
                    format!("{name}がサーバーに知らされていない"),
                    format!("The server was never told of {name}."),
                );
                ("review-body", why)
            });
        untold.or_else(|| delivery::entries(case, person, self.question.at, seq))
    }

    /// Passes or fails by a condition, unless nothing can be judged.
    pub fn decide(
        &self,
        case: &Case,
        say: Speaker<'_>,
        holds: bool,
        expected: Text,
        advice: Text,
    ) -> Finding {
        if let Some((role, why)) = self.kept(case) {
            return say.unclear(role, expected, why, self.quotes());
        }
        match &self.question.answer {
            None => {
                let at = self.question.at;
                let down =
                    case.facts
                        .troubled(&SERVER_HOUSES, at, *case.times.last().unwrap_or(&at));
                let role = if down { "bed" } else { SERVER };
                say.unclear(role, expected, self.actual(), self.quotes())
            }
            Some((_, _, Said::Broken(_))) => {
                say.fail(expected, self.actual(), mend_message(), self.quotes())
            }
            Some(_) => say.decide(holds, expected, self.actual(), advice, self.quotes()),
        }
    }
}

/// Whether an answer that names a person names the right one.
fn holder(case: &Case, person: &str, answer: &Drugs) -> bool {
    let Some((told, person)) = answer
        .document
        .root
        .find("QuaInf")
        .zip(case.facts.person(person))
    else {
        return true;
    };
    same_text(&person.name, told.text_of("Name"))
        && same_text(&person.kana, told.text_of("KanaName"))
        && person.birth.to_compact() == told.text_of("Birth")
        && person.sex == told.text_of("AdmGendCode")
}

/// Whether what a claim says of a drug names a number of that person.
fn names(case: &Case, fed: &Exchange, person: &str, at: Instant) -> bool {
    let insured = fed.body.as_ref().ok().and_then(|b| b.get("insured"));
    let numbers = insured.map(super::words::numbers);
    let mut own = expect::entries(&case.facts, person, at);
    numbers.is_none_or(|n| own.any(|entry| entry.numbers == n))
}

fn told(said: &Said) -> String {
    match said {
        Said::Drugs(drugs) => {
            let names: Vec<&str> = drugs.drugs.iter().map(|d| d.name.as_str()).collect();
            format!("{} [{}]", drugs.code, names.join(", "))
        }
        Said::Error(status, name) => format!("HTTP {status} {name}"),
        Said::Broken(error) => error.to_string(),
        Said::Outcome(outcome) => outcome.code.clone(),
    }
}
