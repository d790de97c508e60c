//! The files of the face applications taken apart: tags, lengths, offsets, hashes and signatures as the
//! fact sheet gives them, and that nothing lies on the chip that has no place there (CARD-09).

use crate::cards::{self, NUMBER, NUMBER_B, PASSWORD, PIN, TEXT_PIN, contents};
use aws_lc_rs::digest::{SHA256, digest};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use virtual_card::{Card, CardContents, Conduct, Reference, photo, signed_traces, traces};
use wire::apdu::{
    self, Command, JPKI_APPLICATION, Response, SURFACE_APPLICATION, StatusWord, TEXT_APPLICATION,
};

type Tag = [u8; 2];

/// An application and a file of it, or a data object of the issuer domain.
type Place = (&'static str, u16);

/// An application with its name and its secrets, each with its file.
type Opening<'a> = (&'static str, [u8; 10], &'a [(u16, &'a str)]);

/// Objects of two-byte tags, one behind the other, with the offset each header begins at.
fn objects(bytes: &[u8]) -> Vec<(Tag, usize, &[u8])> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let tag = [bytes[at], bytes[at + 1]];
        let (header, length) = match bytes[at + 2] {
            short @ 0..=0x7F => (3, usize::from(short)),
            0x82 => (
                5,
                usize::from(bytes[at + 3]) << 8 | usize::from(bytes[at + 4]),
            ),
            other => panic!("length byte {other:02X} at {at}"),
        };
        found.push((tag, at, &bytes[at + header..at + header + length]));
        at += header + length;
    }
    found
}

/// The single object a file is, header cut off; its filler, if any, must be FF.
fn content(file: &[u8], tag: Tag) -> &[u8] {
    assert_eq!(file[..2], tag);
    let (header, length) = match file[2] {
        short @ 0..=0x7F => (3, usize::from(short)),
        _ => (5, usize::from(file[3]) << 8 | usize::from(file[4])),
    };
    assert!(file[header + length..].iter().all(|filler| *filler == 0xFF));
    &file[header..header + length]
}

/// One object whole, header included.
fn whole(parent: &[u8], tag: Tag) -> &[u8] {
    let objects = objects(parent);
    let place = objects.iter().position(|object| object.0 == tag).unwrap();
    let end = objects.get(place + 1).map_or(parent.len(), |next| next.1);
    &parent[objects[place].1..end]
}

fn value(parent: &[u8], tag: Tag) -> &[u8] {
    objects(parent)
        .into_iter()
        .find(|object| object.0 == tag)
        .unwrap()
        .2
}

fn tags(parent: &[u8]) -> Vec<u8> {
    objects(parent)
        .into_iter()
        .map(|(tag, _, _)| tag[1])
        .collect()
}

/// A public key as the card keeps it.
fn key(bytes: &[u8]) -> RsaPublicKey {
    let modulus = bytes
        .strip_prefix(&[0x90, 3, 1, 0, 1, 0x91, 0x82, 1, 0])
        .unwrap();
    RsaPublicKey::new(BigUint::from_bytes_be(modulus), BigUint::from(65_537u32)).unwrap()
}

/// The municipality's key, out of the certificate that a file holds.
fn municipality(certificate: &[u8]) -> RsaPublicKey {
    assert_eq!(certificate.len(), 568);
    let body = content(certificate, [0x7F, 0x21]);
    assert_eq!(
        objects(body).iter().map(|o| o.0).collect::<Vec<_>>(),
        [[0x5F, 0x4E], [0x5F, 0x37]]
    );
    let named = value(body, [0x5F, 0x4E]);
    assert_eq!(&named[7..9], [0x08, 0x05]);
    key(&named[32..])
}

fn signed(key: &RsaPublicKey, message: &[u8], signature: &[u8]) {
    let hash = Sha256::digest(message);
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, signature)
        .unwrap();
}

/// Everything that can be read with every secret presented: application and file, and its bytes.
fn everything(card: Card) -> BTreeMap<Place, Vec<u8>> {
    everything_by(card, NUMBER, NUMBER_B)
}

/// The same of a card with other numbers.
fn everything_by(mut card: Card, number: &str, number_b: &str) -> BTreeMap<Place, Vec<u8>> {
    let secrets: [Opening; 3] = [
        ("JPKI", JPKI_APPLICATION, &[(0x18, PIN), (0x1B, PASSWORD)]),
        (
            "text",
            TEXT_APPLICATION,
            &[(0x11, TEXT_PIN), (0x14, number), (0x15, number_b)],
        ),
        (
            "surface",
            SURFACE_APPLICATION,
            &[(0x11, "550217"), (0x12, number_b), (0x13, number)],
        ),
    ];
    let mut found = BTreeMap::new();
    card.power_on();
    for id in 1..=0x1F {
        read(&mut card, &mut found, ("issuer domain", id));
    }
    for tag in 0..=u16::MAX {
        let [p1, p2] = tag.to_be_bytes();
        let command = Command::new([0, 0xCA, p1, p2]).expecting(65_536).unwrap();
        let answer = Response::parse(&card.handle(&command.to_bytes())).unwrap();
        if answer.status == StatusWord::OK {
            found.insert(("data object", tag), answer.data);
        }
    }
    for (name, application, secrets) in secrets {
        card.handle(&apdu::select_application(&application).unwrap().to_bytes());
        for (file, secret) in secrets {
            let command = apdu::verify_file(*file, secret.as_bytes()).unwrap();
            assert_eq!(
                card.handle(&command.to_bytes()),
                [0x90, 0x00],
                "{name} {file:02X}"
            );
        }
        for id in 1..=0x1F {
            read(&mut card, &mut found, (name, id));
        }
    }
    found
}

fn read(card: &mut Card, found: &mut BTreeMap<Place, Vec<u8>>, place: Place) {
    let command = apdu::read_file(place.1, 0, 65_536).unwrap();
    let answer = Response::parse(&card.handle(&command.to_bytes())).unwrap();
    if answer.status == StatusWord::OK {
        found.insert(place, answer.data);
    }
}

fn standard() -> BTreeMap<Place, Vec<u8>> {
    everything(cards::card_with(Reference))
}

#[test]
fn the_card_face_is_built_as_the_sheet_says() {
    let files = standard();
    let file = &files[&("surface", 2)];
    let face = content(file, [0xFF, 0x20]);
    assert_eq!(tags(face), (0x21..=0x2A).collect::<Vec<u8>>());
    let offsets: Vec<usize> = value(face, [0xDF, 0x21])
        .chunks(2)
        .map(|two| usize::from(two[0]) << 8 | usize::from(two[1]))
        .collect();
    let starts: Vec<usize> = objects(file[5..].as_ref())
        .iter()
        .map(|o| o.1 + 5)
        .collect();
    assert_eq!(offsets, starts[1..]);
    assert_eq!(value(face, [0xDF, 0x22]), b"19800217");
    assert_eq!(value(face, [0xDF, 0x23]), b"2");
    assert_eq!(value(face, [0xDF, 0x29]), b"20350217");
    let picture = value(face, [0xDF, 0x27]);
    assert_eq!(photo::face_in(picture), Some([0x5A; 64]));
    for (tag, width) in [(0x25, 216u32), (0x26, 288), (0x2A, 24)] {
        let image = value(face, [0xDF, tag]);
        assert_eq!(image[..8], *b"\x89PNG\r\n\x1A\n");
        assert_eq!(
            image[16..24],
            [width.to_be_bytes(), 12u32.to_be_bytes()].concat()
        );
    }
    let part = |tags: &[u8]| {
        let objects: Vec<_> = tags.iter().map(|tag| whole(face, [0xDF, *tag])).collect();
        digest(&SHA256, &objects.concat()).as_ref().to_vec()
    };
    let hashes = [
        part(&[0x22, 0x23, 0x24]),
        part(&[0x25, 0x26]),
        part(&[0x27]),
    ]
    .concat();
    let info = hex::decode("3071300D060960864801650304020105000460").unwrap();
    municipality(&files[&("surface", 4)])
        .verify(
            Pkcs1v15Sign::new_unprefixed(),
            &[info, hashes].concat(),
            value(face, [0xDF, 0x28]),
        )
        .unwrap();
}

#[test]
fn age_record_number_picture_and_base_are_built_as_the_sheet_says() {
    let files = standard();
    let municipality = municipality(&files[&("surface", 4)]);
    for (file, outer, first, length) in [(1, 0x10, 0x11, Some(547)), (5, 0x40, 0x41, None)] {
        let bytes = &files[&("surface", file)];
        assert!(length.is_none_or(|length| bytes.len() == length));
        let record = content(bytes, [0xFF, outer]);
        assert_eq!(tags(record), [first, first + 1, first + 2]);
        let message = [
            whole(record, [0xDF, first]),
            whole(record, [0xDF, first + 1]),
        ]
        .concat();
        signed(&municipality, &message, value(record, [0xDF, first + 2]));
    }
    let base = &files[&("surface", 3)];
    assert_eq!(base.len(), 320);
    let base = content(base, [0xFF, 0x30]);
    let lengths: Vec<usize> = objects(base).iter().map(|object| object.2.len()).collect();
    assert_eq!(tags(base), [0x31, 0x32, 0x33, 0x34, 0x35]);
    assert_eq!(lengths, [4, 16, 1, 5, 272]);
}

#[test]
fn text_files_are_built_as_the_sheet_says() {
    let files = standard();
    let text = |id| files[&("text", id)].as_slice();
    let sizes = [1, 3, 4, 5, 6, 7, 8].map(|id| text(id).len());
    assert_eq!(sizes, [17, 336, 568, 256, 269, 536, 16]);
    assert_eq!(
        text(1),
        [b"\xFF\x10\x0C".as_slice(), NUMBER.as_bytes(), &[0xFF; 2]].concat()
    );

    let attributes = content(text(2), [0xFF, 0x20]);
    assert_eq!(tags(attributes), [0x21, 0x22, 0x23, 0x24, 0x25]);
    let holder = contents().holder;
    let expected = [holder.name.as_str(), &holder.address, "19800217", "2"];
    for (tag, text) in (0x22..).zip(expected) {
        assert_eq!(value(attributes, [0xDF, tag]), text.as_bytes());
    }
    let header = text(2).len() - attributes.len();
    let offsets: Vec<usize> = value(attributes, [0xDF, 0x21])
        .chunks(2)
        .map(|two| usize::from(two[0]) << 8 | usize::from(two[1]))
        .collect();
    let starts: Vec<usize> = objects(attributes).iter().map(|o| o.1 + header).collect();
    assert_eq!(offsets, starts[1..]);

    let municipality = municipality(text(4));
    let record = content(text(3), [0xFF, 0x30]);
    assert_eq!(tags(record), [0x31, 0x32, 0x33]);
    assert_eq!(
        value(record, [0xDF, 0x31]),
        digest(&SHA256, text(1)).as_ref()
    );
    let behind_offsets = &attributes[starts[1] - header..];
    assert_eq!(
        value(record, [0xDF, 0x32]),
        digest(&SHA256, behind_offsets).as_ref()
    );
    let hashes = [whole(record, [0xDF, 0x31]), whole(record, [0xDF, 0x32])].concat();
    signed(&municipality, &hashes, value(record, [0xDF, 0x33]));

    let base = content(text(5), [0xFF, 0x40]);
    let lengths: Vec<usize> = objects(base).iter().map(|object| object.2.len()).collect();
    assert_eq!(
        (tags(base), lengths),
        (vec![0x41, 0x42, 0x43], vec![4, 16, 128])
    );
    let record = content(text(7), [0xFF, 0x50]);
    assert_eq!(tags(record), [0x51, 0x52]);
    signed(
        &municipality,
        whole(record, [0xDF, 0x51]),
        value(record, [0xDF, 0x52]),
    );
}

/// What other numbers change in the files is the number itself and its traces, and nothing beside them.
#[test]
fn every_trace_of_the_numbers_is_known() {
    let usual = contents();
    let other = CardContents {
        individual_number: "987654321098".to_owned(),
        security_code: "0417".to_owned(),
        ..contents()
    };
    let files = [&usual, &other].map(|contents| {
        let card = Card::issue(contents.clone(), Arc::new(Reference)).unwrap();
        let (number, number_b) = (&contents.individual_number, contents.verification_b());
        let mut secrets = vec![number.as_bytes().to_vec()];
        secrets.extend(traces(contents).map(|trace| trace.bytes));
        secrets.extend(signed_traces(contents).unwrap().map(|trace| trace.bytes));
        let mut found = 0;
        let masked = |bytes: Vec<u8>| {
            secrets.iter().fold(bytes, |mut bytes, secret| {
                let at = bytes.windows(secret.len()).position(|w| w == secret);
                if let Some(at) = at {
                    found += 1;
                    bytes[at..at + secret.len()].fill(b'*');
                }
                bytes
            })
        };
        let files = everything_by(card, number, &number_b);
        let files: Vec<_> = files.into_values().map(masked).collect();
        assert_eq!(found, secrets.len(), "each stands in one file");
        files
    });
    assert_eq!(files[0], files[1]);
}

#[test]
fn the_chip_proves_itself_with_the_key_its_files_show() {
    let files = standard();
    let shown = content(&files[&("text", 7)], [0xFF, 0x50]);
    let chip = key(value(shown, [0xDF, 0x51]));
    let mut card = cards::card_with(Reference);
    card.power_on();
    for application in [TEXT_APPLICATION, SURFACE_APPLICATION] {
        card.handle(&apdu::select_application(&application).unwrap().to_bytes());
        let command = Command::new([0x80, 0x2A, 0x03, 0x00])
            .with_data(b"challenge")
            .unwrap();
        let answer = Response::parse(&card.handle(&command.to_bytes())).unwrap();
        assert_eq!(answer.status, StatusWord::OK);
        signed(&chip, b"challenge", &answer.data);
    }
}

#[test]
fn the_age_key_is_the_chips_too_and_cards_differ_only_in_what_is_theirs() {
    let one = standard();
    let mut contents = contents();
    contents.holder.name = "模擬　次郎".repeat(20);
    contents.holder.address = "長".repeat(120);
    contents.seed = [0x54; 32];
    let other = everything(Card::issue(contents, Arc::new(Reference)).unwrap());
    // Longer texts lengthen the header and shift every offset.
    let attributes = content(&other[&("text", 2)], [0xFF, 0x20]);
    assert_eq!(other[&("text", 2)][2], 0x82);
    let first = value(attributes, [0xDF, 0x21])[..2].to_vec();
    assert_eq!(first, [0x00, 0x10]);
    let differing: Vec<_> = one
        .keys()
        .filter(|place| one[*place] != other[*place])
        .collect();
    assert_eq!(
        differing,
        [
            &("data object", 0x0045),
            &("surface", 2),
            &("surface", 3),
            &("text", 2),
            &("text", 3),
            &("text", 5)
        ]
    );
}

/// Where each file may be, by the fact sheet.
const PLACES: [(&str, &[u16]); 5] = [
    ("JPKI", &[0x01, 0x02, 0x06, 0x08, 0x0A, 0x0B]),
    (
        "data object",
        &[0x42, 0x45, 0xF0, 0xF2, 0xF7, 0xF8, 0x5F51, 0x7F21],
    ),
    ("issuer domain", &[]),
    ("surface", &[1, 2, 3, 4, 5, 6]),
    ("text", &[1, 2, 3, 4, 5, 6, 7, 8]),
];

/// Tags that may stand in the files of the faces: nothing else has a place.
const TAGS: [(&str, u16, &[u8]); 6] = [
    ("surface", 1, &[0x11, 0x12, 0x13]),
    (
        "surface",
        2,
        &[0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A],
    ),
    ("surface", 3, &[0x31, 0x32, 0x33, 0x34, 0x35]),
    ("surface", 5, &[0x41, 0x42, 0x43]),
    ("text", 2, &[0x21, 0x22, 0x23, 0x24, 0x25]),
    ("text", 3, &[0x31, 0x32, 0x33]),
];

/// What does not belong onto the chip, in words; nothing when all is well.
fn out_of_place(conduct: impl Conduct + 'static) -> Vec<String> {
    let files = everything(cards::card_with(conduct));
    let mut said = Vec::new();
    for ((name, id), bytes) in &files {
        let known = PLACES.iter().find(|(place, _)| place == name);
        if !known.is_some_and(|(_, ids)| ids.contains(id)) {
            said.push(format!("{name} {id:04X} has no place on the chip"));
        }
        let holds = bytes
            .windows(NUMBER.len())
            .any(|window| window == NUMBER.as_bytes());
        if holds != ((*name, *id) == ("text", 1)) {
            said.push(format!("{name} {id:04X}: individual number {holds}"));
        }
        for word in ["保険", "被保険者", "薬", "税", "年金", "Insur"] {
            if bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes())
            {
                said.push(format!("{name} {id:04X} says {word}"));
            }
        }
    }
    for (name, id, expected) in TAGS {
        let file = &files[&(name, id)];
        let outer = [file[0], file[1]];
        if tags(content(file, outer)) != expected {
            said.push(format!(
                "{name} {id:04X} holds other objects than the sheet lists"
            ));
        }
    }
    said
}

struct CarriesInsurance;

impl Conduct for CarriesInsurance {
    fn insurance_data_on_chip(&self) -> Option<Vec<u8>> {
        Some(
            "保険者番号 06991234 記号 12 番号 3400001"
                .as_bytes()
                .to_vec(),
        )
    }
}

#[test]
fn nothing_lies_on_the_chip_that_has_no_place_there() {
    assert_eq!(out_of_place(Reference), Vec::<String>::new());
    let said = out_of_place(CarriesInsurance);
    assert!(
        said.contains(&"text 000A has no place on the chip".to_owned()),
        "{said:?}"
    );
    assert!(said.contains(&"text 000A says 保険".to_owned()), "{said:?}");
}

#[test]
fn a_card_without_photo_keeps_every_other_object() {
    let contents = CardContents {
        photo: None,
        ..contents()
    };
    let files = everything(Card::issue(contents, Arc::new(Reference)).unwrap());
    let face = content(&files[&("surface", 2)], [0xFF, 0x20]);
    assert_eq!(tags(face), (0x21..=0x2A).collect::<Vec<u8>>());
    assert!(value(face, [0xDF, 0x27]).is_empty());
}
