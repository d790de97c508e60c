//! Open challenges. Each serves once and lives five minutes; nobody is known by a certificate here, so one
//! bound holds for all: a flood of askers makes others ask again, and fills nothing.

use std::collections::VecDeque;

use world::Stream;

/// How long a challenge may be answered, in milliseconds.
pub const LIFETIME_MS: i64 = 5 * 60 * 1000;
/// Challenges remembered, used and expired ones included; the oldest goes first.
const REMEMBERED: usize = 1024;

struct Session {
    name: String,
    challenge: [u8; 32],
    expires_ms: i64,
    used: bool,
}

/// Why a session does not serve. The asker is at fault; a new challenge helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionRefused {
    /// Never given out, or forgotten.
    Unknown,
    /// A registration was asked for under it.
    Used,
    /// Older than [`LIFETIME_MS`].
    Expired,
}

/// All open challenges.
pub(crate) struct Sessions {
    chance: Stream,
    open: VecDeque<Session>,
}

impl Sessions {
    pub(crate) fn new(chance: Stream) -> Self {
        Self {
            chance,
            open: VecDeque::new(),
        }
    }

    /// A new session: its name (32 hex digits) and its challenge.
    pub(crate) fn begin(&mut self, now_ms: i64) -> (String, [u8; 32]) {
        let name = hex::encode(&self.chance.block()[..16]);
        let challenge = self.chance.block();
        if self.open.len() >= REMEMBERED {
            self.open.pop_front();
        }
        self.open.push_back(Session {
            name: name.clone(),
            challenge,
            expires_ms: now_ms + LIFETIME_MS,
            used: false,
        });
        (name, challenge)
    }

    /// Uses a session up and returns its challenge.
    pub(crate) fn take(&mut self, name: &str, now_ms: i64) -> Result<[u8; 32], SessionRefused> {
        let session = self.open.iter_mut().find(|session| session.name == name);
        let session = session.ok_or(SessionRefused::Unknown)?;
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

    #[test]
    fn a_session_serves_once_and_for_five_minutes() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (name, challenge) = sessions.begin(0);
        let (late, other) = sessions.begin(0);
        assert_eq!(name.len(), 32);
        assert!(name != late && challenge != other);
        assert_eq!(sessions.take("", 1), Err(SessionRefused::Unknown));
        assert_eq!(sessions.take(&name, LIFETIME_MS - 1), Ok(challenge));
        assert_eq!(sessions.take(&name, 1), Err(SessionRefused::Used));
        assert_eq!(
            sessions.take(&late, LIFETIME_MS),
            Err(SessionRefused::Expired)
        );
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut sessions = Sessions::new(Seed(1).stream("sessions"));
        let (first, _) = sessions.begin(0);
        let (second, _) = sessions.begin(0);
        for _ in 0..REMEMBERED - 1 {
            sessions.begin(0);
        }
        assert_eq!(sessions.take(&first, 1), Err(SessionRefused::Unknown));
        assert!(sessions.take(&second, 1).is_ok());
    }
}
