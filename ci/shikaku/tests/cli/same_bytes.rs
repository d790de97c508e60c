//! Same seed, same bytes, whatever machine, zone, language, place and number of threads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use crate::program::{Place, Told, certified, command, files, report};

/// What may never differ between two runs of one seed.
fn bytes_of(dir: &Path) -> Vec<(&'static str, String)> {
    let read = |name| (name, fs::read_to_string(dir.join(name)).unwrap());
    vec![
        ("report.json", report(dir).to_string()),
        read("junit.xml"),
        read("ctrf.json"),
        read("report.html"),
        read("report.schema.json"),
        read("evidence/DIGESTS"),
        read("evidence/run.json"),
    ]
}

fn started(args: &[&str], cwd: &Path, env: &[(&str, &str)]) -> Child {
    command(args)
        .current_dir(cwd)
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ended(child: Child) {
    let told = Told::from(child.wait_with_output().unwrap());
    assert_eq!(told.code, 0, "{}", told.all());
}

#[test]
fn a_seed_gives_its_bytes_and_another_gives_others() {
    let place = Place::new();
    let (here, there) = (place.path("here"), place.path("あちら/deep"));
    fs::create_dir_all(&here).unwrap();
    fs::create_dir_all(&there).unwrap();
    let elsewhere = place.arg("a report with spaces");
    let one = started(
        &["certify", "--jobs", "1", "--out", "one"],
        &here,
        &[
            ("TZ", "Pacific/Kiritimati"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("HOME", "/nowhere"),
        ],
    );
    let two = started(
        &["certify", "--jobs", "2", "--out", &elsewhere],
        &there,
        &[
            ("TZ", "America/Los_Angeles"),
            ("LANG", "C"),
            ("LC_ALL", "C"),
        ],
    );
    ended(one);
    ended(two);
    let other = started(&["certify", "--seed", "2", "--out", "other"], &here, &[]);
    ended(other);
    let usual = bytes_of(&certified().dir);
    for dir in [here.join("one"), Path::new(&elsewhere).to_owned()] {
        for ((name, expected), (_, found)) in usual.iter().zip(bytes_of(&dir)) {
            assert!(*expected == found, "{name} in {} differs", dir.display());
        }
    }
    for ((name, first), (_, second)) in usual.iter().zip(bytes_of(&here.join("other"))) {
        let same_by_right = *name == "report.schema.json";
        assert_eq!(*first == second, same_by_right, "{name} of another seed");
    }
    let bytes = |dir: &Path| files(&dir.join("evidence/bytes"));
    let (first, second) = (bytes(&here.join("one")), bytes(&here.join("other")));
    let (first, second) = (digests(&first), digests(&second));
    assert!(
        second.intersection(&first).count() * 2 < second.len(),
        "most messages carry something of the seed"
    );
}

/// Digests of every message kept in packs.
fn digests(packs: &BTreeMap<String, Vec<u8>>) -> BTreeSet<String> {
    let lines = packs
        .values()
        .flat_map(|pack| pack.split(|byte| *byte == b'\n'));
    lines
        .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(' '))
        .filter(|(digest, length)| digest.len() == 64 && length.parse::<usize>().is_ok())
        .map(|(digest, _)| digest.to_owned())
        .collect()
}
