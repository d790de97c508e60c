//! What becomes of a use registration (利用登録): whom a serial belongs to after a renewal, when a release
//! takes effect, and what one more registration does to what is there. A registration hangs on the person;
//! a certificate's serial only leads there. Sources: facts/documents.md 4 and 7, facts/eligibility.md 4.1.

use identifiers::LinkNumber;
use jiff::civil::Date;

use crate::Profile;
use crate::expiry::grace_ends;

/// Whom a serial leads to, releases aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// It was registered, or follows in time one that was.
    Tied(LinkNumber),
    /// It follows one that was registered, but was issued after the grace of that one (LIFE-06).
    Lapsed(LinkNumber),
    /// Neither it nor any before it was ever registered.
    Nobody,
}

/// How a serial's use registration stands on a day (REG-03); exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// Tied to this person.
    To(LinkNumber),
    /// This person's registration was released.
    Released(LinkNumber),
    /// This person's registration lapsed by a late renewal.
    Lapsed(LinkNumber),
    /// Never registered.
    Never,
}

impl Registered {
    /// The person, if anybody is known.
    pub fn person(&self) -> Option<&LinkNumber> {
        match self {
            Self::To(link) | Self::Released(link) | Self::Lapsed(link) => Some(link),
            Self::Never => None,
        }
    }
}

/// What one more registration of a serial comes to (REG-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// A tie is made; it ends whatever release was in force.
    New,
    /// The same tie is there already.
    Again,
    /// The serial is somebody else's.
    OfAnother,
}

/// Whether a renewal or reissue carries the registration over: it was made no later than the last day of
/// the old certificate's grace (LIFE-05, PKI-06).
pub fn renewed_in_time(old_last_day: Date, renewed_on: Date, profile: &Profile) -> bool {
    renewed_on <= grace_ends(old_last_day, profile.grace_end)
}

/// Whom a serial leads to that follows another one.
pub fn successor(old: Holder, in_time: bool) -> Holder {
    match old {
        Holder::Tied(link) if !in_time => Holder::Lapsed(link),
        same => same,
    }
}

/// How a serial stands; `released` says whether a release of its holder is in force.
pub fn standing(holder: Holder, released: bool) -> Registered {
    match holder {
        Holder::Tied(link) if released => Registered::Released(link),
        Holder::Tied(link) => Registered::To(link),
        Holder::Lapsed(link) => Registered::Lapsed(link),
        Holder::Nobody => Registered::Never,
    }
}

/// Whether a release is in force: from its day on (REG-07).
pub fn release_in_force(effective_on: Date, today: Date) -> bool {
    effective_on <= today
}

/// What registering a serial to a person comes to.
pub fn tie(found: &Registered, person: &LinkNumber) -> Tie {
    match found {
        Registered::To(link) if link == person => Tie::Again,
        other if other.person().is_some_and(|link| link != person) => Tie::OfAnother,
        _ => Tie::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GraceEnd;
    use jiff::civil::date;

    fn one() -> LinkNumber {
        LinkNumber::numbered(1)
    }

    #[test]
    fn a_renewal_is_in_time_up_to_the_last_day_of_grace() {
        let last = date(2026, 11, 10);
        for (grace_end, day, in_time) in [
            (GraceEnd::MonthEnd, date(2027, 2, 28), true),
            (GraceEnd::MonthEnd, date(2027, 3, 1), false),
            (GraceEnd::SameDay, date(2027, 2, 10), true),
            (GraceEnd::SameDay, date(2027, 2, 11), false),
            (GraceEnd::SameDay, date(2026, 8, 10), true),
        ] {
            let profile = Profile {
                grace_end,
                ..Profile::default()
            };
            assert_eq!(renewed_in_time(last, day, &profile), in_time, "{day}");
        }
    }

    #[test]
    fn a_successor_inherits_and_a_late_one_lapses_for_good() {
        for (old, in_time, new) in [
            (Holder::Tied(one()), true, Holder::Tied(one())),
            (Holder::Tied(one()), false, Holder::Lapsed(one())),
            (Holder::Lapsed(one()), true, Holder::Lapsed(one())),
            (Holder::Lapsed(one()), false, Holder::Lapsed(one())),
            (Holder::Nobody, true, Holder::Nobody),
            (Holder::Nobody, false, Holder::Nobody),
        ] {
            assert_eq!(successor(old.clone(), in_time), new, "{old:?} {in_time}");
        }
    }

    #[test]
    fn only_what_is_tied_can_be_released_and_only_from_its_day() {
        assert_eq!(
            standing(Holder::Tied(one()), true),
            Registered::Released(one())
        );
        assert_eq!(standing(Holder::Tied(one()), false), Registered::To(one()));
        assert_eq!(
            standing(Holder::Lapsed(one()), true),
            Registered::Lapsed(one())
        );
        assert_eq!(standing(Holder::Nobody, true), Registered::Never);
        let day = date(2026, 10, 31);
        assert!(!release_in_force(day, date(2026, 10, 30)));
        assert!(release_in_force(day, day));
    }

    #[test]
    fn registering_is_new_again_or_somebody_else_s() {
        let other = LinkNumber::numbered(2);
        for (found, tied) in [
            (Registered::Never, Tie::New),
            (Registered::To(one()), Tie::Again),
            (Registered::Released(one()), Tie::New),
            (Registered::Lapsed(one()), Tie::New),
            (Registered::To(other.clone()), Tie::OfAnother),
            (Registered::Released(other.clone()), Tie::OfAnother),
            (Registered::Lapsed(other), Tie::OfAnother),
        ] {
            assert_eq!(tie(&found, &one()), tied, "{found:?}");
        }
    }
}
