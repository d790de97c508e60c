//! The decision on one confirmation by card: what the server found out about certificate, signature,
//! revocation and person goes in, the answer to the clinic comes out. The first thing that speaks against
//! the card decides, and revocation is looked at before expiry: a revoked certificate stays revoked.

use jiff::civil::Date;

use crate::expiry::{grace_ends, period};
use crate::{History, Outcome, Period, Profile, Qualification, Standing};

/// What the certificate itself gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateCheck {
    /// Chain, usage and policy are right; its days are looked at by [`decide`].
    Trusted {
        /// First day of validity (Japanese calendar day of notBefore).
        first_day: Date,
        /// Last valid day (Japanese calendar day of notAfter).
        last_valid: Date,
    },
    /// It is not a certificate to trust.
    Invalid(CertificateFault),
}

/// What is wrong with a certificate (PKI-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateFault {
    /// No X.509 certificate, or one with a serial or dates that cannot be read.
    Malformed,
    /// Not issued by the user-authentication authority, by name or by key.
    ForeignIssuer,
    /// The authority's signature does not fit.
    WrongSignature,
    /// Key usage is not that of user authentication.
    WrongUsage,
    /// The policy is not that of user authentication.
    WrongPolicy,
}

/// What the card's signature over this session's challenge gave (PKI-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCheck {
    /// It proves the card.
    Right,
    /// It does not.
    Wrong,
}

/// What the revocation service said (PKI-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revocation {
    /// Not revoked.
    Good,
    /// Revoked for good.
    Revoked,
    /// Suspended after a loss report (reason certificateHold).
    Suspended,
    /// The responder does not know the serial.
    Unknown,
    /// No answer that can be relied on: none in time, an error, or one whose signature, time or nonce is wrong.
    Unavailable,
}

/// What the server knows when it decides. A server that stopped early, because certificate or signature
/// failed, hands in `Revocation::Unavailable`: what comes after a refusal is not looked at.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The certificate.
    pub certificate: CertificateCheck,
    /// The signature.
    pub signature: SignatureCheck,
    /// The revocation answer; asked for expired certificates too.
    pub revocation: Revocation,
    /// How the card's use registration stands.
    pub registered: UseRegistration<'a>,
}

/// How a card's use registration stands on the day (REG-03).
#[derive(Debug, Clone, Copy)]
pub enum UseRegistration<'a> {
    /// Nobody has registered this card's holder.
    Never,
    /// It lapsed: the certificate was renewed after the grace of the one before.
    Lapsed,
    /// It was released, with effect on the day or before.
    Released,
    /// Tied to a person with these qualifications.
    Tied(&'a History),
}

/// Validity of the qualification (QualificationValidity, OQSCD006), as far as a card can meet it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validity {
    /// 1 有効
    Valid,
    /// 2 無効
    Lost,
    /// 4 該当資格なし
    None,
}

impl Validity {
    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "1",
            Self::Lost => "2",
            Self::None => "4",
        }
    }
}

/// The answer to the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How it ended; its result code comes from the profile.
    pub outcome: Outcome,
    /// What the patient reads on the screen: what happened and what to do next, in Japanese.
    pub message: String,
    /// Validity of the qualification; `None` when the refusal came before anybody looked at it.
    pub validity: Option<Validity>,
    /// The qualification that holds, or the one lost last as reference.
    pub qualification: Option<Qualification>,
    /// Whether the renewal notice is shown (LIFE-01, LIFE-02).
    pub notice: bool,
    /// Whether the patient's consents count: an answered confirmation whose certificate has not expired.
    /// Otherwise every consent flag is 0 whatever was chosen (LIFE-02).
    pub consents_honoured: bool,
}

/// Decides in the order certificate (not yet valid included), signature, revocation, expiry, registration,
/// qualification. `today` is the Japanese calendar day. Sources: facts/eligibility.md 2.3, 4.1, 4.2.
pub fn decide(inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
    let CertificateCheck::Trusted {
        first_day,
        last_valid,
    } = inputs.certificate
    else {
        return refusal(Outcome::CertificateInvalid);
    };
    let in_time = match period(first_day, last_valid, today, profile) {
        Period::NotYetValid => return refusal(Outcome::CertificateInvalid),
        Period::Over => Err(Outcome::CertificateExpired),
        Period::Normal => Ok(Outcome::Confirmed),
        Period::Notice => Ok(Outcome::NoticeExpiresSoon),
        Period::Grace => Ok(Outcome::NoticeExpiredGrace),
    };
    if inputs.signature == SignatureCheck::Wrong {
        return refusal(Outcome::SignatureInvalid);
    }
    if let Some(outcome) = refused_by(inputs.revocation) {
        return refusal(outcome);
    }
    let answered = match in_time {
        Ok(outcome) => outcome,
        Err(outcome) => return refusal(outcome),
    };
    let history = match inputs.registered {
        UseRegistration::Never => return refusal(Outcome::NotRegistered),
        UseRegistration::Lapsed => return refusal(Outcome::RegistrationLapsed),
        UseRegistration::Released => return refusal(Outcome::RegistrationReleased),
        UseRegistration::Tied(history) => history,
    };
    match history.on(today) {
        Standing::None => Decision {
            validity: Some(Validity::None),
            ..refusal(Outcome::NoQualification)
        },
        Standing::Valid(found) => answer(answered, Validity::Valid, found, last_valid, profile),
        Standing::Lost(found) => answer(answered, Validity::Lost, found, last_valid, profile),
    }
}

fn refused_by(revocation: Revocation) -> Option<Outcome> {
    match revocation {
        Revocation::Good => None,
        Revocation::Revoked => Some(Outcome::CertificateRevoked),
        Revocation::Suspended => Some(Outcome::CertificateSuspended),
        Revocation::Unknown => Some(Outcome::CertificateUnknown),
        Revocation::Unavailable => Some(Outcome::RevocationUnavailable),
    }
}

fn refusal(outcome: Outcome) -> Decision {
    Decision {
        outcome,
        message: refusal_words(outcome).to_owned(),
        validity: None,
        qualification: None,
        notice: false,
        consents_honoured: false,
    }
}

fn answer(
    outcome: Outcome,
    validity: Validity,
    found: Qualification,
    last_valid: Date,
    profile: &Profile,
) -> Decision {
    let standing = match validity {
        Validity::Valid => "資格を確認しました。",
        Validity::Lost | Validity::None => {
            "資格が喪失しています。新しい保険者の登録がまだのことがあります。加入先の保険者にご確認のうえ、受付にお申し出ください。"
        }
    };
    Decision {
        outcome,
        message: format!("{standing}{}", notice_words(outcome, last_valid, profile)),
        validity: Some(validity),
        qualification: Some(found),
        notice: outcome != Outcome::Confirmed,
        consents_honoured: outcome != Outcome::NoticeExpiredGrace,
    }
}

fn notice_words(outcome: Outcome, last_valid: Date, profile: &Profile) -> String {
    match outcome {
        Outcome::NoticeExpiresSoon => {
            format!(
                "電子証明書の有効期限は{}です。お住まいの市区町村の窓口で更新してください。",
                in_japanese(last_valid)
            )
        }
        Outcome::NoticeExpiredGrace => format!(
            "電子証明書の有効期限は{}に切れています。{}までは資格の確認だけができ、診療・薬剤・健診の情報は提供されません。お住まいの市区町村の窓口で更新してください。",
            in_japanese(last_valid),
            in_japanese(grace_ends(last_valid, profile.grace_end))
        ),
        _ => String::new(),
    }
}

/// What a refusal says: what happened, then what the patient can do (LIFE-03, PKI-04, PKI-07).
const fn refusal_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed | Outcome::NoticeExpiresSoon | Outcome::NoticeExpiredGrace => "",
        Outcome::CertificateExpired => {
            "電子証明書の有効期限が切れ、更新の猶予も過ぎています。資格確認書をお出しいただくか、資格情報のお知らせ又はマイナポータルの資格情報の画面をカードと一緒に受付へお見せください。更新は市区町村の窓口でできます。"
        }
        Outcome::CertificateRevoked => {
            "電子証明書は失効しています。市区町村の窓口で新しい電子証明書の発行を受けてください。本日は資格確認書などを受付へお見せください。"
        }
        Outcome::CertificateSuspended => {
            "このカードは一時停止の届出が出ています。カードが見つかったときは市区町村の窓口で一時停止を解除してください。本日は資格確認書などを受付へお見せください。"
        }
        Outcome::CertificateUnknown => {
            "電子証明書の有効性を確認する機関に、この電子証明書の記録がありません。市区町村の窓口でカードの確認を受けてください。本日は資格確認書などを受付へお見せください。"
        }
        Outcome::RevocationUnavailable => {
            "電子証明書の有効性を今は確認できません。しばらくしてからもう一度お試しください。お急ぎのときは、資格情報のお知らせ又はマイナポータルの資格情報の画面をカードと一緒に受付へお見せください。"
        }
        Outcome::CertificateInvalid => {
            "このカードの電子証明書は資格確認に使えません。カードをお確かめください。マイナンバーカードであるときは市区町村の窓口で確認を受け、本日は資格確認書などを受付へお見せください。"
        }
        Outcome::SignatureInvalid => {
            "カードによる本人の確認ができませんでした。カードを置き直してもう一度お試しください。繰り返すときは受付にお申し出ください。"
        }
        Outcome::NotRegistered => {
            "このカードは健康保険証としての利用登録がされていません。マイナポータルで利用登録をするか、資格確認書を受付へお見せください。"
        }
        Outcome::RegistrationLapsed => {
            "電子証明書の更新の猶予が過ぎたため、健康保険証としての利用登録が無効になっています。もう一度利用登録をするか、資格確認書を受付へお見せください。"
        }
        Outcome::RegistrationReleased => {
            "健康保険証としての利用登録は解除されています。もう一度利用登録をするか、資格確認書を受付へお見せください。"
        }
        Outcome::NoQualification => {
            "資格の情報がありません。加入先の保険者の登録がまだのことがあります。加入先の保険者にご確認のうえ、受付にお申し出ください。"
        }
    }
}

fn in_japanese(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GraceEnd, InsuredKey, Loss, LossReason};
    use identifiers::{InsuredNumber, InsurerNumber};
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 10, 15);

    fn key(body: &str) -> InsuredKey {
        InsuredKey {
            insurer: InsurerNumber::from_body(body).unwrap(),
            symbol: None,
            number: InsuredNumber::parse("1").unwrap(),
            branch: None,
        }
    }

    fn valid() -> History {
        let mut history = History::new();
        history.gain(key("0699123"), date(2020, 4, 1));
        history
    }

    fn lost() -> History {
        let mut history = valid();
        history.lose(
            key("0699123"),
            Loss {
                on: date(2026, 10, 1),
                reason: LossReason::Other,
            },
        );
        history
    }

    fn until(last_valid: Date) -> CertificateCheck {
        CertificateCheck::Trusted {
            first_day: date(2021, 11, 1),
            last_valid,
        }
    }

    fn good(history: &History) -> Inputs<'_> {
        Inputs {
            certificate: until(date(2027, 10, 1)),
            signature: SignatureCheck::Right,
            revocation: Revocation::Good,
            registered: UseRegistration::Tied(history),
        }
    }

    #[test]
    fn each_input_gives_its_outcome() {
        let (valid, lost, empty) = (valid(), lost(), History::new());
        let normal = good(&valid);
        let not_yet = CertificateCheck::Trusted {
            first_day: date(2026, 10, 16),
            last_valid: date(2031, 1, 1),
        };
        for (case, inputs, outcome, validity, notice, consents) in [
            (
                "all right",
                normal,
                Outcome::Confirmed,
                Some(Validity::Valid),
                false,
                true,
            ),
            (
                "expires within three months",
                Inputs {
                    certificate: until(date(2026, 12, 1)),
                    ..normal
                },
                Outcome::NoticeExpiresSoon,
                Some(Validity::Valid),
                true,
                true,
            ),
            (
                "expires today",
                Inputs {
                    certificate: until(TODAY),
                    ..normal
                },
                Outcome::NoticeExpiresSoon,
                Some(Validity::Valid),
                true,
                true,
            ),
            (
                "expired two months",
                Inputs {
                    certificate: until(date(2026, 8, 15)),
                    ..normal
                },
                Outcome::NoticeExpiredGrace,
                Some(Validity::Valid),
                true,
                false,
            ),
            (
                "expired four months",
                Inputs {
                    certificate: until(date(2026, 6, 15)),
                    ..normal
                },
                Outcome::CertificateExpired,
                None,
                false,
                false,
            ),
            (
                "not yet valid",
                Inputs {
                    certificate: not_yet,
                    ..normal
                },
                Outcome::CertificateInvalid,
                None,
                false,
                false,
            ),
            (
                "foreign issuer",
                Inputs {
                    certificate: CertificateCheck::Invalid(CertificateFault::ForeignIssuer),
                    ..normal
                },
                Outcome::CertificateInvalid,
                None,
                false,
                false,
            ),
            (
                "wrong signature",
                Inputs {
                    signature: SignatureCheck::Wrong,
                    ..normal
                },
                Outcome::SignatureInvalid,
                None,
                false,
                false,
            ),
            (
                "revoked",
                Inputs {
                    revocation: Revocation::Revoked,
                    ..normal
                },
                Outcome::CertificateRevoked,
                None,
                false,
                false,
            ),
            (
                "suspended",
                Inputs {
                    revocation: Revocation::Suspended,
                    ..normal
                },
                Outcome::CertificateSuspended,
                None,
                false,
                false,
            ),
            (
                "unknown",
                Inputs {
                    revocation: Revocation::Unknown,
                    ..normal
                },
                Outcome::CertificateUnknown,
                None,
                false,
                false,
            ),
            (
                "no revocation answer",
                Inputs {
                    revocation: Revocation::Unavailable,
                    ..normal
                },
                Outcome::RevocationUnavailable,
                None,
                false,
                false,
            ),
            (
                "linked to nobody",
                Inputs {
                    registered: UseRegistration::Never,
                    ..normal
                },
                Outcome::NotRegistered,
                None,
                false,
                false,
            ),
            (
                "registration lapsed",
                Inputs {
                    registered: UseRegistration::Lapsed,
                    ..normal
                },
                Outcome::RegistrationLapsed,
                None,
                false,
                false,
            ),
            (
                "registration released",
                Inputs {
                    registered: UseRegistration::Released,
                    ..normal
                },
                Outcome::RegistrationReleased,
                None,
                false,
                false,
            ),
            (
                "no qualification",
                Inputs {
                    registered: UseRegistration::Tied(&empty),
                    ..normal
                },
                Outcome::NoQualification,
                Some(Validity::None),
                false,
                false,
            ),
            (
                "lost",
                Inputs {
                    registered: UseRegistration::Tied(&lost),
                    ..normal
                },
                Outcome::Confirmed,
                Some(Validity::Lost),
                false,
                true,
            ),
            (
                "lost and in grace",
                Inputs {
                    registered: UseRegistration::Tied(&lost),
                    certificate: until(date(2026, 8, 15)),
                    ..normal
                },
                Outcome::NoticeExpiredGrace,
                Some(Validity::Lost),
                true,
                false,
            ),
        ] {
            let decision = decide(&inputs, &Profile::default(), TODAY);
            assert_eq!(
                (
                    decision.outcome,
                    decision.validity,
                    decision.notice,
                    decision.consents_honoured
                ),
                (outcome, validity, notice, consents),
                "{case}"
            );
        }
    }

    #[test]
    fn the_first_thing_against_the_card_decides() {
        let over = until(date(2026, 6, 15));
        let everything_wrong = Inputs {
            certificate: CertificateCheck::Invalid(CertificateFault::WrongUsage),
            signature: SignatureCheck::Wrong,
            revocation: Revocation::Revoked,
            registered: UseRegistration::Never,
        };
        let no_certificate_fault = Inputs {
            certificate: over,
            ..everything_wrong
        };
        let no_signature_fault = Inputs {
            signature: SignatureCheck::Right,
            ..no_certificate_fault
        };
        let not_revoked = Inputs {
            revocation: Revocation::Good,
            ..no_signature_fault
        };
        let not_over = Inputs {
            certificate: until(date(2026, 8, 15)),
            ..not_revoked
        };
        for (inputs, outcome) in [
            (everything_wrong, Outcome::CertificateInvalid),
            (no_certificate_fault, Outcome::SignatureInvalid),
            (no_signature_fault, Outcome::CertificateRevoked),
            (not_revoked, Outcome::CertificateExpired),
            (not_over, Outcome::NotRegistered),
        ] {
            assert_eq!(decide(&inputs, &Profile::default(), TODAY).outcome, outcome);
        }
    }

    #[test]
    fn the_profile_says_where_the_grace_ends() {
        let history = valid();
        let inputs = Inputs {
            certificate: until(date(2026, 7, 10)),
            ..good(&history)
        };
        for (grace_end, outcome) in [
            (GraceEnd::MonthEnd, Outcome::NoticeExpiredGrace),
            (GraceEnd::SameDay, Outcome::CertificateExpired),
        ] {
            let profile = Profile {
                grace_end,
                ..Profile::default()
            };
            assert_eq!(decide(&inputs, &profile, TODAY).outcome, outcome);
        }
    }

    #[test]
    fn screens_name_the_days_and_the_ways_out() {
        let (valid, lost) = (valid(), lost());
        let say = |inputs| decide(&inputs, &Profile::default(), TODAY).message;
        let normal = good(&valid);
        assert_eq!(say(normal), "資格を確認しました。");
        let soon = say(Inputs {
            certificate: until(date(2026, 12, 1)),
            ..normal
        });
        assert!(
            soon.contains("2026年12月1日") && soon.contains("更新"),
            "{soon}"
        );
        let grace = say(Inputs {
            certificate: until(date(2026, 8, 15)),
            ..normal
        });
        assert!(
            grace.contains("2026年8月15日")
                && grace.contains("2026年11月30日")
                && grace.contains("提供されません"),
            "{grace}"
        );
        let over = say(Inputs {
            certificate: until(date(2026, 6, 15)),
            ..normal
        });
        for way_out in ["資格確認書", "資格情報のお知らせ", "マイナポータル"] {
            assert!(over.contains(way_out), "{over}");
        }
        assert!(say(good(&lost)).starts_with("資格が喪失しています"));
    }

    #[test]
    fn refusals_say_different_things() {
        let mut seen = std::collections::BTreeSet::new();
        for outcome in Outcome::ALL
            .into_iter()
            .filter(|outcome| !outcome.answered())
        {
            let words = refusal_words(outcome);
            assert!(
                words.ends_with('。') && seen.insert(words),
                "{outcome}: {words}"
            );
        }
    }

    fn any_inputs() -> impl Strategy<
        Value = (
            CertificateCheck,
            SignatureCheck,
            Revocation,
            Option<History>,
        ),
    > {
        let day = (-900i32..900).prop_map(|days| TODAY.saturating_add(days.days()));
        let certificate = prop_oneof![
            1 => Just(CertificateCheck::Invalid(CertificateFault::ForeignIssuer)),
            6 => (day.clone(), day).prop_map(|(one, other)| CertificateCheck::Trusted { first_day: one.min(other), last_valid: one.max(other) }),
        ];
        let revocation = prop_oneof![
            5 => Just(Revocation::Good),
            1 => Just(Revocation::Revoked),
            1 => Just(Revocation::Suspended),
            1 => Just(Revocation::Unknown),
            1 => Just(Revocation::Unavailable),
        ];
        let history = prop_oneof![
            Just(None),
            Just(Some(History::new())),
            Just(Some(valid())),
            Just(Some(lost()))
        ];
        let signature =
            prop_oneof![4 => Just(SignatureCheck::Right), 1 => Just(SignatureCheck::Wrong)];
        (certificate, signature, revocation, history)
    }

    proptest! {
        #[test]
        fn nothing_is_confirmed_silently((certificate, signature, revocation, history) in any_inputs()) {
            let inputs = Inputs { certificate, signature, revocation, registered: history.as_ref().map_or(UseRegistration::Never, UseRegistration::Tied) };
            let decision = decide(&inputs, &Profile::default(), TODAY);
            let (begun, in_force) = match certificate {
                CertificateCheck::Trusted { first_day, last_valid } => (first_day <= TODAY, last_valid >= TODAY),
                CertificateCheck::Invalid(_) => (false, false),
            };
            // An answer goes out only when everything spoke for it.
            if decision.outcome.answered() {
                prop_assert!(begun && history.is_some());
                prop_assert_eq!((signature, revocation), (SignatureCheck::Right, Revocation::Good));
            }
            // A person block and the answered outcomes go together, and consents never outlive the certificate.
            prop_assert_eq!(decision.qualification.is_some(), decision.outcome.answered());
            prop_assert!(!decision.consents_honoured || in_force);
            prop_assert_eq!(decision.notice, matches!(decision.outcome, Outcome::NoticeExpiresSoon | Outcome::NoticeExpiredGrace));
            prop_assert!(!decision.message.is_empty());
        }

        #[test]
        fn a_revoked_certificate_stays_revoked(days in 0i32..4000) {
            let history = valid();
            let inputs = Inputs { certificate: until(date(2026, 12, 1)), revocation: Revocation::Revoked, ..good(&history) };
            let later = TODAY.saturating_add(days.days());
            prop_assert_eq!(decide(&inputs, &Profile::default(), later).outcome, Outcome::CertificateRevoked);
        }

        #[test]
        fn only_a_card_nothing_speaks_against_meets_its_registration((certificate, signature, revocation, _) in any_inputs()) {
            let outcome = |registered| decide(&Inputs { certificate, signature, revocation, registered }, &Profile::default(), TODAY).outcome;
            let outcomes = [UseRegistration::Never, UseRegistration::Lapsed, UseRegistration::Released].map(outcome);
            if outcomes[0].is_about_the_card() {
                prop_assert!(outcomes.iter().all(|other| *other == outcomes[0]));
            } else {
                prop_assert_eq!(outcomes, [Outcome::NotRegistered, Outcome::RegistrationLapsed, Outcome::RegistrationReleased]);
            }
        }
    }
}
