//! The town: the only place that knows every house. It hands each its clock, seed, network and
//! tap, opens what a story needs, and offers what hands can do in it.

mod authorities;
mod cards;
mod faces;
mod home;
mod houses;
mod offices;
mod products;
mod site;
mod slot;
mod town;

pub use authorities::NamedAuthority;
pub use cards::{CardHolder, CardIssued, CardOrder, CardSecret, Kind, Maker, Renewal, Standing};
pub use clinic::reader::Touch;
pub use houses::{House, Mood, Trouble};
pub use jiff::civil::{Date, Time};
pub use offices::{Entry, RawRequest, Sender};
pub use products::Products;
pub use rules::{Profile, ProfileError};
pub use server::Durability;
pub use site::{Chart, FacilityOrder, NumberQuestion};
pub use slot::{CardSlot, SharedCard, lock};
pub use town::{Setup, Town, TownError};
pub use wire::registration::{Benefits, Elderly, InsuredNumbers, Limit};
pub use world::clock::months_after;
pub use world::tap::FACE;

/// `day` plus some days, earlier when negative.
pub fn days_after(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap_or(day)
}
