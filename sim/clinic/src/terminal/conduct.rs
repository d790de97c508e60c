//! The terminal's decisions, one method each, so that any one of them can be bent alone; the defaults
//! are the reference.

use wire::eligibility::Method;
use wire::face_file::mark_unmappable;
use wire::reader::{Consents, Status};

/// The terminal's decisions.
pub trait Conduct: Send + Sync {
    /// Whether the result is dropped for the receipt computer, given the patient's answers.
    /// Consent never hinders the eligibility result (CONS-05).
    fn drops_file(&self, _consents: &Consents) -> bool {
        true
    }

    /// What is noted of a right PIN for the file's ArbitraryIdentifier (任意識別子). Nothing: no
    /// PIN may appear in a file (SEC-03).
    fn remark(&self, _pin: &str) -> Option<String> {
        None
    }

    /// The method the server is told, given how the person was proved (AUTH-02).
    fn method(&self, found: Method) -> Method {
        found
    }

    /// Whether staff's passcode is taken, given whether it is the facility's (AUTH-02).
    fn checks_passcode(&self, found: bool) -> bool {
        found
    }

    /// Whether a card without use registration is registered before the patient is asked (REG-02).
    fn registers_without_asking(&self) -> bool {
        false
    }

    /// Whether the terminal asks the authority about revocation itself (SEC-02): it connects to the
    /// eligibility server and to nobody else.
    fn asks_authority_itself(&self) -> bool {
        false
    }

    /// Whether it looks whose certificate the server shows before it speaks (SEC-01).
    fn verifies_server(&self) -> bool {
        true
    }

    /// Whether the patient is asked for consent before the qualification is (AUTH-07).
    fn awaits_consents(&self) -> bool {
        true
    }

    /// Whether the server is asked for the qualification before the outcome is told (ELIG-19).
    fn asks_server(&self) -> bool {
        true
    }

    /// Whether the qualification is asked for in the stay in which the card was registered (REG-02).
    fn confirms_after_registration(&self) -> bool {
        true
    }

    /// How the reader is told that the check ended, given how it did.
    fn told_outcome(&self, found: Status) -> Status {
        found
    }

    /// Under which session the patient at this reader is confirmed: the one identified here, whatever
    /// the last one at the site is (AUTH-10).
    fn binds_to_reader<'a>(&self, own: &'a str, _last: &'a str) -> &'a str {
        own
    }

    /// Whether the result of a visit is dropped although the card left too early (AUTH-08).
    fn keeps_file_for_removed_card(&self) -> bool {
        false
    }

    /// A text for people as the file shows it in a character set that lacks some of it.
    fn cleaned_name(&self, text: &str) -> String {
        mark_unmappable(text)
    }

    /// Whether a request of the receipt computer that has had so many answers is asked once more
    /// (ELIG-18: caught up once).
    fn asks_again(&self, _answers: u32) -> bool {
        false
    }

    /// Whether a request the server refused is done with, and the others go on (SEC-05).
    fn settles_refused_request(&self) -> bool {
        true
    }

    /// Whether a request is let go that could not be asked now (ELIG-18: it waits).
    fn drops_pending_request(&self) -> bool {
        false
    }
}

/// The reference terminal.
pub struct Reference;
impl Conduct for Reference {}
