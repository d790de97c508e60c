//! What a report does not know and an office must: number and date of the document, the laboratory, who
//! signs, and what the vendor said of the product. Everything is handed in; nothing is looked up.

use jiff::civil::Date;

/// An issue of the document: everything on it that is not in the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Unique number of the document, on every page.
    pub number: String,
    /// Day of issue, a calendar day in Japan.
    pub issued_on: Date,
    /// Who tested and issues.
    pub laboratory: Laboratory,
    /// For whom, with contact; absent when the laboratory tested for itself.
    pub customer: Option<String>,
    /// Who answers for the document.
    pub signatory: Signatory,
    /// The certificate [`crate::sign`] will be used with; absent for a document that stays unsigned.
    pub sealed_by: Option<SealedBy>,
    /// Days of testing; absent when they were not recorded.
    pub tested: Option<Period>,
    /// What the vendor says of each product, by role; a role may be missing.
    pub items: Vec<Item>,
    /// SHA-256 of `report.json`, hex.
    pub report_sha256: String,
    /// Program that made the document, with its version.
    pub program: String,
}

/// A laboratory, or whoever else issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laboratory {
    /// Its name.
    pub name: String,
    /// Address and contact; may be empty.
    pub address: String,
}

/// A person who answers for the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// Name.
    pub name: String,
    /// Post in the laboratory; may be empty.
    pub post: String,
}

/// The certificate a document is signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBy {
    /// Subject of the signer's certificate.
    pub subject: String,
    /// True for the shipped test identity: then every page says so, loudly.
    pub test: bool,
}

impl From<&seal::Identity> for SealedBy {
    fn from(identity: &seal::Identity) -> SealedBy {
        SealedBy {
            subject: identity.subject(),
            test: identity.is_test(),
        }
    }
}

/// First and last day of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// What is said of the product of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Short name of the role, such as `reader`.
    pub role: String,
    /// Who makes the product.
    pub vendor: Option<String>,
    /// Digest of the build, as the vendor states it.
    pub digest: Option<String>,
    /// Day the product was received.
    pub received: Option<Date>,
}
