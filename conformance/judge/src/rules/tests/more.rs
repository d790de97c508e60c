//! Scenarios of registration, renewal, numbers and consent in which one house errs in one thing.

use evidence::EntryKind::{Gain, Loss};
use evidence::{Act, CertificateEvent, FaultKind, Party};

use super::*;

/// Name, scenario, rule, role.
pub type Bent = (&'static str, Scene, &'static str, &'static str);

const SERVER: &str = "eligibility-server";

fn asked(mut scene: Scene, ask: &Ask) -> Scene {
    scene.ask(ask);
    scene
}

/// Rules the same deviation cannot but break too.
pub fn also(name: &str) -> &'static [(&'static str, &'static str)] {
    match name {
        "server-accepts-any-signature" => &[("SEC-06", SERVER)],
        "server-answers-oldest-qualification" | "server-answers-oldest-qualification, as lost" => {
            &[("INS-02", SERVER)]
        }
        "terminal-writes-pin-into-file" | "terminal-withholds-without-consent" => {
            &[("ELIG-19", "terminal")]
        }
        "server-takes-the-first-twin" => &[("ELIG-03", SERVER)],
        "server-forgets-new-registration" => &[("ELIG-01", SERVER)],
        "server-confirms-suspended" => &[("PKI-02", SERVER), ("PKI-04", SERVER)],
        "server-refuses-after-lifting" => &[("PKI-02", SERVER), ("ELIG-01", SERVER)],
        "server-minds-signing-certificate" => &[("PKI-02", SERVER), ("ELIG-01", SERVER)],
        "server-ignores-pairs" => &[("LIFE-05", SERVER), ("REG-03", SERVER), ("ELIG-01", SERVER)],
        "server-forgets-consent-after-renewal" => &[("CONS-01", SERVER)],
        "server-calls-lapsed-unknown" => &[("REG-03", SERVER)],
        "server-starts-notice-late" => &[("LIFE-01", SERVER)],
        "server-closes-gap" => &[("ELIG-05", SERVER)],
        "server-waits-for-nobody" => &[("ELIG-05", SERVER)],
        "server-minds-order-of-arrival" => &[("ELIG-01", SERVER), ("INS-02", SERVER)],
        "server-asks-again-after-change" => {
            &[("REG-03", SERVER), ("ELIG-01", SERVER), ("INS-02", SERVER)]
        }
        "server-forgets-at-crash" => &[("REG-03", SERVER), ("ELIG-01", SERVER)],
        "server-confirms-the-dead" => &[("ELIG-03", SERVER)],
        "server-asks-card-by-number" => &[("ELIG-03", SERVER), ("ELIG-02", SERVER)],
        "insurer-bends-branch" => &[("INS-01", "insurer")],
        "server-leaks-individual-number" => &[("SEC-03", SERVER)],
        _ => &[],
    }
}

fn renewed(on: &str, play: Play) -> Scene {
    let mut scene = Scene::renewed(on, true);
    if on == "2026-11-01" {
        scene.at("2026-11-02T09:00:00");
    }
    scene.visit(&Play {
        card: "新しいカード",
        ..play
    });
    scene
}

fn at_home(home: Home) -> Scene {
    let mut scene = Scene::unregistered();
    scene.register_at_home(&home);
    scene
}

/// The patient declined, whatever the reader says.
fn declined(mut scene: Scene) -> Scene {
    for record in &mut scene.records.records {
        if let What::Declared(evidence::Declared {
            fact:
                Fact::Hands {
                    act: Act::AnswerRegistration { agreed },
                    ..
                },
        }) = &mut record.what
        {
            *agreed = false;
        }
    }
    scene
}

/// A first registration at the reader, all as due.
pub fn registering() -> Play {
    Play {
        standing: Ok("never-registered"),
        registers: Some(Registers {
            agreed: true,
            answer: (201, ""),
            chain: true,
        }),
        ..Play::default()
    }
}

pub fn pki_and_life() -> Vec<Bent> {
    let lifted = || {
        let mut scene = with_event(CertificateEvent::Suspended);
        scene.event(
            "1001",
            CertificateEvent::Lifted,
            "2026-10-12T09:00:00.000+09:00",
        );
        scene
    };
    let moved = || {
        let mut scene = Scene::registered();
        let leaf = Leaf {
            serial: 0x5001,
            ..Leaf::default()
        };
        scene.signing("田中のカード", &leaf);
        scene.event("5001", CertificateEvent::Revoked, KNOWN);
        scene
    };
    let good = |play: Play| Play {
        standing: Ok("registered"),
        ..play
    };
    vec![
        (
            "server-confirms-suspended",
            played(
                with_event(CertificateEvent::Suspended),
                Play {
                    ocsp: gone(Some(6)),
                    ..Play::default()
                },
            ),
            "PKI-03",
            SERVER,
        ),
        (
            "server-refuses-after-lifting",
            played(lifted(), good(refused("SIM-E203"))),
            "PKI-03",
            SERVER,
        ),
        (
            "server-minds-signing-certificate",
            played(moved(), good(refused("SIM-E202"))),
            "PKI-05",
            SERVER,
        ),
        (
            "server-ignores-pairs",
            renewed("2026-10-01", refused("SIM-E301")),
            "PKI-06",
            SERVER,
        ),
        (
            "server-forgets-consent-after-renewal",
            renewed(
                "2026-10-01",
                Play {
                    answer: Answer::confirmed("", "0"),
                    ..Play::default()
                },
            ),
            "LIFE-05",
            SERVER,
        ),
        (
            "server-calls-lapsed-unknown",
            renewed(
                "2026-11-01",
                Play {
                    standing: Ok("lapsed"),
                    ..refused("SIM-E301")
                },
            ),
            "LIFE-06",
            SERVER,
        ),
        (
            "server-starts-notice-late",
            played(until("2027-01-15"), Play::default()),
            "LIFE-07",
            SERVER,
        ),
        (
            "server-asks-card-by-number",
            asked(
                until("2026-06-15"),
                &Ask {
                    validity: "4",
                    block: "",
                    ..Ask::default()
                },
            ),
            "LIFE-08",
            SERVER,
        ),
    ]
}

pub fn registration() -> Vec<Bent> {
    let nobody = || {
        let mut scene = Scene::bare();
        scene.card("田中のカード", &Leaf::default(), true);
        scene.register_at_home(&Home {
            answer: (503, "no-insured-person"),
            ..Home::default()
        });
        scene
    };
    let twice = || {
        let mut scene = Scene::registered();
        scene.tied("1001", NUMBER, 201);
        scene
    };
    let leaking = || {
        let mut scene = Scene::registered();
        let (server, portal) = (Party::role(SERVER), Party::role("portal"));
        let leak = "⟦LEAK INDIVIDUAL-NUMBER#1⟧".as_bytes();
        scene.tap("clinic-registration", server, portal, 3, leak, None);
        scene
    };
    let released = || {
        let mut scene = Scene::registered();
        scene.released("2026-10-14", "2026-10-14");
        scene
    };
    let changed_later = || {
        let mut scene = Scene::registered();
        scene.at("2026-11-01T09:00:00");
        scene.entry(
            Gain,
            OTHER_NUMBER,
            "2026-11-01",
            "2026-11-01T09:00:00.000+09:00",
        );
        scene
    };
    let forgets = Play {
        answer: Answer::refused("SIM-E301"),
        last: refusal("SIM-E301"),
        chart: None,
        ..registering()
    };
    vec![
        (
            "portal-bends-link",
            at_home(Home {
                bend: Some("link_number"),
                ..Home::default()
            }),
            "REG-01",
            "portal",
        ),
        ("portal-hides-why", nobody(), "REG-04", "portal"),
        (
            "reader-answers-for-the-patient",
            declined(played(Scene::unregistered(), registering())),
            "REG-02",
            "reader",
        ),
        (
            "server-confuses-standings",
            played(
                Scene::unregistered(),
                Play {
                    standing: Ok("lapsed"),
                    ..refused("SIM-E301")
                },
            ),
            "REG-03",
            SERVER,
        ),
        (
            "server-forgets-new-registration",
            played(Scene::unregistered(), forgets),
            "REG-02",
            SERVER,
        ),
        ("server-ties-twice", twice(), "REG-05", SERVER),
        (
            "server-leaks-individual-number",
            leaking(),
            "REG-06",
            SERVER,
        ),
        (
            "server-ignores-release",
            played(released(), Play::default()),
            "REG-07",
            SERVER,
        ),
        (
            "server-asks-again-after-change",
            played(changed_later(), refused("SIM-E301")),
            "REG-08",
            SERVER,
        ),
    ]
}

pub fn numbers() -> Vec<Bent> {
    let newer = |ask: Ask| {
        let mut scene = changed();
        scene.ask(&ask);
        scene
    };
    let twins = || {
        let mut scene = Scene::registered();
        scene.entry_of("弟", Gain, NUMBER, "01", "2024-04-01", KNOWN);
        scene.ask(&Ask {
            branch: "",
            ..Ask::default()
        });
        scene
    };
    let bent = |from, to| Ask {
        bend: Some((from, to)),
        ..Ask::default()
    };
    let referenced = || {
        let mut scene = Scene::registered();
        scene.register_reference(CLINIC, "A-7");
        scene
    };
    vec![
        (
            "server-bends-name",
            asked(Scene::registered(), &bent("田中　花子", "田中　太郎")),
            "ELIG-02",
            SERVER,
        ),
        (
            "server-tells-of-the-newer",
            newer(Ask {
                validity: "3",
                block: "",
                bend: Some((
                    "<QualificationValidity>3",
                    "<ProcessingResultMessage>33120015</ProcessingResultMessage><QualificationValidity>3",
                )),
                ..Ask::default()
            }),
            "ELIG-04",
            SERVER,
        ),
        (
            "server-answers-for-today",
            asked(
                lost(),
                &Ask {
                    on: "2026-10-01",
                    validity: "2",
                    block: "",
                    ..Ask::default()
                },
            ),
            "ELIG-05",
            SERVER,
        ),
        ("server-takes-the-first-twin", twins(), "ELIG-06", SERVER),
        (
            "server-gives-limit-unasked",
            asked(Scene::limited(), &Ask::default()),
            "ELIG-07",
            SERVER,
        ),
        (
            "server-computes-share",
            played(
                Scene::elderly(),
                Play {
                    bend: Some((">020<", ">030<")),
                    ..Play::default()
                },
            ),
            "ELIG-08",
            SERVER,
        ),
        (
            "server-forgets-reference-number",
            played(referenced(), Play::default()),
            "ELIG-16",
            SERVER,
        ),
        (
            "server-answers-another-clinic",
            played(
                Scene::registered(),
                Play {
                    bend: Some((
                        "<MedicalInstitutionCode>9911234567",
                        "<MedicalInstitutionCode>9917654321",
                    )),
                    ..Play::default()
                },
            ),
            "ELIG-20",
            SERVER,
        ),
        (
            "terminal-bends-file",
            asked(
                Scene::registered(),
                &Ask {
                    bend_file: Some(("<QualificationValidity>1", "<QualificationValidity>2")),
                    ..Ask::default()
                },
            ),
            "ELIG-19",
            "terminal",
        ),
    ]
}

pub fn insurers_and_consent() -> Vec<Bent> {
    let bent_entry = || {
        let mut scene = Scene::bare();
        scene.entered("田中", Gain, NUMBER, "00", "2026-10-01", KNOWN, &[]);
        let mut body = scene.words(Gain, NUMBER);
        body["sex"] = serde_json::json!("1");
        scene.post(
            "registration",
            "insurer",
            INSURER,
            "intermediate",
            "/v1/registrations",
            &body,
            201,
        );
        scene
    };
    let gap = || {
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-09-01", KNOWN);
        scene.entry(Gain, OTHER_NUMBER, "2026-09-10", KNOWN);
        scene.ask(&Ask {
            on: "2026-09-05",
            validity: "1",
            block: NUMBER,
            ..Ask::default()
        });
        scene
    };
    let early = || {
        let mut scene = Scene::registered();
        scene.ask(&Ask {
            number: OTHER_NUMBER,
            on: "2026-10-12",
            validity: "1",
            block: "",
            ..Ask::default()
        });
        scene.at("2026-10-16T09:00:00");
        scene.entry(
            Gain,
            OTHER_NUMBER,
            "2026-10-10",
            "2026-10-16T09:00:00.000+09:00",
        );
        scene
    };
    let shuffled = || {
        let mut scene = Scene::registered();
        scene.entry(
            Gain,
            OTHER_NUMBER,
            "2026-10-05",
            "2026-10-06T09:00:00.000+09:00",
        );
        scene.entry(Loss, NUMBER, "2026-10-04", "2026-10-08T09:00:00.000+09:00");
        scene
    };
    let viewed = |at: &str| {
        let mut scene = Scene::registered();
        scene.drug("模擬錠");
        scene.visit(&Play {
            consents: at.starts_with("2026-10-16"),
            answer: Answer::confirmed(
                "",
                if at.starts_with("2026-10-16") {
                    "1"
                } else {
                    "0"
                },
            ),
            ..Play::default()
        });
        scene.at(at);
        scene.ask_drugs(CLINIC, "1", &["模擬錠"]);
        scene
    };
    vec![
        ("insurer-bends-sex", bent_entry(), "INS-01", "insurer"),
        ("server-closes-gap", gap(), "INS-02", SERVER),
        ("server-waits-for-nobody", early(), "INS-03", SERVER),
        (
            "server-minds-order-of-arrival",
            played(
                shuffled(),
                Play {
                    answer: Answer::answered("2", NUMBER),
                    chart: None,
                    ..Play::default()
                },
            ),
            "INS-04",
            SERVER,
        ),
        (
            "server-gives-drugs-unasked",
            viewed("2026-10-15T09:10:00"),
            "CONS-01",
            SERVER,
        ),
        (
            "server-lets-consent-run-on",
            viewed("2026-10-16T09:00:01"),
            "CONS-02",
            SERVER,
        ),
    ]
}

pub fn security() -> Vec<Bent> {
    let crashed = || {
        let mut scene = Scene::registered();
        scene.fault(SERVER, FaultKind::Restarted);
        scene.visit(&refused("SIM-E301"));
        scene
    };
    let pushed = || {
        let mut scene = played(Scene::registered(), Play::default());
        let (from, to) = (
            Party::at("terminal", CLINIC),
            Party::at("receipt-computer", CLINIC),
        );
        let asks = b"POST /v1/anything HTTP/1.1\r\ncontent-length: 0\r\n\r\n";
        scene.tap("eligibility", from, to, 77, asks, None);
        scene
    };
    let hanging = || {
        let mut scene = Scene::registered();
        let (bed, server) = (Party::at("bed", CLINIC), Party::role(SERVER));
        scene.hands(Act::SendRequest {
            request: "cut-json".into(),
            sender: CLINIC.into(),
        });
        let broken = b"POST /v1/card-confirmations HTTP/1.1\r\ncontent-length: 1\r\n\r\n{";
        scene.tap("eligibility", bed, server, 5, broken, None);
        scene
    };
    let dead = || {
        let mut scene = Scene::registered();
        scene.entered(
            "田中",
            Loss,
            NUMBER,
            "00",
            "2026-10-05",
            KNOWN,
            &[("ReasonOfLoss", "01")],
        );
        scene.sent(Loss, NUMBER, 201);
        scene.fed(Loss, NUMBER);
        scene
    };
    let alive = Play {
        answer: Answer::answered("1", NUMBER),
        ..Play::default()
    };
    vec![
        ("terminal-pushes", pushed(), "SEC-02", "terminal"),
        ("server-forgets-at-crash", crashed(), "SEC-04", SERVER),
        ("server-hangs", hanging(), "SEC-05", SERVER),
        (
            "server-confirms-the-dead",
            played(dead(), alive),
            "SEC-06",
            SERVER,
        ),
    ]
}

/// Scenarios in which every house does right.
pub fn right() -> Vec<(&'static str, Scene)> {
    let drugs = |code: &str, consents: bool, given: &[&str]| {
        let mut scene = Scene::registered();
        scene.drug("模擬錠");
        scene.visit(&Play {
            consents,
            answer: Answer::confirmed("", if consents { "1" } else { "0" }),
            ..Play::default()
        });
        scene.ask_drugs(CLINIC, code, given);
        scene
    };
    let home = || {
        let mut scene = at_home(Home::default());
        scene.visit(&Play::default());
        scene
    };
    let referenced = || {
        let mut scene = Scene::registered();
        scene.register_reference(CLINIC, "A-7");
        scene.visit(&Play {
            reference: "A-7",
            ..Play::default()
        });
        scene
    };
    let released = || {
        let mut scene = Scene::registered();
        scene.released("2026-10-14", "2026-10-14");
        scene.visit(&refused("SIM-E304"));
        scene
    };
    vec![
        ("by number", asked(Scene::registered(), &Ask::default())),
        (
            "limit by number",
            asked(
                Scene::limited(),
                &Ask {
                    limit_consent: true,
                    ..Ask::default()
                },
            ),
        ),
        ("limit by card", played(Scene::limited(), Play::default())),
        ("elderly", played(Scene::elderly(), Play::default())),
        (
            "newer exists",
            asked(
                changed(),
                &Ask {
                    validity: "3",
                    block: "",
                    ..Ask::default()
                },
            ),
        ),
        ("drugs with consent", drugs("1", true, &["模擬錠"])),
        ("drugs without", drugs("SIM-M401", false, &[])),
        ("registered at home", home()),
        (
            "registered at the reader",
            played(Scene::unregistered(), registering()),
        ),
        (
            "never registered",
            played(Scene::unregistered(), refused("SIM-E301")),
        ),
        (
            "renewed in the grace",
            renewed("2026-10-01", Play::default()),
        ),
        (
            "renewed too late",
            renewed("2026-11-01", refused("SIM-E303")),
        ),
        ("released", released()),
        ("reference number", referenced()),
    ]
}
