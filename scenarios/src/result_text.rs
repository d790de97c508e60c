//! The text of a result the suite plants in a shared folder: a sound one of the person's first qualification,
//! changed as its row in `props/results.yaml` says, sound or not.

use crate::props::PlantedResult;
use crate::stage::{Stage, Stuck, unknown};

/// The bytes of a result for a person at a facility.
pub fn bytes(
    stage: &Stage,
    facility: &str,
    person: &str,
    result: &PlantedResult,
) -> Result<Vec<u8>, Stuck> {
    let head = elements(result, header(stage, facility, result)?);
    let body = elements(result, body());
    let block = match result.no_person {
        true => String::new(),
        false => {
            let person = elements(result, block(stage, person)?) + &added(result);
            format!(
                "<ResultList><ResultOfQualificationConfirmation>{person}</ResultOfQualificationConfirmation></ResultList>"
            )
        }
    };
    let deep = "<Level>".repeat(result.deep) + &"</Level>".repeat(result.deep);
    let root = result.root.as_deref().unwrap_or("XmlMsg");
    let encoding = result.encoding.as_deref().unwrap_or("Shift_JIS");
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"{encoding}\" standalone=\"no\"?>{}<{root}><MessageHeader>{head}</MessageHeader><MessageBody>{body}{block}{deep}</MessageBody></{root}>",
        result.before
    );
    let bytes = match encoding {
        "UTF-8" => text.into_bytes(),
        _ => wire::face_file::encode(&text, wire::face_file::Charset::ShiftJis)
            .map_err(|e| Stuck::Missing(format!("a planted result can be written ({e})")))?,
    };
    Ok(spoilt(bytes, &result.bytes))
}

fn header(
    stage: &Stage,
    facility: &str,
    result: &PlantedResult,
) -> Result<Vec<(&'static str, String)>, Stuck> {
    let today = stage.town.clock().today();
    let asked = town::days_after(today, result.day);
    let code = match result.encoding.as_deref() {
        Some("UTF-8") => "0",
        _ => "1",
    };
    Ok(vec![
        (
            "ProcessExecutionTime",
            format!("{}090000", asked.strftime("%Y%m%d")),
        ),
        (
            "QualificationConfirmationDate",
            asked.strftime("%Y%m%d").to_string(),
        ),
        (
            "MedicalInstitutionCode",
            stage.facility_code(facility)?.to_string(),
        ),
        ("ReferenceClassification", "1".into()),
        ("SegmentOfResult", "1".into()),
        ("CharacterCodeIdentifier", code.into()),
    ])
}

fn body() -> Vec<(&'static str, String)> {
    vec![
        ("ProcessingResultStatus", "1".into()),
        ("QualificationValidity", "1".into()),
    ]
}

fn block(stage: &Stage, name: &str) -> Result<Vec<(&'static str, String)>, Stuck> {
    let (_, person) = stage
        .people()
        .person(name)
        .ok_or_else(|| unknown("person", name))?;
    let numbers = stage.insured.iter().find(|((_, p), _)| p == name);
    let (_, numbers) = numbers.ok_or_else(|| Stuck::Missing(format!("{name} is insured")))?;
    Ok(vec![
        ("InsuredCardClassification", "01".into()),
        ("InsurerNumber", numbers.insurer_number.clone()),
        ("InsuredCardSymbol", numbers.symbol.clone()),
        ("InsuredIdentificationNumber", numbers.number.clone()),
        ("InsuredBranchNumber", numbers.branch.clone()),
        ("PersonalFamilyClassification", "1".into()),
        ("Name", wire::face_file::mark_unmappable(&person.name)),
        ("NameOfOther", String::new()),
        ("NameKana", person.kana.clone()),
        ("Sex1", person.sex.clone()),
        ("Birthdate", person.birth.replace('-', "")),
        ("Address", String::new()),
        ("QualificationDate", "20240401".into()),
        ("DisqualificationDate", String::new()),
    ])
}

/// The elements of a group, those the row sets with its own value. Sound results leave empty ones out.
fn elements(result: &PlantedResult, group: Vec<(&'static str, String)>) -> String {
    let written = group
        .into_iter()
        .map(|(name, sound)| match result.set.get(name) {
            Some(value) => format!("<{name}>{value}</{name}>"),
            None if sound.is_empty() => String::new(),
            None => format!("<{name}>{sound}</{name}>"),
        });
    written.collect()
}

fn added(result: &PlantedResult) -> String {
    let nested = result.add.iter().map(|(path, value)| {
        let names: Vec<&str> = path.split('/').collect();
        let open: String = names.iter().map(|n| format!("<{n}>")).collect();
        let close: String = names.iter().rev().map(|n| format!("</{n}>")).collect();
        format!("{open}{value}{close}")
    });
    nested.collect()
}

/// Raw bytes put before the end of the person's name.
fn spoilt(bytes: Vec<u8>, hex: &str) -> Vec<u8> {
    let raw = crate::steps::unhexed(hex).unwrap_or_default();
    let end = bytes.windows(7).position(|w| w == b"</Name>");
    match end {
        Some(at) if !raw.is_empty() => [&bytes[..at], &raw, &bytes[at..]].concat(),
        _ => bytes,
    }
}
