//! The page for the office: what the caller says of issuer and customer, and `certificate.pdf` made from
//! it, the report and the seal's identity. Everything on it can be made again from `report.json`.

use ::certificate::{Issue, Item, Laboratory, Period, SealedBy, Signatory};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use reports::{Office, Page, ProductPart, RunInfo};

use crate::failure::Failure;

/// The member of a report folder.
pub const CERTIFICATE: &str = "certificate.pdf";

const UNSAID: &str = "記載なし (not stated)";
const JAPAN: Offset = Offset::constant(9);

/// Who issues, and for whom. None of it changes a verdict.
#[derive(Args, Clone, Debug)]
pub struct Naming {
    /// Name of the laboratory, or of whoever else issues the report.
    #[arg(long, value_name = "NAME", default_value = UNSAID)]
    laboratory: String,
    /// Its address and contact.
    #[arg(long, value_name = "TEXT", default_value = "")]
    laboratory_address: String,
    /// Who answers for the report.
    #[arg(long, value_name = "NAME", default_value = UNSAID)]
    signatory: String,
    /// Post of the signatory.
    #[arg(long, value_name = "TEXT", default_value = "")]
    signatory_post: String,
    /// For whom the test was made, with contact.
    #[arg(long, value_name = "TEXT")]
    customer: Option<String>,
    /// Number of the document; made from the evidence's digest and the day unless given.
    #[arg(long, value_name = "TEXT")]
    number: Option<String>,
}

impl Default for Naming {
    fn default() -> Self {
        Naming {
            laboratory: UNSAID.to_owned(),
            laboratory_address: String::new(),
            signatory: UNSAID.to_owned(),
            signatory_post: String::new(),
            customer: None,
            number: None,
        }
    }
}

impl Naming {
    /// What `report.json` keeps of it, issued now, about the evidence of this digest.
    pub fn office(&self, evidence: &str, now: Timestamp) -> Office {
        let day = now.to_zoned(TimeZone::fixed(JAPAN)).date();
        let usual = || {
            let short: String = evidence.chars().take(12).collect();
            format!("SHIKAKU-{}-{short}", day.strftime("%Y%m%d"))
        };
        Office {
            number: self.number.clone().unwrap_or_else(usual),
            issued_on: day.to_string(),
            laboratory: self.laboratory.clone(),
            address: self.laboratory_address.clone(),
            signatory: self.signatory.clone(),
            post: self.signatory_post.clone(),
            customer: self.customer.clone(),
        }
    }
}

/// The document, unsigned; `report` is `report.json` as it lies in the folder.
pub fn printed(
    page: &Page,
    info: &RunInfo,
    report: &[u8],
    sealed_by: SealedBy,
) -> Result<Vec<u8>, Failure> {
    let office = info.office.as_ref().ok_or_else(|| {
        Failure::Configuration(format!(
            "report.json says nothing of who issued it, so there can be no {CERTIFICATE}."
        ))
    })?;
    let day = office.issued_on.parse().map_err(|e| {
        Failure::Configuration(format!(
            "report.json: run_info.office.issued_on {:?}: {e}.",
            office.issued_on
        ))
    })?;
    let issue = Issue {
        number: office.number.clone(),
        issued_on: day,
        laboratory: Laboratory {
            name: office.laboratory.clone(),
            address: office.address.clone(),
        },
        customer: office.customer.clone(),
        signatory: Signatory {
            name: office.signatory.clone(),
            post: office.post.clone(),
        },
        sealed_by: Some(sealed_by),
        tested: Some(Period { from: day, to: day }),
        items: page.products.iter().map(item).collect(),
        report_sha256: hex::encode(seal::sha256(report)),
        program: format!("{} {}", info.tool, info.version),
    };
    ::certificate::certificate(page, &issue).map_err(Failure::bed)
}

fn item(product: &ProductPart) -> Item {
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Item {
        role: product.role.id.clone(),
        vendor: said(&product.vendor),
        digest: said(&product.digest),
        received: None,
    }
}
