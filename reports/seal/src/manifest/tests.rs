//! Folders bent in every way a manifest must notice.

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn bundle() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("evidence/deep")).unwrap();
    for (name, text) in [
        ("report.json", "{}"),
        ("evidence/run.json", "run"),
        ("evidence/times.json", "1"),
        ("evidence/deep/shikaku.bin", "bytes"),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn sealed() -> TempDir {
    let dir = bundle();
    write(dir.path()).unwrap();
    fs::write(dir.path().join("MANIFEST.p7s"), "signature").unwrap();
    dir
}

fn told(dir: &Path) -> String {
    match check(dir) {
        Ok(checked) => checked
            .faults
            .iter()
            .map(|f| format!("{f}\n"))
            .collect::<String>(),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn it_lists_every_file_but_three_in_the_order_of_paths() {
    let dir = sealed();
    let text = fs::read_to_string(dir.path().join(NAME)).unwrap();
    insta::assert_snapshot!(text);
    let checked = check(dir.path()).unwrap();
    assert_eq!(checked.faults, []);
    assert_eq!(checked.members, 3);
    assert_eq!(checked.sha256, crate::sha256(text.as_bytes()));
    // Real times may change, nothing is said of them.
    fs::write(dir.path().join("evidence/times.json"), "2").unwrap();
    assert_eq!(told(dir.path()), "");
    // Writing again gives the same.
    assert_eq!(write(dir.path()).unwrap(), text.as_bytes());
}

#[test]
fn each_way_to_bend_a_folder_is_told() {
    type Bend = fn(&Path);
    let ways: &[(&str, Bend)] = &[
        ("changed", |d| {
            fs::write(d.join("report.json"), "{ }").unwrap()
        }),
        ("removed", |d| {
            fs::remove_file(d.join("evidence/run.json")).unwrap()
        }),
        ("added", |d| fs::write(d.join("evidence/more"), "").unwrap()),
        ("added beside", |d| {
            fs::write(d.join("evidence/deep/times.json"), "").unwrap()
        }),
        ("renamed", |d| {
            fs::rename(d.join("report.json"), d.join("report2.json")).unwrap()
        }),
        ("a link", |d| {
            fs::remove_file(d.join("report.json")).unwrap();
            std::os::unix::fs::symlink("/etc/hostname", d.join("report.json")).unwrap();
        }),
        ("a linked folder", |d| {
            fs::remove_dir_all(d.join("evidence/deep")).unwrap();
            std::os::unix::fs::symlink("/", d.join("evidence/deep")).unwrap();
        }),
        ("a socket", |d| {
            std::os::unix::net::UnixListener::bind(d.join("evidence/socket")).unwrap();
        }),
        ("the sidecar a link", |d| {
            fs::remove_file(d.join("evidence/times.json")).unwrap();
            std::os::unix::fs::symlink("/dev/zero", d.join("evidence/times.json")).unwrap();
        }),
        ("a name that moves the terminal", |d| {
            fs::write(d.join("evil\u{1b}[2J\n"), "").unwrap();
        }),
        ("a name that is no text", |d| {
            use std::os::unix::ffi::OsStrExt;
            fs::write(d.join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
        }),
        ("two swapped", |d| {
            fs::rename(d.join("report.json"), d.join("third")).unwrap();
            fs::rename(d.join("evidence/run.json"), d.join("report.json")).unwrap();
            fs::rename(d.join("third"), d.join("evidence/run.json")).unwrap();
        }),
        ("no manifest", |d| fs::remove_file(d.join(NAME)).unwrap()),
        ("the manifest a link", |d| {
            fs::remove_file(d.join(NAME)).unwrap();
            std::os::unix::fs::symlink("/dev/zero", d.join(NAME)).unwrap();
        }),
        ("a member of two gibibytes", |d| {
            let file = fs::File::create(d.join("report.json")).unwrap();
            file.set_len(2 << 30).unwrap();
        }),
        ("a manifest of a hundred megabytes", |d| {
            let file = fs::File::create(d.join(NAME)).unwrap();
            file.set_len(100_000_000).unwrap();
        }),
    ];
    let mut all = String::new();
    for (name, bend) in ways {
        let dir = sealed();
        bend(dir.path());
        let said = told(dir.path());
        assert!(!said.is_empty(), "{name} goes unnoticed");
        all += &format!("--- {name}\n{said}");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn each_way_to_bend_the_text_is_told() {
    let sum = "0123456789abcdef".repeat(4);
    let rows = |rows: &[&str]| {
        let rows: String = rows.iter().map(|r| format!("{sum}  {r}\n")).collect();
        format!("{HEADER}\n{rows}")
    };
    let texts = [
        String::new(),
        "shikaku-manifest/2\n".to_owned(),
        HEADER.to_owned(),
        format!("{HEADER}\nshort  report.json\n"),
        format!("{HEADER}\n{}  report.json\n", sum.to_uppercase()),
        format!("{HEADER}\n{sum} report.json\n"),
        format!("{HEADER}\n{sum}  report.json"),
        format!("{HEADER}\n\n"),
        rows(&["../outside"]),
        rows(&["evidence/../../outside"]),
        rows(&["/etc/passwd"]),
        rows(&["C:/x"]),
        rows(&["a\\b"]),
        rows(&["a\0b"]),
        rows(&["a\u{1b}[2Jb"]),
        rows(&["a\rb"]),
        rows(&["a//b"]),
        rows(&["./a"]),
        rows(&[""]),
        rows(&["evidence\u{202e}lmth.exe"]),
        rows(&["資格"]),
        rows(&["cafe\u{301}"]),
        rows(&["zero\u{200b}width"]),
        rows(&["report.html "]),
        rows(&["report.html."]),
        rows(&["dots../x"]),
        rows(&["two words"]),
        rows(&["a;b"]),
        rows(&["docs/CON.html"]),
        rows(&["com1"]),
        rows(&[&"a".repeat(2000)]),
        rows(&["a", "a"]),
        rows(&["b", "a"]),
        rows(&["A", "a"]),
        rows(&["MANIFEST"]),
        rows(&["evidence/times.json"]),
    ];
    let said: String = texts
        .iter()
        .map(|text| format!("{}\n", text::parse(text.as_bytes()).unwrap_err()))
        .collect();
    insta::assert_snapshot!(said);
    let many: Vec<String> = (0..=MAX_MEMBERS).map(|n| format!("{n:07}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let said = text::parse(rows(&many).as_bytes()).unwrap_err().to_string();
    assert!(said.contains("more than 200000 files"), "{said}");
}

#[test]
fn what_cannot_be_a_member_is_not_sealed() {
    let dir = bundle();
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("link")).unwrap();
    let said = write(dir.path()).unwrap_err().to_string();
    assert!(said.contains("link: a link"), "{said}");
    let dir = bundle();
    fs::write(dir.path().join("a\nb"), "").unwrap();
    let said = write(dir.path()).unwrap_err().to_string();
    assert!(said.contains("control characters"), "{said}");
    assert!(!dir.path().join(NAME).exists());
}

proptest! {
    /// Whatever a manifest holds: an answer, and never a path that leads outside.
    #[test]
    fn no_text_harms(text in "(shikaku-manifest/1\n)?([0-9a-f]{64}  [./\\\\a\u{0}-\u{1f}é]{0,9}\n){0,3}.{0,9}") {
        if let Ok(listed) = text::parse(text.as_bytes()) {
            for path in listed.keys() {
                prop_assert!(!path.starts_with('/') && !path.contains("../") && !path.contains('\\'));
            }
        }
    }

    /// One byte of one file, one fault.
    #[test]
    fn any_changed_byte_is_noticed(content in proptest::collection::vec(any::<u8>(), 1..300), at: prop::sample::Index, bit in 0_u8..8) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("report.json"), &content).unwrap();
        write(dir.path()).unwrap();
        prop_assert_eq!(check(dir.path()).unwrap().faults.len(), 0);
        let mut bent = content.clone();
        let at = at.index(bent.len());
        bent[at] ^= 1 << bit;
        fs::write(dir.path().join("report.json"), &bent).unwrap();
        prop_assert_eq!(check(dir.path()).unwrap().faults.len(), 1);
    }
}
