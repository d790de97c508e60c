//! The command line: plays the suite, judges what was played, prints what was judged. It composes
//! the other rooms and decides nothing itself.

mod bench;
mod bundle;
mod certify;
mod coverage;
mod diff;
mod failure;
mod find;
mod impostors;
mod judge;
mod list;
mod office;
mod progress;
mod replay;
mod run;
mod sealing;
mod verify;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use failure::Failure;

/// Conformance test bed for Japan's My Number card health-insurance ecosystem (オンライン資格確認).
///
/// Exit codes: 0 everything judged passed (what the suite has no check for yet is not offered) · 1 the product failed · 2 usage or configuration ·
/// 3 the bed is at fault · 4 incomplete.
#[derive(Parser)]
#[command(name = "shikaku", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play the suite, judge it and write the report.
    Certify(Box<certify::Options>),
    /// What exists: scenarios, requirements, impostors.
    List(Format),
    /// Play one scenario and show every message.
    Run(run::Options),
    /// Play again what a report's replay line names.
    Replay(replay::Options),
    /// Judge recorded evidence again.
    Judge(judge::Options),
    /// Check a report folder offline: whole, sealed by whom, complete, and judged again with the same result.
    Verify(verify::Options),
    /// Compare two reports by meaning.
    Diff(diff::Options),
    /// Requirement ↔ scenario ↔ check ↔ impostor, with the reasons for what is not tested.
    Coverage(Format),
    /// Run the suite against every impostor and print the kill table.
    Impostors(impostors::Options),
    /// The project's own ratios, measured side by side in one run.
    Bench(bench::Options),
}

/// How to print.
#[derive(Args, Clone, Copy)]
struct Format {
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

/// For people or for programs.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// Plain text.
    Text,
    /// JSON on standard output.
    Json,
}

/// What every playing command is handed.
#[derive(Args, Clone, Debug)]
struct Setting {
    /// Seed of all chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rules as valid on this day; the town's clock starts on it.
    #[arg(long, value_name = "YYYY-MM-DD", default_value = bundle::DEFAULT_EDITION)]
    edition: String,
    /// A profile value other than the default, e.g. grace_end=same_day.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Play with this deliberately wrong product in place of the reference.
    #[arg(long, value_name = "ID")]
    impostor: Option<String>,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; everything else is the caller's: exit code 2.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let done = match cli.command {
        Command::Certify(options) => certify::run(&options),
        Command::List(format) => list::run(format.format),
        Command::Run(options) => run::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Judge(options) => judge::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Diff(options) => diff::run(&options),
        Command::Coverage(format) => coverage::run(format.format),
        Command::Impostors(options) => impostors::run(&options),
        Command::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            remark(&format!("shikaku: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Prints to standard output; a reader that went away (a closed pipe) is no error.
fn say(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Configuration(format!(
                "standard output: {error}. Give it somewhere to write."
            )))
        }
        _ => Ok(()),
    }
}

/// Remarks to standard error, each line harmless whatever it quotes; nobody there to read them is no error either.
fn remark(text: &str) {
    use std::io::Write;
    let lines: Vec<String> = text.split('\n').map(failure::harmless).collect();
    let _ = writeln!(std::io::stderr(), "{}", lines.join("\n"));
}

/// Prints JSON to standard output.
fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::bed)?;
    say(&(text + "\n"))
}
