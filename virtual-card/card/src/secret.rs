//! The secrets of the card: which there are, what each may look like, how many tries it has, and what
//! the card keeps of them in permanent memory (facts/card.md 4).

use crate::contents::{CardContents, Use};
use std::fmt;

/// Tries of the authentication PIN and of the text application's PIN before they lock.
pub const PIN_TRIES: u8 = 3;

/// Tries of the sign password before it locks.
pub const SIGN_TRIES: u8 = 5;

/// A secret of the card, named by the application it lies in and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretName {
    /// 利用者証明用PIN, 4 digits.
    AuthenticationPin,
    /// 署名用パスワード, 6 to 16 of A-Z and 0-9 with at least one of each.
    SignPassword,
    /// 券面入力補助用PIN, 4 digits.
    TextPin,
    /// 照合番号A of the text application: the individual number, 12 digits.
    TextVerificationA,
    /// 照合番号B of the text application, 14 digits.
    TextVerificationB,
    /// A key of the text application that is blocked from issue; nobody knows what for.
    TextBlocked,
    /// Birth date key of the surface application, 6 digits.
    SurfaceBirthDate,
    /// 照合番号A of the surface application: the individual number, 12 digits.
    SurfaceVerificationA,
    /// 照合番号B of the surface application, 14 digits.
    SurfaceVerificationB,
}

impl SecretName {
    /// All of them.
    pub const ALL: [SecretName; 9] = [
        SecretName::AuthenticationPin,
        SecretName::SignPassword,
        SecretName::TextPin,
        SecretName::TextVerificationA,
        SecretName::TextVerificationB,
        SecretName::TextBlocked,
        SecretName::SurfaceBirthDate,
        SecretName::SurfaceVerificationA,
        SecretName::SurfaceVerificationB,
    ];

    /// Whether that text may become this secret. Nothing may become the blocked key.
    pub(crate) fn takes(self, text: &[u8]) -> bool {
        match self {
            SecretName::AuthenticationPin | SecretName::TextPin => digits(text, 4),
            SecretName::SignPassword => is_sign_password(text),
            SecretName::TextVerificationA | SecretName::SurfaceVerificationA => digits(text, 12),
            SecretName::TextVerificationB | SecretName::SurfaceVerificationB => digits(text, 14),
            SecretName::SurfaceBirthDate => digits(text, 6),
            SecretName::TextBlocked => false,
        }
    }

    /// Whether the holder may change it by command (CHANGE REFERENCE DATA): the three he chose himself.
    pub(crate) fn is_holders_own(self) -> bool {
        matches!(
            self,
            SecretName::AuthenticationPin | SecretName::SignPassword | SecretName::TextPin
        )
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SecretName::AuthenticationPin => "authentication PIN (利用者証明用PIN)",
            SecretName::SignPassword => "sign password (署名用パスワード)",
            SecretName::TextPin => "text application's PIN (券面入力補助用PIN)",
            SecretName::TextVerificationA => "text application's 照合番号A",
            SecretName::TextVerificationB => "text application's 照合番号B",
            SecretName::TextBlocked => "text application's blocked key",
            SecretName::SurfaceBirthDate => "surface application's birth date key",
            SecretName::SurfaceVerificationA => "surface application's 照合番号A",
            SecretName::SurfaceVerificationB => "surface application's 照合番号B",
        })
    }
}

/// Whether that is a secret of so many digits.
pub(crate) fn digits(text: &[u8], count: usize) -> bool {
    text.len() == count && text.iter().all(u8::is_ascii_digit)
}

fn is_sign_password(password: &[u8]) -> bool {
    (6..=16).contains(&password.len())
        && password
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && password.iter().any(u8::is_ascii_uppercase)
        && password.iter().any(u8::is_ascii_digit)
}

/// One secret as it lies in permanent memory.
#[derive(Clone)]
pub(crate) struct Kept {
    /// `None` where none was ever set: nothing is right then.
    pub(crate) secret: Option<Vec<u8>>,
    pub(crate) left: u8,
    pub(crate) maximum: u8,
}

/// Permanent memory, in the order of [`SecretName::ALL`]: it outlives the power, and each write to it is
/// done whole or not at all.
#[derive(Clone)]
pub(crate) struct Memory([Kept; 9]);

impl Memory {
    /// The memory of a card fresh from its issuer: every secret that was set has all its tries.
    pub(crate) fn new(contents: &CardContents, sign_tries: u8) -> Memory {
        Memory(SecretName::ALL.map(|name| {
            let secret = issued(contents, name).map(String::into_bytes);
            let maximum = tries(contents, name, sign_tries);
            let left = if secret.is_some() { maximum } else { 0 };
            Kept {
                secret,
                left,
                maximum,
            }
        }))
    }

    /// What is kept of a secret.
    pub(crate) fn of(&self, name: SecretName) -> &Kept {
        &self.0[name as usize]
    }

    /// The same, to change.
    pub(crate) fn change(&mut self, name: SecretName) -> &mut Kept {
        &mut self.0[name as usize]
    }

    /// Everything kept, to change at once.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Kept> {
        self.0.iter_mut()
    }
}

fn issued(contents: &CardContents, name: SecretName) -> Option<String> {
    match name {
        SecretName::AuthenticationPin => contents.authentication.secret.clone(),
        SecretName::SignPassword => contents.signing.as_ref()?.secret.clone(),
        SecretName::TextPin => contents.text_pin.clone(),
        SecretName::TextVerificationA | SecretName::SurfaceVerificationA => {
            Some(contents.individual_number.clone())
        }
        SecretName::TextVerificationB | SecretName::SurfaceVerificationB => {
            Some(contents.verification_b())
        }
        SecretName::SurfaceBirthDate => Some(contents.birth_date_key()),
        SecretName::TextBlocked => None,
    }
}

fn tries(contents: &CardContents, name: SecretName, sign_tries: u8) -> u8 {
    match name {
        SecretName::AuthenticationPin | SecretName::TextPin => PIN_TRIES,
        SecretName::SignPassword => sign_tries,
        SecretName::TextVerificationA
        | SecretName::TextVerificationB
        | SecretName::SurfaceVerificationA
        | SecretName::SurfaceVerificationB => contents.profile.verification_tries,
        SecretName::SurfaceBirthDate => contents.profile.birth_date_tries,
        SecretName::TextBlocked => 0,
    }
}

/// The secret that opens the key of that use.
pub(crate) fn opening(purpose: Use) -> SecretName {
    match purpose {
        Use::Authentication => SecretName::AuthenticationPin,
        Use::Signing => SecretName::SignPassword,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_has_its_place() {
        for (index, name) in SecretName::ALL.into_iter().enumerate() {
            assert_eq!(name as usize, index);
        }
    }

    #[test]
    fn secrets_keep_their_rules() {
        use SecretName::*;
        let table: [(SecretName, &[&str], &[&str]); 5] = [
            (
                AuthenticationPin,
                &["1234", "0000"],
                &["123", "12345", "12a4", "１２３４", ""],
            ),
            (
                SignPassword,
                &["ABC123", "ABCDEFGHIJKLMN12"],
                &[
                    "ABC12",
                    "ABCDEFGHIJKLMN123",
                    "ABCDEF",
                    "123456",
                    "abc123",
                    "ABC-123",
                ],
            ),
            (
                TextVerificationA,
                &["123456789012"],
                &["12345678901", "12345678901A"],
            ),
            (
                SurfaceVerificationB,
                &["55021720352285"],
                &["5502172035228", "H5021720352285"],
            ),
            (SurfaceBirthDate, &["550217"], &["19800217"]),
        ];
        for (name, good, bad) in table {
            for text in good {
                assert!(name.takes(text.as_bytes()), "{name} {text}");
            }
            for text in bad {
                assert!(!name.takes(text.as_bytes()), "{name} {text}");
            }
        }
        assert!(!TextBlocked.takes(b"1234"));
    }
}
