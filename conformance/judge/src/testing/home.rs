//! A use registration from home, played right unless a test bends it.

use base64::Engine;
use evidence::{Act, Attested, Party, What};
use serde_json::json;

use super::{NUMBER, Scene, pki};

/// A registration from home.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    pub card: &'static str,
    pub serial: &'static str,
    /// What the portal answers.
    pub answer: (u16, &'static str),
    pub agency_status: u16,
    /// Whether the signature is the card's.
    pub signed: bool,
    pub pin: &'static str,
    /// A member the portal bends on the way.
    pub bend: Option<&'static str>,
    /// A step it leaves out: `agency`, `insured` or `feed`.
    pub skip: Option<&'static str>,
}

impl Default for Home {
    fn default() -> Self {
        Home {
            card: "田中のカード",
            serial: "1001",
            answer: (201, ""),
            agency_status: 200,
            signed: true,
            pin: "⟦PIN#1⟧",
            bend: None,
            skip: None,
        }
    }
}

impl Scene {
    /// An insured patient whose card nobody has registered.
    pub fn unregistered() -> Scene {
        let mut scene = Scene::registered();
        scene.forget_registrations();
        scene
    }

    /// A page the person at home sees.
    pub fn at_home(&mut self, line: &str) {
        self.push(What::Attested(Attested {
            product: Party::at("home", "田中"),
            shows: "screen".into(),
            seen: json!({ "id": "PAGE", "lines": [line] }),
        }));
    }

    /// Registers at the portal, from home.
    pub fn register_at_home(&mut self, home: &Home) {
        self.hands(Act::RegisterAtPortal {
            person: "田中".into(),
            card: home.card.into(),
            pin: home.pin.into(),
        });
        let (device, portal) = (Party::at("home", "田中"), Party::role("portal"));
        self.sessions += 1;
        let (session, challenge) = (format!("{:032x}", self.sessions), [self.sessions; 32]);
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let given = json!({ "session": session, "challenge": base64(&challenge) });
        self.exchange(
            "portal",
            (&device, &portal),
            "/v1/challenges",
            &json!({}),
            (201, &given),
        );
        let message = [
            challenge.as_slice(),
            session.as_bytes(),
            b"portal.sim.invalid",
        ]
        .concat();
        let key = match home.signed {
            true => pki::Key::Card,
            false => pki::Key::Foreign,
        };
        let (der, _) = self.certificate_of(home.card);
        let body = json!({
            "session": session, "certificate": base64(&der), "signature": base64(&pki::sign(&message, key)),
        })
        .to_string();
        let length = body.len();
        let asked = format!(
            "POST /v1/use-registrations HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.tap(
            "portal",
            device.clone(),
            portal.clone(),
            1,
            asked.as_bytes(),
            None,
        );
        let (status, error) = home.answer;
        let proceeds = !error.starts_with("certificate") && !error.starts_with("signature");
        if proceeds {
            self.steps(home);
        }
        let said = match status {
            200 | 201 => json!({ "new": status == 201 }),
            _ => json!({ "error": error, "message_ja": "登録できません", "message_en": "no" }),
        }
        .to_string();
        let length = said.len();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{said}"
        );
        self.tap("portal", portal, device, 1, answer.as_bytes(), None);
    }

    fn steps(&mut self, home: &Home) {
        let of = |role: &str| Party::role(role);
        let bent = |member: &str, value: &str| match home.bend {
            Some(bend) if bend == member => "bent".to_owned(),
            _ => value.to_owned(),
        };
        let code = json!({ "agency_code": "agency0000000001" });
        if home.skip != Some("agency") {
            let answer = (home.agency_status, &code);
            self.exchange(
                "agency",
                (&of("portal"), &of("jlis")),
                "/v1/agency-codes",
                &json!({ "serial": home.serial }),
                answer,
            );
        }
        if home.agency_status != 200 {
            return;
        }
        let known = home.answer.1 != "no-insured-person";
        let insured =
            json!({ "insurer_number": NUMBER, "symbol": "12", "number": "34", "branch": "00" });
        if home.skip != Some("insured") {
            let answer = match known {
                true => (200, json!({ "link_number": "L1", "insured": insured })),
                false => (
                    404,
                    json!({ "error": "no-insured-person", "message_ja": "ない", "message_en": "none" }),
                ),
            };
            let asked = json!({ "agency_code": bent("agency_code", "agency0000000001") });
            self.exchange(
                "insured",
                (&of("portal"), &of("intermediate")),
                "/v1/insured-persons",
                &asked,
                (answer.0, &answer.1),
            );
        }
        if !known || home.skip.is_some() || home.answer.0 > 299 {
            return;
        }
        let number = bent("insured", NUMBER);
        let body = json!({
            "serial": bent("serial", home.serial), "last_day": bent("last_day", &self.last_day(home.serial)),
            "link_number": bent("link_number", "L1"),
            "insured": { "insurer_number": number, "symbol": "12", "number": "34", "branch": "00" },
        });
        self.feed("portal", "use-registrations", &body, home.answer.0);
    }
}
