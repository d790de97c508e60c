//! What the card forgets without power: what is selected, which secrets were presented, and how far a
//! terminal has come in proving itself.

use crate::files::Application;
use crate::secret::SecretName;
use std::collections::BTreeSet;

/// What the card forgets without power.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) application: Application,
    pub(crate) current_file: Option<u16>,
    /// The application last selected by command: presented secrets belong to it.
    pub(crate) last_selected: Application,
    pub(crate) terminal: Terminal,
    presented: BTreeSet<SecretName>,
}

/// How far a terminal has come in proving that it may use the card without a PIN.
#[derive(Clone, Default)]
pub(crate) struct Terminal {
    /// Its Ed25519 key, from a certificate the card took.
    pub(crate) key: Option<[u8; 32]>,
    /// The challenge it has to sign; good for one answer.
    pub(crate) challenge: Option<Vec<u8>>,
    /// Whether it has proved itself.
    pub(crate) proved: bool,
}

impl Session {
    /// Right after power-up.
    pub(crate) fn new() -> Session {
        Session {
            application: Application::IssuerDomain,
            current_file: None,
            last_selected: Application::IssuerDomain,
            terminal: Terminal::default(),
            presented: BTreeSet::new(),
        }
    }

    /// Right after power-up, but with the secrets presented before still presented.
    pub(crate) fn with_presented(before: Session) -> Session {
        Session {
            last_selected: before.last_selected,
            presented: before.presented,
            ..Session::new()
        }
    }

    /// Whether a secret has been presented.
    pub(crate) fn presented(&self, name: SecretName) -> bool {
        self.presented.contains(&name)
    }

    /// Notes whether a secret has been presented.
    pub(crate) fn set_presented(&mut self, name: SecretName, presented: bool) {
        match presented {
            true => self.presented.insert(name),
            false => self.presented.remove(&name),
        };
    }

    /// Takes every secret as not presented.
    pub(crate) fn forget_presented(&mut self) {
        self.presented.clear();
    }
}
