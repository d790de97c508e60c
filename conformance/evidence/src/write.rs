//! Writing an evidence folder, scenario by scenario, so that a long run need not be kept in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::damage::{Damage, broken, io};
use crate::pack::pack;
use crate::{DIGESTS, Run, ScenarioRecords, digest_hex};

/// An evidence folder being written. Nothing can read it before [`Writer::finish`].
pub struct Writer {
    dir: PathBuf,
    /// The head as far as it is known before anything is played: what the records are bound to.
    run: Run,
    sums: BTreeMap<String, String>,
}

impl Writer {
    /// Opens the folder `dir`, which must be absent or empty. Of `run` the town it is played in must be settled;
    /// every scenario's file names it.
    pub fn begin(dir: &Path, run: &Run) -> Result<Self, Damage> {
        let occupied = fs::read_dir(dir)
            .map(|mut d| d.next().is_some())
            .unwrap_or(false);
        if occupied {
            return Err(broken(
                &dir.display().to_string(),
                "an absent or empty folder",
                "files in it",
            ));
        }
        for sub in ["scenarios", "bytes", "views"] {
            let path = dir.join(sub);
            fs::create_dir_all(&path).map_err(io(&path))?;
        }
        Ok(Writer {
            dir: dir.to_owned(),
            run: run.clone(),
            sums: BTreeMap::new(),
        })
    }

    /// Writes a whole run that is at hand.
    pub fn write(
        dir: &Path,
        run: &Run,
        scenarios: &[ScenarioRecords],
        real_times: &serde_json::Value,
    ) -> Result<(), Damage> {
        let mut writer = Writer::begin(dir, run)?;
        for scenario in scenarios {
            writer.scenario(scenario)?;
        }
        writer.finish(run, real_times)
    }

    /// Writes the records of one scenario and the bytes they point at. The order of calls does not matter.
    pub fn scenario(&mut self, scenario: &ScenarioRecords) -> Result<(), Damage> {
        let ScenarioRecords { id, records, bytes } = scenario;
        let mut text = self.run.first_line(id).into_bytes();
        text.push(b'\n');
        text.extend(lines(records));
        self.put(format!("scenarios/{id}.jsonl"), &text)?;
        self.put(format!("bytes/{id}.pack"), &pack(bytes))
    }

    /// Writes the head and the digests. `real_times` goes to the sidecar.
    pub fn finish(mut self, run: &Run, real_times: &serde_json::Value) -> Result<(), Damage> {
        self.put("run.json".into(), &pretty(run))?;
        let text: String = self
            .sums
            .iter()
            .map(|(name, sum)| format!("{sum}  {name}\n"))
            .collect();
        let (digests, times) = (self.dir.join(DIGESTS), self.dir.join("times.json"));
        fs::write(&digests, text).map_err(io(&digests))?;
        fs::write(&times, pretty(real_times)).map_err(io(&times))
    }

    /// Writes the decoded views of a scenario into a folder that stands, for readers only: a line a record,
    /// with the record's number.
    pub fn views(dir: &Path, id: &str, views: &[(u32, serde_json::Value)]) -> Result<(), Damage> {
        let path = dir.join("views").join(format!("{id}.jsonl"));
        fs::write(&path, Writer::view_lines(views)).map_err(io(&path))
    }

    /// The content of such a file.
    pub fn view_lines(views: &[(u32, serde_json::Value)]) -> Vec<u8> {
        let rows = views
            .iter()
            .map(|(seq, view)| serde_json::json!({"seq": seq, "view": view}));
        lines(rows)
    }

    fn put(&mut self, name: String, content: &[u8]) -> Result<(), Damage> {
        let path = self.dir.join(&name);
        fs::write(&path, content).map_err(io(&path))?;
        self.sums.insert(name, digest_hex(content));
        Ok(())
    }
}

pub(crate) fn pretty(value: &impl serde::Serialize) -> Vec<u8> {
    // Plain data with string keys always serialises.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

fn lines<T: serde::Serialize>(rows: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        out.extend(serde_json::to_vec(&row).unwrap_or_default());
        out.push(b'\n');
    }
    out
}
