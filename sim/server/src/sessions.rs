//! Open challenges. A session belongs to the facility that asked for it, serves once and lives five
//! minutes. Each facility keeps a handful, so that none can crowd out another or fill the memory.

use std::collections::{BTreeMap, VecDeque};

use identifiers::FacilityCode;
use world::Stream;

/// How long a challenge may be answered, in milliseconds.
pub(crate) const LIFETIME_MS: i64 = 5 * 60 * 1000;
/// Sessions remembered a facility, used and expired ones included; the oldest goes first.
pub(crate) const PER_FACILITY: usize = 16;

struct Session {
    name: String,
    challenge: [u8; 32],
    expires_ms: i64,
    used: bool,
}

/// Why a session does not serve. The terminal is at fault; a new challenge helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionRefused {
    /// Never given out, given to another facility, or forgotten.
    Unknown,
    /// A confirmation was made under it.
    Used,
    /// Older than [`LIFETIME_MS`].
    Expired,
}

/// All open challenges.
pub(crate) struct Sessions {
    chance: Stream,
    open: BTreeMap<FacilityCode, VecDeque<Session>>,
}

impl Sessions {
    pub(crate) fn new(chance: Stream) -> Self {
        Self {
            chance,
            open: BTreeMap::new(),
        }
    }

    /// A new session: its name (32 hex digits) and its challenge.
    pub(crate) fn begin(&mut self, facility: &FacilityCode, now_ms: i64) -> (String, [u8; 32]) {
        let name = hex::encode(&self.chance.block()[..16]);
        let challenge = self.chance.block();
        let own = self.open.entry(facility.clone()).or_default();
        if own.len() >= PER_FACILITY {
            own.pop_front();
        }
        own.push_back(Session {
            name: name.clone(),
            challenge,
            expires_ms: now_ms + LIFETIME_MS,
            used: false,
        });
        (name, challenge)
    }

    /// Uses a session up and returns its challenge.
    pub(crate) fn take(
        &mut self,
        facility: &FacilityCode,
        name: &str,
        now_ms: i64,
    ) -> Result<[u8; 32], SessionRefused> {
        let session = self
            .open
            .get_mut(facility)
            .and_then(|own| own.iter_mut().find(|session| session.name == name))
            .ok_or(SessionRefused::Unknown)?;
        if session.used {
            return Err(SessionRefused::Used);
        }
        if now_ms >= session.expires_ms {
            return Err(SessionRefused::Expired);
        }
        session.used = true;
        Ok(session.challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use world::Seed;

    fn facility(body: &str) -> FacilityCode {
        FacilityCode::from_body(body).unwrap()
    }

    #[test]
    fn a_session_serves_its_facility_once_and_for_five_minutes() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (one, other) = (facility("991000001"), facility("991000002"));
        let (name, challenge) = sessions.begin(&one, 0);
        assert_eq!(name.len(), 32);
        assert_eq!(
            sessions.take(&other, &name, 1),
            Err(SessionRefused::Unknown)
        );
        assert_eq!(sessions.take(&one, "", 1), Err(SessionRefused::Unknown));
        assert_eq!(sessions.take(&one, &name, LIFETIME_MS - 1), Ok(challenge));
        assert_eq!(
            sessions.take(&one, &name, LIFETIME_MS - 1),
            Err(SessionRefused::Used)
        );
        let (late, _) = sessions.begin(&one, 0);
        assert_eq!(
            sessions.take(&one, &late, LIFETIME_MS),
            Err(SessionRefused::Expired)
        );
    }

    #[test]
    fn a_facility_that_asks_on_and_on_crowds_out_only_itself() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (one, other) = (facility("991000001"), facility("991000002"));
        let (kept, _) = sessions.begin(&other, 0);
        let names: Vec<_> = (0..=PER_FACILITY)
            .map(|_| sessions.begin(&one, 0).0)
            .collect();
        assert_eq!(
            sessions.take(&one, &names[0], 1),
            Err(SessionRefused::Unknown)
        );
        assert!(sessions.take(&one, &names[1], 1).is_ok());
        assert!(sessions.take(&other, &kept, 1).is_ok());
    }

    #[test]
    fn the_seed_decides_names_and_challenges() {
        let of =
            |seed| Sessions::new(Seed(seed).stream("sessions")).begin(&facility("991000001"), 0);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
