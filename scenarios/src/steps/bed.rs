//! What the suite itself plays in the place of others: results and questions put into a shared folder, and
//! requests sent to a house in somebody's name, sound and unsound alike.

use evidence::Act;
use town::Sender;

use crate::props::PlantedResult;
use crate::result_text;
use crate::stage::{Stage, Stuck};
use crate::{Read, RequestGroup};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "plant-file",
    "plant-half",
    "plant-rest",
    "plant-question",
    "send-request",
];

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    match read.phrase.as_str() {
        "plant-file" => plant(stage, read, Part::Whole).await,
        "plant-half" => plant(stage, read, Part::Half).await,
        "plant-rest" => plant(stage, read, Part::Rest).await,
        "plant-question" => ask(stage, read.get("facility"), read.get("question")).await,
        "send-request" => {
            let group = stage.book.props().requests(read.get("request")).cloned();
            let group = group.ok_or_else(|| Stuck::Missing("there are such requests".into()))?;
            send(stage, read.get("sender"), &group).await
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

/// How much of a file lies there after a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Half,
    Rest,
}

async fn plant(stage: &mut Stage, read: &Read, part: Part) -> Result<(), Stuck> {
    let (facility, person) = (read.get("facility"), read.get("person"));
    stage.open_facility(facility, true).await?;
    let result = stage.book.props().result(read.get("file")).cloned();
    let result = result.ok_or_else(|| Stuck::Missing("there is such a result".into()))?;
    let bytes = result_text::bytes(stage, facility, person, &result)?;
    let lying = match part {
        Part::Half => &bytes[..bytes.len() / 2],
        Part::Whole | Part::Rest => &bytes,
    };
    let name = name_of(stage, facility, &result)?;
    let folder = result.folder.as_deref().unwrap_or("face").to_owned();
    let digest = stage.recorder.keep(lying);
    let act = Act::PlantFile {
        facility: facility.to_owned(),
        folder: folder.clone(),
        name: name.clone(),
        bytes: digest,
        whole: part != Part::Half,
        person: person.to_owned(),
    };
    stage.hands("bed", act);
    stage.town.plant(facility, &folder, &name, lying)?;
    Ok(())
}

/// A file in the place of a receipt computer's question.
async fn ask(stage: &mut Stage, facility: &str, name: &str) -> Result<(), Stuck> {
    stage.open_facility(facility, true).await?;
    let question = stage.book.props().question(name).cloned();
    let question = question.ok_or_else(|| Stuck::Missing("there is such a question".into()))?;
    let deep = "<Level>".repeat(question.deep) + &"</Level>".repeat(question.deep);
    let code = stage.facility_code(facility)?.to_string();
    let text = question.text.replace("{facility}", &code);
    let text = text.replace("{deep}", &deep);
    let raw = super::unhexed(&question.bytes).unwrap_or_default();
    let bytes = match text.split_once("{bytes}") {
        Some((head, tail)) => [head.as_bytes(), &raw, tail.as_bytes()].concat(),
        None => text.into_bytes(),
    };
    let mark = stage.digits(&format!("question {}", question.ja), 8);
    let today = stage.town.clock().today().strftime("%Y%m%d").to_string();
    let name = format!("OQSsiquc01req_{today}{mark}.xml");
    let act = Act::PlantFile {
        facility: facility.to_owned(),
        folder: "req".to_owned(),
        name: name.clone(),
        bytes: stage.recorder.keep(&bytes),
        whole: true,
        person: String::new(),
    };
    stage.hands("bed", act);
    stage.town.plant(facility, "req", &name, &bytes)?;
    Ok(())
}

/// A name of the field's pattern. The same result of one story keeps its name, so that the rest of a file finds
/// its beginning and a second planting meets what was imported.
fn name_of(stage: &Stage, facility: &str, result: &PlantedResult) -> Result<String, Stuck> {
    let code = stage.facility_code(facility)?;
    let mark = stage.digits(&format!("file {}", result.ja), 8);
    let today = stage.town.clock().today().strftime("%Y%m%d").to_string();
    Ok(match &result.name {
        Some(name) => format!("{name}{mark}.xml"),
        None => format!("OQSsiquc01res_face_{code}{mark}_{today}090000.xml"),
    })
}

/// Stands for the body of the last request to the same path.
const AGAIN: &str = "{again}";

/// The body of the last request to a path of the eligibility server.
fn last_body(stage: &Stage, path: &str) -> Result<Vec<u8>, Stuck> {
    let head = format!("POST {path} HTTP/1.1\r\n");
    let of = |bytes: Vec<u8>| {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
        let own = bytes.starts_with(head.as_bytes());
        own.then(|| bytes[end + 4..].to_vec())
    };
    let all = stage.town.tap().messages().into_iter().rev();
    let mut bodies = all.filter_map(|message| message.bytes.and_then(of));
    let found = bodies.next();
    found.ok_or_else(|| Stuck::Missing(format!("somebody asked {path} before")))
}

async fn send(stage: &mut Stage, sender: &str, group: &RequestGroup) -> Result<(), Stuck> {
    let by = match stage.people().facility(sender) {
        Some((_, facility)) => {
            let name = facility.ja.clone();
            stage.open_facility(&name, true).await?;
            Sender::Facility(name)
        }
        None => Sender::Office(stage.people().meaning(sender).to_owned()),
    };
    let code = match &by {
        Sender::Facility(name) => stage.facility_code(name)?.to_string(),
        Sender::Office(_) => String::new(),
    };
    for request in &group.requests {
        let act = Act::SendRequest {
            request: format!("{}/{}", group.ja, request.name),
            sender: sender.to_owned(),
        };
        stage.hands("bed", act);
        let mut body = match request.hex.as_str() {
            "" if request.body == AGAIN => last_body(stage, &request.path)?,
            "" => request.body.replace("{facility}", &code).into_bytes(),
            hex => super::examiner::unhexed(hex).unwrap_or_default(),
        };
        let last = body.last().copied().unwrap_or(b' ');
        body.resize(body.len() + request.pad, last);
        let raw = town::RawRequest {
            house: group.house.clone(),
            method: request.method.clone().unwrap_or_else(|| "POST".into()),
            path: request.path.clone(),
            content_type: request
                .content_type
                .clone()
                .unwrap_or_else(|| "application/json".into()),
            body,
        };
        stage.town.send_request(&by, raw).await?;
    }
    stage.settle().await;
    Ok(())
}
