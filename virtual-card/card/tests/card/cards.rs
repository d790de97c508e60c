//! Test cards, made of the test keys. Keys are loaded once for the whole binary.

use std::sync::{Arc, LazyLock};
use virtual_card::{
    ATR_CONTACT, Card, CardContents, CardKey, CardProfile, Conduct, Credential, Reference,
};
use wire::apdu::StatusWord;

/// PIN of every test card.
pub const PIN: &str = "1234";
/// Sign password of every test card.
pub const PASSWORD: &str = "ABC123";

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

/// Contents of an ordinary card with both credentials.
pub fn contents() -> CardContents {
    CardContents {
        authentication: Credential {
            certificate: AUTHENTICATION_CERTIFICATE.to_vec(),
            ca_certificate: AUTHENTICATION_CA.to_vec(),
            key: AUTHENTICATION_KEY.clone(),
            secret: PIN.to_owned(),
        },
        signing: Some(Credential {
            certificate: SIGN_CERTIFICATE.to_vec(),
            ca_certificate: SIGN_CA.to_vec(),
            key: SIGN_KEY.clone(),
            secret: PASSWORD.to_owned(),
        }),
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
        "standard" => {}
        "without signing certificate" => contents.signing = None,
        "through contacts" => contents.profile.answer_to_reset = ATR_CONTACT.to_vec(),
        "locks with 6983" => contents.profile.blocked = StatusWord::BLOCKED_ISO,
        "keeps status over reset" => contents.profile.reset_clears_security_status = false,
        "cloned" => contents = contents.cloned_over(OTHER_KEY.clone()),
        _ => return None,
    }
    Some(Card::issue(contents, Arc::new(Reference)).unwrap())
}
