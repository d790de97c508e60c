//! The second half of a visit: what the identification found, the registration as it stands by now and the
//! person's qualifications are decided on by the rules, and the record with the consents that count is
//! written, as one, before the answer goes out.

use identifiers::{FacilityCode, LinkNumber};
use rules::{Decision, History, Registered, UseRegistration};
use wire::eligibility::{CardConfirmation, Method};
use wire::face_file::Charset;

use crate::answer::{Given, result};
use crate::consent::ConsentKind;
use crate::entry::{Entry, history};
use crate::house::Server;
use crate::identification::Identified;
use crate::refused::Refused;
use crate::sessions::AskedFor;
use crate::store::{Confirmation, Consenting, Store, StoreError};

/// The person behind a serial, as far as the store knows.
struct Person {
    registered: Registered,
    entries: Vec<Entry>,
    history: History,
}

/// What goes out and into the record.
struct Settled {
    decision: Decision,
    person: Person,
    consents: Vec<ConsentKind>,
    now_ms: i64,
    until_ms: i64,
    references: Vec<String>,
}

impl Server {
    /// Confirms by card. The answer is the result document in UTF-8, also when the card is refused.
    pub(crate) fn confirm(
        &self,
        facility: &FacilityCode,
        question: &CardConfirmation,
    ) -> Result<Vec<u8>, Refused> {
        let session = AskedFor {
            facility,
            name: &question.session,
            now_ms: self.clock.now_ms(),
        };
        let found = self
            .sessions()
            .confirm(session, |used| self.conduct.refuses_replay(used))
            .map_err(Refused::Session)?;
        let settled = self.settle(session, &found, question);
        if settled.is_err() {
            self.sessions().give_back(session);
        }
        let settled = settled?;
        let given = Given {
            facility: facility.as_str(),
            consents: &settled.consents,
            until_ms: settled.until_ms,
            entries: &settled.person.entries,
            references: &settled.references,
        };
        let code = settled.decision.outcome.code(&self.profile);
        let result = result(
            &settled.decision,
            code,
            &given,
            &*self.conduct,
            settled.now_ms,
        );
        Ok(result.to_xml(Charset::Utf8).into_bytes())
    }

    fn settle(
        &self,
        session: AskedFor<'_>,
        found: &Identified,
        question: &CardConfirmation,
    ) -> Result<Settled, StoreError> {
        let store = self.store();
        let person = self.person(&store, found)?;
        let decision = self.decide(found, &person);
        let consents = self.consents(&decision, question);
        let now_ms = self.clock.now_ms();
        let hours = self.profile.consent_hours;
        let references = match &person.registered {
            Registered::To(link) => self.reference_numbers(&store, link, session.facility)?,
            Registered::Released(_) | Registered::Lapsed(_) | Registered::Never => Vec::new(),
        };
        let settled = Settled {
            until_ms: self.conduct.consent_until(now_ms, hours),
            references,
            decision,
            person,
            consents,
            now_ms,
        };
        store.at_once(|| self.keep(&store, session, found, &settled))?;
        Ok(settled)
    }

    fn person(&self, store: &Store, found: &Identified) -> Result<Person, StoreError> {
        let registered = self.registered(store, found.serial)?;
        let entries = match &registered {
            Registered::To(link) => store.entries(link)?,
            Registered::Released(_) | Registered::Lapsed(_) | Registered::Never => Vec::new(),
        };
        let history = self.conduct.history(history(&entries));
        Ok(Person {
            registered,
            entries,
            history,
        })
    }

    fn decide(&self, found: &Identified, person: &Person) -> Decision {
        let registered = match &person.registered {
            Registered::To(_) => UseRegistration::Tied(&person.history),
            Registered::Released(_) => UseRegistration::Released,
            Registered::Lapsed(_) => UseRegistration::Lapsed,
            Registered::Never => UseRegistration::Never,
        };
        let inputs = found.inputs(registered);
        let today = self.clock.today();
        let mut decision = self.conduct.decide(&inputs, &self.profile, today);
        if let Registered::To(_) = person.registered {
            let chosen = decision.qualification.take();
            decision.qualification = self.conduct.choose_qualification(&person.history, chosen);
        }
        decision.consents_honoured = self.conduct.consents_honoured(decision.consents_honoured);
        decision
    }

    fn consents(&self, decision: &Decision, question: &CardConfirmation) -> Vec<ConsentKind> {
        let counts = decision.outcome.answered() && decision.consents_honoured;
        let agreed = |kind: &ConsentKind| {
            let chosen = kind.chosen(&question.consents);
            counts && self.conduct.agreed(*kind, chosen)
        };
        ConsentKind::ALL.into_iter().filter(agreed).collect()
    }

    fn keep(
        &self,
        store: &Store,
        session: AskedFor<'_>,
        found: &Identified,
        settled: &Settled,
    ) -> Result<(), StoreError> {
        let at = self.clock.rfc3339();
        let link = settled.person.registered.person();
        store.record(&Confirmation {
            at: &at,
            facility: session.facility.as_str(),
            session: session.name,
            method: method(found.method),
            serial: found.serial.map(|serial| serial.to_string()),
            link_number: link.map(LinkNumber::as_str),
            outcome: settled.decision.outcome.name(),
            detail: &found.detail,
        })?;
        let answered = settled.decision.outcome.answered();
        let (Some(link), Some(serial), true) = (link, found.serial, answered) else {
            return Ok(());
        };
        let consenting = Consenting {
            link,
            facility: session.facility,
            session: session.name,
            serial,
            kinds: &settled.consents,
            until_ms: settled.until_ms,
        };
        store.keep_consents(&consenting, &at)
    }
}

const fn method(method: Method) -> &'static str {
    match method {
        Method::Pin => "pin",
        Method::Face => "face",
        Method::Visual => "visual",
    }
}
