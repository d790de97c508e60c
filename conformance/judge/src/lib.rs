//! Evidence in, verdicts out. The judge reads declared facts, tapped bytes and attested screens,
//! works out by its own code what should have happened, and says who is at fault when it did not.
//! It knows no simulator crate, reads no clock and never looks at the decoded views.

mod calendar;
mod card;
mod case;
pub mod decode;
mod exceptions;
mod expect;
mod expiry;
mod finding;
mod judge;
mod rules;
#[cfg(test)]
mod testing;
mod verdict;

pub use case::Case;
pub use exceptions::{ExceptionError, Exceptions, requirement_line};
pub use judge::{judge, judge_with};
pub use rules::{Rule, rules};
pub use verdict::*;
