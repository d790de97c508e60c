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

use std::path::PathBuf;
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
fn check(start: &std::path::Path) -> Result<Vec<Broken>, Trouble> {
    let root = tree::root(start)?;
    let files = tree::read(&root)?;
    let table = table::Table::of_this_house()?;
    let rooms = metadata::rooms(&root)?;

    let mut all = Vec::new();
    let mut report = |rule: &str, broken: Vec<Broken>| {
        println!(
            "{:<9} {}",
            rule,
            if broken.is_empty() {
                "kept".to_owned()
            } else {
                format!("{} broken", broken.len())
            }
        );
        all.extend(broken);
    };
    report("edges", edges::check(&table, &rooms));
    report(
        "absent",
        absent::check(&table, &rooms, &mut |room| absent::cargo_tree(&root, room))?,
    );
    report("modules", modules::check(&table, &rooms, &files));
    report("lints", lints::check(&rooms, &files));
    let (facts, broken) = coverage::Facts::read(&files);
    report("facts", broken);
    report("ids", ids::check(&facts, &files));
    report("coverage", coverage::check(&facts));
    report("headers", headers::check(&files));
    report("sizes", sizes::check(&files, &sizes::exceptions()?));
    report("words", words::check(&files, &words::of_this_house()?));
    report("features", features::check(&files));
    report("pages", pages::check(&table, &rooms, &files));

    for broken in &all {
        println!("\n{broken}");
    }
    println!(
        "\nhouse: {} files, {} rooms, {} broken rule(s)",
        files.len(),
        rooms.len(),
        all.len()
    );
    Ok(all)
}
