//! Confirmation by number (資格確認要求, OQS-IF-001/002): the rules decide on the number and the asked day;
//! out goes the qualification of that number and of no other, limit data only when the document says the
//! patient agreed (ELIG-07). What the card or its certificate is worth plays no part (LIFE-08).
//! Values that cannot be used are answered with ProcessingResultStatus 2.

use identifiers::{FacilityCode, LinkNumber};
use rules::number::{Insured, NumberAnswer, NumberQuestion};
use rules::{Date, InsuredKey, MedicalOutcome, Qualification};
use wire::face_file::Charset;
use wire::request::QualificationRequest;
use wire::result::{EligibilityResult, PersonBlock};
use world::http::{Answer, Asked};

use crate::answer::person;
use crate::conduct::Conduct;
use crate::entry::{Entry, Wrong, history, wrong};
use crate::house::Server;
use crate::refused::Refused;
use crate::store::{Inquiry, Store, StoreError};
use crate::xml_request::{self, DONE, ERROR, NORMAL, UTF_8, bare_day, moment};

/// 被保険者証情報 (OQSCD002).
const BY_NUMBER: &str = "2";
const LIMIT_FLAG: &str = "LimitApplicationCertificateRelatedConsFlg";
const LIMIT_TIME: &str = "LimitApplicationCertificateRelatedConsTime";
const LIMIT: &str = "LimitApplicationCertificateRelatedInfo";

/// Somebody who may have the number that is asked about.
pub(crate) struct Candidate {
    pub(crate) link: LinkNumber,
    pub(crate) entries: Vec<Entry>,
}

/// Everybody who has, or had, the number, in a steady order.
pub(crate) fn candidates(store: &Store, key: &InsuredKey) -> Result<Vec<Candidate>, StoreError> {
    let links = store.people_with(&key.insurer, &key.number)?;
    let read = |link: LinkNumber| {
        Ok(Candidate {
            entries: store.entries(&link)?,
            link,
        })
    };
    links.into_iter().map(read).collect()
}

/// What the rules make of it. A person without entries has no birth date and no number.
pub(crate) fn found(
    question: &NumberQuestion,
    candidates: &[Candidate],
    conduct: &dyn Conduct,
) -> NumberAnswer {
    let people: Vec<Insured> = candidates
        .iter()
        .map(|one| Insured {
            // The birth date is the person's, so the entry that came last has the best word on it.
            birthdate: one
                .entries
                .last()
                .map_or(Date::MIN, |entry| entry.birthdate),
            history: conduct.history(history(&one.entries)),
        })
        .collect();
    rules::by_number(question, &people)
}

/// A question about a number as it stands on a day.
pub(crate) fn question(key: InsuredKey, birthdate: Option<Date>, day: Date) -> NumberQuestion {
    NumberQuestion {
        insurer: key.insurer,
        symbol: key.symbol,
        number: key.number,
        branch: key.branch,
        birthdate,
        day,
    }
}

/// The question a document asks, checked.
struct Checked {
    key: InsuredKey,
    birthdate: Date,
    day: Date,
    limit_agreed: bool,
}

/// What goes out.
struct Settled {
    answer: NumberAnswer,
    refused: Option<(String, String)>,
    blocks: Vec<PersonBlock>,
}

/// Answers a request for confirmation by number.
pub(crate) async fn answer(
    server: &Server,
    facility: &FacilityCode,
    asked: &Asked,
) -> Result<Answer, Refused> {
    let request = xml_request::read(asked, facility, QualificationRequest::from_bytes, |one| {
        &one.medical_institution_code
    })?;
    let now = server.clock.civil();
    let checked = check(&request, now.date());
    let settled = match &checked {
        Ok(checked) => server.settle_number(facility, &request, checked)?,
        Err(wrong) => server.refuse_number(facility, wrong)?,
    };
    let asked_day = checked.map_or_else(
        |_| request.qualification_confirmation_date.clone(),
        |checked| bare_day(checked.day),
    );
    let (status, validity) = match settled.refused {
        Some(_) => (ERROR, ""),
        None => (NORMAL, settled.answer.validity()),
    };
    let message = settled.answer.message().to_owned();
    let confirmed = rules::Outcome::Confirmed.code(&server.profile).to_owned();
    let (code, message) = settled.refused.unwrap_or((confirmed, message));
    let result = EligibilityResult {
        process_execution_time: moment(server.executed()),
        qualification_confirmation_date: asked_day,
        medical_institution_code: facility.as_str().to_owned(),
        arbitrary_file_identifier: request.arbitrary_file_identifier,
        reference_classification: BY_NUMBER.to_owned(),
        segment_of_result: DONE.to_owned(),
        character_code_identifier: UTF_8.to_owned(),
        processing_result_status: status.to_owned(),
        processing_result_code: code,
        processing_result_message: message,
        qualification_validity: validity.to_owned(),
        results: settled.blocks,
        search: Some(request.search),
        ..EligibilityResult::default()
    };
    Ok(xml_request::document(
        result.to_xml(Charset::Utf8).into_bytes(),
    ))
}

fn check(request: &QualificationRequest, today: Date) -> Result<Checked, Wrong> {
    let search = &request.search;
    let asked = match request.qualification_confirmation_date.as_str() {
        "" => today,
        text => xml_request::day("qualification-confirmation-date", text)?,
    };
    if asked > today {
        return Err(wrong(
            "qualification-confirmation-date",
            "資格確認日が先の日付です。本日又は過去の日付で照会してください。",
            "the asked day lies ahead: ask for today or a day past",
        ));
    }
    let limit_agreed = match search.limit_consent.as_str() {
        "1" => true,
        "0" | "" => false,
        _ => {
            return Err(wrong(
                "limit-consent",
                "限度額適用認定証提供同意フラグは0又は1でなければなりません。",
                "the flag of consent to limit data must be 0 or 1",
            ));
        }
    };
    Ok(Checked {
        key: xml_request::insured_key(&search.insured)?,
        birthdate: xml_request::day("birthdate", &search.birthdate)?,
        day: asked,
        limit_agreed,
    })
}

impl Server {
    fn settle_number(
        &self,
        facility: &FacilityCode,
        request: &QualificationRequest,
        checked: &Checked,
    ) -> Result<Settled, Refused> {
        let store = self.store();
        let people = candidates(&store, &checked.key)?;
        let answer = self.decide_number(checked, &people);
        let whose = answer.person().and_then(|at| people.get(at));
        let blocked = match whose {
            Some(one) => self.blocked(&store, &one.link)?,
            None => None,
        };
        let outcome = match &blocked {
            Some((code, _)) => code,
            None => answer.validity(),
        };
        store.record_inquiry(&Inquiry {
            at: &self.clock.rfc3339(),
            facility,
            kind: "qualification",
            link: whose.map(|one| &one.link),
            outcome,
        })?;
        let mut blocks = Vec::new();
        if let (Some(one), None) = (whose, &blocked) {
            let references = self.reference_numbers(&store, &one.link, facility)?;
            for qualification in self.shown(&answer) {
                let mut block = person(qualification, &one.entries, &*self.conduct);
                self.limit(&mut block, checked.limit_agreed);
                for number in &references {
                    block.put("ReferenceNumber", number.as_str());
                }
                let identifier = request.search.arbitrary_identifier.as_str();
                block.put("ArbitraryIdentifier", identifier);
                blocks.push(block);
            }
        }
        Ok(Settled {
            answer,
            refused: blocked,
            blocks,
        })
    }

    fn refuse_number(&self, facility: &FacilityCode, wrong: &Wrong) -> Result<Settled, Refused> {
        let code = self.profile.medical_code(MedicalOutcome::BadRequest);
        self.store().record_inquiry(&Inquiry {
            at: &self.clock.rfc3339(),
            facility,
            kind: "qualification",
            link: None,
            outcome: code,
        })?;
        Ok(Settled {
            answer: NumberAnswer::Nobody,
            refused: Some((code.to_owned(), wrong.ja.clone())),
            blocks: Vec::new(),
        })
    }

    fn decide_number(&self, checked: &Checked, people: &[Candidate]) -> NumberAnswer {
        let today = self.clock.today();
        let day = self.conduct.asked_day(checked.day, today);
        let question = question(checked.key.clone(), Some(checked.birthdate), day);
        let answer = self
            .conduct
            .by_number(found(&question, people, &*self.conduct));
        let NumberAnswer::Several(several) = &answer else {
            return answer;
        };
        match several.first() {
            Some(first) if self.conduct.matches_without_branch_first() => {
                let only = people.get(*first..=*first).unwrap_or_default();
                at_place(found(&question, only, &*self.conduct), *first)
            }
            _ => answer,
        }
    }

    /// The reference never comes to this: a certificate's end is not the insurance's.
    fn blocked(
        &self,
        store: &Store,
        link: &LinkNumber,
    ) -> Result<Option<(String, String)>, StoreError> {
        if !self.conduct.certificate_expiry_blocks_number() {
            return Ok(None);
        }
        let last_day = store.last_day_of_certificates(link)?;
        let expired = last_day.is_some_and(|day| day < self.clock.today());
        let outcome = rules::Outcome::CertificateExpired;
        Ok(expired.then(|| {
            let words = "電子証明書の有効期限が切れています。";
            (outcome.code(&self.profile).to_owned(), words.to_owned())
        }))
    }

    fn shown<'a>(&self, answer: &'a NumberAnswer) -> Vec<&'a Qualification> {
        let newer = match answer {
            NumberAnswer::LostWithNewer { newer, .. } => Some(newer),
            _ => None,
        };
        let newer = newer.filter(|_| self.conduct.discloses_new_qualification());
        newer.into_iter().chain(answer.qualification()).collect()
    }

    /// Consent to limit data, and the data only with it.
    fn limit(&self, block: &mut PersonBlock, agreed: bool) {
        if agreed {
            block.put(LIMIT_TIME, moment(self.clock.civil()));
        }
        block.put(LIMIT_FLAG, if agreed { "1" } else { "0" });
        if !agreed && !self.conduct.gives_limit_without_consent() {
            block.remove(LIMIT);
        }
    }
}

/// The same answer, about the person at another place.
fn at_place(answer: NumberAnswer, place: usize) -> NumberAnswer {
    match answer {
        NumberAnswer::Valid { qualification, .. } => NumberAnswer::Valid {
            person: place,
            qualification,
        },
        NumberAnswer::Lost { qualification, .. } => NumberAnswer::Lost {
            person: place,
            qualification,
        },
        NumberAnswer::LostWithNewer {
            qualification,
            newer,
            ..
        } => NumberAnswer::LostWithNewer {
            person: place,
            qualification,
            newer,
        },
        other => other,
    }
}
