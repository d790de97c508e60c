//! What rules about questions by number look at: each question the server was fairly asked, with what
//! was due to it.

use super::common::{
    Reply, SERVER, SERVER_HOUSES, described, limping, mend_message, quoted, reply,
};
use super::delivery;
use crate::calendar::Day;
use crate::case::{Case, Kind, Question, Said};
use crate::decode::request::{Asks, Request};
use crate::expect::{self, NumberDue};
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

/// A question by number, and what is due to it.
pub(crate) struct Numbered<'a> {
    pub question: &'a Question,
    pub request: &'a Request,
    /// Day asked for.
    pub on: Day,
    /// Whether the patient agreed that the limit certificate is shown.
    pub limit_consent: bool,
    pub due: NumberDue<'a>,
}

/// Questions by number that a terminal of an enrolled facility asked.
pub(crate) fn numbered(case: &Case) -> impl Iterator<Item = Numbered<'_>> {
    case.questions.iter().filter_map(|question| {
        let enrolled = case
            .facts
            .facility(&question.facility)
            .is_none_or(|f| f.enrolled);
        let status = match &question.answer {
            Some((_, _, Said::Error(status, _))) => Some(*status),
            _ => None,
        };
        let own = question.kind == Kind::Number && question.from.role == "terminal";
        let fair = own && enrolled && !limping(case, question.at, status);
        let request = question.request.as_ref().ok().filter(|_| fair)?;
        let Asks::Number {
            birth,
            on,
            limit_consent,
        } = request.asks
        else {
            return None;
        };
        let on = on.unwrap_or(question.at.day);
        let due = expect::by_number(&case.facts, &request.numbers, birth, on, question.at);
        Some(Numbered {
            question,
            request,
            on,
            limit_consent,
            due,
        })
    })
}

impl<'a> Numbered<'a> {
    pub fn reply(&self) -> Reply<'a> {
        let answer = self.question.answer.as_ref();
        answer.map_or(Reply::Nothing, |(seq, _, said)| reply(*seq, said))
    }

    /// Validity as answered; empty when none was.
    pub fn validity(&self) -> &'a str {
        match self.reply() {
            Reply::Confirms(_, o) | Reply::Refuses(_, o) => o.validity.as_deref().unwrap_or(""),
            _ => "",
        }
    }

    /// Whether the validity is one that is due.
    pub fn valid(&self) -> bool {
        self.due.validities.contains(&self.validity())
    }

    /// The due validity in words.
    pub fn expected(&self) -> Text {
        let (numbers, on) = (&self.request.numbers, self.on);
        let due = self.due.validities.join("・");
        t(
            format!("{numbers}の{on}の資格有効性は{due}"),
            format!(
                "Validity of {numbers} on {on}: {}.",
                self.due.validities.join(" or ")
            ),
        )
    }

    pub fn quotes(&self) -> Vec<Quote> {
        let asked = format!("{} {}", self.request.numbers, self.on);
        let mut quotes = vec![q(self.question.seq, "POST /v1/number-confirmations", asked)];
        match self.reply() {
            Reply::Confirms(seq, outcome) | Reply::Refuses(seq, outcome) => {
                quotes.extend(quoted(seq, outcome));
            }
            Reply::Error(seq, status, name) => {
                quotes.push(q(seq, "HTTP", format!("{status} {name}")))
            }
            Reply::Broken(seq, error) => quotes.push(q(seq, "HTTP", error.to_string())),
            Reply::Nothing => {}
        }
        quotes
    }

    pub fn actual(&self) -> Text {
        match self.reply() {
            Reply::Confirms(_, outcome) | Reply::Refuses(_, outcome) => described(outcome),
            Reply::Error(_, status, name) => t(
                format!("HTTP {status}（{name}）を返した"),
                format!("It answered HTTP {status} ({name})."),
            ),
            Reply::Broken(_, error) => t(
                format!("応答を読み取れない（{error}）"),
                format!("Its answer is no message of this interface ({error})."),
            ),
            Reply::Nothing => t("応答がなかった", "It gave no answer."),
        }
    }

    /// Speaks when the answer cannot be judged: entries kept back, no answer, or no readable one.
    pub fn unjudged(&self, case: &Case, say: Speaker<'_>, expected: &Text) -> Option<Finding> {
        let (at, seq) = (self.question.at, self.question.seq);
        let kept = self
            .due
            .person
            .and_then(|p| delivery::entries(case, p, at, seq));
        if let Some((role, why)) = kept {
            return Some(say.unclear(role, expected.clone(), why, self.quotes()));
        }
        match self.reply() {
            Reply::Nothing => {
                let fault =
                    case.facts
                        .troubled(&SERVER_HOUSES, at, *case.times.last().unwrap_or(&at));
                let role = if fault { "bed" } else { SERVER };
                Some(say.unclear(role, expected.clone(), self.actual(), self.quotes()))
            }
            Reply::Broken(..) => Some(say.fail(
                expected.clone(),
                self.actual(),
                mend_message(),
                self.quotes(),
            )),
            _ => None,
        }
    }

    /// Passes or fails by a condition, unless nothing can be judged.
    pub fn decide(
        &self,
        case: &Case,
        say: Speaker<'_>,
        expected: Text,
        wrong: Option<Text>,
        advice: Text,
    ) -> Finding {
        if let Some(finding) = self.unjudged(case, say, &expected) {
            return finding;
        }
        let holds = wrong.is_none();
        let actual = wrong.unwrap_or_else(|| self.actual());
        say.decide(holds, expected, actual, advice, self.quotes())
    }
}
