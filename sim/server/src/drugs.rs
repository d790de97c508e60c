//! Drug information (薬剤情報, YZK-IF-001/002), given only on the person's own consent at the asking
//! facility (CONS-01, CONS-02): without it, after its time, or with one given elsewhere, the answer is a
//! code and a word.

mod feed;

use std::collections::BTreeSet;

use identifiers::{FacilityCode, LinkNumber};
use rules::{InsuredKey, MedicalOutcome};
use wire::face_file::Charset;
use wire::registration::FedDrug;
use wire::request::{Drug, DrugAnswer, DrugDay, DrugMonth, DrugPerson, DrugRequest};
use world::http::{Answer, Asked};

pub(crate) use feed::feed;

use crate::consent::ConsentKind;
use crate::entry::{Entry, Wrong, wrong};
use crate::house::Server;
use crate::refused::Refused;
use crate::store::{Inquiry, Store, StoreError};
use crate::xml_request::{self, bare_day};

/// XML, drugs without treatment; the other categories are PDF or need consent to treatment.
const XML_DRUGS: &str = "2";
/// 外来 (OQSCD028).
const OUTPATIENT: &str = "1";

/// What is known of a person's consent to drug information at the asking facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrugConsent {
    /// Given here, and its time has not run out.
    Holds,
    /// Given here, and over.
    Over,
    /// Not given here, or withdrawn; but some other facility has one.
    Elsewhere,
    /// Given nowhere, or withdrawn.
    Never,
}

/// Months asked about, `YYYY-MM`.
struct Months {
    first: String,
    last: String,
}

/// Answers a request for drug information.
pub(crate) async fn answer(
    server: &Server,
    facility: &FacilityCode,
    asked: &Asked,
) -> Result<Answer, Refused> {
    let request = xml_request::read(asked, facility, DrugRequest::from_bytes, |one| {
        &one.medical_institution_code
    })?;
    let answer = server.drug_information(facility, &request)?;
    let bytes = answer.to_bytes(Charset::Utf8);
    bytes
        .map(xml_request::document)
        .map_err(|e| Refused::Xml(e.to_string()))
}

impl Server {
    fn drug_information(
        &self,
        facility: &FacilityCode,
        request: &DrugRequest,
    ) -> Result<DrugAnswer, StoreError> {
        let store = self.store();
        let (link, ended) = match check(request) {
            Err(wrong) => (None, Err((MedicalOutcome::BadRequest, wrong.ja))),
            Ok((key, months)) => match self.one_person(&store, key)? {
                Err(refused) => (None, Err(refused)),
                Ok(link) => {
                    let outcome = outcome(self.drug_consent(&store, &link, facility)?);
                    let ended = match outcome {
                        MedicalOutcome::Given => Ok(months),
                        refused => Err((refused, words(refused).to_owned())),
                    };
                    (Some(link), ended)
                }
            },
        };
        let outcome = ended
            .as_ref()
            .map_or_else(|(outcome, _)| *outcome, |_| MedicalOutcome::Given);
        let code = self.profile.medical_code(outcome);
        store.record_inquiry(&Inquiry {
            at: &self.clock.rfc3339(),
            facility,
            kind: "drugs",
            link: link.as_ref(),
            outcome: code,
        })?;
        let mut answer = DrugAnswer {
            result_code: code.to_owned(),
            ..DrugAnswer::default()
        };
        match (ended, link) {
            (Ok(months), Some(link)) => fill(&mut answer, &store, &link, &months)?,
            (Err((_, message)), _) => answer.message_contents = message,
            (Ok(_), None) => {}
        }
        Ok(answer)
    }

    fn drug_consent(
        &self,
        store: &Store,
        link: &LinkNumber,
        facility: &FacilityCode,
    ) -> Result<DrugConsent, StoreError> {
        let here = store.consent(link, facility, ConsentKind::Drug)?;
        let found = match here {
            Some(consent) if self.clock.now_ms() < consent.until_ms => DrugConsent::Holds,
            Some(_) => DrugConsent::Over,
            None if store.consented_anywhere(link, ConsentKind::Drug)? => DrugConsent::Elsewhere,
            None => DrugConsent::Never,
        };
        Ok(self.conduct.drug_consent(found))
    }
}

const fn outcome(consent: DrugConsent) -> MedicalOutcome {
    match consent {
        DrugConsent::Holds => MedicalOutcome::Given,
        DrugConsent::Over => MedicalOutcome::ConsentExpired,
        DrugConsent::Elsewhere | DrugConsent::Never => MedicalOutcome::NoConsent,
    }
}

const fn words(outcome: MedicalOutcome) -> &'static str {
    match outcome {
        MedicalOutcome::ConsentExpired => {
            "薬剤情報の閲覧同意の有効期限が過ぎています。マイナンバーカードでもう一度同意を得てください。"
        }
        _ => {
            "この医療機関での薬剤情報の閲覧同意がありません。マイナンバーカードで同意を得てください。"
        }
    }
}

/// Drugs under every number the person has, or had: a change of insurer takes none away.
fn fill(
    answer: &mut DrugAnswer,
    store: &Store,
    link: &LinkNumber,
    months: &Months,
) -> Result<(), StoreError> {
    let entries = store.entries(link)?;
    answer.person = entries.last().map(person);
    let keys: BTreeSet<&InsuredKey> = entries.iter().map(|entry| &entry.key).collect();
    let mut drugs = Vec::new();
    for key in keys {
        drugs.extend(store.drugs(key, &months.first, &months.last)?);
    }
    drugs.sort_by(|one, other| {
        (&one.month, &one.dispensed_on).cmp(&(&other.month, &other.dispensed_on))
    });
    for drug in &drugs {
        add(&mut answer.months, drug);
    }
    Ok(())
}

fn person(entry: &Entry) -> DrugPerson {
    DrugPerson {
        name: entry.text.name.clone(),
        kana: entry.text.name_kana.clone(),
        birth: bare_day(entry.birthdate),
        gender: entry.text.sex.clone(),
    }
}

/// Puts a drug behind the ones before it; they come in the order of months and days.
fn add(months: &mut Vec<DrugMonth>, drug: &FedDrug) {
    let month = bare(&drug.month);
    if months.last().is_none_or(|last| last.month != month) {
        months.push(DrugMonth {
            month,
            days: Vec::new(),
        });
    }
    let Some(month) = months.last_mut() else {
        return;
    };
    let day = bare(&drug.dispensed_on);
    if month.days.last().is_none_or(|last| last.day != day) {
        month.days.push(DrugDay {
            day,
            drugs: Vec::new(),
        });
    }
    if let Some(day) = month.days.last_mut() {
        day.drugs.push(Drug {
            code: drug.drug_code.clone(),
            name: drug.drug_name.clone(),
            quantity: drug.quantity.clone(),
            unit: drug.unit.clone(),
            usage: drug.usage.clone(),
        });
    }
}

/// A checked month or day without its hyphens.
fn bare(day: &str) -> String {
    day.replace('-', "")
}

fn check(request: &DrugRequest) -> Result<(InsuredKey, Months), Wrong> {
    let key = xml_request::insured_key(&request.insured)?;
    let months = Months {
        first: month("start-date", &request.start_month)?,
        last: month("end-date", &request.end_month)?,
    };
    if months.last < months.first {
        return Err(wrong(
            "end-date",
            "終了年月が開始年月より前です。期間を確かめてください。",
            "the last month lies before the first: check the period",
        ));
    }
    if request.file_category != XML_DRUGS {
        return Err(wrong(
            "file-category",
            "ファイル区分は2（薬剤情報のXML）だけを受け付けます。",
            "only file category 2, drugs as XML, is served",
        ));
    }
    if !["", OUTPATIENT].contains(&&*request.treatment) {
        return Err(wrong(
            "medical-treatment-flag",
            "診療区分は1（外来）だけを受け付けます。",
            "only treatment flag 1, outpatient, is served",
        ));
    }
    Ok((key, months))
}

/// `yyyyMM` as `YYYY-MM`.
fn month(field: &'static str, text: &str) -> Result<String, Wrong> {
    let wrong = || {
        wrong(
            field,
            format!("{field}はyyyyMMの形の実在する年月でなければなりません。"),
            format!("{field} must be a month that exists, as yyyyMM"),
        )
    };
    let first = xml_request::day(field, &format!("{text}01")).map_err(|_| wrong())?;
    Ok(first.strftime("%Y-%m").to_string())
}
