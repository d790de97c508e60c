//! The door's desk: which path takes what from whom, and how a body becomes a question. One look at a
//! request in fixed order (path, asker, method, content type, size, shape), then the house's own work.

use serde::de::DeserializeOwned;
use wire::eligibility::{CARD_CONFIRMATIONS, CHALLENGES, CardConfirmation, Challenge, to_base64};
use wire::registration::{FEED_LINKS, FEED_QUALIFICATIONS, FedLink, FedQualification};
use world::http::{Answer, Asked, BodyRefused};

use identifiers::{CertificateSerial, FacilityCode, LinkNumber};

use crate::asker::Asker;
use crate::entry::{Entry, Wrong};
use crate::house::Server;
use crate::refused::Refused;
use crate::store::Tied;

const JSON: &str = "application/json";

/// Answers one request. Never fails: what goes wrong is an answer too.
pub(crate) async fn answer(server: &Server, asker: &Asker, asked: Asked) -> Answer {
    let answered = match asked.path.as_str() {
        CHALLENGES => challenge(server, asker, &asked),
        CARD_CONFIRMATIONS => confirmation(server, asker, &asked).await,
        FEED_QUALIFICATIONS => feed_qualification(server, asker, &asked),
        FEED_LINKS => feed_link(server, asker, &asked),
        other => Err(Refused::Path(other.to_owned())),
    };
    answered.unwrap_or_else(|refused| {
        if let Refused::Store(error) = &refused {
            server.keep_store_failure(error.to_string());
        }
        refused.answer()
    })
}

fn challenge(server: &Server, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    let facility = facility(asker)?;
    posted(asked)?;
    if !body(asked)?.is_empty() {
        return Err(Refused::BodyNotEmpty);
    }
    let now = server.clock.now_ms();
    let (session, challenge) = server.sessions().begin(facility, now);
    let challenge = Challenge {
        session,
        challenge: to_base64(&challenge),
    };
    // Two strings always serialise.
    let json = serde_json::to_vec(&challenge).unwrap_or_default();
    Ok(Answer::new(201, JSON, json))
}

async fn confirmation(server: &Server, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    let facility = facility(asker)?;
    posted(asked)?;
    let question: CardConfirmation = json(asked)?;
    let document = server.confirm(facility, question).await?;
    Ok(Answer::new(200, "application/xml", document))
}

fn feed_qualification(server: &Server, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    intermediate(asker)?;
    posted(asked)?;
    let fed: FedQualification = json(asked)?;
    let link = link_number(&fed.link_number)?;
    let entry = Entry::read(fed.qualification).map_err(Refused::Entry)?;
    let at = server.clock.rfc3339();
    server.store().keep_entry(&link, &entry, &at)?;
    Ok(Answer::new(204, "", ""))
}

fn feed_link(server: &Server, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    intermediate(asker)?;
    posted(asked)?;
    let fed: FedLink = json(asked)?;
    let link = link_number(&fed.link_number)?;
    let serial = CertificateSerial::parse(&fed.serial).map_err(|e| {
        Refused::Entry(Wrong {
            error: "serial",
            ja: "発行番号が正しくありません。16進数で送ってください。".to_owned(),
            en: e.to_string(),
        })
    })?;
    let at = server.clock.rfc3339();
    match server.store().tie(serial, &link, &at)? {
        Tied::Yes => Ok(Answer::new(204, "", "")),
        Tied::ToAnother => Err(Refused::Entry(Wrong {
            error: "serial-of-another",
            ja: "この発行番号は別の紐付番号に登録されています。紐付番号を確かめてください。"
                .to_owned(),
            en: "this serial is tied to another link number: check the link number".to_owned(),
        })),
    }
}

fn link_number(text: &str) -> Result<LinkNumber, Refused> {
    LinkNumber::parse(text).map_err(|e| {
        Refused::Entry(Wrong {
            error: "link-number",
            ja: "紐付番号が正しくありません。発行されたとおりに送ってください。".to_owned(),
            en: e.to_string(),
        })
    })
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

fn intermediate(asker: &Asker) -> Result<(), Refused> {
    match asker {
        Asker::Intermediate => Ok(()),
        other => Err(Refused::Asker {
            name: other.name().to_owned(),
            ja: "中間サーバーだけが使えます。",
            en: "it is the intermediate server's",
        }),
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

fn json<T: DeserializeOwned>(asked: &Asked) -> Result<T, Refused> {
    if asked.content_type != JSON {
        return Err(Refused::ContentType(asked.content_type.clone()));
    }
    // The reader's own words: they name line, column and what was expected, and quote no value of
    // length.
    serde_json::from_slice(body(asked)?).map_err(|e| Refused::Json(e.to_string()))
}
