//! Decoded views for readers of a report: what a tapped message says, in the words of its
//! specification. No verdict rests on a view.

use base64::Engine;
use serde_json::{Map, Value, json};

use super::apdu::{self, Command, Presented};
use super::certificate::{self, Certificate};
use super::http::{self, Message, Start};
use super::ocsp::{self, Status};
use super::xml::{self, Element};
use super::{DecodeError, crl, file_name, result};

/// A decoded view of the bytes that crossed a hop, under a name where files have one. Bytes that are no
/// message of the hop give an object with `error` and `bytes`, their number.
pub fn view(hop: &str, name: Option<&str>, bytes: &[u8]) -> Value {
    let seen = match hop {
        "card" => card(bytes),
        "reader" => super::json::parse(bytes),
        "face-folder" => face(name, bytes),
        "req-folder" | "res-folder" => folder(name, bytes),
        "ocsp" => http::message(bytes).map(|message| of_ocsp(&message)),
        "crl" => http::message(bytes).map(|message| of_crl(&message)),
        "eligibility"
        | "feed"
        | "registration"
        | "portal"
        | "clinic-registration"
        | "agency"
        | "insured" => http::message(bytes).map(|message| of_http(&message)),
        other => Err(DecodeError::new("hop", "one this judge decodes", other)),
    };
    seen.unwrap_or_else(|error| json!({ "error": error.to_string(), "bytes": bytes.len() }))
}

/// A view is not told the direction: what frames as a known command is one, the rest are responses.
fn card(bytes: &[u8]) -> Result<Value, DecodeError> {
    let known = [0xA4, 0xB0, 0xB2, 0x20, 0x24, 0x2A, 0x84, 0x88, 0xCA, 0xCB];
    let framed = matches!(bytes, [0x00 | 0x80, ins, _, _, ..] if known.contains(ins));
    match apdu::command(bytes) {
        Ok(command) if framed => Ok(of_command(&command, bytes)),
        _ => {
            let response = apdu::response(bytes)?;
            Ok(json!({
                "response": format!("{:04X}", response.status),
                "means": apdu::status_text(response.status),
                "data": hex::encode_upper(&response.data),
            }))
        }
    }
}

fn of_command(command: &Command, bytes: &[u8]) -> Value {
    let header = hex::encode_upper(&bytes[..4]);
    let data = match command {
        Command::SelectApplication(aid) => json!({ "aid": hex::encode_upper(aid) }),
        Command::SelectFile(file) => json!({ "file": format!("{file:04X}") }),
        Command::ReadBinary(short) => json!({ "short_file": short }),
        Command::Verify(_, Presented::Nothing) => json!({ "asks": "tries left" }),
        Command::Verify(_, Presented::Secret(token)) => json!({ "pin": token }),
        Command::Verify(_, Presented::Bytes(bytes)) => json!({ "bytes": bytes.len() }),
        Command::ComputeSignature(_, _, data) => json!({ "data": hex::encode_upper(data) }),
        Command::Other(..) => json!({}),
    };
    json!({ "command": command.name(), "header": header, "with": data })
}

fn face(name: Option<&str>, bytes: &[u8]) -> Result<Value, DecodeError> {
    let document = xml::document(bytes)?;
    let named = file_name::face(name.unwrap_or_default());
    let named = match named {
        Ok(parts) => json!({
            "facility_code": parts.facility_code, "serial": parts.serial, "written_at": parts.written_at,
        }),
        Err(error) => json!({ "error": error.to_string() }),
    };
    Ok(
        json!({ "file": named, "encoding": document.encoding, "xml": of_xml(&document.root), "remark": remark(bytes) }),
    )
}

fn folder(name: Option<&str>, bytes: &[u8]) -> Result<Value, DecodeError> {
    let document = xml::document(bytes)?;
    let seen = of_xml(&document.root);
    Ok(json!({ "file": name.unwrap_or_default(), "encoding": document.encoding, "xml": seen }))
}

fn of_crl(message: &Message) -> Value {
    let seen = match &message.start {
        Start::Request(..) => Value::Null,
        Start::Answer(_) => crl::list(&message.body).map_or_else(odd, |list| {
            json!({ "this_update": list.this_update, "next_update": list.next_update, "revoked": list.revoked })
        }),
    };
    json!({ "http": head(message), "crl": seen })
}

fn remark(bytes: &[u8]) -> Option<String> {
    result::outcome(bytes)
        .ok()
        .and_then(|outcome| outcome.remark)
}

fn of_xml(root: &Element) -> Value {
    let mut object = Map::new();
    object.insert(root.name.clone(), content(root));
    Value::Object(object)
}

fn content(element: &Element) -> Value {
    if element.children.is_empty() {
        return Value::String(element.text.clone());
    }
    let mut object = Map::new();
    for child in &element.children {
        let seen = content(child);
        match object.get_mut(&child.name) {
            None => {
                object.insert(child.name.clone(), seen);
            }
            Some(Value::Array(list)) => list.push(seen),
            Some(first) => *first = Value::Array(vec![first.take(), seen]),
        }
    }
    Value::Object(object)
}

fn head(message: &Message) -> Value {
    match &message.start {
        Start::Request(method, target) => json!({ "request": format!("{method} {target}") }),
        Start::Answer(status) => json!({ "answer": status }),
    }
}

fn of_http(message: &Message) -> Value {
    let is_xml = message
        .header("content-type")
        .is_some_and(|t| t.contains("xml"));
    let body = if message.body.is_empty() {
        Value::Null
    } else if is_xml {
        xml::document(&message.body).map_or_else(odd, |d| of_xml(&d.root))
    } else {
        super::json::parse(&message.body).map_or_else(odd, with_certificate)
    };
    json!({ "http": head(message), "body": body })
}

fn odd(error: DecodeError) -> Value {
    json!({ "error": error.to_string() })
}

/// A certificate in Base64 is shown taken apart.
fn with_certificate(mut body: Value) -> Value {
    let der = body
        .get("certificate")
        .and_then(Value::as_str)
        .and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    if let (Some(der), Some(object)) = (der, body.as_object_mut()) {
        let seen = certificate::certificate(&der).map_or_else(odd, |c| of_certificate(&c));
        object.insert("certificate".to_owned(), seen);
    }
    body
}

fn of_certificate(certificate: &Certificate) -> Value {
    json!({
        "issuer": certificate.issuer,
        "subject": certificate.subject,
        "serial": certificate.serial,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "digital_signature": certificate.digital_signature,
        "extended_usages": certificate.extended_usages,
        "policies": certificate.policies,
        "authority_key": certificate.authority_key,
        "subject_key": certificate.subject_key,
    })
}

fn of_ocsp(message: &Message) -> Value {
    let seen = match &message.start {
        Start::Request(..) => {
            ocsp::request(&message.body).map(|r| json!({ "asks": r.serials, "nonce": r.nonce }))
        }
        Start::Answer(_) => ocsp::response(&message.body).map(|r| of_response(&r)),
    };
    json!({ "http": head(message), "ocsp": seen.unwrap_or_else(odd) })
}

fn of_response(response: &ocsp::Response) -> Value {
    let single = |s: &ocsp::Single| {
        let status = match &s.status {
            Status::Good => json!("good"),
            Status::Revoked(at, reason) => json!({ "revoked": at, "reason": reason }),
            Status::Unknown => json!("unknown"),
        };
        json!({ "serial": s.serial, "status": status, "this_update": s.this_update, "next_update": s.next_update })
    };
    let singles: Vec<Value> = response.singles.iter().map(single).collect();
    let responders: Vec<&str> = response
        .certificates
        .iter()
        .map(|c| c.subject.as_str())
        .collect();
    json!({
        "status": response.status, "produced": response.produced, "responses": singles,
        "nonce": response.nonce, "responders": responders,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Play, Scene};
    use proptest::prelude::*;

    const HOPS: [&str; 8] = [
        "card",
        "reader",
        "eligibility",
        "ocsp",
        "registration",
        "feed",
        "face-folder",
        "elsewhere",
    ];

    #[test]
    fn every_hop_of_a_visit_can_be_read() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        let views = scene.views();
        assert!(
            views.iter().all(|(_, view)| view.get("error").is_none()),
            "{views:#?}"
        );
        let text = serde_json::to_string_pretty(&views).unwrap();
        insta::assert_snapshot!("views_of_a_visit", text);
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        let said = view("face-folder", Some("x"), b"<A>");
        assert!(
            said["error"].as_str().unwrap().starts_with("XML line 1"),
            "{said}"
        );
        assert_eq!(
            view("elsewhere", None, b"")["error"],
            "hop: expected one this judge decodes, found elsewhere"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(hop in 0usize..8, name in ".{0,20}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = view(HOPS[hop], Some(&name), &bytes);
        }
    }
}
