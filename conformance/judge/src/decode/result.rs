//! The result of a qualification check (OQSsiquc01res): the same XML as the server's answer and as
//! the file in the `face` folder.

use std::collections::BTreeMap;

use super::DecodeError;
use super::xml::{Document, Element, document};

/// The consent flags of a person block, by element name.
pub const CONSENT_FLAGS: [&str; 4] = [
    "SpecificHealthCheckupsInfoConsFlg",
    "PharmacistsInfoConsFlg",
    "DiagnosisInfoConsFlg",
    "OperationInfoConsFlg",
];

/// A result message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Encoding by the XML declaration, which decides.
    pub encoding: &'static str,
    /// Set when CharacterCodeIdentifier and the declaration contradict each other.
    pub remark: Option<String>,
    /// SegmentOfResult: 1 normal, 2 under way, 9 abnormal.
    pub segment: Option<String>,
    /// ProcessingResultStatus: 1 normal, 2 error.
    pub status: Option<String>,
    /// ProcessingResultCode; empty when none.
    pub code: String,
    /// ProcessingResultMessage; empty when none.
    pub message: String,
    /// QualificationValidity.
    pub validity: Option<String>,
    /// Person blocks.
    pub persons: Vec<Person>,
    /// The whole document.
    pub document: Document,
}

/// A ResultOfQualificationConfirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The numbers that name the qualification.
    pub numbers: Numbers,
    /// Leaf elements by name, as written.
    pub elements: BTreeMap<String, String>,
    /// Leaf elements by their path below the block, names joined with `/`.
    pub paths: BTreeMap<String, String>,
}

impl Person {
    /// Text of a leaf element by name; empty when absent, which means the same.
    pub fn text(&self, name: &str) -> &str {
        self.elements.get(name).map_or("", String::as_str)
    }
}

/// What names a qualification. Compared after [`normal`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbers {
    /// InsurerNumber.
    pub insurer_number: String,
    /// InsuredCardSymbol.
    pub symbol: String,
    /// InsuredIdentificationNumber.
    pub number: String,
    /// InsuredBranchNumber.
    pub branch: String,
}

impl Numbers {
    /// Numbers in half width, the kinds of hyphen made one.
    pub fn new(insurer_number: &str, symbol: &str, number: &str, branch: &str) -> Self {
        Numbers {
            insurer_number: normal(insurer_number),
            symbol: normal(symbol),
            number: normal(number),
            branch: normal(branch),
        }
    }
}

impl std::fmt::Display for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} {} {}",
            self.insurer_number, self.symbol, self.number, self.branch
        )
    }
}

/// Full-width ASCII to half width, every hyphen to `-`, spaces around removed: receipt computers
/// and insurers write the same number in different widths.
pub fn normal(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF70}' | '\u{30FC}' => '-',
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars()
        .map(narrow)
        .collect::<String>()
        .trim()
        .to_owned()
}

impl Outcome {
    /// Text of an element of the header; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        let header = self.document.root.child("MessageHeader");
        header.and_then(|h| h.value(name)).unwrap_or("")
    }

    /// True when the message gives anything away as confirmed: status 1 or a person block.
    pub fn confirms(&self) -> bool {
        self.status.as_deref() == Some("1") || !self.persons.is_empty()
    }
}

/// Reads a result.
pub fn outcome(bytes: &[u8]) -> Result<Outcome, DecodeError> {
    from_document(document(bytes)?)
}

fn from_document(document: Document) -> Result<Outcome, DecodeError> {
    let root = &document.root;
    if root.name != "XmlMsg" {
        return Err(DecodeError::new("XML root", "XmlMsg", root.name.clone()));
    }
    let part = |name: &str| {
        root.child(name)
            .ok_or_else(|| DecodeError::new("XmlMsg", name, "no such element"))
    };
    let (header, body) = (part("MessageHeader")?, part("MessageBody")?);
    let own = |name: &str| body.value(name).map(str::to_owned);
    let mut blocks = Vec::new();
    body.all("ResultOfQualificationConfirmation", &mut blocks);
    Ok(Outcome {
        encoding: document.encoding,
        remark: contradiction(document.encoding, header.value("CharacterCodeIdentifier")),
        segment: header.value("SegmentOfResult").map(str::to_owned),
        status: own("ProcessingResultStatus"),
        code: own("ProcessingResultCode").unwrap_or_default(),
        message: own("ProcessingResultMessage").unwrap_or_default(),
        validity: own("QualificationValidity"),
        persons: blocks.into_iter().map(person).collect(),
        document,
    })
}

fn person(block: &Element) -> Person {
    let (mut elements, mut paths) = (BTreeMap::new(), BTreeMap::new());
    leaves(block, "", &mut elements, &mut paths);
    let of = |name: &str| elements.get(name).map_or("", String::as_str);
    let numbers = Numbers::new(
        of("InsurerNumber"),
        of("InsuredCardSymbol"),
        of("InsuredIdentificationNumber"),
        of("InsuredBranchNumber"),
    );
    Person {
        numbers,
        elements,
        paths,
    }
}

type Leaves = BTreeMap<String, String>;

fn leaves(element: &Element, above: &str, elements: &mut Leaves, paths: &mut Leaves) {
    for child in &element.children {
        let path = match above {
            "" => child.name.clone(),
            above => format!("{above}/{}", child.name),
        };
        if child.children.is_empty() {
            let text = || child.text.clone();
            elements.entry(child.name.clone()).or_insert_with(text);
            paths.entry(path).or_insert_with(text);
        } else {
            leaves(child, &path, elements, paths);
        }
    }
}

/// 0 is UTF-8 and 1 Shift_JIS; one public table shifts both by one, so 2 is read as Shift_JIS too.
fn contradiction(encoding: &str, code: Option<&str>) -> Option<String> {
    let agrees = match (code, encoding) {
        (None | Some("1"), _) => code.is_none() || encoding == "Shift_JIS",
        (Some("0"), "UTF-8") | (Some("2"), "Shift_JIS") => true,
        _ => false,
    };
    let code = code.unwrap_or_default();
    (!agrees).then(|| format!("CharacterCodeIdentifier {code} contradicts the declared {encoding}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_result_is_read() {
        let xml = "<XmlMsg><MessageHeader><SegmentOfResult>1</SegmentOfResult><CharacterCodeIdentifier>0</CharacterCodeIdentifier></MessageHeader>\
            <MessageBody><ProcessingResultStatus>1</ProcessingResultStatus><ProcessingResultCode/><QualificationValidity>1</QualificationValidity>\
            <ResultList><ResultOfQualificationConfirmation><InsurerNumber>06139992</InsurerNumber><InsuredCardSymbol>１２‐３</InsuredCardSymbol>\
            <InsuredIdentificationNumber>０００７</InsuredIdentificationNumber><InsuredBranchNumber>00</InsuredBranchNumber>\
            <OperationInfoConsFlg>1</OperationInfoConsFlg></ResultOfQualificationConfirmation></ResultList></MessageBody></XmlMsg>";
        let read = outcome(xml.as_bytes()).unwrap();
        assert!(read.confirms() && read.remark.is_none() && read.code.is_empty());
        assert_eq!(read.validity.as_deref(), Some("1"));
        assert_eq!(
            read.persons[0].numbers,
            Numbers::new("06139992", "12-3", "0007", "00")
        );
        assert_eq!(read.persons[0].elements["OperationInfoConsFlg"], "1");
        assert_eq!(
            outcome(b"<A/>").unwrap_err().to_string(),
            "XML root: expected XmlMsg, found A"
        );
        assert_eq!(
            outcome(b"<XmlMsg><MessageHeader/></XmlMsg>")
                .unwrap_err()
                .to_string(),
            "XmlMsg: expected MessageBody, found no such element"
        );
    }

    #[test]
    fn the_declaration_decides_and_a_contradiction_is_noted() {
        for (encoding, code, agrees) in [
            ("UTF-8", Some("0"), true),
            ("UTF-8", None, true),
            ("Shift_JIS", Some("1"), true),
            ("Shift_JIS", None, true),
            ("Shift_JIS", Some("2"), true),
            ("UTF-8", Some("1"), false),
            ("Shift_JIS", Some("0"), false),
            ("UTF-8", Some("x"), false),
        ] {
            assert_eq!(
                contradiction(encoding, code).is_none(),
                agrees,
                "{encoding} {code:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = outcome(&bytes);
        }
    }
}
