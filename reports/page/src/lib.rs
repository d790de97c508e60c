//! What a report says, and its printers. A page is built once from what the judge said and the
//! evidence it rests on; each printer only puts it into a format. Nothing in here decides, and
//! nothing reads a clock: the same judgement always gives the same bytes.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod ctrf;
mod embed;
mod gather;
mod gist;
mod headline;
mod html;
mod json;
mod junit;
mod labels;
mod lacks;
mod messages;
mod outcome;
mod page;
mod read;
mod standing;
mod statement;
#[cfg(test)]
mod testing;
mod text;
mod write;

pub use ctrf::ctrf;
pub use html::{Both, SHARED as STYLE, html};
pub use json::{Office, RunInfo, SCHEMA_JSON, json, pretty};
pub use junit::junit;
pub use labels::{Named, Term, name_of, terms, verdict as verdict_name};
pub use messages::{Message, PartyPart, TlsPart, messages};
pub use page::{
    Bed, ByRole, Count, CoveredPart, FindingPart, HopPart, LackKind, LackPart, Page, ProductPart,
    ProfilePart, RequirementPart, RolePart, RunPart, ScenarioPart, StatementPart, UntestedPart,
    WaiverPart,
};
pub use read::{LARGEST_REPORT, ReadError, read, values};
pub use standing::Standing;
pub use statement::statement;
pub use text::{of_scenario, plain, text};
pub use write::{ReportError, printed, write_all};
