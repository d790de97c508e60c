//! The result document (資格確認結果) of a decision: header, processing result, and for an answered
//! confirmation one person block, its elements in the layout's order (facts/eligibility.md 2.1).

use jiff::civil::DateTime;
use rules::{Date, Decision, Qualification};
use wire::reader::Consents;
use wire::result::{EligibilityResult, PersonBlock};

use crate::entry::{Entry, Said};

/// 一般 (OQSCD010).
const ORDINARY_CARD: &str = "01";
/// マイナンバーカード (OQSCD002).
const BY_CARD: &str = "1";
/// 正常終了 (OQSCD003).
const DONE: &str = "1";
/// UTF-8 (OQSCD005).
const UTF_8: &str = "0";

/// What the answer is made of beside the decision.
pub(crate) struct Given<'a> {
    pub(crate) facility: &'a str,
    pub(crate) consents: &'a Consents,
    pub(crate) entries: &'a [Entry],
}

/// Puts the answer together; `code` is the profile's for the outcome, `now_ms` the clock's.
pub(crate) fn result(
    decision: &Decision,
    code: &str,
    given: &Given<'_>,
    consent_hours: u32,
    now_ms: i64,
) -> EligibilityResult {
    let now = world::clock::civil(now_ms);
    let block = decision
        .qualification
        .as_ref()
        .filter(|_| decision.outcome.answered())
        .map(|qualification| {
            let mut block = person(qualification, given.entries);
            let until = world::clock::civil(now_ms + i64::from(consent_hours) * 3_600_000);
            let counts = decision.consents_honoured;
            consents(&mut block, given.consents, counts, now, until);
            block
        });
    EligibilityResult {
        process_execution_time: moment(now),
        qualification_confirmation_date: day(now.date()),
        medical_institution_code: given.facility.to_owned(),
        reference_classification: BY_CARD.to_owned(),
        segment_of_result: DONE.to_owned(),
        character_code_identifier: UTF_8.to_owned(),
        processing_result_status: decision.outcome.processing_status().to_owned(),
        processing_result_code: code.to_owned(),
        processing_result_message: decision.message.clone(),
        qualification_validity: decision
            .validity
            .map_or_else(String::new, |validity| validity.code().to_owned()),
        results: block.into_iter().collect(),
    }
}

fn person(qualification: &Qualification, entries: &[Entry]) -> PersonBlock {
    let key = &qualification.key;
    let mut block = PersonBlock::default();
    block.put("InsuredCardClassification", ORDINARY_CARD);
    block.put("InsurerNumber", key.insurer.as_str());
    let symbol = key.symbol.as_ref().map_or("", |symbol| symbol.as_str());
    block.put("InsuredCardSymbol", symbol);
    block.put("InsuredIdentificationNumber", key.number.as_str());
    let branch = key.branch.as_ref().map_or("", |branch| branch.as_str());
    block.put("InsuredBranchNumber", branch);
    // Of several entries that say the same gain, the one that came last has the newest words.
    let words = entries
        .iter()
        .rfind(|entry| entry.key == *key && entry.said == Said::Gain(qualification.gained_on));
    if let Some(entry) = words {
        block.put("PersonalFamilyClassification", &entry.text.relationship);
        block.put("Name", &entry.text.name);
        block.put("NameKana", &entry.text.name_kana);
        block.put("Sex1", &entry.text.sex);
        block.put("Birthdate", day(entry.birthdate));
    }
    block.put("QualificationDate", day(qualification.gained_on));
    if let Some(loss) = qualification.lost {
        block.put("DisqualificationDate", day(loss.on));
        block.put("ReasonOfLoss", loss.reason.code());
    }
    if let Some(entry) = words {
        block.put("InsurerName", &entry.text.insurer_name);
    }
    block
}

/// The four consents (OQSCD016). One that does not count is 0 and has no times.
fn consents(
    block: &mut PersonBlock,
    chosen: &Consents,
    counts: bool,
    given: DateTime,
    until: DateTime,
) {
    let kinds = [
        ("SpecificHealthCheckupsInfo", chosen.checkup),
        ("PharmacistsInfo", chosen.drug),
        ("DiagnosisInfo", chosen.treatment),
        ("OperationInfo", chosen.operation),
    ];
    for (kind, agreed) in kinds {
        let holds = agreed && counts;
        block.put(&format!("{kind}ConsFlg"), if holds { "1" } else { "0" });
        if holds {
            block.put(&format!("{kind}ConsTime"), moment(given));
            block.put(&format!("{kind}AvailableTime"), moment(until));
        }
    }
}

fn day(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

fn moment(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S").to_string()
}
