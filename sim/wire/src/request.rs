//! What a receipt computer asks through the folder `req/` and what comes back in `res/`: confirmation by
//! number (OQS-IF-001, answered by `result`), registration of a 照会番号 (OQS-IF-003/004) and drug
//! information (YZK-IF-001/002). Element names are those seen in the field (facts/eligibility.md 1.5);
//! where they stand is ours in the places so marked. Values travel as text and are not judged here.

use crate::eligibility::{DRUG_INFORMATION, NUMBER_CONFIRMATIONS, REFERENCE_NUMBERS};
use crate::face_file::{Charset, Unmappable};
use crate::registration::InsuredNumbers;
use crate::xml::{self, Element, XmlError};

/// Sub-folder of the shared folder that takes requests.
pub const REQUEST_FOLDER: &str = "req";
/// Sub-folder of the shared folder that takes answers.
pub const ANSWER_FOLDER: &str = "res";
/// Longest 照会番号, in characters.
pub const LONGEST_REFERENCE_NUMBER: usize = 50;

/// The three requests made through the folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Api {
    /// 資格確認要求.
    Qualification,
    /// 照会番号登録要求.
    ReferenceNumber,
    /// 薬剤情報要求.
    Drugs,
}

impl Api {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Qualification, Self::ReferenceNumber, Self::Drugs];

    /// How names of its request files begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Qualification => "OQSsiquc01req_",
            Self::ReferenceNumber => "OQSsiimm01req_",
            Self::Drugs => "YZKsiquc01req_",
        }
    }

    /// Path of the eligibility server that takes the request.
    pub const fn server_path(self) -> &'static str {
        match self {
            Self::Qualification => NUMBER_CONFIRMATIONS,
            Self::ReferenceNumber => REFERENCE_NUMBERS,
            Self::Drugs => DRUG_INFORMATION,
        }
    }

    /// Whose request a file is, by its name; none for a name that is no request's.
    pub fn of(request_name: &str) -> Option<Self> {
        let fits = |api: &Self| {
            let free = request_name.strip_prefix(api.prefix());
            free.and_then(|rest| rest.strip_suffix(".xml"))
                .is_some_and(|free| !free.is_empty())
        };
        Self::ALL.into_iter().find(fits)
    }
}

/// Name of a request file: prefix, day (`yyyyMMdd`), sequence of that day in four digits.
pub fn file_name(api: Api, day: &str, sequence: u32) -> String {
    format!("{}{day}{sequence:04}.xml", api.prefix())
}

/// Name of the answer's file: `req` becomes `res`. None for a name that is no request's.
pub fn answer_name(request_name: &str) -> Option<String> {
    let prefix = Api::of(request_name)?.prefix();
    let free = request_name.strip_prefix(prefix)?;
    Some(format!("{}{free}", prefix.replace("req_", "res_")))
}

/// `QualificationConfirmSearchInfo`: what is asked by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchInfo {
    /// InsurerNumber, InsuredCardSymbol, InsuredIdentificationNumber, InsuredBranchNumber.
    pub insured: InsuredNumbers,
    /// Birthdate, `yyyyMMdd`.
    pub birthdate: String,
    /// LimitApplicationCertificateRelatedConsFlg (OQSCD001): 1 when the patient agreed.
    pub limit_consent: String,
    /// ArbitraryIdentifier: the asker's own word for the person, echoed.
    pub arbitrary_identifier: String,
}

impl SearchInfo {
    pub(crate) fn element(&self) -> Element {
        insured(Element::new(SEARCH), &self.insured)
            .leaf("Birthdate", &self.birthdate)
            .leaf(LIMIT_CONSENT, &self.limit_consent)
            .leaf("ArbitraryIdentifier", &self.arbitrary_identifier)
    }

    pub(crate) fn read(element: &Element) -> Result<Self, XmlError> {
        Ok(Self {
            insured: insured_from(element)?,
            birthdate: element.value("Birthdate")?,
            limit_consent: element.value(LIMIT_CONSENT)?,
            arbitrary_identifier: element.value("ArbitraryIdentifier")?,
        })
    }
}

const SEARCH: &str = "QualificationConfirmSearchInfo";
const REGISTRATION: &str = "ReferenceNumberRegistrationInfo";
const LIMIT_CONSENT: &str = "LimitApplicationCertificateRelatedConsFlg";
/// Our placement (simulated interface): results echo the day in their header, and where requests carry it
/// is not public. Written in the header; read there and in the search information.
const ASKED_DAY: &str = "QualificationConfirmationDate";

/// Request for a confirmation by number (OQSsiquc01req, OQS-IF-001).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualificationRequest {
    /// MedicalInstitutionCode.
    pub medical_institution_code: String,
    /// ArbitraryFileIdentifier, may be empty.
    pub arbitrary_file_identifier: String,
    /// QualificationConfirmationDate, `yyyyMMdd`; the day of asking when empty.
    pub qualification_confirmation_date: String,
    /// What is asked.
    pub search: SearchInfo,
}

impl QualificationRequest {
    /// The document in a character set, declared. Names the first character it cannot carry.
    pub fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        let header = Element::header()
            .leaf("MedicalInstitutionCode", &self.medical_institution_code)
            .leaf("ArbitraryFileIdentifier", &self.arbitrary_file_identifier)
            .leaf(ASKED_DAY, &self.qualification_confirmation_date);
        let body = Element::body().group(self.search.element());
        Element::message(header, body).to_bytes(charset)
    }

    /// Reads a document by the encoding it declares; elements it does not know are passed over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, XmlError> {
        let (header, body) = xml::parts(bytes)?;
        let search = body.child(SEARCH)?.cloned();
        let search = search.unwrap_or_else(|| Element::new(SEARCH));
        let (above, below) = (header.value(ASKED_DAY)?, search.value(ASKED_DAY)?);
        if !above.is_empty() && !below.is_empty() && above != below {
            return Err(XmlError::Unexpected {
                expected: format!("one {ASKED_DAY}"),
                found: format!("{above} in the header and {below} in the search information"),
            });
        }
        Ok(Self {
            medical_institution_code: header.value("MedicalInstitutionCode")?,
            arbitrary_file_identifier: header.value("ArbitraryFileIdentifier")?,
            qualification_confirmation_date: if above.is_empty() { below } else { above },
            search: SearchInfo::read(&search)?,
        })
    }
}

/// `ReferenceNumberRegistrationInfo`: a clinic's own number for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceNumberInfo {
    /// ReferenceNumber, at most [`LONGEST_REFERENCE_NUMBER`] characters.
    pub reference_number: String,
    /// Whose it is. An InsurerNumber of six digits travels with two spaces in front.
    pub insured: InsuredNumbers,
}

impl ReferenceNumberInfo {
    fn element(&self) -> Element {
        let padded = InsuredNumbers {
            // An empty one stays out of the document.
            insurer_number: match self.insured.insurer_number.as_str() {
                "" => String::new(),
                number => format!("{number:>8}"),
            },
            ..self.insured.clone()
        };
        let info = Element::new(REGISTRATION);
        insured(
            info.leaf("ReferenceNumber", &self.reference_number),
            &padded,
        )
    }

    fn read(body: &Element) -> Result<Self, XmlError> {
        let info = body.child(REGISTRATION)?.cloned();
        let info = info.unwrap_or_else(|| Element::new(REGISTRATION));
        Ok(Self {
            reference_number: info.value("ReferenceNumber")?,
            insured: insured_from(&info)?,
        })
    }
}

/// Request to register a 照会番号 (OQSsiimm01req, OQS-IF-003).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceNumberRequest {
    /// MedicalInstitutionCode.
    pub medical_institution_code: String,
    /// ArbitraryFileIdentifier, may be empty.
    pub arbitrary_file_identifier: String,
    /// What is registered.
    pub info: ReferenceNumberInfo,
}

impl ReferenceNumberRequest {
    /// The document in a character set, declared. Names the first character it cannot carry.
    pub fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        let header = Element::header()
            .leaf("MedicalInstitutionCode", &self.medical_institution_code)
            .leaf("ArbitraryFileIdentifier", &self.arbitrary_file_identifier);
        let body = Element::body().group(self.info.element());
        Element::message(header, body).to_bytes(charset)
    }

    /// Reads a document by the encoding it declares; elements it does not know are passed over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, XmlError> {
        let (header, body) = xml::parts(bytes)?;
        Ok(Self {
            medical_institution_code: header.value("MedicalInstitutionCode")?,
            arbitrary_file_identifier: header.value("ArbitraryFileIdentifier")?,
            info: ReferenceNumberInfo::read(&body)?,
        })
    }
}

/// Answer to the registration of a 照会番号 (OQSsiimm01res, OQS-IF-004): processing result and echo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceNumberAnswer {
    /// ProcessExecutionTime, `yyyyMMddHHmmss`.
    pub process_execution_time: String,
    /// MedicalInstitutionCode.
    pub medical_institution_code: String,
    /// ArbitraryFileIdentifier, as the request had it.
    pub arbitrary_file_identifier: String,
    /// SegmentOfResult (OQSCD003): 1 done, 9 aborted.
    pub segment_of_result: String,
    /// CharacterCodeIdentifier (OQSCD005).
    pub character_code_identifier: String,
    /// ProcessingResultStatus (OQSCD004): 1 normal, 2 error.
    pub processing_result_status: String,
    /// ProcessingResultCode.
    pub processing_result_code: String,
    /// ProcessingResultMessage.
    pub processing_result_message: String,
    /// What was asked, echoed.
    pub info: ReferenceNumberInfo,
}

impl ReferenceNumberAnswer {
    /// The document in a character set, declared. Names the first character it cannot carry.
    pub fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        let header = Element::header()
            .leaf("ProcessExecutionTime", &self.process_execution_time)
            .leaf("MedicalInstitutionCode", &self.medical_institution_code)
            .leaf("ArbitraryFileIdentifier", &self.arbitrary_file_identifier)
            .leaf("SegmentOfResult", &self.segment_of_result)
            .leaf("CharacterCodeIdentifier", &self.character_code_identifier);
        let body = Element::body()
            .leaf("ProcessingResultStatus", &self.processing_result_status)
            .leaf("ProcessingResultCode", &self.processing_result_code)
            .leaf("ProcessingResultMessage", &self.processing_result_message)
            .group(self.info.element());
        Element::message(header, body).to_bytes(charset)
    }

    /// Reads a document by the encoding it declares; elements it does not know are passed over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, XmlError> {
        let (header, body) = xml::parts(bytes)?;
        Ok(Self {
            process_execution_time: header.value("ProcessExecutionTime")?,
            medical_institution_code: header.value("MedicalInstitutionCode")?,
            arbitrary_file_identifier: header.value("ArbitraryFileIdentifier")?,
            segment_of_result: header.value("SegmentOfResult")?,
            character_code_identifier: header.value("CharacterCodeIdentifier")?,
            processing_result_status: body.value("ProcessingResultStatus")?,
            processing_result_code: body.value("ProcessingResultCode")?,
            processing_result_message: body.value("ProcessingResultMessage")?,
            info: ReferenceNumberInfo::read(&body)?,
        })
    }
}

fn insured(element: Element, numbers: &InsuredNumbers) -> Element {
    element
        .leaf("InsurerNumber", &numbers.insurer_number)
        .leaf("InsuredCardSymbol", &numbers.symbol)
        .leaf("InsuredIdentificationNumber", &numbers.number)
        .leaf("InsuredBranchNumber", &numbers.branch)
}

fn insured_from(element: &Element) -> Result<InsuredNumbers, XmlError> {
    Ok(InsuredNumbers {
        insurer_number: unpadded(&element.value("InsurerNumber")?),
        symbol: element.value("InsuredCardSymbol")?,
        number: element.value("InsuredIdentificationNumber")?,
        branch: element.value("InsuredBranchNumber")?,
    })
}

/// An insurer number without the spaces that bring six digits to eight.
pub(crate) fn unpadded(number: &str) -> String {
    number.trim_start_matches(' ').to_owned()
}

mod drugs;
pub use drugs::{Drug, DrugAnswer, DrugDay, DrugMonth, DrugPerson, DrugRequest};

#[cfg(test)]
mod tests;
