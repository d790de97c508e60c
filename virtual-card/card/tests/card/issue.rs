//! What may be put onto a card and what may not.

use crate::cards::{self, contents};
use jiff::civil::date;
use std::sync::Arc;
use virtual_card::{Card, CardContents, IssueError, Reference, SecretName, Use};

fn refused(change: impl FnOnce(&mut CardContents)) -> IssueError {
    let mut contents = contents();
    change(&mut contents);
    Card::issue(contents, Arc::new(Reference)).unwrap_err()
}

#[test]
fn wrong_contents_are_refused_with_the_reason() {
    let pin = refused(|contents| contents.authentication.secret = Some("12345".to_owned()));
    assert_eq!(pin, IssueError::Secret(SecretName::AuthenticationPin));

    let password = refused(|contents| {
        contents.signing.as_mut().unwrap().secret = Some("abc123".to_owned());
    });
    assert_eq!(password, IssueError::Secret(SecretName::SignPassword));

    let filler = refused(|contents| contents.authentication.certificate.push(0xFF));
    let length = cards::AUTHENTICATION_CERTIFICATE.len() + 1;
    assert_eq!(
        filler,
        IssueError::NotDer {
            which: Use::Authentication,
            what: "certificate",
            length
        }
    );

    let pem = refused(|contents| {
        contents.signing.as_mut().unwrap().ca_certificate = b"-----BEGIN".to_vec();
    });
    assert_eq!(
        pem,
        IssueError::NotDer {
            which: Use::Signing,
            what: "CA certificate",
            length: 10
        }
    );

    let long = refused(|contents| contents.authentication.certificate = vec![0x30; 32_769]);
    assert!(matches!(long, IssueError::TooLong { length: 32_769, .. }));

    for atr in [vec![], vec![0x3B], vec![0x3C, 0x00], vec![0x3B; 34]] {
        let error = refused(|contents| contents.profile.answer_to_reset = atr);
        assert_eq!(error, IssueError::AnswerToReset);
    }
}

#[test]
fn secrets_and_keys_show_in_no_debug_output() {
    let shown = format!("{:?} {:?}", contents(), cards::card_with(Reference));
    assert!(!shown.contains("1234"), "{shown}");
    assert!(!shown.contains("ABC123"), "{shown}");
    assert!(
        !shown.contains("花子") && !shown.contains(cards::NUMBER),
        "{shown}"
    );
    assert!(shown.len() < 600, "{shown}");
}

#[test]
fn a_face_no_card_carries_is_refused() {
    let long = "長".repeat(134);
    type Change = Box<dyn FnOnce(&mut CardContents)>;
    let table: [(&str, Change); 9] = [
        ("name", Box::new(|c| c.holder.name.clear())),
        (
            "name",
            Box::new({
                let long = long.clone();
                move |c| c.holder.name = long
            }),
        ),
        ("address", Box::new(move |c| c.holder.address = long)),
        (
            "birth date",
            Box::new(|c| c.holder.birth = date(1868, 1, 24)),
        ),
        ("sex", Box::new(|c| c.holder.sex = '3')),
        (
            "security code",
            Box::new(|c| c.security_code = "22８5".to_owned()),
        ),
        ("photo", Box::new(|c| c.photo = Some(Vec::new()))),
        ("photo", Box::new(|c| c.photo = Some(vec![0; 24_577]))),
        (
            "expiry of the card",
            Box::new(|c| c.expires_on = date(0, 1, 1)),
        ),
    ];
    for (expected, change) in table {
        let IssueError::Face { what, .. } = refused(change) else {
            panic!("{expected} was refused for something else");
        };
        assert_eq!(what, expected);
    }
    let secrets = [
        (
            refused(|c| c.individual_number = "12345678901".to_owned()),
            SecretName::TextVerificationA,
        ),
        (
            refused(|c| c.text_pin = Some("56789".to_owned())),
            SecretName::TextPin,
        ),
    ];
    for (error, which) in secrets {
        assert_eq!(error, IssueError::Secret(which));
    }
    assert_eq!(
        refused(|c| c.profile.verification_tries = 16),
        IssueError::Tries(16)
    );
    assert_eq!(
        refused(|c| c.profile.birth_date_tries = 0),
        IssueError::Tries(0)
    );
}

#[test]
fn the_number_on_the_face_is_composed_as_the_sheet_says() {
    assert_eq!(contents().verification_b(), cards::NUMBER_B);
    assert_eq!(contents().birth_date_key(), cards::BIRTH_DATE);
    let mut child = contents();
    child.holder.birth = date(2019, 5, 1);
    child.expires_on = date(2031, 5, 1);
    child.security_code = "0007".to_owned();
    assert_eq!(child.verification_b(), "01050120310007");
}
