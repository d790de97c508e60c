//! Open challenges. A session belongs to the facility that asked for it, serves one identification and one
//! confirmation and lives five minutes. Each facility keeps a handful, so that none can crowd out another
//! or fill the memory. What an identification found is kept here and nowhere else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use identifiers::FacilityCode;
use world::Stream;

use crate::identification::Identified;

/// How long a session lives, in milliseconds.
pub(crate) const LIFETIME_MS: i64 = 5 * 60 * 1000;
/// Sessions remembered a facility, used and expired ones included; the oldest goes first.
pub(crate) const PER_FACILITY: usize = 16;

struct Session {
    name: String,
    challenge: [u8; 32],
    expires_ms: i64,
    /// An identification has begun: the challenge is used up.
    answered: bool,
    found: Option<Arc<Identified>>,
    confirmed: bool,
}

/// Why a session does not serve. The terminal is at fault; a new challenge helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionRefused {
    /// Never given out, given to another facility, or forgotten.
    Unknown,
    /// It has served already.
    Used,
    /// Older than [`LIFETIME_MS`].
    Expired,
    /// No card has been identified under it.
    NotIdentified,
}

/// A session as somebody asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedFor<'a> {
    pub(crate) facility: &'a FacilityCode,
    pub(crate) name: &'a str,
    pub(crate) now_ms: i64,
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

    /// A new session: its name (32 hex digits) and its challenge. `chosen` decides what becomes of a fresh one.
    pub(crate) fn begin(
        &mut self,
        facility: &FacilityCode,
        now_ms: i64,
        chosen: impl FnOnce([u8; 32]) -> [u8; 32],
    ) -> (String, [u8; 32]) {
        let name = hex::encode(&self.chance.block()[..16]);
        let challenge = chosen(self.chance.block());
        let own = self.open.entry(facility.clone()).or_default();
        if own.len() >= PER_FACILITY {
            own.pop_front();
        }
        own.push_back(Session {
            name: name.clone(),
            challenge,
            expires_ms: now_ms + LIFETIME_MS,
            answered: false,
            found: None,
            confirmed: false,
        });
        (name, challenge)
    }

    /// Uses a session's challenge up and returns it. `refuses` decides about one that is used up.
    pub(crate) fn answer(
        &mut self,
        asked: AskedFor<'_>,
        refuses: impl FnOnce(bool) -> bool,
    ) -> Result<[u8; 32], SessionRefused> {
        let session = self.live(asked, |session| refuses(session.answered))?;
        session.answered = true;
        Ok(session.challenge)
    }

    /// Keeps what the identification under a session found.
    pub(crate) fn keep(&mut self, asked: AskedFor<'_>, found: Arc<Identified>) {
        if let Some(session) = self.find(asked) {
            session.found = Some(found);
        }
    }

    /// What was found under a session that has not been confirmed yet.
    pub(crate) fn identified(
        &mut self,
        asked: AskedFor<'_>,
    ) -> Result<Arc<Identified>, SessionRefused> {
        let session = self.live(asked, |session| session.confirmed)?;
        session.found.clone().ok_or(SessionRefused::NotIdentified)
    }

    /// Uses a session up and returns what was found under it. `refuses` decides about one used up.
    pub(crate) fn confirm(
        &mut self,
        asked: AskedFor<'_>,
        refuses: impl FnOnce(bool) -> bool,
    ) -> Result<Arc<Identified>, SessionRefused> {
        let session = self.live(asked, |session| refuses(session.confirmed))?;
        let found = session.found.clone().ok_or(SessionRefused::NotIdentified)?;
        session.confirmed = true;
        Ok(found)
    }

    /// Gives a session back whose confirmation could not be recorded: nothing was settled.
    pub(crate) fn give_back(&mut self, asked: AskedFor<'_>) {
        if let Some(session) = self.find(asked) {
            session.confirmed = false;
        }
    }

    fn find(&mut self, asked: AskedFor<'_>) -> Option<&mut Session> {
        let own = self.open.get_mut(asked.facility)?;
        own.iter_mut().find(|session| session.name == asked.name)
    }

    fn live(
        &mut self,
        asked: AskedFor<'_>,
        used: impl FnOnce(&Session) -> bool,
    ) -> Result<&mut Session, SessionRefused> {
        let session = self.find(asked).ok_or(SessionRefused::Unknown)?;
        if used(session) {
            return Err(SessionRefused::Used);
        }
        if asked.now_ms >= session.expires_ms {
            return Err(SessionRefused::Expired);
        }
        Ok(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use world::Seed;

    fn facility(body: &str) -> FacilityCode {
        FacilityCode::from_body(body).unwrap()
    }

    fn asked<'a>(facility: &'a FacilityCode, name: &'a str, now_ms: i64) -> AskedFor<'a> {
        AskedFor {
            facility,
            name,
            now_ms,
        }
    }

    const STRICT: fn(bool) -> bool = |used| used;

    #[test]
    fn a_session_serves_its_facility_once_and_for_five_minutes() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (one, other) = (facility("991000001"), facility("991000002"));
        let (name, challenge) = sessions.begin(&one, 0, |fresh| fresh);
        assert_eq!(name.len(), 32);
        let mut answer = |facility, name, now| sessions.answer(asked(facility, name, now), STRICT);
        assert_eq!(answer(&other, &name, 1), Err(SessionRefused::Unknown));
        assert_eq!(answer(&one, "", 1), Err(SessionRefused::Unknown));
        assert_eq!(answer(&one, &name, LIFETIME_MS - 1), Ok(challenge));
        assert_eq!(
            answer(&one, &name, LIFETIME_MS - 1),
            Err(SessionRefused::Used)
        );
        let (late, _) = sessions.begin(&one, 0, |fresh| fresh);
        assert_eq!(
            sessions.answer(asked(&one, &late, LIFETIME_MS), STRICT),
            Err(SessionRefused::Expired)
        );
    }

    #[test]
    fn only_what_was_identified_is_confirmed_and_only_once() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (one, other) = (facility("991000001"), facility("991000002"));
        let (name, _) = sessions.begin(&one, 0, |fresh| fresh);
        let own = asked(&one, &name, 1);
        let refused = |sessions: &mut Sessions, asked| sessions.confirm(asked, STRICT).err();
        assert_eq!(
            refused(&mut sessions, own),
            Some(SessionRefused::NotIdentified)
        );
        assert_eq!(
            sessions.identified(own).err(),
            Some(SessionRefused::NotIdentified)
        );
        sessions.answer(own, STRICT).unwrap();
        // While the card is still being looked at there is nothing to confirm.
        assert_eq!(
            refused(&mut sessions, own),
            Some(SessionRefused::NotIdentified)
        );
        sessions.keep(own, Arc::new(Identified::nothing()));
        assert_eq!(
            refused(&mut sessions, asked(&other, &name, 1)),
            Some(SessionRefused::Unknown)
        );
        assert_eq!(
            refused(&mut sessions, asked(&one, &name, LIFETIME_MS)),
            Some(SessionRefused::Expired)
        );
        assert!(sessions.identified(own).is_ok());
        assert!(sessions.identified(own).is_ok());
        assert_eq!(refused(&mut sessions, own), None);
        assert_eq!(refused(&mut sessions, own), Some(SessionRefused::Used));
        assert_eq!(sessions.identified(own).err(), Some(SessionRefused::Used));
        sessions.give_back(own);
        assert_eq!(refused(&mut sessions, own), None);
    }

    #[test]
    fn a_facility_that_asks_on_and_on_crowds_out_only_itself() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (one, other) = (facility("991000001"), facility("991000002"));
        let (kept, _) = sessions.begin(&other, 0, |fresh| fresh);
        let names: Vec<_> = (0..=PER_FACILITY)
            .map(|_| sessions.begin(&one, 0, |fresh| fresh).0)
            .collect();
        let mut answer = |facility, name| sessions.answer(asked(facility, name, 1), STRICT);
        assert_eq!(answer(&one, &names[0]), Err(SessionRefused::Unknown));
        assert!(answer(&one, &names[1]).is_ok());
        assert!(answer(&other, &kept).is_ok());
    }

    #[test]
    fn the_seed_decides_names_and_challenges() {
        let of = |seed| {
            Sessions::new(Seed(seed).stream("sessions"))
                .begin(&facility("991000001"), 0, |fresh| fresh)
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
