//! `shikaku diff`: two reports compared by meaning. It reads report.json alone; the evidence behind it is
//! `shikaku judge`'s to read.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use reports::{LARGEST_REPORT, Page};

use crate::failure::Failure;
use crate::{Format, Style, remark, say};

/// Arguments of `shikaku diff`.
#[derive(Args)]
#[command(after_help = CODES)]
pub struct Options {
    /// The report to compare against: its folder, or its report.json.
    before: PathBuf,
    /// The report to compare.
    after: PathBuf,
    #[command(flatten)]
    format: Format,
    /// Also write the comparison as a page.
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
}

const CODES: &str = "Exit codes: 0 nothing newly fails and nothing is lost, 1 something newly fails or is no \
                     longer covered, 2 usage or unreadable report";

/// What a page of ours says of itself; a file without it is not written over.
const OURS: &str = "<meta name=\"generator\" content=\"shikaku diff\">";

/// Compares.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let (before, after) = (page(&options.before)?, page(&options.after)?);
    let difference = difference::compare(&before, &after);
    if let Some(out) = &options.out {
        let text = difference::html(&difference).map_err(Failure::bed)?;
        put(out, &text)?;
    }
    match options.format.format {
        Style::Json => say(&difference::json(&difference).map_err(Failure::bed)?)?,
        Style::Text => say(&difference::text(&difference))?,
    }
    if let (Some(out), Style::Text) = (&options.out, options.format.format) {
        remark(&format!("Comparison written to {}", out.display()));
    }
    Ok(difference.exit_code())
}

fn page(asked: &Path) -> Result<Page, Failure> {
    let file = if asked.is_dir() {
        asked.join("report.json")
    } else {
        asked.to_owned()
    };
    let unreadable = |error: std::io::Error| {
        Failure::Configuration(format!(
            "{}: {error}. Name the folder of a report, or its report.json.",
            file.display()
        ))
    };
    // A pipe might never end, or never begin.
    let meta = std::fs::metadata(&file).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(unreadable(std::io::Error::other("it is no plain file")));
    }
    let mut bytes = Vec::new();
    // One byte more than is allowed is enough to know that it is too much, however large the file is.
    File::open(&file)
        .and_then(|opened| opened.take(LARGEST_REPORT + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    reports::read(&bytes)
        .map_err(|error| Failure::Configuration(format!("{}: {error}", file.display())))
}

/// Written beside its place and moved there. What lies there and is no page of ours is left alone.
fn put(out: &Path, text: &str) -> Result<(), Failure> {
    let refused = |why: String| {
        Failure::Configuration(format!(
            "--out {}: {why}. Nothing was touched. Name another file.",
            out.display()
        ))
    };
    if std::fs::symlink_metadata(out).is_ok() {
        let mut head = String::new();
        let read = File::open(out).and_then(|f| f.take(1024).read_to_string(&mut head));
        if read.is_err() || !head.contains(OURS) {
            return Err(refused("it is there already, and is no comparison".into()));
        }
    }
    let mut beside = out.as_os_str().to_owned();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&beside, out));
    written.map_err(|error| {
        // The first error is the one to tell; a leftover that cannot be removed adds nothing to it.
        let _ = std::fs::remove_file(&beside);
        refused(error.to_string())
    })
}
