//! Cards with everything on them, and what an examiner or a terminal sends to one: a line is a command and,
//! behind `>`, the status word and the data the card answers.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use evidence::{Act, CardKind, Chip, EntryKind, Fact, Party};
use rcgen::DnType;
use sha2::Digest;

use super::pki::{self, Key, Leaf};
use super::{CLINIC, NUMBER, Scene};

/// The card of these tests.
pub const CARD: &str = "田中のカード";
/// What is signed for an examiner.
const EXAMINED: &[u8] = b"examined";
/// Address of the holder.
pub const ADDRESS: &str = "模擬県模擬市一丁目２";

/// PRESENT CERTIFICATE, GET CHALLENGE and EXTERNAL AUTHENTICATE of a terminal that answers this challenge.
pub fn terminal(challenge: &[u8]) -> [Vec<u8>; 3] {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    let named = [b"9911234567".as_slice(), pair.public_key().as_ref()].concat();
    let present = [&[0x80, 0xA2, 0x00, 0xC1, 0x6A][..], &named, &[9; 64]].concat();
    let signature = pair.sign(&[b"SHIKAKU-SIM pinless 1".as_slice(), challenge].concat());
    let answer = [&[0x00, 0x82, 0x00, 0x00, 0x40][..], signature.as_ref()].concat();
    [present, vec![0x00, 0x84, 0x00, 0x00, 0x20], answer]
}

fn signing_leaf() -> Vec<u8> {
    let leaf = Leaf {
        serial: 0x2002,
        ..Leaf::default()
    };
    pki::leaf_naming(
        &leaf,
        Key::Responder,
        &[(DnType::LocalityName, "Mogi-shi")],
        &[],
    )
}

/// What a chip of that kind carries, as it is declared.
pub fn chip(kind: CardKind, signing_certificate: String) -> Chip {
    let pins = kind != CardKind::FaceOnly;
    let signs = kind == CardKind::Adult;
    let of = |there: bool, token: &str| {
        if there {
            token.to_owned()
        } else {
            String::new()
        }
    };
    Chip {
        kind,
        card_last_day: "2034-02-15".into(),
        signing_certificate: of(signs, &signing_certificate),
        sign_password: of(signs, "⟦SIGN-PASSWORD#1⟧"),
        sign_tries_left: if signs { 5 } else { 0 },
        text_pin: of(pins, "⟦TEXT-PIN#1⟧"),
        verification_a: "⟦INDIVIDUAL-NUMBER#1⟧".into(),
        verification_b: "⟦VERIFICATION-B#1⟧".into(),
        face: "⟦FACE#1⟧".into(),
    }
}

fn hexed(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn tokens(name: &str) -> &'static str {
    match name {
        "pin" => "⟦PIN#1⟧",
        "wrong-pin" => "⟦PIN#2⟧",
        "new-pin" => "⟦PIN#3⟧",
        "sign" => "⟦SIGN-PASSWORD#1⟧",
        "wrong-sign" => "⟦SIGN-PASSWORD#2⟧",
        "text" => "⟦TEXT-PIN#1⟧",
        "wrong-text" => "⟦PIN#4⟧",
        "a" => "⟦INDIVIDUAL-NUMBER#1⟧",
        "b" => "⟦VERIFICATION-B#1⟧",
        "wrong-b" => "⟦VERIFICATION-B#2⟧",
        "birth" => "⟦BIRTH-DATE-KEY#1⟧",
        other => panic!("no secret {other}"),
    }
}

fn command(line: &str) -> Vec<u8> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "select" => hexed(match rest {
            "jpki" => "00A4040C0AD392F000260100000001",
            "text" => "00A4040C0AD3921000310001010408",
            _ => "00A4040C0AD3921000310001010402",
        }),
        "file" => [hexed("00A4020C02"), hexed(rest)].concat(),
        "read" => hexed("00B00000000000"),
        "query" => hexed("00200080"),
        "verify" => [&hexed("0020008004")[..], tokens(rest).as_bytes()].concat(),
        "sign" => {
            let head = hexed("3031300D060960864801650304020105000420");
            [
                &hexed("802A008033")[..],
                &head,
                &sha2::Sha256::digest(EXAMINED),
                &[0],
            ]
            .concat()
        }
        "present" => terminal(&[7; 32])[0].clone(),
        "challenge" => terminal(&[7; 32])[1].clone(),
        "prove" => terminal(&[7; 32])[2].clone(),
        "misprove" => terminal(&[8; 32])[2].clone(),
        "raw" => hexed(rest),
        other => panic!("no command {other}"),
    }
}

fn data(name: &str, leaf: &Leaf) -> Vec<u8> {
    let of = |text: &str| text.as_bytes().to_vec();
    match name {
        "" => Vec::new(),
        "certificate" => pki::leaf(leaf),
        "signing" => signing_leaf(),
        "by-key" => pki::sign(EXAMINED, Key::Card),
        "by-signing-key" => pki::sign(EXAMINED, Key::Responder),
        "challenge" => vec![7; 32],
        "number" => [
            &hexed("FF100C")[..],
            "⟦LEAK INDIVIDUAL-NUMBER#1⟧".as_bytes(),
            &[0xFF; 2],
        ]
        .concat(),
        "other-number" => [
            &hexed("FF100C")[..],
            "⟦LEAK INDIVIDUAL-NUMBER#2⟧".as_bytes(),
            &[0xFF; 2],
        ]
        .concat(),
        "attributes" => [of("田中　花子"), of(ADDRESS), of("198002172")].concat(),
        "other-attributes" => [of("佐藤　花子"), of(ADDRESS), of("198002172")].concat(),
        "face" => [of("DF27"), of("⟦FACE#1⟧"), hexed("DF2908"), of("20340215")].concat(),
        "late-face" => [of("DF27"), of("⟦FACE#1⟧"), hexed("DF2908"), of("20990215")].concat(),
        "other-face" => of("DF27⟦FACE#2⟧"),
        "no-face" => of("DF2700"),
        "private-key" => hexed(
            "3082001A02010030 0D06092A864886F70D0101010500 0482"
                .replace(' ', "")
                .as_str(),
        ),
        "insurance" => of(NUMBER),
        hex => hexed(hex),
    }
}

impl Scene {
    /// An insured holder of a registered card with everything on it.
    pub fn chip() -> Scene {
        Scene::chip_of(CardKind::Adult)
    }

    /// The same with a card of that kind.
    pub fn chip_of(kind: CardKind) -> Scene {
        Scene::chip_with(kind, &pki::leaf(&Leaf::default()))
    }

    /// The same with another user-authentication certificate.
    pub fn chip_with(kind: CardKind, certificate: &[u8]) -> Scene {
        let mut scene = Scene::bare();
        for record in &mut scene.records.records {
            if let evidence::What::Declared(declared) = &mut record.what
                && let Fact::Person { address, .. } = &mut declared.fact
            {
                *address = ADDRESS.into();
            }
        }
        scene.entry(
            EntryKind::Gain,
            NUMBER,
            "2024-04-01",
            "2024-04-05T09:00:00.000+09:00",
        );
        let certificate = scene.keep(certificate);
        let signing = scene.keep(&signing_leaf());
        let pins = kind != CardKind::FaceOnly;
        scene.declare(Fact::Card {
            card: CARD.into(),
            holder: "田中".into(),
            serial: "1001".into(),
            certificate,
            first_day: "2024-02-15".into(),
            last_day: "2029-02-15".into(),
            pin: if pins {
                "⟦PIN#1⟧".into()
            } else {
                String::new()
            },
            tries_left: if pins { 3 } else { 0 },
            genuine: true,
            chip: Some(chip(kind, signing)),
        });
        scene
    }

    /// An examiner sends these lines to the card, one after the other. `power` cuts power, `tear …` pulls the
    /// card out amid a command, and a line without `>` is never answered.
    pub fn examine(&mut self, lines: &[&str]) {
        self.hands(Act::Examine {
            card: CARD.into(),
            script: "test".into(),
        });
        self.send_to_card(&Party::role("examiner"), lines);
    }

    /// The same from some reader.
    pub fn send_to_card(&mut self, by: &Party, lines: &[&str]) {
        let card = Party::at("card", CARD);
        let mut connection = u32::try_from(self.records.records.len()).unwrap();
        let mut commands: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        for line in lines {
            if *line == "power" {
                connection += 1;
                continue;
            }
            let (asked, answer) = line.split_once(" > ").unwrap_or((line, ""));
            let torn = asked.strip_prefix("tear ");
            let bytes = commands
                .entry(asked)
                .or_insert_with(|| command(torn.unwrap_or(asked)));
            self.tap("card", by.clone(), card.clone(), connection, bytes, None);
            if torn.is_some() {
                connection += 1;
            }
            if !answer.is_empty() {
                let (status, given) = answer.split_once(' ').unwrap_or((answer, ""));
                let answer = [data(given, &Leaf::default()), hexed(status)].concat();
                self.tap("card", card.clone(), by.clone(), connection, &answer, None);
            }
        }
    }

    /// Requirements a card breaks when it answers an examiner so.
    pub fn broken_by(lines: &[&str]) -> Vec<String> {
        let mut scene = Scene::chip();
        scene.examine(lines);
        scene.broken()
    }

    /// Requirements about the card that fail.
    pub fn broken(&self) -> Vec<String> {
        let failed = self.fails().into_iter().filter(|(_, role)| role == "card");
        failed.map(|(id, _)| id).collect()
    }

    /// The holder places the card and takes it again, with these commands meanwhile.
    pub fn card_visit(&mut self, lines: &[&str]) {
        self.hands(Act::PlaceCard {
            card: CARD.into(),
            person: "田中".into(),
            facility: CLINIC.into(),
            reader: 1,
        });
        self.send_to_card(&Party::at("reader", CLINIC), lines);
        self.hands(Act::TakeCard);
    }
}
