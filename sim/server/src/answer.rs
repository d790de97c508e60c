//! The result document (資格確認結果) of a decision: header, processing result, and for an answered
//! confirmation one person block, its elements in the layout's order (facts/eligibility.md 2.1).

use jiff::civil::DateTime;
use rules::{Date, Decision, Qualification};
use wire::registration::Benefits;
use wire::result::{EligibilityResult, PersonBlock};

use crate::conduct::Conduct;
use crate::consent::ConsentKind;
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
    /// The consents that count, and until when.
    pub(crate) consents: &'a [ConsentKind],
    pub(crate) until_ms: i64,
    pub(crate) entries: &'a [Entry],
    /// The facility's own numbers for the person (照会番号).
    pub(crate) references: &'a [String],
}

/// Puts the answer together; `code` is the profile's for the outcome, `now_ms` the clock's.
pub(crate) fn result(
    decision: &Decision,
    code: &str,
    given: &Given<'_>,
    conduct: &dyn Conduct,
    now_ms: i64,
) -> EligibilityResult {
    let now = world::clock::civil(now_ms);
    let block = decision
        .qualification
        .as_ref()
        .filter(|_| decision.outcome.answered())
        .map(|qualification| {
            let mut block = person(qualification, given.entries, conduct);
            consents(&mut block, given, now);
            for number in given.references {
                block.put("ReferenceNumber", number.as_str());
            }
            block
        });
    EligibilityResult {
        process_execution_time: moment(world::clock::civil(conduct.executed_ms(now_ms))),
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
        ..EligibilityResult::default()
    }
}

/// The person block of a qualification, with the words of the newest entry about it.
pub(crate) fn person(
    qualification: &Qualification,
    entries: &[Entry],
    conduct: &dyn Conduct,
) -> PersonBlock {
    let key = &qualification.key;
    // Of several entries that say the same gain, the one that came last has the newest words.
    let words = entries
        .iter()
        .rfind(|entry| entry.key == *key && entry.said == Said::Gain(qualification.gained_on));
    let entered = words.map(|entry| entry.text.benefits.clone());
    let benefits = &conduct.benefits(entered.unwrap_or_default());
    let mut block = PersonBlock::default();
    let classification = benefits.card_classification.as_deref();
    block.put(
        "InsuredCardClassification",
        classification.unwrap_or(ORDINARY_CARD),
    );
    block.put("InsurerNumber", key.insurer.as_str());
    let symbol = key.symbol.as_ref().map_or("", |symbol| symbol.as_str());
    block.put("InsuredCardSymbol", symbol);
    block.put("InsuredIdentificationNumber", key.number.as_str());
    let branch = key.branch.as_ref().map_or("", |branch| branch.as_str());
    block.put("InsuredBranchNumber", branch);
    if let Some(entry) = words {
        let text = &entry.text;
        block.put("PersonalFamilyClassification", &text.relationship);
        block.put("Name", &text.name);
        put_some(&mut block, "NameOfOther", benefits.name_of_other.as_ref());
        block.put("NameKana", &text.name_kana);
        block.put("Sex1", &text.sex);
        block.put("Birthdate", day(entry.birthdate));
        put_some(&mut block, "Address", benefits.address.as_ref());
    }
    block.put("QualificationDate", day(qualification.gained_on));
    if let Some(loss) = qualification.lost {
        block.put("DisqualificationDate", day(loss.on));
    }
    let ratio = benefits.contribution_ratio.as_ref();
    put_some(&mut block, "InsuredPartialContributionRatio", ratio);
    if let Some(loss) = qualification.lost {
        block.put("ReasonOfLoss", loss.reason.code());
    }
    if let Some(entry) = words {
        block.put("InsurerName", &entry.text.insurer_name);
    }
    certificates(&mut block, benefits);
    block
}

fn certificates(block: &mut PersonBlock, benefits: &Benefits) {
    if let Some(elderly) = &benefits.elderly {
        let mut put = |name: &str, value: String| {
            block.put_path(&["ElderlyRecipientCertificateInfo", name], value);
        };
        put("ElderlyRecipientValidStartDate", bare(&elderly.from));
        put("ElderlyRecipientValidEndDate", bare(&elderly.to));
        put("ElderlyRecipientContributionRatio", elderly.ratio.clone());
    }
    if let Some(limit) = &benefits.limit {
        let mut put = |name: &str, value: String| {
            let name = format!("LimitApplicationCertificate{name}");
            block.put_path(&["LimitApplicationCertificateRelatedInfo", &name], value);
        };
        put("Classification", limit.classification.clone());
        put("ClassificationFlag", limit.class.clone());
        put("ValidStartDate", bare(&limit.from));
        put("ValidEndDate", bare(&limit.to));
    }
}

fn put_some(block: &mut PersonBlock, name: &str, value: Option<&String>) {
    block.put(name, value.cloned().unwrap_or_default());
}

/// A checked day without its hyphens.
fn bare(day: &str) -> String {
    day.replace('-', "")
}

/// The four consents (OQSCD016). One that does not count is 0 and has no times.
fn consents(block: &mut PersonBlock, given: &Given<'_>, now: DateTime) {
    let until = world::clock::civil(given.until_ms);
    for kind in ConsentKind::ALL {
        let holds = given.consents.contains(&kind);
        let element = kind.element();
        block.put(&format!("{element}ConsFlg"), if holds { "1" } else { "0" });
        if holds {
            block.put(&format!("{element}ConsTime"), moment(now));
            block.put(&format!("{element}AvailableTime"), moment(until));
        }
    }
}

fn day(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

fn moment(time: DateTime) -> String {
    time.strftime("%Y%m%d%H%M%S").to_string()
}
