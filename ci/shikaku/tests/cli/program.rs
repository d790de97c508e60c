//! Starts the binary and looks at what it left behind.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// What a finished process said.
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Told {
            code: output.status.code().expect("it was ended by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Told {
    /// Everything said, for a failing test.
    pub fn all(&self) -> String {
        format!("exit {}\n{}\n{}", self.code, self.out, self.err)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.all()))
    }
}

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shikaku"));
    command.args(args);
    command
}

pub fn shikaku(args: &[&str]) -> Told {
    command(args).output().unwrap().into()
}

/// A command that must end well.
pub fn fine(args: &[&str]) -> Told {
    let told = shikaku(args);
    assert_eq!(told.code, 0, "{args:?}: {}", told.all());
    told
}

/// A folder of one test, gone when the test is over.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The path as an argument.
    pub fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

/// Every file under a folder, by its path in there.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Which of the files hold a word, in their names or their bytes.
pub fn holding<'a>(files: &'a BTreeMap<String, Vec<u8>>, word: &str) -> Vec<&'a str> {
    let wanted = memchr::memmem::Finder::new(word);
    let holds = |bytes: &[u8]| wanted.find(bytes).is_some();
    files
        .iter()
        .filter(|(name, bytes)| holds(name.as_bytes()) || holds(bytes))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// report.json without the one block that may differ between two runs.
pub fn report(dir: &Path) -> Value {
    let mut whole: Value =
        serde_json::from_slice(&fs::read(dir.join("report.json")).unwrap()).unwrap();
    let info = whole.as_object_mut().unwrap().remove("run_info");
    assert_eq!(info.unwrap()["tool"], "shikaku");
    whole
}

pub fn copied(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A list inside JSON.
pub fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("no list {name}"))
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no text {name}"))
}

/// One report of the reference products for all tests of a run, to be read and not to be touched.
pub struct Certified {
    pub dir: PathBuf,
    _held: File,
}

/// The whole suite with the reference products.
pub fn certified() -> Certified {
    shared("certified", &[])
}

/// A report made once for a run of the tests, by `certify` with these arguments. The runner starts a
/// process for every test, so it is shared through a folder under a lock.
pub fn shared(name: &str, args: &[&str]) -> Certified {
    let around = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (dir, mark) = (around.join(name), around.join(format!("{name}.by")));
    let lock = File::create(around.join(format!("{name}.lock"))).unwrap();
    let binary = fs::metadata(env!("CARGO_BIN_EXE_shikaku")).unwrap();
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
    let run = format!("{run} {:?}", binary.modified().unwrap());
    let made = || fs::read_to_string(&mark).is_ok_and(|by| by == run);
    loop {
        lock.lock_shared().unwrap();
        if made() {
            return Certified { dir, _held: lock };
        }
        lock.unlock().unwrap();
        lock.lock().unwrap();
        if !made() {
            fs::remove_dir_all(&dir).ok();
            let told = shikaku(&[&["certify", "--out", &dir.display().to_string()], args].concat());
            assert!([0, 1].contains(&told.code), "{args:?}: {}", told.all());
            fs::write(&mark, &run).unwrap();
        }
        lock.unlock().unwrap();
    }
}
