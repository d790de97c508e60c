//! What cannot be done is said in words, with exit code 2, and nothing of the caller's is lost.

use std::fs;
use std::path::Path;

use crate::program::{Place, files, fine, shikaku};

#[test]
fn bad_questions_are_answered_in_words() {
    let place = Place::new();
    let out = place.arg("report");
    let run = |more: &[&'static str]| [&["run", "pin-right"], more].concat();
    let role = |name: &'static str| vec!["certify", "--role", name];
    for (args, words) in [
        (vec!["run", "nobody"], "nobody: no scenario"),
        (vec!["run", "pin-rihgt"], "Did you mean pin-right?"),
        (vec!["certify", "--jobs", "0"], "--jobs"),
        (
            vec!["impostors", "--impostor", "server-ignores-expiry"],
            "plays every impostor by itself",
        ),
        (vec!["run", "pin.feature:1"], "pin.feature:1: no scenario"),
        (run(&["--edition", "2026-02-30"]), "--edition 2026-02-30"),
        (run(&["--edition", "tomorrow"]), "Write a day as YYYY-MM-DD"),
        (run(&["--edition", "1999-12-31"]), "between 2000 and 2100"),
        (run(&["--edition", "9999-12-31"]), "between 2000 and 2100"),
        (
            run(&["--set", "grace_end"]),
            "--set grace_end: write NAME=VALUE",
        ),
        (run(&["--set", "grace_end=never"]), "month_end or same_day"),
        (run(&["--set", "colour=red"]), "colour"),
        (run(&["--seed", "minus one"]), "--seed"),
        (run(&["--impostor", "nobody"]), "--impostor nobody"),
        (role("nonsense"), "eligibility-server"),
        (role("pharmacy"), "not offered by this suite yet"),
        (vec!["certify", "--impostor", "nobody"], "`shikaku list`"),
        (vec!["replay", "r1:half"], "no replay token"),
        (
            vec!["replay", "r1:0123456789ab:2026-10-15:1:pin-right"],
            "was made by suite 0123456789ab",
        ),
        (vec!["dance"], "dance"),
        (vec![], "Usage"),
    ] {
        let certifying = args.first() == Some(&"certify");
        let target: &[&str] = if certifying { &["--out", &out] } else { &[] };
        let args = [args.as_slice(), target].concat();
        let told = shikaku(&args);
        assert_eq!(told.code, 2, "{args:?}: {}", told.all());
        assert!(told.err.contains(words), "{words} in {}", told.all());
        assert_eq!(told.out, "", "{args:?}");
        assert!(!told.err.contains("panicked"), "{}", told.err);
        assert!(!Path::new(&out).exists(), "{args:?} left a report");
        no_paths_of_the_builder(&told.err);
    }
}

fn no_paths_of_the_builder(said: &str) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = own.ancestors().nth(2).unwrap().display().to_string();
    for path in [tree.as_str(), env!("CARGO"), ".cargo/registry", ".rs:"] {
        assert!(!said.contains(path), "{path} in {said}");
    }
}

#[test]
fn help_is_help_and_names_no_path_of_the_builder() {
    let whole = fine(&["--help"]).out;
    let commands = [
        "certify",
        "list",
        "run",
        "replay",
        "judge",
        "diff",
        "coverage",
        "impostors",
        "bench",
    ];
    for command in commands {
        assert!(whole.contains(&format!("\n  {command}")), "{command}");
        let told = fine(&[command, "--help"]).out;
        assert!(told.contains(&format!("shikaku {command}")), "{told}");
        no_paths_of_the_builder(&told);
    }
    assert!(whole.contains("Exit codes"));
    for command in ["verify", "diff"] {
        assert!(
            fine(&[command, "--help"]).out.contains("Exit codes"),
            "{command}"
        );
    }
    no_paths_of_the_builder(&whole);
    assert!(fine(&["--version"]).out.starts_with("shikaku "));
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let place = Place::new();
    fs::create_dir_all(place.path("thesis/evidence")).unwrap();
    fs::write(place.path("thesis/chapter.txt"), "years of work").unwrap();
    fs::write(place.path("thesis/evidence/photo"), "of a lake").unwrap();
    fs::write(place.path("file"), "a file").unwrap();
    let certify =
        |name: &str| shikaku(&["certify", "--role", "insurer", "--out", &place.arg(name)]);
    assert_eq!(certify("notes").code, 0);
    fs::write(place.path("notes/my-notes.txt"), "beside a report").unwrap();
    let before = files(&place.path(""));
    for (name, words) in [
        ("thesis", "no report"),
        ("file", "no folder"),
        ("notes", "my-notes.txt"),
        ("file/below", "file/"),
    ] {
        let told = certify(name);
        assert_eq!(told.code, 2, "{name}: {}", told.all());
        assert!(told.err.contains(words), "{words} in {}", told.err);
        assert!(told.err.contains("hoose a"), "what to do: {}", told.err);
        assert!(files(&place.path("")) == before, "{name} was touched");
    }
    fs::create_dir(place.path("empty")).unwrap();
    assert_eq!(certify("empty").code, 0, "an empty folder is nobody's");
    assert_eq!(certify("new/and/deep").code, 0);
}
