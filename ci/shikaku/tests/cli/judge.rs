//! `judge`: the same verdicts from the files alone, and none from files that were touched.

use std::fs;
use std::path::Path;

use crate::program::{Place, certified, copied, files, fine, report, shikaku};

#[test]
fn the_files_alone_give_the_same_report() {
    let certified = certified();
    let expected = report(&certified.dir);
    let place = Place::new();
    let own = place.path("evidence");
    copied(&certified.dir.join("evidence"), &own);
    let same = |dir: &Path, when: &str| {
        let told = fine(&["judge", &dir.display().to_string(), "--format", "json"]);
        let mut judged = told.json();
        // Real times belong to the run, not to who judges it again.
        judged.as_object_mut().unwrap().remove("run_info");
        assert!(judged == expected, "{when}");
    };
    same(&certified.dir, "report folder");
    same(&own, "evidence folder");
    let views = files(&own.join("views"));
    assert!(views.len() > 100, "{} views", views.len());
    for name in views.keys() {
        let lie = r#"{"ProcessingResultStatus":"2","response":"6983","status":"refused"}"#;
        fs::write(own.join("views").join(name), lie).unwrap();
    }
    same(&own, "every view a lie");
    for name in views.keys() {
        fs::remove_file(own.join("views").join(name)).unwrap();
    }
    fs::remove_file(own.join("times.json")).unwrap();
    same(&own, "views and times gone");
}

/// Covered files to be touched: the head, the list of digests, records of two scenarios, bytes of four.
fn sample(dir: &Path) -> Vec<String> {
    let all = files(dir);
    let some = |folder: &str, wanted: usize| {
        let names: Vec<&String> = all.keys().filter(|n| n.starts_with(folder)).collect();
        let step = names.len() / wanted;
        assert!(step > 0, "{folder} holds less than {wanted} files");
        let picked = names.into_iter().step_by(step).take(wanted).cloned();
        picked.collect::<Vec<_>>()
    };
    let mut picked = vec!["run.json".to_owned(), "DIGESTS".to_owned()];
    picked.extend(some("scenarios/", 2));
    picked.extend(some("bytes/", 4));
    picked
}

#[test]
fn a_touched_byte_is_noticed_and_its_file_named() {
    let certified = certified();
    let place = Place::new();
    let own = place.path("evidence");
    copied(&certified.dir.join("evidence"), &own);
    let arg = own.display().to_string();
    let sample = sample(&own);
    assert_eq!(sample.len(), 8);
    for name in &sample {
        let path = own.join(name);
        let whole = fs::read(&path).unwrap();
        for at in [whole.len() / 2, whole.len() - 1] {
            let mut bent = whole.clone();
            bent[at] ^= 0x01;
            fs::write(&path, &bent).unwrap();
            let told = shikaku(&["judge", &arg]);
            let said = format!("{name} byte {at}: {}", told.all());
            match name.as_str() {
                "run.json" => assert_eq!(told.code, 2, "{said}"),
                "DIGESTS" => assert!([2, 3].contains(&told.code), "{said}"),
                _ => assert_eq!(told.code, 3, "{said}"),
            }
            // A digest that no longer fits is told with the file it belongs to.
            let row = |text: &[u8]| {
                let upto = text[..at].iter().filter(|b| **b == b'\n').count();
                let text = String::from_utf8_lossy(text).into_owned();
                let row = text.lines().nth(upto).unwrap_or_default().to_owned();
                row.split("  ").last().unwrap_or_default().to_owned()
            };
            let named = told.out.contains(name.as_str()) || told.err.contains(name.as_str());
            let by_row = name == "DIGESTS" && (told.out + &told.err).contains(&row(&whole));
            assert!(named || by_row, "{said}");
            assert!(
                !said.contains("PASSED") && !said.contains("panicked"),
                "{said}"
            );
        }
        fs::write(&path, &whole).unwrap();
    }
    fine(&["judge", &arg]);
}

#[test]
fn what_is_no_evidence_is_told_so() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    fs::write(place.path("file"), "no folder").unwrap();
    for name in ["empty", "file", "missing"] {
        let told = shikaku(&["judge", &place.arg(name)]);
        assert_eq!(told.code, 2, "{name}: {}", told.all());
        assert!(told.err.contains("holds no evidence"), "{}", told.err);
        assert!(told.err.contains(&place.arg(name)), "{}", told.err);
        assert_eq!(told.out, "");
    }
}
