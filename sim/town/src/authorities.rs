//! The town's certification authorities and what they issued to houses. They are the same for every story of
//! an edition, so they are made once a process: many RSA signatures less for each story.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jlis::{Authority, Purpose};
use world::keys;
use world::tls::{FacilityAuthority, Identity, TlsError};

/// An authority as a story declares it.
#[derive(Clone, Debug)]
pub struct NamedAuthority {
    /// Name in evidence.
    pub name: &'static str,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Whether relying parties are told to trust it.
    pub trusted: bool,
}

pub(crate) struct Authorities {
    pub jpki: Authority,
    pub signing: Authority,
    pub foreign: Authority,
    /// Certificate of the revocation service.
    pub responder: Vec<u8>,
    pub facility: FacilityAuthority,
    pub foreign_facility: FacilityAuthority,
    issued: Mutex<BTreeMap<(String, bool), Identity>>,
}

/// Months before the town's first day on which the authorities' own certificates begin: early
/// enough for cards that expired months ago, late enough that none of them ends meanwhile.
const MONTHS_BEFORE: i32 = 96;

impl Authorities {
    /// The authorities of a town that starts on `day`.
    pub(crate) fn of(day: Date) -> Result<Arc<Self>, TlsError> {
        static MADE: Mutex<BTreeMap<Date, Arc<Authorities>>> = Mutex::new(BTreeMap::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&day) {
            return Ok(known.clone());
        }
        let from = world::clock::months_after(day, -MONTHS_BEFORE);
        let jpki = |purpose, key| Authority::new(purpose, key, from);
        let authentication = jpki(
            Purpose::UserAuthentication,
            keys::Authority::UserAuthentication,
        );
        let all = Arc::new(Authorities {
            responder: authentication.responder_certificate(from),
            jpki: authentication,
            signing: jpki(Purpose::Signing, keys::Authority::Signing),
            foreign: jpki(Purpose::UserAuthentication, keys::Authority::Foreign),
            facility: FacilityAuthority::new(keys::Authority::Facility, from)?,
            foreign_facility: FacilityAuthority::new(keys::Authority::Foreign, from)?,
            issued: Mutex::default(),
        });
        made.insert(day, all.clone());
        Ok(all)
    }

    /// The TLS certificate of a name, the same each time it is asked for; `enrolled` says by whose authority.
    pub(crate) fn identity(
        &self,
        name: &str,
        key: &'static [u8],
        enrolled: bool,
    ) -> Result<Identity, TlsError> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = (name.to_owned(), enrolled);
        if let Some(known) = issued.get(&wanted) {
            return Ok(known.clone());
        }
        let authority = match enrolled {
            true => &self.facility,
            false => &self.foreign_facility,
        };
        // The name decides the serial, so that no order of stories can.
        let serial = world::Seed(u64::from(enrolled)).child(name).0 >> 1;
        let identity = authority.issue(name, serial, key)?;
        issued.insert(wanted, identity.clone());
        Ok(identity)
    }

    /// As a story declares them.
    pub(crate) fn named(&self) -> Vec<NamedAuthority> {
        let one = |name, certificate: &[u8], trusted| NamedAuthority {
            name,
            certificate: certificate.to_vec(),
            trusted,
        };
        vec![
            one("jpki-user-authentication", &self.jpki.certificate, true),
            one(
                "foreign-user-authentication",
                &self.foreign.certificate,
                false,
            ),
            one("jpki-signing", &self.signing.certificate, false),
            one("facility", &self.facility.certificate, true),
            one(
                "foreign-facility",
                &self.foreign_facility.certificate,
                false,
            ),
        ]
    }
}
