//! An answer of the eligibility server over kept-alive mutual TLS against bare hyper under the
//! same TLS settings, both over in-memory streams.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use server::{Config, Durability, Server};
use tokio::io::DuplexStream;
use tokio::sync::mpsc::UnboundedReceiver;
use wire::eligibility::{CHALLENGES, HOST};
use world::clock::Stopwatch;
use world::http::Client;
use world::keys::{self, Authority};
use world::net::{Network, Street};
use world::tap::{Carrier, Hop, Tap};
use world::tls::{Caller, FacilityAuthority, Identity, acceptor, required_clients};
use world::{Clock, Seed};

use super::figures::{Figure, median};
use crate::failure::Failure;

const REQUESTS: u32 = 2000;
const FACILITY: &str = "9910000018";

struct Parties {
    clock: Clock,
    roots: Vec<Vec<u8>>,
    house: Identity,
    clinic: Identity,
}

/// Measures rounds of requests against both, in turn.
pub fn measure(rounds: usize) -> Result<Vec<Figure>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::bed)?;
    let (ours, bare): (Vec<f64>, Vec<f64>) = runtime.block_on(async {
        let parties = parties()?;
        let mut ours = connected(&parties, |door| open_server(&parties, door)).await?;
        let mut bare = connected(&parties, |door| open_bare(&parties, door)).await?;
        let mut both = Vec::new();
        for _ in 0..rounds {
            both.push((rate(&mut ours).await?, rate(&mut bare).await?));
        }
        Ok::<_, Failure>(both.into_iter().unzip())
    })?;
    let share = median(ours.iter().zip(&bare).map(|(a, b)| 100.0 * a / b).collect());
    Ok(vec![
        Figure::new(
            "bare hyper, same TLS, kept alive, one connection",
            median(bare),
            0,
            "/s",
        ),
        Figure::new(
            "the server's answer to a challenge request",
            median(ours),
            0,
            "/s",
        ),
        Figure::new("the server ÷ bare hyper", share, 0, "%").aiming("at least 70"),
    ])
}

fn parties() -> Result<Parties, Failure> {
    let day = town::Date::constant(2026, 1, 1);
    let clock = Clock::starting_at(day.at(9, 0, 0, 0));
    let authority = FacilityAuthority::new(Authority::Facility, day).map_err(Failure::bed)?;
    let house = authority
        .issue(HOST, 2, keys::tls::ELIGIBILITY)
        .map_err(Failure::bed)?;
    let clinic = authority
        .issue(FACILITY, 3, keys::tls::FACILITY)
        .map_err(Failure::bed)?;
    Ok(Parties {
        clock,
        roots: vec![authority.certificate.clone()],
        house,
        clinic,
    })
}

type Door = UnboundedReceiver<DuplexStream>;

async fn connected(
    parties: &Parties,
    open: impl FnOnce(Door) -> Result<(), Failure>,
) -> Result<Client, Failure> {
    let street = Street::default();
    open(street.listen(HOST))?;
    let caller =
        Caller::new(&parties.clinic, &parties.roots, &parties.clock).map_err(Failure::bed)?;
    let stream = street.connect(HOST).await.map_err(Failure::bed)?;
    let end = |role: &str| (role.to_owned(), String::new());
    let hop = Hop {
        name: "eligibility",
        near: end("terminal"),
        far: end("eligibility-server"),
        carrier: Carrier::None,
    };
    // Both are asked through the same tapped client, so the tap's price is in neither's favour.
    let stream = caller
        .call(HOST, stream, &Tap::new(parties.clock.clone()), hop)
        .await
        .map_err(Failure::bed)?;
    Client::over(stream, HOST).await.map_err(Failure::bed)
}

fn open_server(parties: &Parties, door: Door) -> Result<(), Failure> {
    let dir = tempfile::tempdir().map_err(Failure::bed)?;
    let jpki = jlis::Authority::new(
        jlis::Purpose::UserAuthentication,
        Authority::UserAuthentication,
        town::Date::constant(2026, 1, 1),
    );
    let config = Config {
        store_path: dir.path().join("bench.sqlite"),
        durability: Durability::Relaxed,
        clock: parties.clock.clone(),
        seed: Seed(1),
        tap: Tap::new(parties.clock.clone()),
        network: Arc::new(Street::default()),
        portal: None,
        profile: town::Profile::default(),
        jpki_ca_certificates: vec![jpki.certificate],
        facility_ca: parties.roots.clone(),
        identity: parties.house.clone(),
    };
    let server = Server::open(config, Arc::new(server::Reference)).map_err(Failure::bed)?;
    tokio::spawn(async move {
        let _kept = dir;
        server.serve(door).await;
    });
    Ok(())
}

fn open_bare(parties: &Parties, mut door: Door) -> Result<(), Failure> {
    let clients = required_clients(&parties.roots).map_err(Failure::bed)?;
    let acceptor = acceptor(&parties.house, clients, &parties.clock).map_err(Failure::bed)?;
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let service = service_fn(|request: Request<Incoming>| async move {
                // The body is taken in, as any server must; the answer is a constant of equal length.
                let _ = request.into_body().collect().await;
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(&[b'x'; 112]))))
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            let _ = builder
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    });
    Ok(())
}

async fn rate(client: &mut Client) -> Result<f64, Failure> {
    let watch = Stopwatch::start();
    for _ in 0..REQUESTS {
        let asked = client
            .post(
                CHALLENGES,
                "application/json",
                Bytes::new(),
                Duration::from_secs(10),
                4096,
            )
            .await;
        let answer = asked.map_err(Failure::bed)?;
        if answer.status >= 300 {
            return Err(Failure::Bed(format!(
                "the challenge request was answered {}.",
                answer.status
            )));
        }
    }
    Ok(f64::from(REQUESTS) * 1e9 / watch.nanoseconds() as f64)
}
