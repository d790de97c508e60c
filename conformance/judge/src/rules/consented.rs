//! What rules about consent share: whether a result's consent flags are those the patient chose and that
//! count.

use super::common::Asked;
use crate::Text;
use crate::decode::result::Outcome;
use crate::expect::Due;
use crate::finding::t;

/// Flags of a person block and the position of their consent in operation, treatment, drug, checkup.
pub(crate) const FLAGS: [(&str, usize); 4] = [
    ("OperationInfo", 0),
    ("DiagnosisInfo", 1),
    ("PharmacistsInfo", 2),
    ("SpecificHealthCheckupsInfo", 3),
];

/// Consents that count in a confirmation: as asked, none in the grace.
pub(crate) fn counting(asked: &Asked<'_>) -> [bool; 4] {
    let due = asked.expected.due();
    match &asked.confirmation.request {
        Ok(request) if due.confirms() && due != Due::ExpiredGrace => request.consents,
        _ => [false; 4],
    }
}

/// The first consent flag that is not what was chosen.
pub(crate) fn wrong_flags(asked: &Asked<'_>, outcome: &Outcome) -> Option<Text> {
    let counting = counting(asked);
    outcome.persons.iter().find_map(|person| {
        FLAGS.iter().find_map(|(kind, place)| {
            let name = format!("{kind}ConsFlg");
            let found = person.text(&name);
            let given = !found.is_empty() && found != "0";
            (given != counting[*place] || (given && found != "1")).then(|| {
                let due = u8::from(counting[*place]);
                t(
                    format!("{name}は{due}のはずが「{found}」"),
                    format!("{name} should be {due} and is \"{found}\"."),
                )
            })
        })
    })
}
