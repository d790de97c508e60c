//! Wrong terminals, one deviation each.

use std::sync::Arc;

use clinic::terminal::Conduct;
use wire::eligibility::Method;
use wire::reader::{Consents, Status};

use crate::Build;

/// Which id stands for which terminal.
pub const BUILT: &[(&str, Build)] = &[
    ("terminal-writes-pin-into-file", |p| {
        p.terminal = Arc::new(WritesPinIntoFile);
    }),
    ("terminal-withholds-without-consent", |p| {
        p.terminal = Arc::new(WithholdsWithoutConsent);
    }),
    ("terminal-calls-staffs-eye-a-pin", |p| {
        p.terminal = Arc::new(CallsStaffsEyeAPin);
    }),
    ("terminal-takes-any-passcode", |p| {
        p.terminal = Arc::new(TakesAnyPasscode);
    }),
    ("terminal-registers-unasked", |p| {
        p.terminal = Arc::new(RegistersUnasked);
    }),
    ("terminal-mixes-readers", |p| {
        p.terminal = Arc::new(MixesReaders);
    }),
    ("terminal-files-broken-off-visits", |p| {
        p.terminal = Arc::new(FilesBrokenOffVisits);
    }),
    ("terminal-asks-twice", |p| {
        p.terminal = Arc::new(AsksTwice);
    }),
    ("terminal-drops-waiting-requests", |p| {
        p.terminal = Arc::new(DropsWaitingRequests);
    }),
    ("terminal-asks-authority-itself", |p| {
        p.terminal = Arc::new(AsksAuthorityItself);
    }),
    ("terminal-calls-refused-confirmed", |p| {
        p.terminal = Arc::new(CallsRefusedConfirmed);
    }),
    ("terminal-calls-outage-refused", |p| {
        p.terminal = Arc::new(CallsOutageRefused);
    }),
    ("terminal-awaits-no-consents", |p| {
        p.terminal = Arc::new(AwaitsNoConsents);
    }),
    ("terminal-speaks-to-any-server", |p| {
        p.terminal = Arc::new(SpeaksToAnyServer);
    }),
    ("terminal-stumbles-over-refusal", |p| {
        p.terminal = Arc::new(StumblesOverRefusal);
    }),
    ("terminal-answers-without-asking", |p| {
        p.terminal = Arc::new(AnswersWithoutAsking);
    }),
    ("terminal-stops-after-registering", |p| {
        p.terminal = Arc::new(StopsAfterRegistering);
    }),
];

struct WritesPinIntoFile;
impl Conduct for WritesPinIntoFile {
    fn remark(&self, pin: &str) -> Option<String> {
        Some(pin.to_owned())
    }
}

struct WithholdsWithoutConsent;
impl Conduct for WithholdsWithoutConsent {
    fn drops_file(&self, consents: &Consents) -> bool {
        consents.operation || consents.treatment || consents.drug || consents.checkup
    }
}

struct CallsStaffsEyeAPin;
impl Conduct for CallsStaffsEyeAPin {
    fn method(&self, found: Method) -> Method {
        match found {
            Method::Visual => Method::Pin,
            other => other,
        }
    }
}

struct TakesAnyPasscode;
impl Conduct for TakesAnyPasscode {
    fn checks_passcode(&self, _found: bool) -> bool {
        true
    }
}

struct RegistersUnasked;
impl Conduct for RegistersUnasked {
    fn registers_without_asking(&self) -> bool {
        true
    }
}

struct MixesReaders;
impl Conduct for MixesReaders {
    fn binds_to_reader<'a>(&self, _own: &'a str, last: &'a str) -> &'a str {
        last
    }
}

struct FilesBrokenOffVisits;
impl Conduct for FilesBrokenOffVisits {
    fn keeps_file_for_removed_card(&self) -> bool {
        true
    }
}

struct AsksTwice;
impl Conduct for AsksTwice {
    fn asks_again(&self, answers: u32) -> bool {
        answers < 2
    }
}

struct DropsWaitingRequests;
impl Conduct for DropsWaitingRequests {
    fn drops_pending_request(&self) -> bool {
        true
    }
}

struct AsksAuthorityItself;
impl Conduct for AsksAuthorityItself {
    fn asks_authority_itself(&self) -> bool {
        true
    }
}

struct CallsRefusedConfirmed;
impl Conduct for CallsRefusedConfirmed {
    fn told_outcome(&self, found: Status) -> Status {
        match found {
            Status::Refused => Status::Confirmed,
            other => other,
        }
    }
}

struct CallsOutageRefused;
impl Conduct for CallsOutageRefused {
    fn told_outcome(&self, found: Status) -> Status {
        match found {
            Status::Unavailable => Status::Refused,
            other => other,
        }
    }
}

struct AwaitsNoConsents;
impl Conduct for AwaitsNoConsents {
    fn awaits_consents(&self) -> bool {
        false
    }
}

struct SpeaksToAnyServer;
impl Conduct for SpeaksToAnyServer {
    fn verifies_server(&self) -> bool {
        false
    }
}

struct StumblesOverRefusal;
impl Conduct for StumblesOverRefusal {
    fn settles_refused_request(&self) -> bool {
        false
    }
}

struct AnswersWithoutAsking;
impl Conduct for AnswersWithoutAsking {
    fn asks_server(&self) -> bool {
        false
    }
}

struct StopsAfterRegistering;
impl Conduct for StopsAfterRegistering {
    fn confirms_after_registration(&self) -> bool {
        false
    }
}
