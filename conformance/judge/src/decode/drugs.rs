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
    /// The drugs, in order.
    pub drugs: Vec<Drug>,
    /// Name of the person in QuaInf.
    pub name: Option<String>,
    /// The whole document.
    pub document: Document,
}

/// A drug as an answer lists it; what is not said is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drug {
    /// DrugN.
    pub name: String,
    /// DiDate, `yyyyMMdd`.
    pub day: String,
    /// MeTrMonth, `yyyyMM`.
    pub month: String,
    /// DrugC.
    pub code: String,
    /// Qua1.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// UsageN.
    pub usage: String,
}

/// Reads an answer.
pub fn drugs(bytes: &[u8]) -> Result<Drugs, DecodeError> {
    let document = document(bytes)?;
    let root = &document.root;
    if root.name != "XmlMsg" {
        return Err(DecodeError::new("XML root", "XmlMsg", root.name.clone()));
    }
    let mut found = Vec::new();
    listed(root, ("", ""), &mut found);
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

/// Drugs below an element; the nearest MeTrMonth and DiDate above or beside a drug are its month and day.
fn listed(element: &Element, (month, day): (&str, &str), found: &mut Vec<Drug>) {
    let day = element.value("DiDate").unwrap_or(day);
    let month = element.value("MeTrMonth").unwrap_or(month);
    if let Some(name) = element.value("DrugN") {
        let of = |leaf: &str| element.value(leaf).unwrap_or("").to_owned();
        found.push(Drug {
            name: name.to_owned(),
            day: day.to_owned(),
            month: month.to_owned(),
            code: of("DrugC"),
            quantity: of("Qua1"),
            unit: of("Unit"),
            usage: of("UsageN"),
        });
    }
    for child in &element.children {
        listed(child, (month, day), found);
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
             <MeTrMonthInf><MeTrMonth>202609</MeTrMonth><DiDateInfs><DiDateInf><DiDate>20260901</DiDate><DrugInfs><DrugInf><DrugC>1</DrugC><DrugN>模擬錠</DrugN></DrugInf>\
             <DrugInf><DrugN>模擬散</DrugN></DrugInf></DrugInfs></DiDateInf></DiDateInfs></MeTrMonthInf></MessageBody></XmlMsg>"
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(
            (read.code.as_str(), read.name.as_deref()),
            ("1", Some("田中　花子"))
        );
        let of = |name: &str, code: &str| Drug {
            name: name.into(),
            day: "20260901".into(),
            month: "202609".into(),
            code: code.into(),
            ..Drug::default()
        };
        assert_eq!(read.drugs, [of("模擬錠", "1"), of("模擬散", "")]);
        assert!(drugs(b"<A/>").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = drugs(&bytes);
        }
    }
}
