//! What products are judged by, as data: the requirement catalogue, the profile's disputed values, the
//! requirements no check judges yet, and the hand-worked table of expiry borders. All of it is compiled in,
//! so that a judge needs no file beside the evidence.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod borders;
mod catalogue;
mod data;
mod exceptions;
mod profile;
mod role;
mod untested;

pub use borders::{Border, Period, borders, borders_from};
pub use catalogue::{Catalogue, Group, Level, Requirement};
pub use data::DataError;
pub use exceptions::{Statement, Waiver, statements_from, waivers_from};
pub use profile::{InTwoTongues, Parameter, Profile};
pub use role::Role;
pub use untested::{Untested, untested, untested_from};

/// The catalogue's text as compiled in.
pub const CATALOGUE_YAML: &str = include_str!("../catalogue.yaml");
/// JSON Schema of the catalogue.
pub const CATALOGUE_SCHEMA: &str = include_str!("../catalogue.schema.json");
/// The profile's text as compiled in.
pub const PROFILE_YAML: &str = include_str!("../profile.yaml");
/// The list of requirements without a check, as compiled in.
pub const UNTESTED_YAML: &str = include_str!("../untested.yaml");
/// The hand-worked expiry borders, as compiled in.
pub const BORDERS_YAML: &str = include_str!("../borders.yaml");
/// JSON Schema of a waivers file.
pub const WAIVERS_SCHEMA: &str = include_str!("../waivers.schema.json");
/// JSON Schema of a vendor's statement.
pub const STATEMENT_SCHEMA: &str = include_str!("../statement.schema.json");
