//! The register: what became of each certificate. A revoked one stays revoked, after its expiry
//! as before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use identifiers::CertificateSerial;

/// What the authority says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Issued and good.
    Good,
    /// Revoked at this instant (milliseconds since 1970).
    Revoked(i64),
    /// Suspended by a loss report at this instant; may be lifted.
    Suspended(i64),
    /// Never heard of.
    Unknown,
}

/// What became of each serial; sharing it by cloning.
#[derive(Clone, Default)]
pub struct Register(Arc<Mutex<BTreeMap<u64, Standing>>>);

impl Register {
    /// Enters a standing. What was revoked stays revoked; returns whether the entry was taken.
    pub fn set(&self, serial: CertificateSerial, standing: Standing) -> bool {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let revoked = matches!(entries.get(&serial.value()), Some(Standing::Revoked(_)));
        if !revoked {
            entries.insert(serial.value(), standing);
        }
        !revoked
    }

    /// The standing of a serial; unknown when it was never entered.
    pub fn get(&self, serial: CertificateSerial) -> Standing {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(&serial.value())
            .copied()
            .unwrap_or(Standing::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspension_is_lifted_and_revocation_is_not() {
        let register = Register::default();
        let serial = CertificateSerial::new(77).unwrap();
        assert_eq!(register.get(serial), Standing::Unknown);
        assert!(register.set(serial, Standing::Suspended(1)));
        assert!(register.set(serial, Standing::Good));
        assert!(register.set(serial, Standing::Revoked(2)));
        assert!(!register.set(serial, Standing::Good));
        assert_eq!(register.get(serial), Standing::Revoked(2));
    }
}
