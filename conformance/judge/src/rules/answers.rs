//! Every answer about somebody's qualification, by card and by number, with whether it is the one the
//! whole history makes due. INS-02, INS-03, INS-04 and SEC-04 look at the same answers for different reasons.

use super::common::{Asked, Reply, SERVER, asked};
use super::delivery::{self, Kept};
use super::numbered::{Numbered, numbered};
use crate::calendar::{Day, Instant};
use crate::case::Case;
use crate::expect::{self, Due};
use crate::finding::t;
use crate::{Finding, Quote, Text};

/// An answer and what was due.
pub(crate) struct Answer {
    /// Record of the question.
    pub seq: u32,
    /// When it was asked.
    pub at: Instant,
    /// The person it is about.
    pub person: String,
    /// Day it is about.
    pub on: Day,
    pub expected: Text,
    /// Set when it is not what was due.
    pub wrong: bool,
    pub actual: Text,
    pub quotes: Vec<Quote>,
    /// Who kept back what it rests on.
    pub kept: Option<Kept>,
    /// False when no readable answer came.
    pub answered: bool,
}

/// All of them, in order.
pub(crate) fn answers(case: &Case) -> Vec<Answer> {
    let by_card = asked(case).filter_map(|a| card(case, &a));
    let by_number = numbered(case).filter_map(|n| number(case, &n));
    let mut all: Vec<Answer> = by_card.chain(by_number).collect();
    all.sort_by_key(|a| a.seq);
    all
}

fn card(case: &Case, asked: &Asked<'_>) -> Option<Answer> {
    let due = asked.expected.due();
    let at = asked.confirmation.at;
    if !due.confirms() && due != Due::NoQualification {
        return None;
    }
    let qualified = asked.expected.qualification.as_ref();
    let expected = match qualified {
        Some(q) if q.valid => t(
            format!("{}の資格は{}", at.day, q.numbers),
            format!("On {} the qualification is {}.", at.day, q.numbers),
        ),
        Some(q) => t(
            format!(
                "{}には資格がなく、最後の{}は喪失している",
                at.day, q.numbers
            ),
            format!(
                "On {} none holds; the last, {}, is lost.",
                at.day, q.numbers
            ),
        ),
        None => t("資格の情報はない", "There is no qualification."),
    };
    let right = match (asked.reply(), qualified) {
        (Reply::Confirms(_, outcome), Some(q)) => {
            let validity = if q.valid { "1" } else { "2" };
            outcome.validity.as_deref() == Some(validity)
                && outcome.persons.iter().all(|p| q.allows(&p.numbers))
        }
        (Reply::Refuses(..), None) => true,
        _ => false,
    };
    Some(Answer {
        seq: asked.confirmation.seq,
        at,
        person: asked.card.holder.clone(),
        on: at.day,
        expected,
        wrong: !right,
        actual: asked.actual(),
        quotes: asked.quotes(),
        kept: delivery::undelivered(case, asked),
        answered: !matches!(asked.reply(), Reply::Nothing | Reply::Broken(..)),
    })
}

fn number(case: &Case, asked: &Numbered<'_>) -> Option<Answer> {
    let (at, seq) = (asked.question.at, asked.question.seq);
    // Whose the number will be, for questions asked before its insurer had spoken.
    let ever = *case.times.last()?;
    let later = expect::owners(&case.facts, &asked.request.numbers, None, ever.max(at));
    let person = asked.due.person.or_else(|| later.first().copied())?;
    let right = match asked.reply() {
        Reply::Confirms(..) | Reply::Refuses(..) => asked.valid(),
        _ => false,
    };
    Some(Answer {
        seq,
        at,
        person: person.to_owned(),
        on: asked.on,
        expected: asked.expected(),
        wrong: !right,
        actual: asked.actual(),
        quotes: asked.quotes(),
        kept: delivery::entries(case, person, at, seq),
        answered: !matches!(asked.reply(), Reply::Nothing | Reply::Broken(..)),
    })
}

impl Answer {
    /// What a rule says of it.
    pub fn finding(self, case: &Case, requirement: &'static str, advice: Text) -> Option<Finding> {
        let say = case.of(requirement, SERVER);
        if let Some((role, why)) = self.kept {
            return Some(say.unclear(role, self.expected, why, self.quotes));
        }
        self.answered
            .then(|| say.decide(!self.wrong, self.expected, self.actual, advice, self.quotes))
    }
}
