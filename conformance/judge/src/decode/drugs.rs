//! The answer to a question for drug information (YZK-IF-002): its result code and the drugs it lists.

use super::DecodeError;
use super::xml::{Document, Element, document};

/// An answer about drugs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drugs {
    /// ResultCode; empty when there is none.
    pub code: String,
    /// MessageContents.
    pub message: String,
    /// Name and day of dispensing (`yyyyMMdd`, empty when not said) of each drug, in order.
    pub drugs: Vec<(String, String)>,
    /// Name of the person in QuaInf.
    pub name: Option<String>,
    /// The whole document.
    pub document: Document,
}

/// Reads an answer.
pub fn drugs(bytes: &[u8]) -> Result<Drugs, DecodeError> {
    let document = document(bytes)?;
    let root = &document.root;
    if root.name != "XmlMsg" {
        return Err(DecodeError::new("XML root", "XmlMsg", root.name.clone()));
    }
    let mut found = Vec::new();
    listed(root, "", &mut found);
    let name = root
        .find("QuaInf")
        .and_then(|person| person.value("Name"))
        .map(str::to_owned);
    Ok(Drugs {
        code: root.text_of("ResultCode").to_owned(),
        message: root.text_of("MessageContents").to_owned(),
        drugs: found,
        name,
        document,
    })
}

/// Drugs below an element; the nearest DiDate above or beside a drug is its day.
fn listed(element: &Element, day: &str, found: &mut Vec<(String, String)>) {
    let day = element.value("DiDate").unwrap_or(day);
    if let Some(name) = element.value("DrugN") {
        found.push((name.to_owned(), day.to_owned()));
    }
    for child in &element.children {
        listed(child, day, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn drugs_are_listed_with_their_days() {
        let read = drugs(
            "<XmlMsg><MessageHeader/><MessageBody><ResultCode>1</ResultCode><QuaInf><Name>田中　花子</Name></QuaInf>\
             <MeTrMonthInf><DiDateInfs><DiDateInf><DiDate>20260901</DiDate><DrugInfs><DrugInf><DrugN>模擬錠</DrugN></DrugInf>\
             <DrugInf><DrugN>模擬散</DrugN></DrugInf></DrugInfs></DiDateInf></DiDateInfs></MeTrMonthInf></MessageBody></XmlMsg>"
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(
            (read.code.as_str(), read.name.as_deref()),
            ("1", Some("田中　花子"))
        );
        let day = "20260901".to_owned();
        assert_eq!(
            read.drugs,
            [
                ("模擬錠".to_owned(), day.clone()),
                ("模擬散".to_owned(), day)
            ]
        );
        assert!(drugs(b"<A/>").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = drugs(&bytes);
        }
    }
}
