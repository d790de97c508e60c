//! Bodies and documents as right houses write them, from what a scene has declared.

use evidence::{EntryKind, Fact, What};
use serde_json::{Value, json};

use super::{CLINIC, Scene};

/// What a result says, apart from the person.
#[derive(Clone, Debug)]
pub struct Result<'a> {
    pub facility: &'a str,
    pub on: &'a str,
    pub classification: &'a str,
    pub status: &'a str,
    pub code: &'a str,
    pub validity: &'a str,
    /// Elements of the person block, in order; none without a block.
    pub person: Option<String>,
}

/// Half width to full width, as insurers write symbols.
fn wide(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
        other => other,
    };
    text.chars().map(wide).collect()
}

pub fn leaf(name: &str, value: &str) -> String {
    match value {
        "" => String::new(),
        value => format!("<{name}>{value}</{name}>"),
    }
}

/// Elements by path, as nested elements.
fn nested(paths: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut at = 0;
    while let Some((path, value)) = paths.get(at) {
        match path.split_once('/') {
            None => text.push_str(&leaf(path, value)),
            Some((outer, _)) => {
                let inside: Vec<(String, String)> = paths[at..]
                    .iter()
                    .map_while(|(p, v)| {
                        let rest = p.strip_prefix(outer)?.strip_prefix('/')?;
                        Some((rest.to_owned(), v.clone()))
                    })
                    .collect();
                text.push_str(&format!("<{outer}>{}</{outer}>", nested(&inside)));
                at += inside.len() - 1;
            }
        }
        at += 1;
    }
    text
}

impl Scene {
    fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.records.records.iter().filter_map(|r| match &r.what {
            What::Declared(d) => Some(&d.fact),
            _ => None,
        })
    }

    /// The body of a registration: the last entry declared of that kind, under a number.
    pub fn words(&self, kind: EntryKind, number: &str) -> Value {
        let entries = self.facts().filter_map(|f| match f {
            Fact::InsurerEntry {
                kind: k,
                person,
                branch,
                on,
                carries,
                ..
            } if *k == kind => Some((person, branch, on, carries)),
            _ => None,
        });
        let (person, branch, on, carries) = entries.last().unwrap();
        let born = self.facts().find_map(|f| match f {
            Fact::Person {
                person: p, birth, ..
            } if p == person => Some(birth.as_str()),
            _ => None,
        });
        let mut body = json!({
            "kind": if kind == EntryKind::Gain { "gain" } else { "loss" },
            "insurer_number": number, "insurer_name": super::INSURER, "symbol": "１２", "number": "３４", "branch": branch,
            "on": on, "name": format!("{person}　花子"), "name_kana": "ﾀﾅｶ ﾊﾅｺ", "birthdate": born.unwrap_or("1980-02-17"),
            "sex": "2", "relationship": "1",
        });
        let dashed = |text: &str| match text.len() {
            8 => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
            _ => text.to_owned(),
        };
        let of = |end: &str| {
            let found = carries.iter().find(|(path, _)| path.ends_with(end));
            found.map_or_else(String::new, |(_, value)| dashed(value))
        };
        if carries.keys().any(|k| k.starts_with("Limit")) {
            body["benefits"]["limit"] = json!({
                "classification": of("CertificateClassification"), "class": of("ClassificationFlag"),
                "from": of("ValidStartDate"), "to": of("ValidEndDate"),
            });
        }
        if carries.keys().any(|k| k.starts_with("Elderly")) {
            body["benefits"]["elderly"] = json!({
                "ratio": of("ContributionRatio"), "from": of("ValidStartDate"), "to": of("ValidEndDate"),
            });
        }
        if kind == EntryKind::Loss {
            let reason = carries.get("ReasonOfLoss").map_or("99", String::as_str);
            body["reason_of_loss"] = json!(reason);
        }
        body
    }

    /// The person block of 田中's qualification under an insurer number, with what follows it.
    pub fn block(&self, insurer: &str, more: &str) -> String {
        let mut gain = None;
        let mut loss = None;
        for fact in self.facts() {
            if let Fact::InsurerEntry {
                person,
                kind,
                insurer_number,
                on,
                carries,
                ..
            } = fact
                && person == "田中"
                && insurer_number == insurer
            {
                match kind {
                    EntryKind::Gain => gain = Some((on.replace('-', ""), carries.clone())),
                    EntryKind::Loss => loss = Some(on.replace('-', "")),
                }
            }
        }
        let (on, carries) = gain.unwrap_or_default();
        let class = match carries.contains_key("InsuredCardClassification") {
            true => "",
            false => "01",
        };
        let paths: Vec<(String, String)> = carries.into_iter().collect();
        [
            leaf("InsuredCardClassification", class),
            leaf("InsurerNumber", insurer),
            leaf("InsuredCardSymbol", &wide("12")),
            leaf("InsuredIdentificationNumber", &wide("34")),
            leaf("InsuredBranchNumber", "00"),
            leaf("PersonalFamilyClassification", "1"),
            leaf("Name", "田中　花子"),
            leaf("NameKana", "ﾀﾅｶ ﾊﾅｺ"),
            leaf("Sex1", "2"),
            leaf("Birthdate", "19800217"),
            leaf("QualificationDate", &on),
            leaf("DisqualificationDate", &loss.unwrap_or_default()),
            leaf("InsurerName", super::INSURER),
            nested(&paths),
            more.to_owned(),
        ]
        .concat()
    }

    /// A result document, in the encoding it declares.
    pub fn result(&self, result: &Result<'_>, encoding: &str) -> String {
        let institution = match result.facility {
            CLINIC => "9911234567",
            _ => "9917654321",
        };
        let message = match result.code {
            "" => "",
            _ => "電子証明書の更新をお願いします",
        };
        let identifier = if encoding == "Shift_JIS" { "1" } else { "0" };
        let moment: String = self
            .now
            .chars()
            .filter(char::is_ascii_digit)
            .take(14)
            .collect();
        let person = result.person.as_ref().map_or_else(String::new, |block| {
            format!(
                "<ResultList><ResultOfQualificationConfirmation>{block}</ResultOfQualificationConfirmation></ResultList>"
            )
        });
        let header = [
            leaf("ProcessExecutionTime", &moment),
            leaf("QualificationConfirmationDate", result.on),
            leaf("MedicalInstitutionCode", institution),
            leaf("ReferenceClassification", result.classification),
            leaf("SegmentOfResult", "1"),
            leaf("CharacterCodeIdentifier", identifier),
        ]
        .concat();
        let body = [
            leaf("ProcessingResultStatus", result.status),
            leaf("ProcessingResultCode", result.code),
            leaf("ProcessingResultMessage", message),
            leaf("QualificationValidity", result.validity),
            person,
        ]
        .concat();
        format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\" standalone=\"no\"?>\n\
             <XmlMsg><MessageHeader>{header}</MessageHeader><MessageBody>{body}</MessageBody></XmlMsg>"
        )
    }

    /// Today in the field's writing.
    pub fn today(&self) -> String {
        self.now
            .chars()
            .filter(char::is_ascii_digit)
            .take(8)
            .collect()
    }
}
