//! `shikaku bench`: the project's own ratios, measured side by side in one run.

use clap::Args;

use crate::failure::Failure;

/// Arguments of `shikaku bench`.
#[derive(Args)]
pub struct Options {}

/// Measures.
pub fn run(_: &Options) -> Result<u8, Failure> {
    Err(Failure::Configuration("soon".into()))
}
