//! What an examiner does to a card on a reader of the suite's own: lists of commands, cards pulled out amid
//! them, and force.

use evidence::Act;
use town::CardSecret;
use wire::apdu;

use crate::Read;
use crate::stage::{Stage, Stuck};

/// The phrases played here.
pub const PHRASES: &[&str] = &["examine", "tampered"];

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let card = stage.card_of(read.get("person"));
    match read.phrase.as_str() {
        "examine" => examine(stage, &card, read.get("script")),
        "tampered" => {
            stage.town.tamper(&card)?;
            stage.hands("examiner", Act::Tamper { card });
            Ok(())
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

fn examine(stage: &mut Stage, card: &str, name: &str) -> Result<(), Stuck> {
    let script = stage.book.props().script(name).cloned();
    let script = script.ok_or_else(|| Stuck::Missing(format!("there is a script {name}")))?;
    let act = Act::Examine {
        card: card.to_owned(),
        script: name.to_owned(),
    };
    stage.hands("examiner", act);
    stage.town.power_card(card)?;
    for line in &script.lines {
        say(stage, card, line)?;
    }
    stage.town.unpower_card(card)?;
    Ok(())
}

fn say(stage: &mut Stage, card: &str, line: &str) -> Result<(), Stuck> {
    if line == "power" {
        stage.town.unpower_card(card)?;
        return Ok(stage.town.power_card(card)?);
    }
    if line == "every-file" {
        for file in 1..=0x1E_u16 {
            stage
                .town
                .send_to_card(card, &apdu::select_file(file).to_bytes())?;
            stage.town.send_to_card(card, &READ_ALL)?;
        }
        return Ok(());
    }
    if let Some(rest) = line.strip_prefix("tear ") {
        let (steps, rest) = rest.split_once(' ').ok_or_else(|| misread(line))?;
        let steps = steps.parse().map_err(|_| misread(line))?;
        let command = command(stage, card, rest)?;
        return Ok(stage.town.tear_card(card, &command, steps)?);
    }
    let command = command(stage, card, line)?;
    stage.town.send_to_card(card, &command)?;
    Ok(())
}

/// READ BINARY from the start with an extended length: the whole file in one answer.
const READ_ALL: [u8; 7] = [0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x00];

fn command(stage: &Stage, card: &str, line: &str) -> Result<Vec<u8>, Stuck> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let bytes = match word {
        "select" => {
            let application = match rest {
                "jpki" => apdu::JPKI_APPLICATION,
                "text" => apdu::TEXT_APPLICATION,
                "surface" => apdu::SURFACE_APPLICATION,
                _ => return Err(misread(line)),
            };
            let select = apdu::select_application(&application);
            select.map_err(|_| misread(line))?.to_bytes()
        }
        "file" => {
            let file = u16::from_str_radix(rest, 16).map_err(|_| misread(line))?;
            apdu::select_file(file).to_bytes()
        }
        "read" => READ_ALL.to_vec(),
        "query" => apdu::verify_query().to_bytes(),
        "verify" => {
            let secret = secret(stage, card, rest)?;
            let verify = apdu::verify(secret.as_bytes());
            verify.map_err(|_| misread(line))?.to_bytes()
        }
        "sign" => {
            let info = apdu::sha256_digest_info(&[0x5A; 32]);
            let sign = apdu::compute_signature(apdu::signature_input::AS_GIVEN, &info);
            sign.map_err(|_| misread(line))?.to_bytes()
        }
        "raw" => unhexed(rest).ok_or_else(|| misread(line))?,
        _ => return Err(misread(line)),
    };
    Ok(bytes)
}

/// A secret of the card, or one of its shape that is wrong.
fn secret(stage: &Stage, card: &str, name: &str) -> Result<String, Stuck> {
    let right = |name: &str| {
        let secret = match name {
            "pin" => CardSecret::Pin,
            "sign" => CardSecret::SignPassword,
            "text" => CardSecret::TextPin,
            "a" => CardSecret::VerificationA,
            "b" => CardSecret::VerificationB,
            "birth" => CardSecret::BirthDateKey,
            _ => return Err(misread(name)),
        };
        Ok(stage.town.secret_of(card, secret)?)
    };
    let Some(name) = name.strip_prefix("wrong-") else {
        return right(name);
    };
    // Another last character of the same sort.
    let mut wrong = right(name)?;
    let last = wrong.pop();
    wrong.push(match last {
        Some('9') => '8',
        Some(digit) if digit.is_ascii_digit() => '9',
        Some('Q') => 'R',
        _ => 'Q',
    });
    Ok(wrong)
}

/// Bytes of a text in hex; none when it is not.
pub fn unhexed(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

fn misread(line: &str) -> Stuck {
    Stuck::Missing(format!("props/scripts.yaml may say 「{line}」"))
}
