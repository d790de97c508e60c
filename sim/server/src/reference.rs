//! Registration of a clinic's own number for a person (照会番号登録, OQS-IF-003/004). It comes back with
//! every later result at that clinic and only there (ELIG-16). It hangs on the person, so it outlives
//! cards, certificates and changes of insurer (facts/eligibility.md 8, case 54).

use identifiers::{FacilityCode, LinkNumber};
use rules::number::NumberAnswer;
use rules::{InsuredKey, MedicalOutcome};
use wire::face_file::Charset;
use wire::request::{
    LONGEST_REFERENCE_NUMBER, ReferenceNumberAnswer, ReferenceNumberInfo, ReferenceNumberRequest,
};
use world::http::{Answer, Asked};

use crate::by_number::{candidates, found, question};
use crate::entry::{Wrong, wrong};
use crate::house::Server;
use crate::refused::Refused;
use crate::store::{Inquiry, Store, StoreError};
use crate::xml_request::{self, DONE, ERROR, NORMAL, UTF_8, moment};

const DONE_WORDS: &str = "照会番号を登録しました。";

/// Answers a request to register a 照会番号.
pub(crate) async fn answer(
    server: &Server,
    facility: &FacilityCode,
    asked: &Asked,
) -> Result<Answer, Refused> {
    let request = xml_request::read(asked, facility, ReferenceNumberRequest::from_bytes, |one| {
        &one.medical_institution_code
    })?;
    let settled = server.register_reference(facility, &request.info)?;
    let (status, code, message) = match settled {
        Ok(()) => (NORMAL, String::new(), DONE_WORDS.to_owned()),
        Err((outcome, message)) => {
            let code = server.profile.medical_code(outcome).to_owned();
            (ERROR, code, message)
        }
    };
    let answer = ReferenceNumberAnswer {
        process_execution_time: moment(server.executed()),
        medical_institution_code: facility.as_str().to_owned(),
        arbitrary_file_identifier: request.arbitrary_file_identifier,
        segment_of_result: DONE.to_owned(),
        character_code_identifier: UTF_8.to_owned(),
        processing_result_status: status.to_owned(),
        processing_result_code: code,
        processing_result_message: message,
        info: request.info,
    };
    let bytes = answer.to_bytes(Charset::Utf8);
    bytes
        .map(xml_request::document)
        .map_err(|e| Refused::Xml(e.to_string()))
}

/// How a request that registered nothing ended, and what its sender reads.
type NotRegistered = (MedicalOutcome, String);

impl Server {
    fn register_reference(
        &self,
        facility: &FacilityCode,
        info: &ReferenceNumberInfo,
    ) -> Result<Result<(), NotRegistered>, StoreError> {
        let store = self.store();
        let at = self.clock.rfc3339();
        let whose = match check(info) {
            Ok(key) => self.one_person(&store, key)?,
            Err(wrong) => Err((MedicalOutcome::BadRequest, wrong.ja)),
        };
        let outcome = match &whose {
            Ok(_) => MedicalOutcome::Given,
            Err((outcome, _)) => *outcome,
        };
        store.at_once(|| {
            if let Ok(link) = &whose {
                store.keep_reference_number(facility, link, &info.reference_number, &at)?;
            }
            store.record_inquiry(&Inquiry {
                at: &at,
                facility,
                kind: "reference-number",
                link: whose.as_ref().ok(),
                outcome: self.profile.medical_code(outcome),
            })
        })?;
        Ok(whose.map(drop))
    }

    /// The one person who has, or had, a number by today.
    pub(crate) fn one_person(
        &self,
        store: &Store,
        key: InsuredKey,
    ) -> Result<Result<LinkNumber, NotRegistered>, StoreError> {
        let people = candidates(store, &key)?;
        let answer = found(
            &question(key, None, self.clock.today()),
            &people,
            &*self.conduct,
        );
        let link = answer.person().and_then(|at| people.into_iter().nth(at));
        Ok(link.map(|one| one.link).ok_or_else(|| {
            let outcome = match answer {
                NumberAnswer::Several(_) => MedicalOutcome::BadRequest,
                _ => MedicalOutcome::UnknownNumber,
            };
            (outcome, answer.message().to_owned())
        }))
    }

    /// A person's numbers that go out to a clinic.
    pub(crate) fn reference_numbers(
        &self,
        store: &Store,
        link: &LinkNumber,
        facility: &FacilityCode,
    ) -> Result<Vec<String>, StoreError> {
        let all = store.reference_numbers(link)?;
        let ours = all.into_iter().filter(|one| {
            let own = one.facility == facility.as_str();
            self.conduct.shows_reference_number(own)
        });
        Ok(ours.map(|one| one.number).collect())
    }
}

fn check(info: &ReferenceNumberInfo) -> Result<InsuredKey, Wrong> {
    let number = &info.reference_number;
    let fits = !number.trim().is_empty()
        && number.chars().count() <= LONGEST_REFERENCE_NUMBER
        && !number.chars().any(char::is_control);
    if !fits {
        return Err(wrong(
            "reference-number",
            format!(
                "照会番号は1〜{LONGEST_REFERENCE_NUMBER}文字で、制御文字を含めずに送ってください。"
            ),
            format!("a reference number has 1 to {LONGEST_REFERENCE_NUMBER} characters"),
        ));
    }
    xml_request::insured_key(&info.insured)
}
