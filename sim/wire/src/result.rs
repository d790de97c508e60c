//! The eligibility result (資格確認結果, OQS-IF-002): `XmlMsg` with the element names of the
//! field's layout, by card and by number. Absent and empty elements mean the same; empty ones are left
//! out. The person block is written in the layout's order and keeps what it does not know.

use crate::face_file::{Charset, Unmappable};
use crate::request::SearchInfo;
use crate::xml::{self, Element, XmlError};

pub use crate::xml::MAX_DOCUMENT;

/// The elements of `ResultOfQualificationConfirmation` and of the groups in it, in the layout's order
/// (facts/eligibility.md 2.1). Every name stands once, so that one list orders all levels.
const LAYOUT: [&str; 64] = [
    "InsuredCardClassification",
    "InsurerNumber",
    "InsuredCardSymbol",
    "InsuredIdentificationNumber",
    "InsuredBranchNumber",
    "PersonalFamilyClassification",
    "InsuredName",
    "Name",
    "NameOfOther",
    "NameKana",
    "NameOfOtherKana",
    "Sex1",
    "Sex2",
    "Birthdate",
    "Address",
    "PostNumber",
    "QualificationDate",
    "DisqualificationDate",
    "InsuredCertificateIssuanceDate",
    "InsuredCardValidDate",
    "InsuredCardExpirationDate",
    "InsuredPartialContributionRatio",
    "PreschoolClassification",
    "ReasonOfLoss",
    "InsurerName",
    "ElderlyRecipientCertificateInfo",
    "ElderlyRecipientCertificateDate",
    "ElderlyRecipientValidStartDate",
    "ElderlyRecipientValidEndDate",
    "ElderlyRecipientContributionRatio",
    "LimitApplicationCertificateRelatedConsFlg",
    "LimitApplicationCertificateRelatedConsTime",
    "LimitApplicationCertificateRelatedInfo",
    "LimitApplicationCertificateClassification",
    "LimitApplicationCertificateClassificationFlag",
    "LimitApplicationCertificateDate",
    "LimitApplicationCertificateValidStartDate",
    "LimitApplicationCertificateValidEndDate",
    "LimitApplicationCertificateLongTermDate",
    "SpecificDiseasesCertificateRelatedConsFlg",
    "SpecificDiseasesCertificateRelatedConsTime",
    "SpecificDiseasesCertificateList",
    "SpecificDiseasesCertificateInfo",
    "SpecificDiseasesDiseaseCategory",
    "SpecificDiseasesCertificateDate",
    "SpecificDiseasesValidStartDate",
    "SpecificDiseasesValidEndDate",
    "SpecificDiseasesSelfPay",
    "PublicExpenseResultList",
    "SpecificHealthCheckupsInfoConsFlg",
    "SpecificHealthCheckupsInfoConsTime",
    "SpecificHealthCheckupsInfoAvailableTime",
    "PharmacistsInfoConsFlg",
    "PharmacistsInfoConsTime",
    "PharmacistsInfoAvailableTime",
    "DiagnosisInfoConsFlg",
    "DiagnosisInfoConsTime",
    "DiagnosisInfoAvailableTime",
    "OperationInfoConsFlg",
    "OperationInfoConsTime",
    "OperationInfoAvailableTime",
    "ReferenceNumber",
    "QualificationConfirmationKey",
    "ArbitraryIdentifier",
];

/// Parts of a path in [`PersonBlock::elements`] are joined by this; no XML name has one.
const STEP: char = '/';

/// `MessageHeader`, the body's processing result and the persons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EligibilityResult {
    /// ProcessExecutionTime, `yyyyMMddHHmmss`.
    pub process_execution_time: String,
    /// QualificationConfirmationDate, `yyyyMMdd`.
    pub qualification_confirmation_date: String,
    /// MedicalInstitutionCode.
    pub medical_institution_code: String,
    /// ArbitraryFileIdentifier, as the request had it.
    pub arbitrary_file_identifier: String,
    /// ReferenceClassification (OQSCD002): 1 by card, 2 by number.
    pub reference_classification: String,
    /// SegmentOfResult (OQSCD003): 1 done, 9 aborted.
    pub segment_of_result: String,
    /// ErrorCode, when aborted.
    pub error_code: String,
    /// ErrorMessage, when aborted.
    pub error_message: String,
    /// CharacterCodeIdentifier (OQSCD005).
    pub character_code_identifier: String,
    /// ProcessingResultStatus (OQSCD004): 1 normal, 2 error.
    pub processing_result_status: String,
    /// ProcessingResultCode.
    pub processing_result_code: String,
    /// ProcessingResultMessage.
    pub processing_result_message: String,
    /// QualificationValidity (OQSCD006).
    pub qualification_validity: String,
    /// ResultOfQualificationConfirmation, 0 to n.
    pub results: Vec<PersonBlock>,
    /// QualificationConfirmSearchInfo: what was asked by number, echoed.
    pub search: Option<SearchInfo>,
}

/// `ResultOfQualificationConfirmation`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonBlock {
    /// Path and text of each element that has a value, in the layout's order; an unknown one stays
    /// behind whatever it came behind. A path is the element's name, after the names of the groups around
    /// it and a `/` each; a group that repeats counts from its second: `List/Info[2]/Name`.
    pub elements: Vec<(String, String)>,
}

/// Most elements read into one person block; the layout has some sixty.
const MAX_BLOCK: usize = 1000;

impl PersonBlock {
    /// Adds an element, unless its value is empty. Said again, it repeats.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        self.put_path(&[name], value);
    }

    /// Adds an element inside groups, outermost first, unless its value is empty.
    pub fn put_path(&mut self, path: &[&str], value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            let at = self.place(path);
            self.elements.insert(at, (join(path), value));
        }
    }

    /// The text of an element, empty when absent; the first when it repeats.
    pub fn get(&self, name: &str) -> &str {
        self.get_path(&[name])
    }

    /// The text of an element inside groups, empty when absent.
    pub fn get_path(&self, path: &[&str]) -> &str {
        let path = join(path);
        let found = self.elements.iter().find(|(name, _)| *name == path);
        found.map_or("", |(_, value)| value)
    }

    /// Every text of an element that may repeat, such as ReferenceNumber.
    pub fn get_all(&self, name: &str) -> Vec<&str> {
        let found = self.elements.iter().filter(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// Takes away an element, or a group with everything in it.
    pub fn remove(&mut self, name: &str) {
        self.elements.retain(|(path, _)| {
            let outermost = path.split(STEP).next().unwrap_or_default();
            outermost.split('[').next() != Some(name)
        });
    }

    /// Where an element belongs: in the run of its group, behind its like, before what the layout puts later.
    fn place(&self, path: &[&str]) -> usize {
        let (mut from, mut to) = (0, self.elements.len());
        for (depth, step) in path.iter().enumerate() {
            let step_at = |at: usize| self.elements[at].0.split(STEP).nth(depth);
            match (from..to).find(|at| step_at(*at) == Some(step)) {
                Some(first) => {
                    from = first;
                    to = (first..to)
                        .find(|at| step_at(*at) != Some(step))
                        .unwrap_or(to);
                }
                None => {
                    let later = |at: &usize| {
                        let other = step_at(*at).and_then(rank);
                        rank(step)
                            .zip(other)
                            .is_some_and(|(own, other)| other > own)
                    };
                    return (from..to).find(later).unwrap_or(to);
                }
            }
        }
        to
    }

    fn write(&self) -> Element {
        let mut block = Element::new("ResultOfQualificationConfirmation");
        for (path, value) in &self.elements {
            let steps: Vec<&str> = path.split(STEP).collect();
            put_into(&mut block, &steps, value);
        }
        block.clear_counts();
        block
    }

    fn read(block: &Element) -> Result<Self, XmlError> {
        let mut read = Self::default();
        read.take(block, &[])?;
        Ok(read)
    }

    fn take(&mut self, element: &Element, around: &[&str]) -> Result<(), XmlError> {
        for (index, child) in element.children.iter().enumerate() {
            if self.elements.len() == MAX_BLOCK {
                return Err(XmlError::Unexpected {
                    expected: format!("at most {MAX_BLOCK} elements about one person"),
                    found: "more".to_owned(),
                });
            }
            if child.children.is_empty() {
                let path: Vec<&str> = around.iter().copied().chain([&*child.name]).collect();
                self.put_path(&path, child.text.as_str());
                continue;
            }
            let like = |e: &&Element| e.name == child.name && !e.children.is_empty();
            let step = match element.children[..index].iter().filter(like).count() {
                0 => child.name.clone(),
                before => format!("{}[{}]", child.name, before + 1),
            };
            let path: Vec<&str> = around.iter().copied().chain([&*step]).collect();
            self.take(child, &path)?;
        }
        Ok(())
    }
}

fn join(path: &[&str]) -> String {
    path.join(STEP.encode_utf8(&mut [0; 4]))
}

/// Place of a name in the layout; none for one the layout does not have.
fn rank(step: &str) -> Option<usize> {
    let name = step.split('[').next();
    LAYOUT.iter().position(|known| Some(*known) == name)
}

fn put_into(element: &mut Element, steps: &[&str], value: &str) {
    let Some((step, inner)) = steps.split_first() else {
        return;
    };
    if inner.is_empty() {
        element.children.push(Element {
            text: value.to_owned(),
            ..Element::new(step)
        });
        return;
    }
    let group = |e: &Element| e.name == *step && !e.children.is_empty();
    let at = element.children.iter().position(group).unwrap_or_else(|| {
        element.children.push(Element::new(step));
        element.children.len() - 1
    });
    put_into(&mut element.children[at], inner, value);
}

impl EligibilityResult {
    fn element(&self) -> Element {
        let header = Element::header()
            .leaf("ProcessExecutionTime", &self.process_execution_time)
            .leaf(
                "QualificationConfirmationDate",
                &self.qualification_confirmation_date,
            )
            .leaf("MedicalInstitutionCode", &self.medical_institution_code)
            .leaf("ArbitraryFileIdentifier", &self.arbitrary_file_identifier)
            .leaf("ReferenceClassification", &self.reference_classification)
            .leaf("SegmentOfResult", &self.segment_of_result)
            .leaf("ErrorCode", &self.error_code)
            .leaf("ErrorMessage", &self.error_message)
            .leaf("CharacterCodeIdentifier", &self.character_code_identifier);
        let list = Element {
            children: self.results.iter().map(PersonBlock::write).collect(),
            ..Element::new("ResultList")
        };
        let search = self.search.as_ref().map(SearchInfo::element);
        let body = Element::body()
            .leaf("ProcessingResultStatus", &self.processing_result_status)
            .leaf("ProcessingResultCode", &self.processing_result_code)
            .leaf("ProcessingResultMessage", &self.processing_result_message)
            .leaf("QualificationValidity", &self.qualification_validity)
            .group(list)
            .group(search.unwrap_or_default());
        Element::message(header, body)
    }

    /// Writes the document as text, declaring `charset`.
    pub fn to_xml(&self, charset: Charset) -> String {
        self.element().to_text(charset)
    }

    /// The document in a character set, declared. Names the first character it cannot carry.
    pub fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        self.element().to_bytes(charset)
    }

    /// Reads a document by the encoding it declares. Elements outside the person blocks that it does not
    /// know are passed over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, XmlError> {
        let (header, body) = xml::parts(bytes)?;
        let blocks = body.list("ResultList", "ResultOfQualificationConfirmation")?;
        let search = body.child("QualificationConfirmSearchInfo")?;
        Ok(Self {
            process_execution_time: header.value("ProcessExecutionTime")?,
            qualification_confirmation_date: header.value("QualificationConfirmationDate")?,
            medical_institution_code: header.value("MedicalInstitutionCode")?,
            arbitrary_file_identifier: header.value("ArbitraryFileIdentifier")?,
            reference_classification: header.value("ReferenceClassification")?,
            segment_of_result: header.value("SegmentOfResult")?,
            error_code: header.value("ErrorCode")?,
            error_message: header.value("ErrorMessage")?,
            character_code_identifier: header.value("CharacterCodeIdentifier")?,
            processing_result_status: body.value("ProcessingResultStatus")?,
            processing_result_code: body.value("ProcessingResultCode")?,
            processing_result_message: body.value("ProcessingResultMessage")?,
            qualification_validity: body.value("QualificationValidity")?,
            results: blocks
                .into_iter()
                .map(PersonBlock::read)
                .collect::<Result<_, _>>()?,
            search: search
                .filter(|search| !search.children.is_empty())
                .map(SearchInfo::read)
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests;
