//! `shikaku bench`: the project's own ratios, measured side by side in one run. Absolute figures
//! depend on the machine; a ratio against a control of the same run does not.

mod answer;
mod figures;
mod visit;
mod whole;

use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::{Format, Style, say, say_json};
use figures::Figure;

/// Arguments of `shikaku bench`.
#[derive(Args)]
pub struct Options {
    /// Rounds of each measurement; a figure is the median over them.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Bench {
    figures: Vec<Figure>,
}

/// Measures and prints.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let rounds = options.rounds.clamp(1, 99);
    // The whole run comes first: the memory it needed is the process's highest so far.
    let mut figures = whole::measure()?;
    figures.extend(visit::measure(rounds)?);
    figures.extend(answer::measure(rounds)?);
    match options.format.format {
        Style::Json => say_json(&Bench { figures })?,
        Style::Text => say(&text(&figures))?,
    }
    Ok(0)
}

fn text(figures: &[Figure]) -> String {
    let mut out = String::new();
    for figure in figures {
        let aim = figure
            .aim
            .as_deref()
            .map(|a| format!("  (aim {a})"))
            .unwrap_or_default();
        out += &format!(
            "{:<64} {:>10} {}{aim}\n",
            figure.what, figure.shown, figure.unit
        );
    }
    out
}
