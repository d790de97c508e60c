//! What is due to a certificate: whether it is one to trust, and what the revocation service says of it.

use evidence::CertificateEvent;

use super::Due;
use crate::Text;
use crate::calendar::Instant;
use crate::case::{Case, Facts};
use crate::decode::certificate::Certificate;
use crate::finding::t;

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

/// What asking for a serial's revocation at an instant should give, when that is a reason to refuse. A
/// responder that misbehaves in any way is none to rely on; the profile says what is asked instead.
pub fn revocation(case: &Case, serial: &str, at: Instant) -> Option<Due> {
    if case.facts.fault(&["ocsp", "jlis"], at).is_none() {
        return status(&case.facts, serial, at);
    }
    let listed = case.value("revocation_fallback") == "crl";
    if !listed || case.facts.fault(&["crl", "jlis"], at).is_some() {
        return Some(Due::RevocationUnavailable);
    }
    // A list names the revoked and the suspended; who is unknown is not on it.
    status(&case.facts, serial, at).filter(|due| *due != Due::Unknown)
}

/// What the authority knows of a serial at an instant, when that is a reason to refuse.
pub fn status(facts: &Facts, serial: &str, at: Instant) -> Option<Due> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scene, instant};
    use evidence::{Fact, FaultKind};

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

    #[test]
    fn a_responder_out_of_order_is_none_to_rely_on() {
        let now = instant("2026-10-15T10:00:00.000+09:00");
        for (fallback, crl_down, due) in [
            ("none", false, Some(Due::RevocationUnavailable)),
            ("crl", false, Some(Due::Suspended)),
            ("crl", true, Some(Due::RevocationUnavailable)),
        ] {
            let mut scene = Scene::bare();
            scene.event(
                "1001",
                CertificateEvent::Suspended,
                "2026-10-15T08:00:00.000+09:00",
            );
            scene.declare(Fact::ProfileValue {
                key: "revocation_fallback".into(),
                value: fallback.into(),
            });
            scene.fault("ocsp", FaultKind::WrongSignature);
            if crl_down {
                scene.fault("crl", FaultKind::Down);
            }
            assert_eq!(revocation(&scene.case(), "1001", now), due, "{fallback}");
            scene.fault("ocsp", FaultKind::Mended);
            let mended = revocation(&scene.case(), "1001", now);
            assert_eq!(mended, Some(Due::Suspended), "mended");
        }
    }
}
