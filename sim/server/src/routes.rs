//! The door's desk: which path takes what from whom, and how a body becomes a question. One look at a
//! request in fixed order (path, asker, method, content type, size, shape), then the house's own work.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, CardIdentified, Challenge,
    DRUG_INFORMATION, NUMBER_CONFIRMATIONS, REFERENCE_NUMBERS, USE_REGISTRATIONS, UseRegistered,
    to_base64,
};
use wire::portal::Registered;
use wire::registration::{
    FEED_DRUGS, FEED_QUALIFICATIONS, FEED_RELEASES, FEED_SERIAL_PAIRS, FEED_USE_REGISTRATIONS,
};
use world::http::{Answer, Asked, BodyRefused};

use identifiers::FacilityCode;

use crate::asker::{Asker, House};
use crate::house::Server;
use crate::refused::Refused;
use crate::{by_number, drugs, reference};

/// Media type of questions and answers between machines.
pub(crate) const JSON: &str = "application/json";
/// Media type of the field's own messages.
pub(crate) const XML: &str = "application/xml";

/// Answers one request. Never fails: what goes wrong is an answer too.
pub(crate) async fn answer(server: &Server, asker: &Asker, asked: Asked) -> Answer {
    let answered = match house_of(&asked.path) {
        Some(house) => feed(server, asker, house, &asked).await,
        None => ask(server, asker, &asked).await,
    };
    answered.unwrap_or_else(|refused| {
        if let Refused::Store(error) = &refused {
            server.keep_store_failure(error.to_string());
        }
        refused.answer(&*server.conduct)
    })
}

/// Whose path of the feed it is, if it is one.
fn house_of(path: &str) -> Option<House> {
    match path {
        FEED_QUALIFICATIONS | FEED_RELEASES => Some(House::Intermediate),
        FEED_USE_REGISTRATIONS => Some(House::Portal),
        FEED_SERIAL_PAIRS => Some(House::Jlis),
        FEED_DRUGS => Some(House::ReviewBody),
        _ => None,
    }
}

async fn ask(server: &Server, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    const PATHS: [&str; 7] = [
        CHALLENGES,
        CARD_IDENTIFICATIONS,
        USE_REGISTRATIONS,
        CARD_CONFIRMATIONS,
        NUMBER_CONFIRMATIONS,
        REFERENCE_NUMBERS,
        DRUG_INFORMATION,
    ];
    let path = asked.path.as_str();
    if !PATHS.contains(&path) {
        return Err(Refused::Path(asked.path.clone()));
    }
    let facility = facility(asker)?;
    posted(asked)?;
    match path {
        CHALLENGES => challenge(server, facility, asked),
        CARD_IDENTIFICATIONS => {
            let standing = server.identify(facility, &json(asked)?).await?;
            Ok(said(200, &CardIdentified { standing }))
        }
        USE_REGISTRATIONS => {
            let new = server.register_use(facility, &json(asked)?).await?;
            Ok(said(created(new), &UseRegistered { new }))
        }
        CARD_CONFIRMATIONS => {
            let document = server.confirm(facility, &json(asked)?)?;
            Ok(Answer::new(200, XML, document))
        }
        NUMBER_CONFIRMATIONS => by_number::answer(server, facility, asked).await,
        REFERENCE_NUMBERS => reference::answer(server, facility, asked).await,
        _ => drugs::answer(server, facility, asked).await,
    }
}

async fn feed(
    server: &Server,
    asker: &Asker,
    house: House,
    asked: &Asked,
) -> Result<Answer, Refused> {
    let theirs = *asker == Asker::House(house);
    if !server.conduct.feed_asker_ok(theirs) {
        return Err(not_theirs(asker, house));
    }
    posted(asked)?;
    match asked.path.as_str() {
        FEED_QUALIFICATIONS => server.take_qualification(json(asked)?)?,
        FEED_RELEASES => server.take_release(&json(asked)?)?,
        FEED_SERIAL_PAIRS => server.take_pair(&json(asked)?)?,
        FEED_USE_REGISTRATIONS => {
            let new = server.take_registration(&json(asked)?).await?;
            return Ok(said(created(new), &Registered { new }));
        }
        _ => return drugs::feed(server, asked).await,
    }
    Ok(Answer::new(204, "", ""))
}

fn challenge(server: &Server, facility: &FacilityCode, asked: &Asked) -> Result<Answer, Refused> {
    if !body(asked)?.is_empty() {
        return Err(Refused::BodyNotEmpty);
    }
    let now = server.clock.now_ms();
    let chosen = |fresh| server.conduct.challenge(fresh);
    let (session, challenge) = server.sessions().begin(facility, now, chosen);
    let challenge = Challenge {
        session,
        challenge: to_base64(&challenge),
    };
    Ok(said(201, &challenge))
}

const fn created(new: bool) -> u16 {
    if new { 201 } else { 200 }
}

fn said(status: u16, what: &impl Serialize) -> Answer {
    // Plain shapes of strings and booleans always serialise.
    Answer::new(status, JSON, serde_json::to_vec(what).unwrap_or_default())
}

fn facility(asker: &Asker) -> Result<&FacilityCode, Refused> {
    match asker {
        Asker::Facility(code) => Ok(code),
        other => Err(Refused::Asker {
            name: other.name().to_owned(),
            ja: "医療機関コードを名義とする証明書で接続してください。",
            en: "connect with a certificate whose name is a facility code",
        }),
    }
}

fn not_theirs(asker: &Asker, house: House) -> Refused {
    let (ja, en) = match house {
        House::Intermediate => (
            "中間サーバーだけが使えます。",
            "it is the intermediate server's",
        ),
        House::Portal => ("マイナポータルだけが使えます。", "it is the portal's"),
        House::Jlis => ("J-LISだけが使えます。", "it is J-LIS's"),
        House::ReviewBody => ("審査支払機関だけが使えます。", "it is the review body's"),
    };
    Refused::Asker {
        name: asker.name().to_owned(),
        ja,
        en,
    }
}

fn posted(asked: &Asked) -> Result<(), Refused> {
    match asked.method.as_str() {
        "POST" => Ok(()),
        other => Err(Refused::Method(other.to_owned())),
    }
}

fn body(asked: &Asked) -> Result<&[u8], Refused> {
    match &asked.body {
        Ok(body) => Ok(body),
        Err(BodyRefused::TooLarge) => Err(Refused::TooLarge),
        Err(BodyRefused::Broken) => Err(Refused::BodyBroken),
    }
}

/// The body, when it comes as the media type a path takes.
pub(crate) fn body_of<'a>(asked: &'a Asked, expected: &'static str) -> Result<&'a [u8], Refused> {
    if asked.content_type != expected {
        return Err(Refused::ContentType {
            found: asked.content_type.clone(),
            expected,
        });
    }
    body(asked)
}

/// A JSON body of a shape.
pub(crate) fn json<T: DeserializeOwned>(asked: &Asked) -> Result<T, Refused> {
    // The reader's own words: they name line, column and what was expected, and quote no value of
    // length.
    serde_json::from_slice(body_of(asked, JSON)?).map_err(|e| Refused::Json(e.to_string()))
}
