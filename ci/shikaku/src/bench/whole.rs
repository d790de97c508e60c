//! The certify run of the built-in products: its time on this machine's threads and its memory.

use world::clock::Stopwatch;

use super::figures::Figure;
use crate::Setting;
use crate::bundle::{Bed, DEFAULT_EDITION, jobs};
use crate::failure::Failure;
use crate::progress::Progress;

/// Runs once, report included.
pub fn measure() -> Result<Vec<Figure>, Failure> {
    let watch = Stopwatch::start();
    let setting = Setting {
        seed: 1,
        edition: DEFAULT_EDITION.to_owned(),
        set: Vec::new(),
        impostor: None,
    };
    let bed = Bed::open(&setting)?;
    let dir = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let stories: Vec<_> = bed.suite.stories.iter().collect();
    let jobs = jobs(None);
    let judged = bed.play(
        &stories,
        &bed.cast,
        jobs,
        &dir.path().join("evidence"),
        &Progress::new("scenarios", stories.len()),
    )?;
    crate::judge::print_into(dir.path(), &judged, 0)?;
    let took = watch.milliseconds() as f64;
    let mut figures = vec![
        Figure::new(
            format!(
                "certify, {} scenarios, {jobs} threads, report included",
                stories.len()
            ),
            took,
            0,
            "ms",
        )
        .aiming("under 1000"),
    ];
    if let Some(kib) = highest_memory_kib() {
        figures.push(Figure::new("its highest memory", kib / 1024.0, 0, "MiB").aiming("under 128"));
    }
    Ok(figures)
}

/// Highest resident memory of this process, where the system tells.
fn highest_memory_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
