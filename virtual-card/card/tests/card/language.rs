//! The language of the dialogue files: one line a command and its expected answer, `->` between.
//! Everything after `#` is a comment. What may stand left and right is listed in
//! `dialogues/README.md`.

use crate::cards;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use virtual_card::{Card, SecretName};
use wire::apdu::{
    self, Command, JPKI_APPLICATION, Response, SURFACE_APPLICATION, StatusWord, TEXT_APPLICATION,
    sha256_digest_info,
};

/// What is done to the card.
pub enum Deed {
    PowerOn,
    PowerOff,
    Reset,
    Tamper,
    CounterSets {
        which: SecretName,
        new: String,
    },
    /// The terminal signs the challenge given last.
    Authenticate,
    Send {
        bytes: Vec<u8>,
        pulled_after: Option<u32>,
    },
}

/// What must come back.
pub enum Answer {
    Nothing,
    Done,
    Refused,
    Atr(Vec<u8>),
    Response { data: Data, status: StatusWord },
}

pub enum Data {
    Exactly(Vec<u8>),
    Count(usize),
    Holding(Vec<u8>),
    Signature {
        key: &'static str,
        scheme: &'static str,
        message: Vec<u8>,
    },
}

pub struct Line {
    pub deed: Deed,
    pub answer: Answer,
}

/// Reads one line; `None` for a line that says nothing.
pub fn read_line(line: &str) -> Result<Option<Line>, String> {
    let said = line.split('#').next().unwrap_or("").trim();
    if said.is_empty() {
        return Ok(None);
    }
    let (left, right) = said.split_once("->").ok_or("no -> in the line")?;
    Ok(Some(Line {
        deed: deed(&words(left)?)?,
        answer: answer(&words(right)?)?,
    }))
}

/// Words by white space; a quoted word keeps its spaces and its opening quote as a mark.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(format!("\"{part}")),
        }
    }
    match text.matches('"').count() % 2 {
        0 => Ok(words),
        _ => Err("a quote is not closed".to_owned()),
    }
}

fn deed(words: &[String]) -> Result<Deed, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["power", "on"] => Ok(Deed::PowerOn),
        ["power", "off"] => Ok(Deed::PowerOff),
        ["reset"] => Ok(Deed::Reset),
        ["tamper"] => Ok(Deed::Tamper),
        ["authenticate"] => Ok(Deed::Authenticate),
        ["counter", "sets", which, new] => Ok(Deed::CounterSets {
            which: secret_name(which)?,
            new: new.trim_start_matches('"').to_owned(),
        }),
        ["pulled", "after", steps, rest @ ..] => Ok(Deed::Send {
            bytes: command(rest)?,
            pulled_after: Some(number(steps)?),
        }),
        rest => Ok(Deed::Send {
            bytes: command(rest)?,
            pulled_after: None,
        }),
    }
}

fn secret_name(word: &str) -> Result<SecretName, String> {
    match word {
        "PIN" => Ok(SecretName::AuthenticationPin),
        "sign-password" => Ok(SecretName::SignPassword),
        "text-PIN" => Ok(SecretName::TextPin),
        "text-A" => Ok(SecretName::TextVerificationA),
        other => Err(format!("no secret named {other}")),
    }
}

fn command(words: &[&str]) -> Result<Vec<u8>, String> {
    let command: Result<Command, apdu::ApduError> = match words {
        ["bytes", hex_bytes @ ..] => return bytes(&hex_bytes.concat()),
        ["select", "application", "JPKI"] => apdu::select_application(&JPKI_APPLICATION),
        ["select", "application", "text"] => apdu::select_application(&TEXT_APPLICATION),
        ["select", "application", "surface"] => apdu::select_application(&SURFACE_APPLICATION),
        ["select", "application", name] => apdu::select_application(&bytes(name)?),
        ["select", "file", id] => Ok(apdu::select_file(file_id(id)?)),
        ["read", offset, length] => apdu::read_binary(number(offset)?, number(length)?),
        ["read", "file", id, offset, length] => {
            apdu::read_file(file_id(id)?, number(offset)?, number(length)?)
        }
        ["tries"] => Ok(apdu::verify_query()),
        ["tries", "of", id] => Ok(apdu::verify_query_file(file_id(id)?)),
        ["present", secret] => apdu::verify(&data(&[secret])?),
        ["present", secret, "to", id] => apdu::verify_file(file_id(id)?, &data(&[secret])?),
        ["sign", input, rest @ .., "with", id] => {
            apdu::compute_signature_file(file_id(id)?, signature_input(input)?, &data(rest)?)
        }
        ["sign", input, rest @ ..] => {
            apdu::compute_signature(signature_input(input)?, &data(rest)?)
        }
        ["change", "to", new] => Command::new([0, 0x24, 1, 0x80]).with_data(&data(&[new])?),
        ["certificate", which] => {
            let certificate = cards::terminal_certificate(which).ok_or("no such terminal")?;
            Command::new([0x80, 0xA2, 0, 0xC1]).with_data(&certificate)
        }
        ["data", tag, length] => {
            let [p1, p2] = file_id(tag)?.to_be_bytes();
            Command::new([0, 0xCA, p1, p2]).expecting(number(length)?)
        }
        ["challenge", count] => apdu::get_challenge(number(count)?),
        other => return Err(format!("unknown command {other:?}")),
    };
    Ok(command.map_err(|error| error.to_string())?.to_bytes())
}

fn data(words: &[&str]) -> Result<Vec<u8>, String> {
    match words {
        [text] if text.starts_with('"') => Ok(text.as_bytes()[1..].to_vec()),
        ["hash", text] => Ok(hash(text).to_vec()),
        ["digest-info", text] => Ok(sha256_digest_info(&hash(text))),
        ["zeros", count] => Ok(vec![0; number(count)?]),
        hex_bytes => bytes(&hex_bytes.concat()),
    }
}

fn signature_input(word: &str) -> Result<u8, String> {
    u8::from_str_radix(word, 16).map_err(|_| format!("{word} is not a P1"))
}

fn answer(words: &[String]) -> Result<Answer, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["nothing"] => Ok(Answer::Nothing),
        ["done"] => Ok(Answer::Done),
        ["refused"] => Ok(Answer::Refused),
        ["atr", hex_bytes @ ..] => Ok(Answer::Atr(bytes(&hex_bytes.concat())?)),
        [data @ .., status] => Ok(Answer::Response {
            data: expected_data(data)?,
            status: StatusWord(file_id(status)?),
        }),
        [] => Err("no answer is given".to_owned()),
    }
}

fn expected_data(words: &[&str]) -> Result<Data, String> {
    Ok(match words {
        ["holding", text] => Data::Holding(data(&[text])?),
        [text] if text.starts_with('"') => Data::Exactly(data(&[text])?),
        [count, "bytes"] => Data::Count(number(count)?),
        ["file", name] => Data::Exactly(file(name)?.to_vec()),
        ["file", name, from, "to", to] => Data::Exactly(
            file(name)?
                .get(number(from)?..number(to)?)
                .ok_or("outside the file")?
                .to_vec(),
        ),
        [scheme, "signature", "by", key, "over", message] => Data::Signature {
            key: known(key, &["authentication", "signing", "other"])?,
            scheme: known(scheme, &["plain", "PSS"])?,
            message: message.trim_start_matches('"').as_bytes().to_vec(),
        },
        hex_bytes => Data::Exactly(bytes(&hex_bytes.concat())?),
    })
}

fn file(name: &str) -> Result<&'static [u8], String> {
    match name {
        "authentication-certificate" => Ok(cards::AUTHENTICATION_CERTIFICATE),
        "authentication-ca" => Ok(cards::AUTHENTICATION_CA),
        "sign-certificate" => Ok(cards::SIGN_CERTIFICATE),
        "sign-ca" => Ok(cards::SIGN_CA),
        other => Err(format!("no file named {other}")),
    }
}

fn known(word: &str, names: &[&'static str]) -> Result<&'static str, String> {
    let found = names.iter().find(|name| **name == word);
    found.copied().ok_or(format!("{word} is none of {names:?}"))
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse()
        .map_err(|_| format!("{word} is not a number that fits here"))
}

fn file_id(word: &str) -> Result<u16, String> {
    u16::from_str_radix(word, 16).map_err(|_| format!("{word} is not two hexadecimal bytes"))
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|error| format!("{text}: {error}"))
}

fn hash(text: &str) -> [u8; 32] {
    let text = text.trim_start_matches('"').as_bytes();
    digest::digest(&digest::SHA256, text)
        .as_ref()
        .try_into()
        .unwrap()
}

/// A card and whoever talks to it, who remembers the last challenge.
pub struct Player {
    card: Card,
    challenge: Vec<u8>,
}

/// What came of a deed.
enum Got {
    Bytes(Vec<u8>),
    Said(bool),
}

impl Player {
    pub fn new(card: Card) -> Player {
        Player {
            card,
            challenge: Vec::new(),
        }
    }

    /// Does the deed and says what differs from the expected answer; gives the response for transcripts.
    pub fn play(&mut self, line: &Line) -> Result<Vec<u8>, String> {
        let got = self.deed(&line.deed);
        let bytes = match &got {
            Got::Bytes(bytes) => bytes.clone(),
            Got::Said(_) => Vec::new(),
        };
        compare(&line.answer, &got)
            .map_err(|what| format!("{what}\n    got {}", hex::encode_upper(&bytes)))?;
        Ok(bytes)
    }

    fn deed(&mut self, deed: &Deed) -> Got {
        let card = &mut self.card;
        Got::Bytes(match deed {
            Deed::PowerOn => card.power_on().to_vec(),
            Deed::Reset => card.reset().to_vec(),
            Deed::PowerOff => {
                card.power_off();
                Vec::new()
            }
            Deed::Tamper => {
                card.tamper();
                Vec::new()
            }
            Deed::CounterSets { which, new } => {
                return Got::Said(card.reset_secret(*which, new).is_ok());
            }
            Deed::Authenticate => {
                let answer = cards::terminal_answer(&self.challenge);
                let command = Command::new([0, 0x82, 0, 0]).with_data(&answer).unwrap();
                card.handle(&command.to_bytes())
            }
            Deed::Send {
                bytes,
                pulled_after,
            } => {
                let answer = match pulled_after {
                    None => card.handle(bytes),
                    Some(steps) => card.handle_pulled_after(bytes, *steps).unwrap_or_default(),
                };
                if bytes.starts_with(&[0x00, 0x84]) {
                    self.challenge = answer[..answer.len().saturating_sub(2)].to_vec();
                }
                answer
            }
        })
    }
}

fn compare(expected: &Answer, got: &Got) -> Result<(), String> {
    match (expected, got) {
        (Answer::Nothing, Got::Bytes(got)) if got.is_empty() => Ok(()),
        (Answer::Done, Got::Said(true)) | (Answer::Refused, Got::Said(false)) => Ok(()),
        (Answer::Atr(atr), Got::Bytes(got)) if atr == got => Ok(()),
        (Answer::Response { data, status }, Got::Bytes(got)) => {
            let response = Response::parse(got).map_err(|error| error.to_string())?;
            if response.status != *status {
                return Err(format!("status {} instead of {status}", response.status));
            }
            compare_data(data, &response.data)
        }
        _ => Err("another answer than expected".to_owned()),
    }
}

fn compare_data(expected: &Data, got: &[u8]) -> Result<(), String> {
    match expected {
        Data::Exactly(bytes) if bytes == got => Ok(()),
        Data::Exactly(bytes) => Err(format!("data differ from {}", hex::encode_upper(bytes))),
        Data::Count(count) if *count == got.len() => Ok(()),
        Data::Count(count) => Err(format!("{} data bytes instead of {count}", got.len())),
        Data::Holding(part) if got.windows(part.len()).any(|window| window == part) => Ok(()),
        Data::Holding(part) => Err(format!("data do not hold {}", hex::encode_upper(part))),
        Data::Signature {
            key,
            scheme,
            message,
        } => verify(key, scheme, message, got),
    }
}

fn verify(key: &str, scheme: &str, message: &[u8], signature: &[u8]) -> Result<(), String> {
    let key = match key {
        "authentication" => &cards::AUTHENTICATION_KEY,
        "signing" => &cards::SIGN_KEY,
        _ => &cards::OTHER_KEY,
    };
    let algorithm: &'static dyn VerificationAlgorithm = match scheme {
        "PSS" => &RSA_PSS_2048_8192_SHA256,
        _ => &RSA_PKCS1_2048_8192_SHA256,
    };
    UnparsedPublicKey::new(algorithm, key.pair().public_key().as_ref())
        .verify(message, signature)
        .map_err(|_| "the signature does not verify".to_owned())
}
