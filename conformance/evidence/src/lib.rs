//! Evidence, the waist between playing and judging: what a scenario declared, what crossed
//! which hop, and what was seen at a product. Files only; no rule and no simulator in here.
//!
//! A folder holds `run.json`, `scenarios/<id>.jsonl` (a first line that names scenario and town, then a line a
//! record), `bytes/<id>.pack` (the bytes those records point at by digest) and `DIGESTS` (which covers all of these), beside two things no digest covers: `views/<id>.jsonl`
//! (decoded, for readers only) and `times.json` (real times).

use sha2::{Digest, Sha256};

mod act;
mod damage;
mod fact;
mod head;
mod pack;
mod read;
mod record;
mod run;
mod write;

pub use act::Act;
pub use damage::Damage;
pub use fact::{CardKind, CertificateEvent, Chip, EntryKind, Fact, FaultKind};
pub use read::{Evidence, Reading};
pub use record::{Attested, Declared, Party, Record, ScenarioRecords, Tapped, Tls, What};
pub use run::{ProductLine, RequirementLine, Run, SCHEMA, ScenarioLine, Statement, Waiver};
pub use write::Writer;

/// Covers every file a verdict may rest on.
const DIGESTS: &str = "DIGESTS";

/// Lower-case hex SHA-256 of some bytes: the name they are kept under.
pub fn digest_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
