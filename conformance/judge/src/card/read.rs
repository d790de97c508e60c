//! What a card gives away: files against their conditions, secrets of the holder in the wrong place, the
//! certificates, and signatures made for the suite's own examiner.

use super::files::{Application, file};
use super::reading::contains;
use super::watch::{May, Watch};
use crate::Quote;
use crate::case::CardExchange;
use crate::decode::apdu::{Command, Response};
use crate::decode::token;
use crate::finding::{q, t};

/// Beginning of a private RSA key as PKCS#8 and as PKCS#1 lays it out.
const PRIVATE_KEYS: [&[u8]; 2] = [
    b"\x02\x01\x00\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00\x04\x82",
    b"\x02\x01\x00\x02\x82\x01\x01\x00",
];

/// Status words by which a card refuses to give something away, or says that it is not there.
const REFUSALS: [u16; 7] = [0x6981, 0x6982, 0x6983, 0x6984, 0x6985, 0x6986, 0x6A82];

impl Watch<'_> {
    /// Looks at any answer for what may stand in none of its kind.
    pub(super) fn stray(&mut self, seq: u32, command: &Command, response: &Response) {
        let data = &response.data;
        if data.is_empty() {
            return;
        }
        if PRIVATE_KEYS.iter().any(|key| contains(data, key)) {
            let id = self.named_file(command);
            // Where the file itself is a key its own condition is judged.
            if !matches!(id, Some(id) if file(self.application(), id).1 == "CARD-01") {
                let quote = q(seq, command.name(), format!("{} bytes", data.len()));
                let wrong = t(
                    "応答に秘密鍵が含まれる",
                    "A private key stands in its answer.",
                );
                self.report.breach("CARD-01", quote, wrong);
            }
        }
        if let Some(word) = self.needles.in_bytes(data).map(str::to_owned) {
            let wrong = t(
                format!("応答に「{word}」が含まれる"),
                format!("Its answer contains \"{word}\"."),
            );
            self.report
                .breach("CARD-09", q(seq, command.name(), word), wrong);
        }
        for found in token::find(data) {
            let (id, place) = match found.kind.as_str() {
                "INDIVIDUAL-NUMBER" => ("CARD-07", (Application::Text, 0x01)),
                "FACE" | "SECURITY-CODE" => ("CARD-08", (Application::Surface, 0x02)),
                _ => continue,
            };
            // In its own file the file's condition is judged.
            let own = self.named_file(command).map(|id| (self.application(), id));
            if own != Some(place) {
                let wrong = t(
                    format!("定められたファイルの外で{}を渡した", found.kind),
                    format!(
                        "It gave {} away outside the file that holds it.",
                        found.kind
                    ),
                );
                self.report
                    .breach(id, q(seq, command.name(), found.text), wrong);
            }
        }
    }

    fn named_file(&self, command: &Command) -> Option<u16> {
        match command {
            Command::ReadBinary(Some(short)) => Some(u16::from(*short)),
            Command::ReadBinary(None) => self.current_file(),
            _ => None,
        }
    }

    /// READ BINARY of a file; `sure` when it is certainly that one.
    pub(super) fn read(
        &mut self,
        exchange: &CardExchange,
        id: u16,
        sure: bool,
        response: &Response,
    ) {
        let (application, seq) = (self.application(), exchange.seq);
        let (_, requirement) = file(application, id);
        let out = !response.data.is_empty();
        let said = match out {
            true => format!("{:04X}, {} bytes", response.status, response.data.len()),
            false => format!("{:04X}", response.status),
        };
        let quote = q(
            seq,
            format!("READ BINARY {} {id:04X}", short(application)),
            said,
        );
        let refused = REFUSALS.contains(&response.status) && !out;
        let wrong = match self.may_read(id) {
            May::MustNot if out => Some(t(
                format!("照合なしにファイル{id:04X}の内容を渡した"),
                format!(
                    "It gave file {id:04X} away although nothing that opens it had been presented."
                ),
            )),
            May::Must if refused && sure => Some(t(
                format!("読めるはずのファイル{id:04X}を渡さない"),
                format!("It refused file {id:04X}, which may be read now."),
            )),
            _ => None,
        };
        match wrong {
            Some(wrong) if !requirement.is_empty() => {
                let requirement = self.of_kind(application, id, requirement);
                self.report.breach(requirement, quote, wrong);
                return;
            }
            _ => self.fine(application, id, quote),
        }
        if out && exchange.by.role == "examiner" {
            let bytes = format!("{} bytes", response.data.len());
            self.report.touch(
                "CARD-09",
                seq,
                format!("READ BINARY {} {id:04X}", short(application)),
                bytes,
            );
        }
        if out && response.status == 0x9000 {
            self.contents(exchange, application, id, response);
        }
    }

    /// A card without signing certificate that gives one breaks another rule than one that asks no password.
    fn of_kind(
        &self,
        application: Application,
        id: u16,
        requirement: &'static str,
    ) -> &'static str {
        let chip = self.card.chip.as_ref();
        let unsigned = chip.is_some_and(|c| c.signing_certificate.is_empty());
        match (application, id) {
            (Application::Jpki, 0x01) if unsigned => "CARD-15",
            _ => requirement,
        }
    }

    fn fine(&mut self, application: Application, id: u16, quote: Quote) {
        let touched: &[&'static str] = match (application, id) {
            (Application::Jpki, 0x01) => &["CARD-04"],
            (Application::Jpki, 0x08 | 0x17 | 0x1A) => &["CARD-01"],
            (Application::Text, 0x01 | 0x02) => &["CARD-07"],
            (Application::Surface, 0x02) => &["CARD-08"],
            _ => &[],
        };
        for id in touched {
            self.report
                .touch(id, quote.seq, quote.what.clone(), quote.said.clone());
        }
        let chip = self.card.chip.as_ref();
        if (application, id) == (Application::Jpki, 0x01)
            && chip.is_some_and(|c| c.signing_certificate.is_empty())
        {
            self.report
                .touch("CARD-15", quote.seq, quote.what, quote.said);
        }
    }

    fn contents(
        &mut self,
        exchange: &CardExchange,
        application: Application,
        id: u16,
        response: &Response,
    ) {
        let (seq, data) = (exchange.seq, &response.data);
        let (offset, whole) = extent(&exchange.bytes);
        match (application, id) {
            (Application::Jpki, 0x01 | 0x0A) => {
                let assembly = self.certificates.entry(id).or_default();
                if let Some(der) = assembly.piece(offset, data) {
                    self.certificate(seq, id, &der);
                }
            }
            (Application::Jpki, 0x08) if offset == 0 => self.availability(seq, data),
            (Application::Text, 0x01) if offset == 0 && data.len() >= 17 => self.number(seq, data),
            (Application::Text, 0x02) => {
                self.beside_locked(&[], seq, "READ BINARY text 0002", "9000".to_owned());
                if whole {
                    self.attributes(seq, data);
                }
            }
            (Application::Surface, 0x02) => {
                self.beside_locked(&[], seq, "READ BINARY surface 0002", "9000".to_owned());
                if whole {
                    self.face(seq, data);
                }
            }
            _ => {}
        }
    }

    /// Which certificates the chip says it has: 8F for one that is there.
    fn availability(&mut self, seq: u32, data: &[u8]) {
        let signing = self
            .card
            .chip
            .as_ref()
            .map(|c| !c.signing_certificate.is_empty());
        let lacks = |at: usize| data.get(at) != Some(&0x8F);
        if lacks(1) || (signing == Some(true) && lacks(0)) {
            let quote = q(seq, "READ BINARY JPKI 0008", hex::encode_upper(data));
            let wrong = t(
                "持っている電子証明書を「ある」と示さない",
                "It does not say that it has the certificates it has.",
            );
            self.report.breach("CARD-01", quote, wrong);
        }
    }

    fn number(&mut self, seq: u32, data: &[u8]) {
        let Some(chip) = &self.card.chip else { return };
        let given = token::find(data);
        let own = given
            .iter()
            .any(|t| t.text.replace("⟦LEAK ", "⟦") == chip.verification_a);
        if !own {
            let wrong = t(
                "本人のものでない個人番号を渡した",
                "The individual number it gave is not its holder's.",
            );
            self.report
                .breach("CARD-07", q(seq, "READ BINARY text 0001", ""), wrong);
        }
    }

    fn attributes(&mut self, seq: u32, data: &[u8]) {
        let Some(person) = self.person else { return };
        // A token hides bytes that cannot be compared.
        if !token::find(data).is_empty() {
            return;
        }
        let birth = person.birth.to_compact();
        let due = [
            person.name.as_str(),
            birth.as_str(),
            person.address.as_str(),
        ];
        let missing = due
            .iter()
            .find(|d| !contains(data, d.as_bytes()) && !d.is_empty());
        if let Some(missing) = missing {
            let wrong = t(
                format!("四情報に「{missing}」がない"),
                format!("The attributes it gave lack \"{missing}\"."),
            );
            self.report
                .breach("CARD-07", q(seq, "READ BINARY text 0002", ""), wrong);
        }
    }

    fn face(&mut self, seq: u32, data: &[u8]) {
        let Some(chip) = self.card.chip.clone() else {
            return;
        };
        let found = token::find(data);
        let mut faces = found.iter().filter(|t| t.kind == "FACE");
        let plain = |text: &str| text.replace("⟦LEAK ", "⟦");
        let own = match chip.face.is_empty() {
            true => faces.next().is_none(),
            false => faces.any(|t| plain(&t.text) == chip.face),
        };
        if !own {
            let wrong = t(
                "券面の写真が本人のものでない",
                "The photo it gave is not its holder's.",
            );
            self.report
                .breach("CARD-08", q(seq, "READ BINARY surface 0002", ""), wrong);
        }
        let due: String = chip
            .card_last_day
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let place = data.windows(3).position(|w| w == b"\xDF\x29\x08");
        let said = place.and_then(|at| data.get(at + 3..at + 11));
        if let Some(said) = said.map(|s| String::from_utf8_lossy(s).into_owned()) {
            let quote = q(seq, "expiry on the card's face", said.clone());
            self.dated("CARD-15", said == due, quote, &due);
        }
    }

    fn dated(&mut self, id: &'static str, right: bool, quote: Quote, due: &str) {
        let wrong = t(
            format!("有効期限は{due}のはずが{}", quote.said),
            format!("It says {} where {due} is due.", quote.said),
        );
        match right {
            true => self.report.touch(id, quote.seq, quote.what, quote.said),
            false => self.report.breach(id, quote, wrong),
        }
    }
}

fn short(application: Application) -> &'static str {
    match application {
        Application::Jpki => "JPKI",
        Application::Text => "text",
        Application::Surface => "surface",
        Application::Other => "?",
    }
}

/// Offset of a READ BINARY, and whether it asks for everything from there by an extended length.
fn extent(bytes: &[u8]) -> (usize, bool) {
    let offset = match bytes {
        [_, _, p1, p2, ..] if p1 & 0x80 == 0 => usize::from(u16::from_be_bytes([*p1, *p2])),
        [_, _, _, p2, ..] => usize::from(*p2),
        _ => 0,
    };
    let whole = matches!(bytes, [_, _, _, _, 0, 0, 0]);
    (offset, whole && offset == 0)
}
