//! Impostors: running products that differ from the reference by one deviation. They are driven
//! by the same stories through the same taps, and nothing in the evidence hints at their names.
//! The list is data (`impostors.yaml`); each row's deviation is one overridden method below.

mod clinic_side;
mod server_side;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use town::Products;

const IMPOSTORS: &str = include_str!("../impostors.yaml");

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impostor {
    /// Stable id.
    pub id: String,
    /// Role of the product.
    pub role: String,
    /// Japanese description.
    pub ja: String,
    /// English description.
    pub en: String,
    /// Requirements it must be convicted of.
    pub breaks: Vec<String>,
    /// Requirements the same deviation cannot but break too.
    #[serde(default)]
    pub also: Vec<Also>,
}

/// A further requirement an impostor breaks, and why that cannot be helped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Requirement id.
    pub id: String,
    /// Why.
    pub because: String,
}

/// The list is unreadable: the suite's own file is at fault.
#[derive(Debug, thiserror::Error)]
#[error("impostors.yaml: {0}. The suite's own file is at fault; correct it.")]
pub struct ListError(String);

/// All impostors, in the order of the list.
pub fn impostors() -> Result<Vec<Impostor>, ListError> {
    serde_saphyr::from_str(IMPOSTORS).map_err(|e| ListError(e.to_string()))
}

/// The products of a town in which this impostor stands in for one reference product.
pub fn products(id: &str) -> Option<Products> {
    let mut products = Products::reference();
    match id {
        "card-forgets-wrong-tries" => products.card = Arc::new(clinic_side::ForgetsWrongTries),
        "reader-hides-renewal-notice" => {
            products.reader = Arc::new(clinic_side::HidesRenewalNotice)
        }
        "reader-hides-grace-notice" => products.reader = Arc::new(clinic_side::HidesGraceNotice),
        "reader-spends-last-try-silently" => {
            products.reader = Arc::new(clinic_side::SpendsLastTrySilently)
        }
        "reader-asks-consent-first" => products.reader = Arc::new(clinic_side::AsksConsentFirst),
        "terminal-writes-pin-into-file" => {
            products.terminal = Arc::new(clinic_side::WritesPinIntoFile)
        }
        "terminal-withholds-without-consent" => {
            products.terminal = Arc::new(clinic_side::WithholdsWithoutConsent)
        }
        "desk-takes-lost-as-current" => products.desk = Arc::new(clinic_side::TakesLostAsCurrent),
        "insurer-sends-wrong-check-digit" => {
            products.insurer = Arc::new(server_side::SendsWrongCheckDigit)
        }
        "server-accepts-foreign-ca" => products.server = Arc::new(server_side::AcceptsForeignCa),
        "server-takes-unknown-for-good" => {
            products.server = Arc::new(server_side::TakesUnknownForGood)
        }
        "server-treats-revoked-as-expired" => {
            products.server = Arc::new(server_side::TreatsRevokedAsExpired)
        }
        "server-takes-silent-ocsp-for-good" => {
            products.server = Arc::new(server_side::TakesSilentOcspForGood)
        }
        "server-accepts-any-signature" => {
            products.server = Arc::new(server_side::AcceptsAnySignature)
        }
        "server-forgets-renewal-notice" => {
            products.server = Arc::new(server_side::ForgetsRenewalNotice)
        }
        "server-grants-consent-in-grace" => {
            products.server = Arc::new(server_side::GrantsConsentInGrace)
        }
        "server-ignores-expiry" => products.server = Arc::new(server_side::IgnoresExpiry),
        "server-answers-oldest-qualification" => {
            products.server = Arc::new(server_side::AnswersOldest)
        }
        "server-calls-lost-valid" => products.server = Arc::new(server_side::CallsLostValid),
        "server-answers-strangers" => products.server = Arc::new(server_side::AnswersStrangers),
        _ => return None,
    }
    Some(products)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_product_and_ids_are_unique() {
        let all = impostors().unwrap();
        let mut ids: Vec<_> = all.iter().map(|i| i.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        for impostor in &all {
            assert!(
                products(&impostor.id).is_some(),
                "{} is not built",
                impostor.id
            );
            assert!(
                !impostor.breaks.is_empty(),
                "{} breaks nothing",
                impostor.id
            );
        }
        assert!(products("nobody").is_none());
    }
}
