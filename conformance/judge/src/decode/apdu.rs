//! Commands and responses of the card hop, in the words of the card specifications. A VERIFY
//! carries a token in place of its PIN, while Lc keeps the true length.

use super::{DecodeError, token};

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// SELECT by application name; the AID.
    SelectApplication(Vec<u8>),
    /// SELECT of a file under the current application; its identifier.
    SelectFile(u16),
    /// READ BINARY, with the short file identifier when one is given.
    ReadBinary(Option<u8>),
    /// VERIFY of the key that P2 names.
    Verify(u8, Presented),
    /// COMPUTE DIGITAL SIGNATURE (80 2A) with P1, P2 and the data to sign.
    ComputeSignature(u8, u8, Vec<u8>),
    /// Any other instruction: CLA and INS.
    Other(u8, u8),
}

/// What a VERIFY presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Nothing: the number of tries left is asked for.
    Nothing,
    /// A secret, as its token.
    Secret(String),
    /// Bytes that are no declared secret.
    Bytes(Vec<u8>),
}

/// A card's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Data without the status word.
    pub data: Vec<u8>,
    /// Status word SW1 SW2.
    pub status: u16,
}

struct Body<'a> {
    data: &'a [u8],
    lc: usize,
    secret: Option<token::Token>,
}

const LONGEST: usize = 70_000;

/// Reads a command APDU, short or extended.
pub fn command(bytes: &[u8]) -> Result<Command, DecodeError> {
    if bytes.len() < 4 || bytes.len() > LONGEST {
        let found = format!("{} bytes", bytes.len());
        return Err(DecodeError::new(
            "command APDU",
            format!("4 to {LONGEST} bytes"),
            found,
        ));
    }
    let [cla, ins, p1, p2] = [bytes[0], bytes[1], bytes[2], bytes[3]];
    let body = body(&bytes[4..])?;
    Ok(match (cla, ins) {
        (0x00, 0xA4) if p1 == 0x04 => Command::SelectApplication(body.data.to_vec()),
        (0x00, 0xA4) => match body.data {
            [high, low] => Command::SelectFile(u16::from_be_bytes([*high, *low])),
            _ => Command::Other(cla, ins),
        },
        (0x00, 0xB0) => Command::ReadBinary((p1 & 0x80 != 0).then_some(p1 & 0x1F)),
        (0x00, 0x20) => Command::Verify(p2, presented(body)),
        (0x80, 0x2A) => Command::ComputeSignature(p1, p2, body.data.to_vec()),
        _ => Command::Other(cla, ins),
    })
}

fn presented(body: Body<'_>) -> Presented {
    match body.secret {
        Some(token) => Presented::Secret(token.text),
        None if body.lc == 0 => Presented::Nothing,
        None => Presented::Bytes(body.data.to_vec()),
    }
}

fn body(rest: &[u8]) -> Result<Body<'_>, DecodeError> {
    let (lc, start) = match rest {
        [] | [_] => {
            return Ok(Body {
                data: &[],
                lc: 0,
                secret: None,
            });
        }
        [0, _, _] => {
            return Ok(Body {
                data: &[],
                lc: 0,
                secret: None,
            });
        }
        [0, high, low, ..] => (usize::from(u16::from_be_bytes([*high, *low])), 3),
        [lc, ..] => (usize::from(*lc), 1),
    };
    let data = &rest[start..];
    if let Some(token) = token::read(data, 0) {
        let after = data.len() - token.end;
        if after > 2 {
            return Err(DecodeError::new(
                "APDU after the data",
                "at most Le",
                format!("{after} bytes"),
            ));
        }
        return Ok(Body {
            data: &data[..token.end],
            lc,
            secret: Some(token),
        });
    }
    let Some(content) = data.get(..lc) else {
        let found = format!("{} bytes", data.len());
        return Err(DecodeError::new(
            "APDU data",
            format!("{lc} bytes as Lc says"),
            found,
        ));
    };
    if data.len() - lc > 2 {
        let found = format!("{} bytes", data.len() - lc);
        return Err(DecodeError::new("APDU after the data", "at most Le", found));
    }
    Ok(Body {
        data: content,
        lc,
        secret: None,
    })
}

/// Reads a response APDU.
pub fn response(bytes: &[u8]) -> Result<Response, DecodeError> {
    match bytes {
        [data @ .., sw1, sw2]
            if bytes.len() <= LONGEST && (sw1 & 0xF0 == 0x60 || sw1 & 0xF0 == 0x90) =>
        {
            Ok(Response {
                data: data.to_vec(),
                status: u16::from_be_bytes([*sw1, *sw2]),
            })
        }
        [.., sw1, sw2] => {
            let found = format!("{sw1:02X}{sw2:02X} at the end of {} bytes", bytes.len());
            Err(DecodeError::new(
                "response APDU",
                "a status word 6xxx or 9xxx",
                found,
            ))
        }
        _ => Err(DecodeError::new(
            "response APDU",
            "at least a status word",
            format!("{} bytes", bytes.len()),
        )),
    }
}

impl Command {
    /// Name in the words of the specification.
    pub fn name(&self) -> &'static str {
        match self {
            Command::SelectApplication(_) | Command::SelectFile(_) => "SELECT",
            Command::ReadBinary(_) => "READ BINARY",
            Command::Verify(..) => "VERIFY",
            Command::ComputeSignature(..) => "COMPUTE DIGITAL SIGNATURE",
            Command::Other(_, 0xB2) => "READ RECORD",
            Command::Other(_, 0x84) => "GET CHALLENGE",
            Command::Other(_, 0x88) => "INTERNAL AUTHENTICATE",
            Command::Other(_, 0x24) => "CHANGE REFERENCE DATA",
            Command::Other(_, 0xCA | 0xCB) => "GET DATA",
            Command::Other(..) => "?",
        }
    }
}

/// What a status word means.
pub fn status_text(status: u16) -> String {
    let plain = match status {
        0x9000 => "normal",
        0x6700 => "wrong length",
        0x6881 => "logical channel not supported",
        0x6981 => "file structure mismatch",
        0x6982 => "security status not satisfied",
        0x6984 => "referenced key blocked",
        0x6985 => "conditions of use not satisfied",
        0x6986 => "no current file",
        0x6A82 => "file not found",
        0x6A86 => "wrong P1 P2",
        0x6B00 => "offset beyond the file",
        0x6D00 => "instruction not supported",
        0x6E00 => "class not supported",
        _ if status & 0xFFF0 == 0x63C0 => return format!("wrong, {} tries left", status & 0xF),
        _ => "other",
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hexed(text: &str) -> Vec<u8> {
        hex::decode(text.replace(' ', "")).unwrap()
    }

    #[test]
    fn commands_are_read() {
        let cases = [
            (
                "00A4040C0A D392F000260100000001",
                Command::SelectApplication(hexed("D392F000260100000001")),
            ),
            ("00A4020C02 0018", Command::SelectFile(0x0018)),
            ("00B0000000", Command::ReadBinary(None)),
            ("00B08A00 000000", Command::ReadBinary(Some(0x0A))),
            ("00200080", Command::Verify(0x80, Presented::Nothing)),
            (
                "00200098 04 31323334",
                Command::Verify(0x98, Presented::Bytes(b"1234".to_vec())),
            ),
            (
                "802A0080 03 010203 00",
                Command::ComputeSignature(0, 0x80, vec![1, 2, 3]),
            ),
            (
                "802A0080 000003 010203 0000",
                Command::ComputeSignature(0, 0x80, vec![1, 2, 3]),
            ),
            ("0084000008", Command::Other(0, 0x84)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(command(&hexed(bytes)).unwrap(), expected, "{bytes}");
        }
    }

    #[test]
    fn a_token_stands_for_the_pin() {
        let bytes = [&[0x00, 0x20, 0x00, 0x80, 0x04][..], "⟦PIN#2⟧".as_bytes()].concat();
        assert_eq!(
            command(&bytes).unwrap(),
            Command::Verify(0x80, Presented::Secret("⟦PIN#2⟧".into()))
        );
    }

    #[test]
    fn broken_ones_say_where() {
        for (bytes, said) in [
            (
                "00A404",
                "command APDU: expected 4 to 70000 bytes, found 3 bytes",
            ),
            (
                "00A4040C0A D392",
                "APDU data: expected 10 bytes as Lc says, found 2 bytes",
            ),
            (
                "00A4020C01 00 01020304",
                "APDU after the data: expected at most Le, found 4 bytes",
            ),
        ] {
            assert_eq!(command(&hexed(bytes)).unwrap_err().to_string(), said);
        }
        for (bytes, said) in [
            (
                "90",
                "response APDU: expected at least a status word, found 1 bytes",
            ),
            (
                "1234",
                "response APDU: expected a status word 6xxx or 9xxx, found 1234 at the end of 2 bytes",
            ),
        ] {
            assert_eq!(response(&hexed(bytes)).unwrap_err().to_string(), said);
        }
        assert_eq!(
            response(&hexed("AA63C2")).unwrap(),
            Response {
                data: vec![0xAA],
                status: 0x63C2
            }
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = command(&bytes);
            let _ = response(&bytes);
        }

        #[test]
        fn whatever_is_framed_is_read_back(data in proptest::collection::vec(any::<u8>(), 1..256)) {
            let mut bytes = vec![0x80, 0x2A, 0x00, 0x80, u8::try_from(data.len()).unwrap()];
            bytes.extend(&data);
            prop_assert_eq!(command(&bytes).unwrap(), Command::ComputeSignature(0, 0x80, data));
        }
    }
}
