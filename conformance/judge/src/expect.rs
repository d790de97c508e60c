//! What should have happened, computed from the declared facts alone: the outcome due to a card
//! check, the qualification it should carry, a card's PIN counter, check digits. The second reading
//! of every rule the simulator also has.

use evidence::{CertificateEvent, EntryKind};

use crate::Text;
use crate::calendar::{Day, Instant};
use crate::case::{Card, Case, Confirmation, Entry, Facts};
use crate::decode::certificate::Certificate;
use crate::decode::result::Numbers;
use crate::expiry::{GraceEnd, Period, period};
use crate::finding::t;

/// Outcomes of a card check. Their code strings are values of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The certificate is none to trust: issuer, usage, not yet valid.
    CertificateInvalid,
    /// The signature is not the card's.
    SignatureInvalid,
    /// Revoked for good.
    Revoked,
    /// Suspended.
    Suspended,
    /// The responder does not know it.
    Unknown,
    /// The responder does not answer.
    RevocationUnavailable,
    /// Expired, and the grace is over.
    Expired,
    /// No use registration.
    NotRegistered,
    /// No insurer ever entered the person.
    NoQualification,
    /// Confirmed, renewal notice.
    ExpiresSoon,
    /// Confirmed in the grace.
    ExpiredGrace,
    /// Confirmed.
    Confirmed,
}

/// Every outcome.
pub const ALL: [Due; 12] = [
    Due::CertificateInvalid,
    Due::SignatureInvalid,
    Due::Revoked,
    Due::Suspended,
    Due::Unknown,
    Due::RevocationUnavailable,
    Due::Expired,
    Due::NotRegistered,
    Due::NoQualification,
    Due::ExpiresSoon,
    Due::ExpiredGrace,
    Due::Confirmed,
];

impl Due {
    /// Name under which the profile keeps its code.
    pub fn name(self) -> &'static str {
        match self {
            Due::CertificateInvalid => "certificate-invalid",
            Due::SignatureInvalid => "signature-invalid",
            Due::Revoked => "certificate-revoked",
            Due::Suspended => "certificate-suspended",
            Due::Unknown => "certificate-unknown",
            Due::RevocationUnavailable => "revocation-unavailable",
            Due::Expired => "certificate-expired",
            Due::NotRegistered => "not-registered",
            Due::NoQualification => "no-qualification",
            Due::ExpiresSoon => "notice-expires-soon",
            Due::ExpiredGrace => "notice-expired-grace",
            Due::Confirmed => "confirmed",
        }
    }

    /// Key of its code in the profile.
    pub fn profile_key(self) -> String {
        format!("result_code.{}", self.name())
    }

    /// Whether it confirms the qualification.
    pub fn confirms(self) -> bool {
        self >= Due::ExpiresSoon
    }
}

/// What is due to one card confirmation.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Reasons to refuse, the one looked at first in front; empty when it is to be confirmed.
    pub troubles: Vec<Due>,
    /// What is wrong with the certificate, when it is none to trust.
    pub flaws: Vec<Text>,
    /// Period of the certificate's life.
    pub period: Period,
    /// The qualification the answer should carry.
    pub qualification: Option<Qualified>,
}

/// A qualification and whether it holds on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qualified {
    /// What names it.
    pub numbers: Numbers,
    /// True when it is not lost on the day.
    pub valid: bool,
}

impl Expected {
    /// The outcome due.
    pub fn due(&self) -> Due {
        let notice = match self.period {
            Period::Notice => Due::ExpiresSoon,
            Period::Grace => Due::ExpiredGrace,
            Period::NotYet | Period::Valid | Period::After => Due::Confirmed,
        };
        self.troubles.first().copied().unwrap_or(notice)
    }
}

/// The grace end of the run's profile; its absence is the bed's error, noted when the case is read.
pub fn grace_end(case: &Case) -> GraceEnd {
    case.profile
        .get("grace_end")
        .and_then(|v| GraceEnd::parse(v))
        .unwrap_or(GraceEnd::MonthEnd)
}

/// Computes what is due to a card at an instant.
pub fn expected(case: &Case, card: &Card, at: Instant) -> Expected {
    let facts = &case.facts;
    let flaws = flaws(facts, card.certificate.as_ref(), at);
    let period = period(card.first_day, card.last_day, at.day, grace_end(case));
    let qualification = qualification(facts, &card.holder, at.day, at);
    let registered = facts
        .registrations
        .iter()
        .any(|r| r.serial == card.serial && r.at <= at);
    let unanswered = facts.fault(&["ocsp", "jlis"], at).is_some();
    let revocation = if unanswered {
        Some(Due::RevocationUnavailable)
    } else {
        status(facts, &card.serial, at)
    };
    let troubles = [
        (!flaws.is_empty()).then_some(Due::CertificateInvalid),
        (!card.genuine).then_some(Due::SignatureInvalid),
        revocation,
        (period == Period::After).then_some(Due::Expired),
        (!registered).then_some(Due::NotRegistered),
        qualification.is_none().then_some(Due::NoQualification),
    ];
    Expected {
        troubles: troubles.into_iter().flatten().collect(),
        flaws,
        period,
        qualification,
    }
}

/// What is wrong with a certificate that should identify a card user; nothing when it is sound.
/// Its end is not looked at here: expiry has its own rules.
pub fn flaws(facts: &Facts, certificate: Option<&Certificate>, at: Instant) -> Vec<Text> {
    let Some(certificate) = certificate else {
        return vec![t(
            "証明書として読めない",
            "it cannot be read as a certificate",
        )];
    };
    let issued = facts
        .trusted("jpki")
        .into_iter()
        .any(|a| certificate.issued_by(a));
    let usages = &certificate.extended_usages;
    let client = usages.is_empty() || usages.iter().any(|u| u == "1.3.6.1.5.5.7.3.2");
    let signing = certificate
        .policies
        .iter()
        .any(|p| p.starts_with("1.2.392.200149.8.5.1.1."));
    let checks = [
        (
            issued,
            t(
                "信頼する認証局の発行でない",
                "no trusted authority issued it",
            ),
        ),
        (
            certificate.digital_signature == Some(true),
            t(
                "鍵用途にdigitalSignatureがない",
                "its key usage lacks digitalSignature",
            ),
        ),
        (
            client,
            t(
                "拡張鍵用途がclientAuthでない",
                "its extended key usage is not clientAuth",
            ),
        ),
        (
            !signing,
            t(
                "署名用の証明書ポリシー",
                "its policy is that of the signing certificate",
            ),
        ),
        (
            !certificate.is_authority,
            t("認証局証明書", "it is an authority's certificate"),
        ),
        (
            certificate.not_before <= at.unix(),
            t("有効期間の開始前", "it is not yet valid"),
        ),
    ];
    checks
        .into_iter()
        .filter(|(sound, _)| !sound)
        .map(|(_, flaw)| flaw)
        .collect()
}

/// What the authority knows of a serial at an instant, when that is a reason to refuse.
fn status(facts: &Facts, serial: &str, at: Instant) -> Option<Due> {
    let known = facts
        .events
        .iter()
        .filter(|e| e.serial == serial && e.at <= at);
    let mut events: Vec<_> = known.collect();
    events.sort_by_key(|e| e.at);
    events
        .iter()
        .fold(None, |state, event| match (state, &event.event) {
            (Some(Due::Revoked), _) | (_, CertificateEvent::Revoked) => Some(Due::Revoked),
            (_, CertificateEvent::Suspended) => Some(Due::Suspended),
            (_, CertificateEvent::Unknown) => Some(Due::Unknown),
            (_, CertificateEvent::Issued | CertificateEvent::Lifted) => None,
        })
}

/// The qualification of a person on a day, as far as insurers had entered it by an instant: the
/// latest gain that is not lost, else the latest lost one as reference. The loss date is the first
/// day without; an insurer number with a wrong check digit never counts.
pub fn qualification(facts: &Facts, person: &str, on: Day, known_by: Instant) -> Option<Qualified> {
    let entries = || entries(facts, person, known_by);
    let gains = entries().filter(|e| e.kind == EntryKind::Gain && e.on <= on);
    let lost_on = |gain: &Entry| {
        let losses = entries().filter(|e| {
            e.kind == EntryKind::Loss && e.numbers == gain.numbers && e.on >= gain.on && e.on <= on
        });
        losses.map(|e| e.on).min()
    };
    let latest = gains.max_by_key(|g| match lost_on(g) {
        None => (true, g.on, g.known_at),
        Some(loss) => (false, loss, g.known_at),
    })?;
    Some(Qualified {
        numbers: latest.numbers.clone(),
        valid: lost_on(latest).is_none(),
    })
}

/// Entries of a person an insurer may send, made by an instant.
pub fn entries<'a>(
    facts: &'a Facts,
    person: &'a str,
    known_by: Instant,
) -> impl Iterator<Item = &'a Entry> {
    facts.entries.iter().filter(move |e| {
        e.person == person && e.known_at <= known_by && check_digit_holds(&e.insurer_number)
    })
}

/// Whether the last digit of an insurer number of 6 or 8 digits is right: from the right, weights
/// 2 and 1 in turn, two-digit products count as the sum of their digits, and all make a multiple of 10.
pub fn check_digit_holds(number: &str) -> bool {
    let number = number.trim();
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != number.chars().count() || ![6, 8].contains(&digits.len()) {
        return false;
    }
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| {
        let product = if place % 2 == 1 { digit * 2 } else { *digit };
        product / 10 + product % 10
    });
    weighted.sum::<u32>() % 10 == 0
}

/// Whether the signature of a confirmation is that of the certificate's key over challenge, session
/// and facility code, the challenge being one the server gave out before; none when it cannot be told.
pub fn signature_holds(case: &Case, confirmation: &Confirmation) -> Option<bool> {
    let request = confirmation.request.as_ref().ok()?;
    let certificate = request.certificate.as_ref().ok()?;
    let given = case
        .challenges
        .iter()
        .rfind(|c| c.session == request.session && c.seq < confirmation.seq);
    let Some(given) = given else {
        return Some(false);
    };
    let shown = confirmation.client.as_ref();
    let by_certificate = case
        .facts
        .facilities
        .iter()
        .find(|f| Some(&f.digest) == shown);
    let facility = by_certificate.or_else(|| case.facts.facility(&confirmation.facility))?;
    let message = [
        given.challenge.as_slice(),
        request.session.as_bytes(),
        facility.code.as_bytes(),
    ]
    .concat();
    Some(certificate.verifies(&message, &request.signature))
}

/// A PIN counter as the card should keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinCounter {
    /// Tries left.
    pub left: u8,
}

impl PinCounter {
    /// Tries of a fresh authentication PIN.
    pub const FULL: u8 = 3;

    /// Status word due to a question for the tries left.
    pub fn query(self) -> u16 {
        0x63C0 | u16::from(self.left)
    }

    /// Status word due to a PIN, right or wrong; the counter moves.
    pub fn verify(&mut self, right: bool) -> u16 {
        if self.left == 0 {
            return 0x6984;
        }
        if right {
            self.left = Self::FULL;
            return 0x9000;
        }
        self.left -= 1;
        0x63C0 | u16::from(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scene, day, instant};
    use proptest::prelude::*;

    #[test]
    fn check_digits_by_the_published_examples() {
        for (number, holds) in [
            ("33120015", true),
            ("138016", true),
            ("00138016", true),
            ("33120016", false),
            ("13801", false),
            ("3312001５", false),
            ("", false),
        ] {
            assert_eq!(check_digit_holds(number), holds, "{number}");
        }
    }

    #[test]
    fn a_counter_counts() {
        let mut counter = PinCounter { left: 3 };
        let words: Vec<u16> = [false, true, false, false]
            .map(|right| counter.verify(right))
            .to_vec();
        assert_eq!(words, [0x63C2, 0x9000, 0x63C2, 0x63C1]);
        assert_eq!(counter.query(), 0x63C1);
        let words: Vec<u16> = [false, true, false]
            .map(|right| counter.verify(right))
            .to_vec();
        assert_eq!(words, [0x63C0, 0x6984, 0x6984]);
        assert_eq!(counter.query(), 0x63C0);
    }

    #[test]
    fn the_latest_gain_not_lost_by_then() {
        // (kind, insurer, on, known) in the order entered; what is due on 2026-10-15.
        let a = "06139992";
        let b = "33120015";
        let gain = EntryKind::Gain;
        let loss = EntryKind::Loss;
        type Rows<'a> = &'a [(EntryKind, &'a str, &'a str, &'a str)];
        type Row<'a> = (&'a str, Rows<'a>, Option<(&'a str, bool)>);
        let table: &[Row<'_>] = &[
            ("none", &[], None),
            (
                "one",
                &[(gain, a, "2024-04-01", "2024-04-05")],
                Some((a, true)),
            ),
            (
                "lost yesterday",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-14", "2026-10-14"),
                ],
                Some((a, false)),
            ),
            (
                "lost today",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-15", "2026-10-14"),
                ],
                Some((a, false)),
            ),
            (
                "lost tomorrow",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-16", "2026-10-14"),
                ],
                Some((a, true)),
            ),
            (
                "loss not yet entered",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-01", "2026-10-16"),
                ],
                Some((a, true)),
            ),
            (
                "changed",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2026-10-01", "2026-10-02"),
                    (gain, b, "2026-10-01", "2026-10-03"),
                ],
                Some((b, true)),
            ),
            (
                "new before the old is lost",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-01", "2026-10-03"),
                ],
                Some((b, true)),
            ),
            (
                "new one begins tomorrow",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-16", "2026-10-03"),
                ],
                Some((a, true)),
            ),
            (
                "new one not yet entered",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-01", "2026-10-16"),
                ],
                Some((a, true)),
            ),
            (
                "the newer lost again",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (gain, b, "2026-10-01", "2026-10-03"),
                    (loss, b, "2026-10-10", "2026-10-10"),
                ],
                Some((a, true)),
            ),
            (
                "both lost, the later as reference",
                &[
                    (gain, a, "2024-04-01", "2024-04-05"),
                    (loss, a, "2025-04-01", "2025-04-02"),
                    (gain, b, "2025-04-01", "2025-04-03"),
                    (loss, b, "2026-10-10", "2026-10-10"),
                ],
                Some((b, false)),
            ),
            (
                "wrong check digit",
                &[(gain, "06139993", "2024-04-01", "2024-04-05")],
                None,
            ),
        ];
        for (name, rows, due) in table {
            let mut scene = Scene::bare();
            for (kind, insurer, on, known) in *rows {
                scene.entry(*kind, insurer, on, &format!("{known}T09:00:00.000+09:00"));
            }
            let case = scene.case();
            let found = qualification(
                &case.facts,
                "田中",
                day("2026-10-15"),
                instant("2026-10-15T10:00:00.000+09:00"),
            );
            let found = found.map(|q| (q.numbers.insurer_number, q.valid));
            assert_eq!(found, due.map(|(n, v)| (n.to_owned(), v)), "{name}");
        }
    }

    #[test]
    fn revoked_stays_revoked_and_suspension_lifts() {
        use CertificateEvent::{Issued, Lifted, Revoked, Suspended, Unknown};
        for (events, due) in [
            (&[Issued][..], None),
            (&[Issued, Suspended], Some(Due::Suspended)),
            (&[Issued, Suspended, Lifted], None),
            (&[Issued, Suspended, Revoked, Lifted], Some(Due::Revoked)),
            (&[Unknown], Some(Due::Unknown)),
            (&[], None),
        ] {
            let mut scene = Scene::bare();
            for (number, event) in events.iter().enumerate() {
                scene.event(
                    "1001",
                    event.clone(),
                    &format!("2026-10-1{number}T09:00:00.000+09:00"),
                );
            }
            let case = scene.case();
            assert_eq!(
                status(
                    &case.facts,
                    "1001",
                    instant("2026-10-15T10:00:00.000+09:00")
                ),
                due,
                "{events:?}"
            );
            assert_eq!(
                status(
                    &case.facts,
                    "1001",
                    instant("2026-10-10T08:00:00.000+09:00")
                ),
                None
            );
        }
    }

    proptest! {
        #[test]
        fn one_right_digit_of_ten(body in "[0-9]{7}") {
            let holding = (0..10).filter(|d| check_digit_holds(&format!("{body}{d}"))).count();
            prop_assert_eq!(holding, 1);
        }

        #[test]
        fn a_changed_digit_is_noticed(body in "[0-9]{5}", place in 0usize..6, by in 1u32..10) {
            let right = (0..10).map(|d| format!("{body}{d}")).find(|n| check_digit_holds(n)).unwrap();
            let mut digits: Vec<u32> = right.chars().filter_map(|c| c.to_digit(10)).collect();
            digits[place] = (digits[place] + by) % 10;
            let bent: String = digits.iter().map(u32::to_string).collect();
            prop_assert!(!check_digit_holds(&bent));
        }

        #[test]
        fn no_number_makes_it_panic(number in ".{0,12}") {
            let _ = check_digit_holds(&number);
        }
    }
}
