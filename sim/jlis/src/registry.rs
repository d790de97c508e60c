//! The register: what became of each certificate of one authority, and which serial followed which. What is
//! revoked stays revoked, and no entry ever goes because its certificate's days are over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identifiers::CertificateSerial;
use jiff::civil::Date;
use tokio::sync::watch;
use world::Clock;
use world::clock::to_ms;

/// Why a certificate was revoked, in the words of RFC 5280 5.3.1; suspension (`certificateHold`) is not
/// among them because it is no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// `keyCompromise`: the card was lost or its key became known.
    KeyCompromise,
    /// `affiliationChanged`: name, address, birth date or sex changed (signing certificates).
    AffiliationChanged,
    /// `superseded`: another certificate took its place.
    Superseded,
    /// `cessationOfOperation`: death, or the card was given back.
    CessationOfOperation,
    /// `privilegeWithdrawn`: the holder may have none any more.
    PrivilegeWithdrawn,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// Its name in RFC 5280.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyCompromise => "keyCompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    /// The reason of that name; none when there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Its number in a CRLReason.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
        }
    }
}

/// CRLReason of a suspension.
pub(crate) const HOLD: u8 = 6;

/// What the authority says of a certificate. Instants are milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Issued and good.
    Good,
    /// Revoked at this instant, for good.
    Revoked(i64, Reason),
    /// Suspended at this instant (reason `certificateHold`, 一時停止); may be lifted.
    Suspended(i64),
    /// Never heard of.
    Unknown,
}

impl Standing {
    /// Since when it is on the revocation list, with its CRLReason; none for what is not listed.
    pub(crate) fn listed(self) -> Option<(i64, u8)> {
        match self {
            Self::Revoked(at, reason) => Some((at, reason.code())),
            Self::Suspended(at) => Some((at, HOLD)),
            Self::Good | Self::Unknown => None,
        }
    }
}

/// Why an entry was not made: whoever asked for it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The serial was given out before.
    #[error("serial {0} was issued before: give the new certificate another")]
    IssuedBefore(CertificateSerial),
    /// Nothing is known of the serial.
    #[error("serial {0} was never issued: enter its certificate first")]
    NeverIssued(CertificateSerial),
    /// A revocation is final.
    #[error("the certificate {0} is revoked already, and that is final: issue another")]
    Revoked(CertificateSerial),
    /// Nothing to lift.
    #[error("the certificate {0} is not suspended: there is nothing to lift")]
    NotSuspended(CertificateSerial),
    /// One serial follows one other.
    #[error(
        "serials {0} and {1} cannot be paired: one of them has its pair already, or they are one"
    )]
    Paired(CertificateSerial, CertificateSerial),
    /// The day has not come.
    #[error("the renewal is dated {0}, ahead of today: enter it on its day")]
    DayAhead(Date),
}

/// A new serial that follows an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) old: CertificateSerial,
    pub(crate) old_last_day: Date,
    pub(crate) new: CertificateSerial,
    pub(crate) new_last_day: Date,
    pub(crate) renewed_on: Date,
    pub(crate) due_ms: i64,
}

#[derive(Clone, Copy)]
struct Entry {
    last_day: Date,
    standing: Standing,
}

#[derive(Default)]
struct Entries {
    all: BTreeMap<CertificateSerial, Entry>,
    pairs: Vec<Pair>,
}

/// The register of one authority; cloning shares it.
#[derive(Clone)]
pub struct Registry {
    clock: Clock,
    pairing_delay_ms: i64,
    entries: Arc<Mutex<Entries>>,
    /// How many pairs there are, for the courier.
    pairs: watch::Sender<usize>,
}

impl Registry {
    /// An empty register. A pair is told `pairing_delay_hours` after its renewal (profile).
    pub fn new(clock: Clock, pairing_delay_hours: u32) -> Self {
        Registry {
            clock,
            pairing_delay_ms: i64::from(pairing_delay_hours) * 3_600_000,
            entries: Arc::default(),
            pairs: watch::Sender::new(0),
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the number of pairs.
    pub(crate) fn paired(&self) -> watch::Receiver<usize> {
        self.pairs.subscribe()
    }

    /// Enters a certificate as good. Refuses a serial given out before.
    pub fn issue(&self, serial: CertificateSerial, last_day: Date) -> Result<(), RegistryError> {
        let mut entries = self.entries();
        if entries.all.contains_key(&serial) {
            return Err(RegistryError::IssuedBefore(serial));
        }
        let standing = Standing::Good;
        entries.all.insert(serial, Entry { last_day, standing });
        Ok(())
    }

    /// Revokes for good, from `at_ms` on. Refuses what was never issued or is revoked already.
    pub fn revoke(
        &self,
        serial: CertificateSerial,
        reason: Reason,
        at_ms: i64,
    ) -> Result<(), RegistryError> {
        self.enter(serial, |_| Ok(Standing::Revoked(at_ms, reason)))
    }

    /// Suspends from `at_ms` on (一時停止). A certificate suspended before keeps its first instant.
    pub fn suspend(&self, serial: CertificateSerial, at_ms: i64) -> Result<(), RegistryError> {
        self.enter(serial, |standing| match standing {
            Standing::Suspended(since) => Ok(Standing::Suspended(since)),
            _ => Ok(Standing::Suspended(at_ms)),
        })
    }

    /// Lifts a suspension (一時停止解除). Refuses what is not suspended.
    pub fn lift(&self, serial: CertificateSerial) -> Result<(), RegistryError> {
        self.enter(serial, |standing| match standing {
            Standing::Suspended(_) => Ok(Standing::Good),
            _ => Err(RegistryError::NotSuspended(serial)),
        })
    }

    fn enter(
        &self,
        serial: CertificateSerial,
        next: impl FnOnce(Standing) -> Result<Standing, RegistryError>,
    ) -> Result<(), RegistryError> {
        let mut entries = self.entries();
        let entry = entries.all.get_mut(&serial);
        let entry = entry.ok_or(RegistryError::NeverIssued(serial))?;
        if matches!(entry.standing, Standing::Revoked(..)) {
            return Err(RegistryError::Revoked(serial));
        }
        entry.standing = next(entry.standing)?;
        Ok(())
    }

    /// Strikes a serial out, as if it had never been issued: for stories about an authority that does not
    /// know a certificate it signed. No real register has this.
    pub fn forget(&self, serial: CertificateSerial) {
        self.entries().all.remove(&serial);
    }

    /// The standing of a serial.
    pub fn standing(&self, serial: CertificateSerial) -> Standing {
        let entries = self.entries();
        let entry = entries.all.get(&serial);
        entry.map_or(Standing::Unknown, |entry| entry.standing)
    }

    /// Enters that `new` replaced `old` by renewal or reissue on a day, today or before, at this time of
    /// the day. Returns the instant (milliseconds since 1970) from which the eligibility server may be told.
    /// The old certificate's standing is left alone: revoking it is an entry of its own.
    pub fn renew(
        &self,
        old: CertificateSerial,
        new: CertificateSerial,
        on_day: Date,
    ) -> Result<i64, RegistryError> {
        let now = self.clock.civil();
        if on_day > now.date() {
            return Err(RegistryError::DayAhead(on_day));
        }
        let mut entries = self.entries();
        let last_day = |serial| {
            let entry = entries.all.get(&serial);
            entry
                .map(|e| e.last_day)
                .ok_or(RegistryError::NeverIssued(serial))
        };
        let pair = Pair {
            old,
            old_last_day: last_day(old)?,
            new,
            new_last_day: last_day(new)?,
            renewed_on: on_day,
            due_ms: to_ms(on_day.to_datetime(now.time())) + self.pairing_delay_ms,
        };
        // What has been replaced never follows another, so that chains of pairs have an end.
        let taken = |known: &Pair| known.old == old || known.new == new || known.old == new;
        if old == new || entries.pairs.iter().any(taken) {
            return Err(RegistryError::Paired(old, new));
        }
        entries.pairs.push(pair);
        self.pairs.send_replace(entries.pairs.len());
        Ok(pair.due_ms)
    }

    /// The serial before this one, of the same holder.
    pub(crate) fn before(&self, serial: CertificateSerial) -> Option<CertificateSerial> {
        let entries = self.entries();
        let pair = entries.pairs.iter().find(|pair| pair.new == serial);
        pair.map(|pair| pair.old)
    }

    /// Every pair, in the order of entry.
    pub(crate) fn pairs(&self) -> Vec<Pair> {
        self.entries().pairs.clone()
    }

    /// What the revocation list names: serial, since when, CRLReason. In the order of serials.
    pub(crate) fn listed(&self) -> Vec<(CertificateSerial, i64, u8)> {
        let entries = self.entries();
        let listed = entries.all.iter().filter_map(|(serial, entry)| {
            let (at, reason) = entry.standing.listed()?;
            Some((*serial, at, reason))
        });
        listed.collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};
    use proptest::prelude::*;

    use super::*;

    fn serial(value: u64) -> CertificateSerial {
        CertificateSerial::new(value).unwrap()
    }

    fn on_runtime<T>(test: impl FnOnce(Clock) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async { test(Clock::starting_at(datetime(2026, 10, 15, 9, 30, 0, 0))) })
    }

    #[test]
    fn reasons_have_the_standard_s_names_and_numbers() {
        let table = [
            (Reason::KeyCompromise, "keyCompromise", 1),
            (Reason::AffiliationChanged, "affiliationChanged", 3),
            (Reason::Superseded, "superseded", 4),
            (Reason::CessationOfOperation, "cessationOfOperation", 5),
            (Reason::PrivilegeWithdrawn, "privilegeWithdrawn", 9),
        ];
        assert_eq!(table.map(|(reason, ..)| reason), Reason::ALL);
        for (reason, name, code) in table {
            assert_eq!((reason.name(), reason.code()), (name, code));
            assert_eq!(Reason::named(name), Some(reason));
        }
        assert_eq!(Reason::named("certificateHold"), None);
        assert_eq!(Reason::named(""), None);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        on_runtime(|clock| {
            let registry = Registry::new(clock, 24);
            let (one, two, three) = (serial(1), serial(2), serial(3));
            let day = date(2026, 12, 1);
            assert_eq!(
                registry.suspend(one, 5),
                Err(RegistryError::NeverIssued(one))
            );
            registry.issue(one, day).unwrap();
            registry.issue(two, day).unwrap();
            registry.issue(three, day).unwrap();
            assert_eq!(
                registry.issue(one, day),
                Err(RegistryError::IssuedBefore(one))
            );
            assert_eq!(registry.lift(one), Err(RegistryError::NotSuspended(one)));
            registry.suspend(one, 5).unwrap();
            registry.suspend(one, 6).unwrap();
            assert_eq!(registry.standing(one), Standing::Suspended(5));
            registry.revoke(one, Reason::KeyCompromise, 7).unwrap();
            for again in [
                registry.revoke(one, Reason::Superseded, 8),
                registry.suspend(one, 8),
                registry.lift(one),
            ] {
                assert_eq!(again, Err(RegistryError::Revoked(one)));
            }
            let kept = Standing::Revoked(7, Reason::KeyCompromise);
            assert_eq!(registry.standing(one), kept);
            let today = date(2026, 10, 15);
            registry.renew(one, two, today).unwrap();
            for (old, new) in [
                (one, two),
                (one, three),
                (three, two),
                (two, one),
                (three, three),
            ] {
                let refused = registry.renew(old, new, today);
                assert_eq!(refused, Err(RegistryError::Paired(old, new)));
            }
            registry.renew(two, three, today).unwrap();
            assert_eq!(registry.before(three), Some(two));
            assert_eq!(registry.before(one), None);
            registry.forget(one);
            assert_eq!(registry.standing(one), Standing::Unknown);
        });
    }

    #[test]
    fn a_pair_is_due_the_delay_after_the_renewal() {
        on_runtime(|clock| {
            let registry = Registry::new(clock.clone(), 24);
            for value in 1..=4 {
                registry.issue(serial(value), date(2026, 12, 1)).unwrap();
            }
            let today = clock.today();
            let due = registry.renew(serial(1), serial(2), today);
            assert_eq!(due, Ok(clock.now_ms() + 24 * 3_600_000));
            let due = registry.renew(serial(3), serial(4), date(2026, 9, 1));
            assert_eq!(due, Ok(to_ms(datetime(2026, 9, 2, 9, 30, 0, 0))));
            let tomorrow = date(2026, 10, 16);
            let ahead = registry.renew(serial(2), serial(3), tomorrow);
            assert_eq!(ahead, Err(RegistryError::DayAhead(tomorrow)));
            let unknown = registry.renew(serial(4), serial(9), today);
            assert_eq!(unknown, Err(RegistryError::NeverIssued(serial(9))));
        });
    }

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Issue,
        Suspend,
        Lift,
        Revoke(Reason),
        /// The certificate's days pass.
        Expire,
    }

    fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
        let event = prop_oneof![
            3 => Just(Event::Issue),
            3 => Just(Event::Suspend),
            2 => Just(Event::Lift),
            2 => prop::sample::select(&Reason::ALL[..]).prop_map(Event::Revoke),
            2 => Just(Event::Expire),
        ];
        prop::collection::vec((1u64..5, event), 0..60)
    }

    /// The model: what is said of one serial, with the instants left out.
    fn model(said: Standing, event: Event) -> Option<Standing> {
        match (said, event) {
            (_, Event::Expire) => Some(said),
            (Standing::Unknown, Event::Issue) => Some(Standing::Good),
            (Standing::Good | Standing::Suspended(_), Event::Suspend) => {
                Some(Standing::Suspended(0))
            }
            (Standing::Suspended(_), Event::Lift) => Some(Standing::Good),
            (Standing::Good | Standing::Suspended(_), Event::Revoke(reason)) => {
                Some(Standing::Revoked(0, reason))
            }
            _ => None,
        }
    }

    fn without_instant(standing: Standing) -> Standing {
        match standing {
            Standing::Revoked(_, reason) => Standing::Revoked(0, reason),
            Standing::Suspended(_) => Standing::Suspended(0),
            other => other,
        }
    }

    proptest! {
        #[test]
        fn any_run_of_events_ends_as_the_model_says(events in events()) {
            on_runtime(|clock| {
                let registry = Registry::new(clock.clone(), 24);
                let mut said = BTreeMap::new();
                let mut revoked = BTreeMap::new();
                for (at, (value, event)) in (1i64..).zip(events) {
                    let serial = serial(value);
                    let before = *said.get(&serial).unwrap_or(&Standing::Unknown);
                    let done = match event {
                        Event::Issue => registry.issue(serial, clock.today()).is_ok(),
                        Event::Suspend => registry.suspend(serial, at).is_ok(),
                        Event::Lift => registry.lift(serial).is_ok(),
                        Event::Revoke(reason) => registry.revoke(serial, reason, at).is_ok(),
                        Event::Expire => {
                            let later = clock.civil().checked_add(jiff::Span::new().months(7));
                            clock.jump_to(later.unwrap())
                        }
                    };
                    let after = model(before, event);
                    prop_assert_eq!(done, after.is_some(), "{:?} of {:?}", event, before);
                    said.insert(serial, after.unwrap_or(before));
                    let now = registry.standing(serial);
                    prop_assert_eq!(without_instant(now), said[&serial]);
                    // What was revoked once stays so to the letter, instant and reason included.
                    if let Standing::Revoked(..) = now {
                        prop_assert_eq!(*revoked.entry(serial).or_insert(now), now);
                    }
                    prop_assert!(!revoked.contains_key(&serial) || revoked[&serial] == now);
                }
                let listed: Vec<_> = registry.listed().into_iter().map(|(serial, ..)| serial).collect();
                let wanted = said.iter().filter(|(_, s)| s.listed().is_some());
                prop_assert_eq!(listed, wanted.map(|(serial, _)| *serial).collect::<Vec<_>>());
                Ok(())
            })?;
        }
    }
}
