//! The certificates a card carries, read whole off it, and signatures made for the suite's own examiner.

use sha2::Digest;

use super::reading::names_somebody;
use super::watch::Watch;
use crate::calendar::Day;
use crate::case::CardExchange;
use crate::decode::apdu::Response;
use crate::decode::certificate::certificate;
use crate::finding::{q, t};
use crate::{Quote, Text};

/// Head of a DigestInfo of SHA-256.
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

impl Watch<'_> {
    /// A certificate read whole off the card.
    pub(super) fn certificate(&mut self, seq: u32, id: u16, der: &[u8]) {
        let chip = self.card.chip.as_ref();
        let due = match id {
            0x0A => self.card.digest.clone(),
            _ => chip
                .map(|c| c.signing_certificate.clone())
                .unwrap_or_default(),
        };
        let what = match id {
            0x0A => "authentication certificate",
            _ => "signing certificate",
        };
        let as_declared = due.is_empty() || evidence::digest_hex(der) == due;
        let named = (id == 0x0A)
            .then(|| names_somebody(der, &self.personal()))
            .flatten();
        let span = self.span(seq, id, what, der);
        let explained = named.is_some() || span.is_err();
        if id == 0x0A {
            match named {
                None => self
                    .report
                    .touch("CARD-02", seq, what, "no name, no subjectAltName"),
                Some(said) => {
                    let wrong = t(
                        format!("利用者証明用電子証明書に{said}がある"),
                        format!("The user-authentication certificate holds {said}."),
                    );
                    self.report.breach("CARD-02", q(seq, what, said), wrong);
                }
            }
        }
        match span {
            Ok(said) => self.report.touch("CARD-15", seq, what, said),
            Err((quote, wrong)) => self.report.breach("CARD-15", quote, wrong),
        }
        if id == 0x01 {
            self.own_keys(seq);
        }
        if !as_declared && !explained {
            let wrong = t(
                format!("{what}がこのカードに発行されたものでない"),
                format!("The {what} is not the one issued for this card."),
            );
            self.report.breach("CARD-01", q(seq, what, ""), wrong);
        }
    }

    /// Each certificate is over a key of its own.
    fn own_keys(&mut self, seq: u32) {
        let pair = self
            .card
            .certificate
            .as_ref()
            .zip(self.card.signing.as_ref());
        let shared = pair.is_some_and(|(one, other)| one.shares_key(other));
        if shared {
            let wrong = t(
                "二枚の電子証明書が同じ鍵のものである",
                "Both certificates are over one and the same key.",
            );
            self.report
                .breach("CARD-01", q(seq, "signing certificate", ""), wrong);
        } else {
            self.report
                .touch("CARD-01", seq, "signing certificate", "a key of its own");
        }
    }

    /// What the certificate that proves a person must not say of him.
    fn personal(&self) -> Vec<String> {
        let Some(person) = self.person else {
            return Vec::new();
        };
        let parts = person.name.split_whitespace().map(str::to_owned);
        let mut all: Vec<String> = parts.filter(|p| p.chars().count() > 1).collect();
        all.extend([
            person.kana.clone(),
            person.address.clone(),
            person.birth.to_compact(),
        ]);
        all.retain(|p| !p.is_empty());
        all
    }

    /// First and last day of a certificate, if they are the declared ones.
    fn span(&self, seq: u32, id: u16, what: &str, der: &[u8]) -> Result<String, (Quote, Text)> {
        let Ok(read) = certificate(der) else {
            let wrong = t("電子証明書を読み取れない", "A certificate cannot be read.");
            return Err((q(seq, what, ""), wrong));
        };
        let (first, last) = (self.card.first_day, self.card.last_day);
        let ends = read.last_day();
        // The signing certificate has days of its own and does not outlast the other one.
        let outlasts = id == 0x01 && ends.is_none_or(|end| end > last);
        let said = (read.first_day(), ends);
        let words = |day: Option<Day>| day.map_or("-".into(), |d| d.to_string());
        let said_words = format!("{} – {}", words(said.0), words(said.1));
        if outlasts || (id == 0x0A && said != (Some(first), Some(last))) {
            let wrong = t(
                format!("有効期間は{first}から{last}までのはずが{said_words}"),
                format!("It is valid {said_words} where {first} – {last} is due."),
            );
            return Err((q(seq, what, said_words), wrong));
        }
        let card = self.card.chip.as_ref().map(|c| c.card_last_day.as_str());
        if let Some(end) = card.and_then(Day::parse)
            && end < last
        {
            let wrong = t(
                "電子証明書がカードより後まで有効である",
                "The certificate outlasts the card.",
            );
            return Err((q(seq, what, said_words), wrong));
        }
        Ok(said_words)
    }

    /// Whether a signature made for the examiner is the key's whose certificate the card carries.
    pub(super) fn check_signature(
        &mut self,
        exchange: &CardExchange,
        id: u16,
        data: &[u8],
        response: &Response,
    ) {
        let certificate = match id {
            0x17 => self.card.certificate.as_ref(),
            _ => self.card.signing.as_ref(),
        };
        let Some(certificate) = certificate.filter(|_| self.card.genuine) else {
            return;
        };
        // The examiner asks whose key it is; whoever else asks has somebody's identity proved by it.
        let requirement = match exchange.by.role.as_str() {
            "examiner" => "CARD-01",
            _ if id == 0x17 => "PKI-08",
            _ => return,
        };
        let Some(hash) = data.strip_prefix(&DIGEST_INFO[..]) else {
            return;
        };
        let holds = certificate.verifies_digest(hash, &response.data);
        let quote = q(
            exchange.seq,
            format!("COMPUTE SIGNATURE {id:04X}"),
            hex::encode(&sha2::Sha256::digest(&response.data)[..4]),
        );
        match holds {
            true => self
                .report
                .touch(requirement, quote.seq, quote.what, "verifies"),
            false => {
                let wrong = t(
                    "署名が、カードの電子証明書の鍵で渡された値にしたものでない",
                    "The signature is not made by the key of the card's certificate over what was handed over.",
                );
                self.report.breach(requirement, quote, wrong);
            }
        }
    }
}
