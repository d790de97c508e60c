//! What a terminal is set up with, what the terminals of one facility share, and the hops a terminal
//! has an end of.

use std::sync::{Arc, Mutex, PoisonError};

use card_driver::TerminalCredential;
use identifiers::FacilityCode;
use wire::face_file::Charset;
use world::net::Network;
use world::tls::Caller;
use world::{Carrier, Clock, Hop, Tap};

use crate::Shared;

/// What a terminal is set up with.
#[derive(Clone)]
pub struct Config {
    /// The facility's code; also the name in its certificate.
    pub facility_code: FacilityCode,
    /// The facility's name in evidence.
    pub facility_name: String,
    /// Which reader of the facility it serves, from 1. The first terminal also serves the receipt
    /// computer's requests.
    pub reader: u8,
    /// What its fellows know; the same for all terminals of a facility.
    pub site: Site,
    /// 目視確認用パスコード; without one no staff's eye counts.
    pub passcode: Option<String>,
    /// What cards take the terminal by for use without a PIN.
    pub credential: Arc<TerminalCredential>,
    /// Opens connections with the facility's certificate.
    pub caller: Caller,
    /// Where the server is reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hops `eligibility`, `face-folder`, `req-folder` and `res-folder`.
    pub tap: Tap,
    /// The civil clock.
    pub clock: Clock,
    /// Character set of the dropped files.
    pub charset: Charset,
    /// The folder shared with the receipt computer.
    pub shared: Shared,
}

impl Config {
    /// The terminal's name in evidence.
    pub fn party(&self) -> String {
        crate::party(&self.facility_name, self.reader)
    }

    /// Whether this is the facility's terminal that serves the receipt computer's requests. One does,
    /// so that none is asked twice.
    pub(super) fn serves_requests(&self) -> bool {
        self.reader <= 1
    }
}

/// What the terminals of one facility share beside the folder. Cloning shares it.
#[derive(Clone, Default)]
pub struct Site(Arc<Mutex<String>>);

impl Site {
    pub(super) fn identified(&self, session: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = session.to_owned();
    }

    /// The session in which a card was identified last, at whichever reader.
    pub(super) fn last(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The character set a profile names.
pub fn charset_of(profile: &rules::Profile) -> Charset {
    match profile.face_file_charset {
        rules::FaceFileCharset::ShiftJis => Charset::ShiftJis,
        rules::FaceFileCharset::Utf8 => Charset::Utf8,
    }
}

/// The hop between a terminal (by its [`Config::party`]) and the eligibility server.
pub fn eligibility_hop(party: &str) -> Hop {
    let near = ("terminal".to_owned(), party.to_owned());
    let far = ("eligibility-server".to_owned(), String::new());
    Hop {
        name: "eligibility",
        near,
        far,
        carrier: Carrier::None,
    }
}

/// The hop of the files from a terminal to its facility's receipt computer.
pub fn face_folder_hop(party: &str, facility: &str) -> Hop {
    folder_hop(
        "face-folder",
        ("terminal", party),
        ("receipt-computer", facility),
    )
}

/// The hop of the requests from a receipt computer to the terminal that serves them.
pub fn req_folder_hop(party: &str, facility: &str) -> Hop {
    folder_hop(
        "req-folder",
        ("receipt-computer", facility),
        ("terminal", party),
    )
}

/// The hop of their answers.
pub fn res_folder_hop(party: &str, facility: &str) -> Hop {
    folder_hop(
        "res-folder",
        ("terminal", party),
        ("receipt-computer", facility),
    )
}

fn folder_hop(name: &'static str, near: (&str, &str), far: (&str, &str)) -> Hop {
    let end = |(role, name): (&str, &str)| (role.to_owned(), name.to_owned());
    Hop {
        name,
        near: end(near),
        far: end(far),
        carrier: Carrier::None,
    }
}
