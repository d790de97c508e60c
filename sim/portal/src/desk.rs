//! The desk: which path takes what from whom. One look at a request in fixed order (path, asker, method,
//! content type, size, shape), then the house's own work.

use identifiers::CertificateSerial;
use rules::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::eligibility::{Challenge, to_base64};
use wire::portal::{
    CHALLENGES, CLINIC_REGISTRATIONS, ClinicRegistration, HomeRegistration, Registered,
    USE_REGISTRATIONS,
};
use world::http::{Answer, Asked, BodyRefused};

use crate::asker::Asker;
use crate::conduct::CertificateFault;
use crate::house::Portal;
use crate::refused::Refused;

const JSON: &str = "application/json";

/// Answers one request. Never fails: what goes wrong is an answer too.
pub(crate) async fn answer(portal: &Portal, asker: &Asker, asked: Asked) -> Answer {
    let answered = match asked.path.as_str() {
        CHALLENGES => challenge(portal, asker, &asked),
        USE_REGISTRATIONS => from_home(portal, asker, &asked).await,
        CLINIC_REGISTRATIONS => from_clinic(portal, asker, &asked).await,
        other => Err(Refused::Path(other.to_owned())),
    };
    answered.unwrap_or_else(|refused| {
        let (status, failure) = refused.failure();
        Answer::new(status, JSON, portal.conduct.says_why(failure).to_json())
    })
}

fn challenge(portal: &Portal, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    allowed(asker, &Asker::Anybody)?;
    posted(asked)?;
    if !body(asked)?.is_empty() {
        return Err(Refused::BodyNotEmpty);
    }
    let (session, challenge) = portal.sessions().begin(portal.clock.now_ms());
    let challenge = to_base64(&challenge);
    Ok(json(201, &Challenge { session, challenge }))
}

async fn from_home(portal: &Portal, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    allowed(asker, &Asker::Anybody)?;
    posted(asked)?;
    let request: HomeRegistration = read(asked)?;
    let (serial, last_day) = portal.prove(&request).await?;
    registered(portal, serial, last_day).await
}

async fn from_clinic(portal: &Portal, asker: &Asker, asked: &Asked) -> Result<Answer, Refused> {
    allowed(asker, &Asker::Eligibility)?;
    posted(asked)?;
    let request: ClinicRegistration = read(asked)?;
    let serial =
        CertificateSerial::parse(&request.serial).map_err(|e| Refused::Serial(e.to_string()))?;
    let last_day = request.last_day.parse::<Date>().ok();
    let last_day = last_day.filter(|day| day.to_string() == request.last_day);
    let last_day = last_day.ok_or(Refused::LastDay)?;
    let over = last_day < portal.clock.today();
    let found = if over {
        Err(CertificateFault::Expired)
    } else {
        Ok(())
    };
    portal
        .conduct
        .certificate_ok(found)
        .map_err(Refused::Certificate)?;
    registered(portal, serial, last_day).await
}

async fn registered(
    portal: &Portal,
    serial: CertificateSerial,
    last_day: Date,
) -> Result<Answer, Refused> {
    let new = portal.register(serial, last_day).await?;
    Ok(json(if new { 201 } else { 200 }, &Registered { new }))
}

fn json(status: u16, body: &impl Serialize) -> Answer {
    // Plain strings and booleans always serialise.
    Answer::new(status, JSON, serde_json::to_vec(body).unwrap_or_default())
}

fn allowed(asker: &Asker, wanted: &Asker) -> Result<(), Refused> {
    match asker == wanted {
        true => Ok(()),
        false => Err(Refused::Asker {
            name: asker.name().to_owned(),
            devices_only: *wanted == Asker::Anybody,
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

fn read<T: DeserializeOwned>(asked: &Asked) -> Result<T, Refused> {
    if asked.content_type != JSON {
        return Err(Refused::ContentType(asked.content_type.clone()));
    }
    serde_json::from_slice(body(asked)?).map_err(|error| {
        // Only the place: the text of the error may quote what was sent.
        Refused::Json(format!("line {}, column {}", error.line(), error.column()))
    })
}
