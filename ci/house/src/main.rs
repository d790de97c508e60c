//! The house rules as a program: each rule is one file, each broken one names its place and the next step.
//!
//! It imports nothing of ours, so it can speak when a room does not compile. Exit code 0: the house is in
//! order; 1: a rule is broken; 2: the rules could not be checked at all.

mod absent;
mod broken;
mod catalogue;
mod coverage;
mod edges;
mod features;
mod headers;
mod ids;
mod lints;
mod metadata;
mod modules;
mod pages;
mod sizes;
mod source;
mod table;
mod tree;
mod trouble;
mod words;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use broken::Broken;
use trouble::Trouble;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let start = arguments
        .next()
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    if arguments.next().is_some() || start.as_os_str().to_string_lossy().starts_with('-') {
        eprintln!(
            "usage: house [FOLDER]   (a folder inside the project; without it, the present one)"
        );
        return ExitCode::from(2);
    }
    match check(&start) {
        Ok(broken) if broken.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(trouble) => {
            eprintln!("house: the rules could not be checked: {trouble}");
            ExitCode::from(2)
        }
    }
}

/// Runs every rule, printing one line a rule and a paragraph for whatever is broken.
fn check(start: &Path) -> Result<Vec<Broken>, Trouble> {
    let root = tree::root(start)?;
    let files = tree::read(&root)?;
    let table = table::Table::of_this_house()?;
    let rooms = metadata::rooms(&root)?;
    let (facts, unread) = coverage::Facts::read(&files);
    // Where a table cannot be read, everything that points into it would be blamed too.
    let coverage = if unread.is_empty() {
        coverage::check(&facts)
    } else {
        Vec::new()
    };
    let built_from = &mut |room: &str| absent::cargo_tree(&root, room);

    let results = [
        ("edges", edges::check(&table, &rooms)),
        ("absent", absent::check(&table, &rooms, built_from)?),
        ("modules", modules::check(&table, &rooms, &files)),
        ("lints", lints::check(&rooms, &files)),
        ("facts", unread),
        ("ids", ids::check(&facts, &files)),
        ("coverage", coverage),
        ("headers", headers::check(&files)),
        ("sizes", sizes::check(&files, &sizes::exceptions()?)),
        ("words", words::check(&files, &words::of_this_house()?)),
        ("features", features::check(&files)),
        ("pages", pages::check(&table, &rooms, &files)),
    ];
    // A reader who closes the pipe has seen enough; the exit code still tells.
    let _ = print(
        &results,
        &format!("{} files, {} rooms", files.len(), rooms.len()),
    );
    Ok(results.into_iter().flat_map(|(_, broken)| broken).collect())
}

fn print(results: &[(&str, Vec<Broken>)], looked_at: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let facts_unread = results
        .iter()
        .any(|(rule, broken)| *rule == "facts" && !broken.is_empty());
    for (rule, broken) in results {
        match broken.len() {
            0 if *rule == "coverage" && facts_unread => {
                writeln!(out, "{rule:<9} not checked: see facts")?
            }
            0 => writeln!(out, "{rule:<9} kept")?,
            count => writeln!(out, "{rule:<9} broken in {count} place(s)")?,
        }
    }
    let all = results.iter().flat_map(|(_, broken)| broken);
    for broken in all.clone() {
        writeln!(out, "\n{broken}")?;
    }
    writeln!(
        out,
        "\nhouse: {looked_at} looked at, {} broken rule(s)",
        all.count()
    )
}
