//! The town: the only place that knows every house. It hands each its clock, seed, network and
//! tap, opens what a story needs, and offers what hands can do in it.

mod authorities;
mod cards;
mod houses;
mod products;
mod site;
mod slot;
mod town;

pub use authorities::NamedAuthority;
pub use cards::{CardIssued, CardOrder, Maker, Standing};
pub use clinic::reader::Touch;
pub use jiff::civil::Date;
pub use products::Products;
pub use rules::{Profile, ProfileError};
pub use server::Durability;
pub use slot::{CardSlot, SharedCard, lock};
pub use town::{Entry, Setup, Town, TownError};
pub use world::clock::months_after;

/// `day` plus some days, earlier when negative.
pub fn days_after(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap_or(day)
}
