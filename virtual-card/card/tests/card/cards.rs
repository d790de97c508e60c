//! Test cards, made of the test keys. Keys are loaded once for the whole binary.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff::civil::date;
use std::sync::{Arc, LazyLock};
use virtual_card::{
    ATR_CONTACT, AbsentPin, AbsentSigning, Card, CardContents, CardKey, CardProfile, Conduct,
    Credential, Holder, Reference, photo,
};
use wire::apdu::{self, JPKI_APPLICATION, StatusWord, file, pinless};

/// PIN of every test card.
pub const PIN: &str = "1234";
/// Sign password of every test card.
pub const PASSWORD: &str = "ABC123";

/// PIN of the text application of every test card.
pub const TEXT_PIN: &str = "5678";
/// Individual number of every test card, 照合番号A; its check digit is wrong on purpose.
pub const NUMBER: &str = "123456789010";
/// 照合番号B of every test card, worked out by hand: 昭和55 02 17, 2035, 2285.
pub const NUMBER_B: &str = "55021720352285";
/// Birth date key of every test card.
pub const BIRTH_DATE: &str = "550217";

pub const AUTHENTICATION_CERTIFICATE: &[u8] =
    include_bytes!("../keys/test-certificate-authentication.der");
pub const AUTHENTICATION_CA: &[u8] =
    include_bytes!("../keys/test-certificate-authentication-ca.der");
pub const SIGN_CERTIFICATE: &[u8] = include_bytes!("../keys/test-certificate-sign.der");
pub const SIGN_CA: &[u8] = include_bytes!("../keys/test-certificate-sign-ca.der");

pub static AUTHENTICATION_KEY: LazyLock<CardKey> =
    LazyLock::new(|| key(include_bytes!("../keys/test-key-authentication.pk8")));
pub static SIGN_KEY: LazyLock<CardKey> =
    LazyLock::new(|| key(include_bytes!("../keys/test-key-sign.pk8")));
pub static OTHER_KEY: LazyLock<CardKey> =
    LazyLock::new(|| key(include_bytes!("../keys/test-key-other.pk8")));

fn key(pkcs8: &[u8]) -> CardKey {
    CardKey::from_pkcs8(pkcs8).unwrap()
}

/// Who enrolls terminals; the second is one that no card knows.
pub static TERMINAL_AUTHORITY: LazyLock<Ed25519KeyPair> = LazyLock::new(|| terminal_key(1));
static FOREIGN_AUTHORITY: LazyLock<Ed25519KeyPair> = LazyLock::new(|| terminal_key(2));
static TERMINAL: LazyLock<Ed25519KeyPair> = LazyLock::new(|| terminal_key(3));

fn terminal_key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

/// A terminal's certificate: `enrolled`, `foreign`, or `altered` behind the signature.
pub fn terminal_certificate(which: &str) -> Option<Vec<u8>> {
    let (authority, shown) = match which {
        "enrolled" => (&TERMINAL_AUTHORITY, b"9910000019"),
        "foreign" => (&FOREIGN_AUTHORITY, b"9910000019"),
        "altered" => (&TERMINAL_AUTHORITY, b"9910000027"),
        _ => return None,
    };
    let key = TERMINAL.public_key();
    let named = [b"9910000019", key.as_ref()].concat();
    let signature = authority.sign(&named);
    Some([shown, key.as_ref(), signature.as_ref()].concat())
}

/// What the terminal answers to a challenge.
pub fn terminal_answer(challenge: &[u8]) -> Vec<u8> {
    let message = [pinless::DOMAIN, challenge].concat();
    TERMINAL.sign(&message).as_ref().to_vec()
}

/// Contents of an ordinary card with both credentials.
pub fn contents() -> CardContents {
    CardContents {
        authentication: Credential {
            certificate: AUTHENTICATION_CERTIFICATE.to_vec(),
            ca_certificate: AUTHENTICATION_CA.to_vec(),
            key: AUTHENTICATION_KEY.clone(),
            secret: Some(PIN.to_owned()),
        },
        signing: Some(Credential {
            certificate: SIGN_CERTIFICATE.to_vec(),
            ca_certificate: SIGN_CA.to_vec(),
            key: SIGN_KEY.clone(),
            secret: Some(PASSWORD.to_owned()),
        }),
        holder: Holder {
            name: "模擬　花子".to_owned(),
            address: "模擬県模擬市模擬町１丁目２－３".to_owned(),
            birth: date(1980, 2, 17),
            sex: '2',
        },
        photo: Some(photo::jp2_with_face(&[0x5A; 64])),
        security_code: "2285".to_owned(),
        expires_on: date(2035, 2, 17),
        individual_number: NUMBER.to_owned(),
        text_pin: Some(TEXT_PIN.to_owned()),
        terminal_authority: TERMINAL_AUTHORITY.public_key().as_ref().try_into().unwrap(),
        seed: [0x53; 32],
        profile: CardProfile::default(),
    }
}

/// An ordinary card that behaves as it is told.
pub fn card_with(conduct: impl Conduct + 'static) -> Card {
    Card::issue(contents(), Arc::new(conduct)).unwrap()
}

/// The card a dialogue asks for in its first line.
pub fn named(name: &str) -> Option<Card> {
    let mut contents = contents();
    match name {
        "standard" | "locked" => {}
        "minor" => contents.signing = None,
        "minor without files" => {
            contents.signing = None;
            contents.profile.absent_signing = AbsentSigning::NoFiles;
        }
        "face-only" => set_no_pin(&mut contents),
        "face-only without PIN files" => {
            set_no_pin(&mut contents);
            contents.profile.absent_pin = AbsentPin::NoFile;
        }
        "without photo" => contents.photo = None,
        "three tries for numbers" => {
            contents.profile.verification_tries = 3;
            contents.profile.birth_date_tries = 3;
        }
        "through contacts" => contents.profile.answer_to_reset = ATR_CONTACT.to_vec(),
        "locks with 6983" => contents.profile.blocked = StatusWord::BLOCKED_ISO,
        "keeps status over reset" => contents.profile.reset_clears_security_status = false,
        "cloned" => contents = contents.cloned_over(OTHER_KEY.clone()),
        _ => return None,
    }
    let mut card = Card::issue(contents, Arc::new(Reference)).unwrap();
    if name == "locked" {
        lock(&mut card);
    }
    Some(card)
}

fn set_no_pin(contents: &mut CardContents) {
    contents.authentication.secret = None;
    contents.signing = None;
    contents.text_pin = None;
}

/// Somebody guessed too often: authentication PIN and sign password are locked.
fn lock(card: &mut Card) {
    card.power_on();
    let select = apdu::select_application(&JPKI_APPLICATION).unwrap();
    card.handle(&select.to_bytes());
    for secret in [file::AUTHENTICATION_PIN, file::SIGN_PASSWORD] {
        for _ in 0..5 {
            card.handle(&apdu::verify_file(secret, b"0000").unwrap().to_bytes());
        }
    }
    card.power_off();
}
