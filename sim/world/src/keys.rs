//! The pool of checked-in test keys, loaded once a process: nothing waits for key generation
//! and certificates come out the same on every machine.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::RsaKeyPair;

/// An RSA-2048 test key.
#[derive(Clone)]
pub struct Key {
    /// Name in the pool, e.g. `card-03`.
    pub name: &'static str,
    /// PKCS#8 DER.
    pub pkcs8: &'static [u8],
    /// Ready to sign.
    pub pair: Arc<RsaKeyPair>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.name)
    }
}

struct Entry {
    name: &'static str,
    pkcs8: &'static [u8],
    loaded: OnceLock<Arc<RsaKeyPair>>,
}

macro_rules! pool {
    ($($name:literal),* $(,)?) => {
        [$(Entry {
            name: $name,
            pkcs8: include_bytes!(concat!("../keys/", $name, ".pk8")),
            loaded: OnceLock::new(),
        }),*]
    };
}

static CARDS: [Entry; 32] = pool![
    "card-00", "card-01", "card-02", "card-03", "card-04", "card-05", "card-06", "card-07",
    "card-08", "card-09", "card-10", "card-11", "card-12", "card-13", "card-14", "card-15",
    "card-16", "card-17", "card-18", "card-19", "card-20", "card-21", "card-22", "card-23",
    "card-24", "card-25", "card-26", "card-27", "card-28", "card-29", "card-30", "card-31",
];

static AUTHORITIES: [Entry; 5] = pool!["ca-auth", "ca-sign", "ca-foreign", "ca-facility", "ocsp"];

/// Who signs with an authority's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The simulated CA for user-authentication certificates.
    UserAuthentication,
    /// The simulated CA for signing certificates.
    Signing,
    /// A CA nobody trusts, under the same name.
    Foreign,
    /// The CA of facility certificates.
    Facility,
    /// The OCSP responder.
    Ocsp,
}

/// An authority's key.
pub fn authority(which: Authority) -> Key {
    load(&AUTHORITIES[which as usize])
}

/// Number of card keys in the pool.
pub const CARD_KEYS: usize = CARDS.len();

/// A card key; the index wraps around the pool.
pub fn card(index: usize) -> Key {
    load(&CARDS[index % CARD_KEYS])
}

fn load(entry: &'static Entry) -> Key {
    let pair = entry.loaded.get_or_init(|| {
        // The pool is part of the program: a key that does not load is a broken build.
        Arc::new(
            RsaKeyPair::from_pkcs8(entry.pkcs8).unwrap_or_else(|e| panic!("{}: {e}", entry.name)),
        )
    });
    Key {
        name: entry.name,
        pkcs8: entry.pkcs8,
        pair: pair.clone(),
    }
}

/// P-256 keys of TLS parties, PKCS#8 DER.
pub mod tls {
    /// The eligibility server.
    pub const ELIGIBILITY: &[u8] = include_bytes!("../keys/tls-eligibility.pk8");
    /// The intermediate server.
    pub const INTERMEDIATE: &[u8] = include_bytes!("../keys/tls-intermediate.pk8");
    /// Insurers.
    pub const INSURER: &[u8] = include_bytes!("../keys/tls-insurer.pk8");
    /// Clinics.
    pub const FACILITY: &[u8] = include_bytes!("../keys/tls-facility.pk8");
    /// The portal.
    pub const PORTAL: &[u8] = include_bytes!("../keys/tls-portal.pk8");
    /// J-LIS.
    pub const JLIS: &[u8] = include_bytes!("../keys/tls-jlis.pk8");
    /// Somebody nobody enrolled.
    pub const STRANGER: &[u8] = include_bytes!("../keys/tls-stranger.pk8");
}

/// Ed25519 keys of our stand-in for the PIN-less use of a card, PKCS#8 DER. Deterministic signatures.
pub mod terminal {
    /// The authority cards know terminals by.
    pub const AUTHORITY: &[u8] = include_bytes!("../keys/terminal-authority.pk8");
    /// An authority no card knows.
    pub const FOREIGN: &[u8] = include_bytes!("../keys/terminal-foreign.pk8");
    /// The terminals of clinics.
    pub const FACILITY: &[u8] = include_bytes!("../keys/terminal-facility.pk8");
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair;

    use super::*;

    #[test]
    fn every_key_loads_and_all_differ() {
        let mut publics: Vec<Vec<u8>> = (0..CARD_KEYS)
            .map(|i| card(i).pair.public_key().as_ref().to_vec())
            .collect();
        use Authority::*;
        publics.extend(
            [UserAuthentication, Signing, Foreign, Facility, Ocsp]
                .map(|a| authority(a).pair.public_key().as_ref().to_vec()),
        );
        let count = publics.len();
        publics.sort();
        publics.dedup();
        assert_eq!(publics.len(), count);
        assert_eq!(card(CARD_KEYS).name, card(0).name);
        assert_eq!(authority(Ocsp).name, "ocsp");
    }
}
