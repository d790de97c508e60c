//! Progress of long work: a bar on a terminal, plain lines elsewhere, always on standard error.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far a piece of work is.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    total: usize,
}

impl Progress {
    /// Work of `total` pieces.
    pub fn new(what: &str, total: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64);
            if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
                bar.set_style(style);
            }
            bar.set_message(what.to_owned());
            bar
        });
        Progress {
            bar,
            what: what.to_owned(),
            total,
        }
    }

    /// So many pieces are done.
    pub fn at(&self, done: usize) {
        match &self.bar {
            Some(bar) => bar.set_position(done as u64),
            None if done == self.total => {
                crate::remark(&format!("{} {done}/{}", self.what, self.total));
            }
            None => {}
        }
    }

    /// The work is over.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
