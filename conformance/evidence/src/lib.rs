//! Evidence, the waist between playing and judging: what a scenario declared, what crossed
//! which hop, and what was seen at a product. Files only; no rule and no simulator in here.
//!
//! A folder holds `run.json`, `scenarios/<id>.jsonl`, `bytes/<sha256>` and `DIGESTS` (which
//! covers all of these), beside two things no digest covers: `views/` (decoded, for readers
//! only) and `times.json` (real times).

mod act;
mod fact;
mod folder;
mod record;
mod run;

pub use act::Act;
pub use fact::{CardKind, CertificateEvent, Chip, EntryKind, Fact, FaultKind};
pub use folder::{Damage, Evidence, Reading, ScenarioRecords, Writer, digest_hex};
pub use record::{Attested, Declared, Party, Record, Tapped, Tls, What};
pub use run::{ProductLine, RequirementLine, Run, SCHEMA, ScenarioLine};
