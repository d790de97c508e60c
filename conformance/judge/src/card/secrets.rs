//! Secrets in use: VERIFY with its question for the tries left, and signatures with the keys they open.

use super::counter::Try;
use super::either;
use super::files::Secret;
use super::known::Given;
use super::watch::{May, Watch};
use crate::Text;
use crate::case::CardExchange;
use crate::decode::apdu::{Presented, Response};
use crate::finding::{q, t};

impl Watch<'_> {
    /// COMPUTE SIGNATURE with one of the keys of the JPKI application.
    pub(super) fn sign(
        &mut self,
        exchange: &CardExchange,
        id: u16,
        data: &[u8],
        response: &Response,
    ) {
        let (secret, requirement) = match id {
            0x17 => (Secret::Pin, "CARD-03"),
            _ => (Secret::Sign, "CARD-04"),
        };
        let may = match self.opened(&[secret]) {
            _ if id == 0x17 && self.pinless.proved => May::Must,
            may => may,
        };
        let signed = response.status == 0x9000;
        // Of a command that was wrong in itself nothing can be told.
        let unfit = matches!(response.status, 0x6700 | 0x6A80 | 0x6A86 | 0x6A87);
        let refused = !signed && !unfit;
        let quote = q(
            exchange.seq,
            format!("COMPUTE SIGNATURE {id:04X}"),
            format!("{:04X}", response.status),
        );
        let (ja, en) = secret.name();
        match may {
            May::MustNot if signed => {
                let wrong = t(
                    format!("{ja}の照合なしに署名した"),
                    format!("It signed although no right {en} had been given."),
                );
                self.report.breach(requirement, quote, wrong);
            }
            May::Must if refused => {
                let wrong = t(
                    format!("{ja}の照合後なのに署名を拒んだ"),
                    format!("It refused to sign although the {en} had been given."),
                );
                self.report.breach(requirement, quote, wrong);
            }
            _ => self
                .report
                .touch(requirement, quote.seq, quote.what, quote.said),
        }
        if signed {
            self.beside_locked(
                &[secret],
                exchange.seq,
                "COMPUTE SIGNATURE",
                "9000".to_owned(),
            );
            self.check_signature(exchange, id, data, response);
            if id == 0x1A {
                // Whether the password is good for more than one signature is not published.
                self.of(Secret::Sign).given = Given::Open;
            }
        }
    }

    /// What a VERIFY presents of a secret, by the facts.
    pub(super) fn tries(&self, secret: Secret, presented: &Presented) -> Try {
        let chip = self.card.chip.as_ref();
        let right = match secret {
            Secret::Pin if self.pin == "?" => None,
            Secret::Pin => Some(self.pin.as_str()),
            Secret::Sign => chip.map(|c| c.sign_password.as_str()),
            Secret::Text => chip.map(|c| c.text_pin.as_str()),
            Secret::TextA | Secret::SurfaceA => chip.map(|c| c.verification_a.as_str()),
            Secret::TextB | Secret::SurfaceB => chip.map(|c| c.verification_b.as_str()),
            Secret::Birth => None,
        };
        match (presented, right) {
            (Presented::Nothing, _) => Try::Query,
            (_, None) => Try::Unsure,
            (Presented::Secret(token), Some(right)) if token == right => Try::Right,
            _ => Try::Wrong,
        }
    }

    /// VERIFY of a secret.
    pub(super) fn verify(&mut self, seq: u32, secret: Secret, presented: &Presented, word: u16) {
        let tried = self.tries(secret, presented);
        let shown = match presented {
            Presented::Secret(token) => token.as_str(),
            Presented::Nothing => "-",
            Presented::Bytes(_) => "?",
        };
        let quote = q(
            seq,
            format!("VERIFY {shown} ({})", secret.name().1),
            format!("{word:04X}"),
        );
        self.beside_locked(&[secret], seq, &quote.what, quote.said.clone());
        let known = self.of(secret);
        let locked = known.counter.is_locked();
        let again = locked && known.cut_since_locked;
        let (disturbed, reset) = (known.disturbed, known.reset);
        let due = known.counter.due(tried);
        let blamed = known.blames(word).unwrap_or(secret.requirement());
        let fits = known.counter.answered(tried, word);
        let counted = known.settle(tried, word);
        let locks = !locked && known.counter.is_locked();
        self.tears = (self.tears.0 + counted.0, self.tears.1 + counted.1);
        for (id, touched) in [
            (secret.requirement(), true),
            ("CARD-06", again || reset),
            ("CARD-12", disturbed),
        ] {
            if touched {
                self.report
                    .touch(id, seq, quote.what.clone(), quote.said.clone());
            }
        }
        if locks {
            let others = self.known.iter_mut().filter(|(other, _)| **other != secret);
            others.for_each(|(_, other)| other.neighbour_locked = true);
        }
        if !fits {
            let wrong = mismatch(secret, shown, &either(&due), word);
            self.report.breach(blamed, quote, wrong);
        }
    }
}

fn mismatch(secret: Secret, shown: &str, due: &str, word: u16) -> Text {
    let (ja, en) = secret.name();
    t(
        format!("{ja}の照合{shown}に{due}でなく{word:04X}を返した"),
        format!("It answered VERIFY {shown} of the {en} with {word:04X}, due was {due}."),
    )
}
