//! The files and secrets of a card as the fact sheet lists them (facts/card.md 3 and 4): which secret opens
//! what, how many tries each has, and which requirement is broken by whoever gives a file away.

use std::collections::BTreeSet;

/// An application whose files are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Application {
    /// 公的個人認証AP.
    Jpki,
    /// 券面入力補助AP.
    Text,
    /// 券面事項確認AP.
    Surface,
    /// Another one, or none: nothing is known of its files.
    Other,
}

const NAMES: [(&[u8], Application); 6] = [
    (
        b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01",
        Application::Jpki,
    ),
    (
        b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08",
        Application::Text,
    ),
    (
        b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02",
        Application::Surface,
    ),
    (
        b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01",
        Application::Other,
    ),
    (
        b"\xD3\x92\x10\x00\x31\x00\x01\x01\x01\x00",
        Application::Other,
    ),
    (b"\xA0\x00\x00\x01\x51\x00\x00", Application::Other),
];

impl Application {
    /// The application a name selects; the beginning of a name selects too (JICSAP). None when several fit.
    pub fn named(name: &[u8]) -> Option<Application> {
        let mut fitting = NAMES.iter().filter(|(full, _)| full.starts_with(name));
        match (fitting.next(), fitting.next()) {
            (Some((_, one)), None) => Some(*one),
            (None, _) => Some(Application::Other),
            (Some(_), Some(_)) => None,
        }
    }
}

/// A secret of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    /// 利用者証明用PIN.
    Pin,
    /// 署名用パスワード.
    Sign,
    /// 券面入力補助用PIN.
    Text,
    /// 照合番号A of the text application.
    TextA,
    /// 照合番号B of the text application.
    TextB,
    /// Birth date key of the surface application.
    Birth,
    /// 照合番号A of the surface application.
    SurfaceA,
    /// 照合番号B of the surface application.
    SurfaceB,
}

const SECRETS: [(Application, u16, Secret); 8] = [
    (Application::Jpki, 0x18, Secret::Pin),
    (Application::Jpki, 0x1B, Secret::Sign),
    (Application::Text, 0x11, Secret::Text),
    (Application::Text, 0x14, Secret::TextA),
    (Application::Text, 0x15, Secret::TextB),
    (Application::Surface, 0x11, Secret::Birth),
    (Application::Surface, 0x12, Secret::SurfaceB),
    (Application::Surface, 0x13, Secret::SurfaceA),
];

impl Secret {
    /// Every secret.
    pub const ALL: [Secret; 8] = [
        Secret::Pin,
        Secret::Sign,
        Secret::Text,
        Secret::TextA,
        Secret::TextB,
        Secret::Birth,
        Secret::SurfaceA,
        Secret::SurfaceB,
    ];

    /// The secret a file holds.
    pub fn of(application: Application, file: u16) -> Option<Secret> {
        let held = SECRETS
            .iter()
            .find(|(a, f, _)| (*a, *f) == (application, file));
        held.map(|(.., secret)| *secret)
    }

    /// The requirement about its counter and what it opens.
    pub fn requirement(self) -> &'static str {
        match self {
            Secret::Pin => "CARD-03",
            Secret::Sign => "CARD-04",
            Secret::Text | Secret::TextA | Secret::TextB => "CARD-07",
            Secret::Birth | Secret::SurfaceA | Secret::SurfaceB => "CARD-08",
        }
    }

    /// Name for texts, Japanese and English.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Secret::Pin => ("利用者証明用PIN", "authentication PIN"),
            Secret::Sign => ("署名用パスワード", "sign password"),
            Secret::Text => ("券面入力補助用PIN", "text PIN"),
            Secret::TextA => ("券面入力補助APの照合番号A", "照合番号A (text)"),
            Secret::TextB => ("券面入力補助APの照合番号B", "照合番号B (text)"),
            Secret::Birth => ("生年月日の鍵", "birth date key"),
            Secret::SurfaceA => ("券面事項確認APの照合番号A", "照合番号A (surface)"),
            Secret::SurfaceB => ("券面事項確認APの照合番号B", "照合番号B (surface)"),
        }
    }

    /// Tries left and at most that a fresh one may have: 10 for 照合番号, though one public list says 3; those
    /// of the birth date key are not known.
    pub fn fresh(self) -> BTreeSet<(u8, u8)> {
        match self {
            Secret::Pin | Secret::Text => [(3, 3)].into(),
            Secret::Sign => [(5, 5)].into(),
            Secret::TextA | Secret::TextB | Secret::SurfaceA | Secret::SurfaceB => {
                [(10, 10), (3, 3)].into()
            }
            Secret::Birth => (1..=15).map(|n| (n, n)).collect(),
        }
    }
}

/// What a file is to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// Anybody may read it.
    Free,
    /// Whoever presented one of these.
    After(&'static [Secret]),
    /// Nobody ever: a private key, a secret.
    Never,
    /// Not known.
    Unknown,
}

/// How a file is read, and the requirement that is broken when it is read otherwise; empty for none.
pub fn file(application: Application, file: u16) -> (Opens, &'static str) {
    use Secret::{SurfaceA, SurfaceB, TextA, TextB};
    match (application, file) {
        (Application::Jpki, 0x17 | 0x1A) | (Application::Text, 0x13) => (Opens::Never, "CARD-01"),
        (Application::Jpki, 0x01) => (Opens::After(&[Secret::Sign]), "CARD-04"),
        (Application::Jpki, 0x0A) => (Opens::Free, "CARD-01"),
        (Application::Text, 0x01) => (Opens::After(&[Secret::Text, TextA]), "CARD-07"),
        (Application::Text, 0x02) => (Opens::After(&[Secret::Text, TextB]), "CARD-07"),
        (Application::Text, 0x03 | 0x06 | 0x07) => {
            (Opens::After(&[Secret::Text, TextA, TextB]), "CARD-07")
        }
        (Application::Surface, 0x02) => (Opens::After(&[SurfaceA, SurfaceB]), "CARD-08"),
        (Application::Surface, 0x05) => (Opens::After(&[SurfaceA]), "CARD-07"),
        _ => match Secret::of(application, file) {
            Some(secret) => (Opens::Never, secret.requirement()),
            None => (Opens::Unknown, ""),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_select_by_their_beginning() {
        let full = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
        assert_eq!(Application::named(full), Some(Application::Jpki));
        assert_eq!(Application::named(&full[..3]), Some(Application::Jpki));
        assert_eq!(Application::named(&full[..2]), None, "three fit");
        assert_eq!(
            Application::named(b"\xA0\x00\x00\x03"),
            Some(Application::Other)
        );
    }

    #[test]
    fn each_secret_has_one_file_and_is_never_read() {
        for secret in Secret::ALL {
            let held: Vec<_> = SECRETS.iter().filter(|(.., s)| *s == secret).collect();
            let [(application, id, _)] = held.as_slice() else {
                panic!("{secret:?}");
            };
            assert_eq!(
                file(*application, *id),
                (Opens::Never, secret.requirement())
            );
        }
    }
}
