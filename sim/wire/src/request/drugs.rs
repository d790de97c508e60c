//! Drug information (薬剤情報, YZK-IF-001/002): a request names the insured person by element names that
//! differ from those of eligibility (facts/eligibility.md 1.5), the answer lists what claims say, by month
//! and day. Of the answer's many elements the town writes those it has anything to say in.

use super::unpadded;
use crate::face_file::{Charset, Unmappable};
use crate::registration::InsuredNumbers;
use crate::xml::{self, Element, XmlError};

/// Request for drug information (YZKsiquc01req, YZK-IF-001).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugRequest {
    /// MedicalInstitutionCode.
    pub medical_institution_code: String,
    /// InsurerNumber, InsuranceCardSymbol, InsuredPersonIdentificationNumber, BranchNumber.
    pub insured: InsuredNumbers,
    /// ArbitraryFileIdentifier, may be empty.
    pub arbitrary_file_identifier: String,
    /// StartDate: first month, `yyyyMM`.
    pub start_month: String,
    /// EndDate: last month, `yyyyMM`.
    pub end_month: String,
    /// FileCategory: 1 PDF, 2 XML, 3 and 4 the same with treatment.
    pub file_category: String,
    /// PrDiInfClassification: 1 with prescriptions and dispensing of the e-prescription service.
    pub prescriptions: String,
    /// MedicalTreatmentFlag (OQSCD028): 1 outpatient.
    pub treatment: String,
}

impl DrugRequest {
    /// The document in a character set, declared. Names the first character it cannot carry.
    pub fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        let header = Element::header()
            .leaf("MedicalInstitutionCode", &self.medical_institution_code)
            .leaf("InsurerNumber", &self.insured.insurer_number)
            .leaf("InsuranceCardSymbol", &self.insured.symbol)
            .leaf("InsuredPersonIdentificationNumber", &self.insured.number)
            .leaf("BranchNumber", &self.insured.branch)
            .leaf("ArbitraryFileIdentifier", &self.arbitrary_file_identifier);
        let body = Element::body()
            .leaf("StartDate", &self.start_month)
            .leaf("EndDate", &self.end_month)
            .leaf("FileCategory", &self.file_category)
            .leaf("PrDiInfClassification", &self.prescriptions)
            .leaf("MedicalTreatmentFlag", &self.treatment);
        Element::message(header, body).to_bytes(charset)
    }

    /// Reads a document by the encoding it declares; elements it does not know are passed over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, XmlError> {
        let (header, body) = xml::parts(bytes)?;
        Ok(Self {
            medical_institution_code: header.value("MedicalInstitutionCode")?,
            insured: InsuredNumbers {
                insurer_number: unpadded(&header.value("InsurerNumber")?),
                symbol: header.value("InsuranceCardSymbol")?,
                number: header.value("InsuredPersonIdentificationNumber")?,
                branch: header.value("BranchNumber")?,
            },
            arbitrary_file_identifier: header.value("ArbitraryFileIdentifier")?,
            start_month: body.value("StartDate")?,
            end_month: body.value("EndDate")?,
            file_category: body.value("FileCategory")?,
            prescriptions: body.value("PrDiInfClassification")?,
            treatment: body.value("MedicalTreatmentFlag")?,
        })
    }
}

/// Answer with drug information (YZKsiquc01res, YZK-IF-002).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugAnswer {
    /// ResultCode: 1 given.
    pub result_code: String,
    /// MessageContents: why not.
    pub message_contents: String,
    /// QuaInf: whose drugs, when given.
    pub person: Option<DrugPerson>,
    /// MeTrMonthInf, 0 to n.
    pub months: Vec<DrugMonth>,
}

/// `QuaInf`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugPerson {
    /// Name.
    pub name: String,
    /// KanaName.
    pub kana: String,
    /// Birth, `yyyyMMdd`.
    pub birth: String,
    /// AdmGendCode (OQSCD007).
    pub gender: String,
}

/// `MeTrMonthInf`: one month of treatment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugMonth {
    /// MeTrMonth, `yyyyMM`.
    pub month: String,
    /// DiDateInfs.
    pub days: Vec<DrugDay>,
}

/// `DiDateInf`: one day of dispensing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugDay {
    /// DiDate, `yyyyMMdd`.
    pub day: String,
    /// DrugInfs.
    pub drugs: Vec<Drug>,
}

/// `DrugInf`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drug {
    /// DrugC: レセ電 code.
    pub code: String,
    /// DrugN.
    pub name: String,
    /// Qua1, as text.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// UsageN.
    pub usage: String,
}

impl DrugAnswer {
    /// The document in a character set, declared. Names the first character it cannot carry.
    pub fn to_bytes(&self, charset: Charset) -> Result<Vec<u8>, Unmappable> {
        let person = self.person.as_ref().map(DrugPerson::element);
        let mut body = Element::body()
            .leaf("ResultCode", &self.result_code)
            .leaf("MessageContents", &self.message_contents);
        for month in &self.months {
            body = body.group(month.element());
        }
        let header = Element::header().group(person.unwrap_or_default());
        Element::message(header, body).to_bytes(charset)
    }

    /// Reads a document by the encoding it declares; elements it does not know are passed over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, XmlError> {
        let (header, body) = xml::parts(bytes)?;
        let person = header.child("QuaInf")?;
        let months = body.all("MeTrMonthInf").map(DrugMonth::read);
        Ok(Self {
            result_code: body.value("ResultCode")?,
            message_contents: body.value("MessageContents")?,
            person: person
                .filter(|person| !person.children.is_empty())
                .map(DrugPerson::read)
                .transpose()?,
            months: months.collect::<Result<_, _>>()?,
        })
    }
}

impl DrugPerson {
    fn element(&self) -> Element {
        Element::new("QuaInf")
            .leaf("Name", &self.name)
            .leaf("KanaName", &self.kana)
            .leaf("Birth", &self.birth)
            .leaf("AdmGendCode", &self.gender)
    }

    fn read(element: &Element) -> Result<Self, XmlError> {
        Ok(Self {
            name: element.value("Name")?,
            kana: element.value("KanaName")?,
            birth: element.value("Birth")?,
            gender: element.value("AdmGendCode")?,
        })
    }
}

impl DrugMonth {
    fn element(&self) -> Element {
        let days = Element::new("DiDateInfs");
        let days = self.days.iter().fold(days, |e, day| e.group(day.element()));
        Element::new("MeTrMonthInf")
            .leaf("MeTrMonth", &self.month)
            .group(days)
    }

    fn read(element: &Element) -> Result<Self, XmlError> {
        let days = element.list("DiDateInfs", "DiDateInf")?;
        Ok(Self {
            month: element.value("MeTrMonth")?,
            days: days
                .into_iter()
                .map(DrugDay::read)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl DrugDay {
    fn element(&self) -> Element {
        let drugs = Element::new("DrugInfs");
        let drugs = self
            .drugs
            .iter()
            .fold(drugs, |e, drug| e.group(drug.element()));
        Element::new("DiDateInf")
            .leaf("DiDate", &self.day)
            .group(drugs)
    }

    fn read(element: &Element) -> Result<Self, XmlError> {
        let drugs = element.list("DrugInfs", "DrugInf")?;
        Ok(Self {
            day: element.value("DiDate")?,
            drugs: drugs
                .into_iter()
                .map(Drug::read)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Drug {
    fn element(&self) -> Element {
        Element::new("DrugInf")
            .leaf("DrugC", &self.code)
            .leaf("DrugN", &self.name)
            .leaf("Qua1", &self.quantity)
            .leaf("Unit", &self.unit)
            .leaf("UsageN", &self.usage)
    }

    fn read(element: &Element) -> Result<Self, XmlError> {
        Ok(Self {
            code: element.value("DrugC")?,
            name: element.value("DrugN")?,
            quantity: element.value("Qua1")?,
            unit: element.value("Unit")?,
            usage: element.value("UsageN")?,
        })
    }
}
