//! The eligibility result (資格確認結果, OQS-IF-002): `XmlMsg` with the element names of the
//! field's layout. Absent and empty elements mean the same; empty ones are left out.

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use crate::face_file::Charset;

/// Largest document read, in bytes.
pub const MAX_DOCUMENT: usize = 1024 * 1024;
const MAX_DEPTH: usize = 16;

/// `MessageHeader` and the body's processing result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EligibilityResult {
    /// ProcessExecutionTime, `yyyyMMddHHmmss`.
    pub process_execution_time: String,
    /// QualificationConfirmationDate, `yyyyMMdd`.
    pub qualification_confirmation_date: String,
    /// MedicalInstitutionCode.
    pub medical_institution_code: String,
    /// ReferenceClassification (OQSCD002): 1 by card, 2 by number.
    pub reference_classification: String,
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
    /// QualificationValidity (OQSCD006).
    pub qualification_validity: String,
    /// ResultOfQualificationConfirmation, 0 to n.
    pub results: Vec<PersonBlock>,
}

/// `ResultOfQualificationConfirmation`: element names and values in the layout's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonBlock {
    /// Name and text of each element that has a value.
    pub elements: Vec<(String, String)>,
}

impl PersonBlock {
    /// Adds an element unless its value is empty.
    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.elements.push((name.to_owned(), value));
        }
    }

    /// The text of an element, empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.elements
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v)
    }
}

/// Why a document is not a result.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResultError {
    /// Over [`MAX_DOCUMENT`].
    #[error("the document has {0} bytes; at most {MAX_DOCUMENT} are read")]
    TooLarge(usize),
    /// Not the encoding it declares.
    #[error("the bytes are not {0}, which the document declares")]
    Encoding(String),
    /// Not well-formed, or with constructs that are refused (DTD, depth).
    #[error("byte {at}: {said}")]
    Malformed {
        /// Offset in the decoded text.
        at: u64,
        /// What was wrong.
        said: String,
    },
    /// Well-formed, but not this message.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What the layout says.
        expected: String,
        /// What is there.
        found: String,
    },
}

impl EligibilityResult {
    fn header(&self) -> [(&'static str, &str); 6] {
        [
            ("ProcessExecutionTime", &self.process_execution_time),
            (
                "QualificationConfirmationDate",
                &self.qualification_confirmation_date,
            ),
            ("MedicalInstitutionCode", &self.medical_institution_code),
            ("ReferenceClassification", &self.reference_classification),
            ("SegmentOfResult", &self.segment_of_result),
            ("CharacterCodeIdentifier", &self.character_code_identifier),
        ]
    }

    fn body(&self) -> [(&'static str, &str); 4] {
        [
            ("ProcessingResultStatus", &self.processing_result_status),
            ("ProcessingResultCode", &self.processing_result_code),
            ("ProcessingResultMessage", &self.processing_result_message),
            ("QualificationValidity", &self.qualification_validity),
        ]
    }

    fn slot(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "ProcessExecutionTime" => &mut self.process_execution_time,
            "QualificationConfirmationDate" => &mut self.qualification_confirmation_date,
            "MedicalInstitutionCode" => &mut self.medical_institution_code,
            "ReferenceClassification" => &mut self.reference_classification,
            "SegmentOfResult" => &mut self.segment_of_result,
            "CharacterCodeIdentifier" => &mut self.character_code_identifier,
            "ProcessingResultStatus" => &mut self.processing_result_status,
            "ProcessingResultCode" => &mut self.processing_result_code,
            "ProcessingResultMessage" => &mut self.processing_result_message,
            "QualificationValidity" => &mut self.qualification_validity,
            _ => return None,
        })
    }

    /// Writes the document as text, declaring `charset`.
    pub fn to_xml(&self, charset: Charset) -> String {
        let label = match charset {
            Charset::Utf8 => "UTF-8",
            Charset::ShiftJis => "Shift_JIS",
        };
        let mut out = Xml(Writer::new(Vec::new()));
        out.event(Event::Decl(BytesDecl::new("1.0", Some(label), Some("no"))));
        out.open("XmlMsg");
        out.open("MessageHeader");
        self.header()
            .iter()
            .for_each(|(name, value)| out.leaf(name, value));
        out.close("MessageHeader");
        out.open("MessageBody");
        self.body()
            .iter()
            .for_each(|(name, value)| out.leaf(name, value));
        if !self.results.is_empty() {
            out.open("ResultList");
            for block in &self.results {
                out.open("ResultOfQualificationConfirmation");
                block
                    .elements
                    .iter()
                    .for_each(|(name, value)| out.leaf(name, value));
                out.close("ResultOfQualificationConfirmation");
            }
            out.close("ResultList");
        }
        out.close("MessageBody");
        out.close("XmlMsg");
        String::from_utf8(out.0.into_inner()).unwrap_or_default()
    }

    /// Reads a document by the encoding it declares.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ResultError> {
        if bytes.len() > MAX_DOCUMENT {
            return Err(ResultError::TooLarge(bytes.len()));
        }
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).to_ascii_lowercase();
        let encoding = if head.contains("shift_jis") {
            encoding_rs::SHIFT_JIS
        } else {
            encoding_rs::UTF_8
        };
        let (text, lossy) = encoding.decode_without_bom_handling(bytes);
        if lossy {
            return Err(ResultError::Encoding(encoding.name().to_owned()));
        }
        Self::from_xml(&text)
    }

    fn from_xml(text: &str) -> Result<Self, ResultError> {
        let mut reader = Reader::from_str(text);
        let mut result = EligibilityResult::default();
        let mut path: Vec<String> = Vec::new();
        let mut value = String::new();
        let mut ended = false;
        loop {
            let at = reader.buffer_position();
            let malformed = |said: String| ResultError::Malformed { at, said };
            match reader.read_event().map_err(|e| malformed(e.to_string()))? {
                Event::Start(tag) => {
                    path.push(tag.name().as_ref().to_string());
                    value.clear();
                    if path.len() > MAX_DEPTH {
                        return Err(malformed(format!("more than {MAX_DEPTH} levels")));
                    }
                    result.enter(&path)?;
                }
                Event::End(_) => {
                    result.leave(&path, &value);
                    value.clear();
                    path.pop();
                    ended |= path.is_empty();
                }
                Event::Text(text) => value.push_str(&text),
                Event::GeneralRef(name) => value.push(predefined(&name).ok_or_else(|| {
                    malformed("an entity reference that XML does not predefine".to_owned())
                })?),
                Event::DocType(_) => {
                    return Err(malformed("a document type declaration".to_owned()));
                }
                Event::CData(data) => value.push_str(&data),
                Event::Eof => break,
                _ => {}
            }
        }
        if ended {
            Ok(result)
        } else {
            Err(ResultError::Unexpected {
                expected: "</XmlMsg>".into(),
                found: "the end".into(),
            })
        }
    }

    fn enter(&mut self, path: &[String]) -> Result<(), ResultError> {
        if path.len() == 1 && path[0] != "XmlMsg" {
            return Err(ResultError::Unexpected {
                expected: "XmlMsg".into(),
                found: path[0].clone(),
            });
        }
        if path.len() == 4 && path[3] == "ResultOfQualificationConfirmation" {
            self.results.push(PersonBlock::default());
        }
        Ok(())
    }

    fn leave(&mut self, path: &[String], value: &str) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["XmlMsg", "MessageHeader" | "MessageBody", name] => {
                if let Some(slot) = self.slot(name) {
                    *slot = value.to_owned();
                }
            }
            [
                "XmlMsg",
                "MessageBody",
                "ResultList",
                "ResultOfQualificationConfirmation",
                name,
            ] => {
                if let Some(block) = self.results.last_mut() {
                    block.put(name, value);
                }
            }
            _ => {}
        }
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn event(&mut self, event: Event<'_>) {
        // Writing into memory cannot fail.
        let _ = self.0.write_event(event);
    }
    fn open(&mut self, name: &str) {
        self.event(Event::Start(BytesStart::new(name)));
    }
    fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }
    fn leaf(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.open(name);
            self.event(Event::Text(BytesText::new(value)));
            self.close(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face_file;

    fn sample() -> EligibilityResult {
        let mut person = PersonBlock::default();
        person.put("InsurerNumber", "06991238");
        person.put("Name", "山田 <花子> & 太郎");
        person.put("Address", "");
        EligibilityResult {
            process_execution_time: "20261015090000".into(),
            segment_of_result: "1".into(),
            character_code_identifier: "1".into(),
            processing_result_status: "1".into(),
            qualification_validity: "1".into(),
            results: vec![person],
            ..Default::default()
        }
    }

    #[test]
    fn written_and_read_in_both_charsets() {
        for charset in [Charset::Utf8, Charset::ShiftJis] {
            let bytes = face_file::encode(&sample().to_xml(charset), charset).unwrap();
            assert_eq!(EligibilityResult::from_bytes(&bytes).unwrap(), sample());
        }
    }

    #[test]
    fn the_document_as_text() {
        insta::assert_snapshot!(sample().to_xml(Charset::ShiftJis));
    }

    #[test]
    fn hostile_documents_are_refused() {
        let deep = format!("<XmlMsg>{}", "<a>".repeat(50));
        let cases = [
            "<Other/>".to_owned(),
            "<Other></Other>".to_owned(),
            "<XmlMsg><MessageHeader>".to_owned(),
            "<!DOCTYPE x [<!ENTITY a \"b\">]><XmlMsg></XmlMsg>".to_owned(),
            "<XmlMsg><MessageBody>&boom;</MessageBody></XmlMsg>".to_owned(),
            String::new(),
            deep,
        ];
        for case in cases {
            assert!(
                EligibilityResult::from_bytes(case.as_bytes()).is_err(),
                "{case}"
            );
        }
        assert!(matches!(
            EligibilityResult::from_bytes(&[0xff, 0xfe]),
            Err(ResultError::Encoding(_))
        ));
        let huge = vec![b' '; MAX_DOCUMENT + 1];
        assert!(matches!(
            EligibilityResult::from_bytes(&huge),
            Err(ResultError::TooLarge(_))
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = EligibilityResult::from_bytes(&bytes);
        }

        #[test]
        fn a_cut_document_is_an_error(cut in 1usize..200) {
            let text = sample().to_xml(Charset::Utf8);
            let end = text.len().saturating_sub(cut);
            prop_assert!(EligibilityResult::from_bytes(&text.as_bytes()[..end]).is_err());
        }
    }
}
