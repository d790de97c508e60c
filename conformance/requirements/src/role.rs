//! The ten roles a product can be tested in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a product under test is. The names are those of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// `card`
    Card,
    /// `reader`
    Reader,
    /// `terminal`
    Terminal,
    /// `receipt-computer`
    ReceiptComputer,
    /// `eligibility-server`
    EligibilityServer,
    /// `insurer`
    Insurer,
    /// `portal`
    Portal,
    /// `relying-party`
    RelyingParty,
    /// `pharmacy`
    Pharmacy,
    /// `review-body`
    ReviewBody,
}

impl Role {
    /// Every role, in the catalogue's order.
    pub const ALL: [Self; 10] = [
        Self::Card,
        Self::Reader,
        Self::Terminal,
        Self::ReceiptComputer,
        Self::EligibilityServer,
        Self::Insurer,
        Self::Portal,
        Self::RelyingParty,
        Self::Pharmacy,
        Self::ReviewBody,
    ];

    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// The name a Japanese reader sees.
    pub const fn ja(self) -> &'static str {
        self.names().1
    }

    /// The name an English reader sees.
    pub const fn en(self) -> &'static str {
        self.names().2
    }

    /// The role of a name, if it is one of the ten.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Card => ("card", "マイナンバーカード", "My Number card"),
            Self::Reader => ("reader", "顔認証付きカードリーダー", "card reader"),
            Self::Terminal => ("terminal", "資格確認端末", "eligibility terminal"),
            Self::ReceiptComputer => (
                "receipt-computer",
                "レセプトコンピュータ",
                "receipt computer",
            ),
            Self::EligibilityServer => (
                "eligibility-server",
                "オンライン資格確認等システム",
                "eligibility server",
            ),
            Self::Insurer => ("insurer", "保険者", "insurer"),
            Self::Portal => ("portal", "マイナポータル", "portal"),
            Self::RelyingParty => ("relying-party", "署名検証者", "relying party"),
            Self::Pharmacy => ("pharmacy", "薬局", "pharmacy"),
            Self::ReviewBody => ("review-body", "審査支払機関", "review body"),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_and_in_code_are_the_same() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("Card"), None);
    }
}
