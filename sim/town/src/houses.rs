//! The houses every story needs, opened one by one: the revocation service, the eligibility
//! server and the intermediate server, each with its certificate and its door.

use std::path::Path;
use std::sync::Arc;

use intermediate::IntermediateHandle;
use jiff::civil::Date;
use jlis::{Register, Responder};
use rules::Profile;
use server::{Durability, Server};
use wire::registration::INTERMEDIATE_HOST;
use wire::{eligibility, registration};
use world::net::Street;
use world::tls::Caller;
use world::{Clock, Seed, Tap, keys};

use crate::authorities::Authorities;
use crate::products::Products;
use crate::town::{TownError, house};

/// A folder for one town. A town is made and gone within milliseconds, and a disk would take longer
/// to create its files than the town to live; so memory is preferred where the system offers it,
/// unless the town is to be durable.
pub(crate) fn folder(durability: Durability) -> Result<tempfile::TempDir, TownError> {
    let folder = match durability {
        Durability::Relaxed => tempfile::tempdir_in("/dev/shm"),
        Durability::Full => tempfile::tempdir(),
    };
    folder
        .or_else(|_| tempfile::tempdir())
        .map_err(|e| TownError::Folder("for the town".into(), e.to_string()))
}

pub(crate) fn open_ocsp(
    authorities: &Authorities,
    register: &Register,
    clock: &Clock,
    street: &Street,
    start: Date,
) -> Result<(), TownError> {
    let from = world::clock::months_after(start, -1);
    let responder = Responder::new(&authorities.jpki, register.clone(), clock.clone(), from);
    let responder =
        responder.ok_or_else(|| TownError::House("OCSP responder", "no certificate".into()))?;
    tokio::spawn(jlis::serve(Arc::new(responder), street.listen(jlis::HOST)));
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "a server is given that much")]
pub(crate) fn open_server(
    authorities: &Authorities,
    profile: &Profile,
    products: &Products,
    clock: &Clock,
    tap: &Tap,
    street: &Street,
    seed: Seed,
    durability: Durability,
    dir: &Path,
) -> Result<(), TownError> {
    let identity = authorities
        .facility
        .issue(eligibility::HOST, 10, keys::tls::ELIGIBILITY);
    let config = server::Config {
        store_path: dir.join("eligibility.sqlite"),
        durability,
        clock: clock.clone(),
        seed,
        tap: tap.clone(),
        network: Arc::new(street.clone()),
        profile: profile.clone(),
        jpki_ca_certificates: vec![authorities.jpki.certificate.clone()],
        facility_ca: vec![authorities.facility.certificate.clone()],
        identity: identity.map_err(house("eligibility server"))?,
    };
    let server =
        Server::open(config, products.server.clone()).map_err(house("eligibility server"))?;
    tokio::spawn(server.serve(street.listen(eligibility::HOST)));
    Ok(())
}

pub(crate) fn open_intermediate(
    authorities: &Authorities,
    clock: &Clock,
    tap: &Tap,
    street: &Street,
) -> Result<IntermediateHandle, TownError> {
    let failed = house("intermediate server");
    let trusted = vec![authorities.facility.certificate.clone()];
    let identity = authorities
        .facility
        .issue(INTERMEDIATE_HOST, 11, keys::tls::INTERMEDIATE)
        .map_err(&failed)?;
    let feeding = authorities
        .facility
        .issue(intermediate::FEED_NAME, 12, keys::tls::INTERMEDIATE)
        .map_err(&failed)?;
    let caller = Caller::new(&feeding, &trusted, clock).map_err(&failed)?;
    let config = intermediate::Config {
        door: street.listen(registration::INTERMEDIATE_HOST),
        identity,
        trusted,
        caller,
        network: Arc::new(street.clone()),
        tap: tap.clone(),
        clock: clock.clone(),
    };
    intermediate::spawn(config).map_err(house("intermediate server"))
}
