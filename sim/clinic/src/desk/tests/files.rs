//! Files half-written, doubled, hostile, gone: each ends in one place.

use super::*;
use wire::result::MAX_DOCUMENT;

#[tokio::test(start_paused = true)]
async fn a_half_written_file_is_read_once_it_is_whole() {
    let mut bed = bed();
    let whole = bytes(&valid(&[]));
    for end in (50..whole.len()).step_by(100) {
        bed.write(1, &whole[..end]);
        for _ in 0..RETRIES - 1 {
            bed.desk.poll();
        }
        assert_eq!(bed.counts(), (1, 0, 0));
    }
    bed.write(1, &whole);
    bed.desk.poll();
    assert_eq!(bed.counts(), (0, 1, 0));
    assert_eq!(bed.states(), ["06991238 current"]);
    assert!(bed.desk.messages().is_empty() && bed.desk.waiting.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_stays_unreadable_is_put_aside_and_stops_nobody() {
    let euc = "<?xml version=\"1.0\" encoding=\"EUC-JP\"?><XmlMsg></XmlMsg>";
    let deep = format!(
        "<XmlMsg>{}{}</XmlMsg>",
        "<a>".repeat(100),
        "</a>".repeat(100)
    );
    let text = valid(&[]).to_xml(Charset::Utf8);
    let twice =
        |name: &str| text.replace(&format!("<{name}>"), &format!("<{name}>x</{name}><{name}>"));
    let (headers, births) = (twice("SegmentOfResult"), twice("Birthdate"));
    let hostile: [&[u8]; 13] = [
        b"",
        b"<XmlMsg><MessageHeader>",
        b"<Other></Other>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE x [<!ENTITY a \"b\">]><XmlMsg></XmlMsg>",
        b"<XmlMsg><MessageBody>&boom;</MessageBody></XmlMsg>",
        b"PK\x03\x04",
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><XmlMsg>\x8e\x52</XmlMsg>",
        euc.as_bytes(),
        deep.as_bytes(),
        headers.as_bytes(),
        births.as_bytes(),
        &[b' '; MAX_DOCUMENT + 1],
    ];
    let mut bed = bed();
    for (number, bytes) in hostile.iter().enumerate() {
        bed.write(number as u32, bytes);
    }
    fs::write(bed.shared.face().join("notes.txt"), "not ours").unwrap();
    fs::create_dir(bed.shared.face().join(Bed::name(50))).unwrap();
    bed.receive(20, &valid(&[]));
    assert_eq!(bed.states(), ["06991238 current"]);
    for _ in 0..RETRIES {
        bed.desk.poll();
    }
    assert_eq!(bed.counts(), (2, 1, hostile.len()));
    insta::assert_snapshot!("put_aside", bed.desk.messages().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn the_same_content_is_imported_once_whatever_its_name() {
    let mut bed = bed();
    bed.receive(1, &valid(&[]));
    let before = bed.chart();
    bed.receive(1, &valid(&[]));
    bed.receive(2, &valid(&[]));
    fs::write(
        bed.shared.res().join("OQSsiquc01res_x.xml"),
        bytes(&valid(&[])),
    )
    .unwrap();
    bed.desk.poll();
    assert_eq!(bed.chart(), before);
    assert_eq!(bed.counts(), (0, 4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_restart_finds_everything_and_repeats_nothing() {
    let mut bed = bed();
    bed.receive(1, &valid(&[]));
    bed.receive(2, &valid(&[("NameKana", "")]));
    let before = bed.chart();
    // As after a crash between keeping and moving.
    bed.drop_result(1, &valid(&[]));
    bed.drop_result(2, &valid(&[("NameKana", "")]));
    for _ in 0..3 {
        bed.reopen();
        bed.desk.poll();
        assert_eq!(bed.chart(), before);
    }
    assert_eq!(bed.counts().0, 0);
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_byte_leaves_before_or_after() {
    let mut bed = bed();
    bed.receive(1, &valid(&[]));
    let path = bed.folder.path().join("charts/charts.jsonl");
    let before = (fs::read(&path).unwrap(), bed.chart());
    let second = on("20261016", result("2", vec![person("06991238", &[])]));
    bed.receive(2, &second);
    let after = (fs::read(&path).unwrap(), bed.chart());
    assert!(after.0.starts_with(&before.0));
    for cut in (before.0.len()..=after.0.len())
        .step_by(7)
        .chain([after.0.len()])
    {
        fs::write(&path, &after.0[..cut]).unwrap();
        bed.reopen();
        let expected = if cut == after.0.len() {
            &after.1
        } else {
            &before.1
        };
        assert_eq!(bed.chart(), *expected, "cut at {cut}");
        // The file that was being taken in lies there still, and is taken in now.
        bed.receive(2, &second);
        assert_eq!(bed.chart(), after.1, "cut at {cut}");
        bed.reopen();
        assert_eq!(bed.chart(), after.1, "cut at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn damaged_charts_are_named_and_left_as_they_are() {
    let mut bed = bed();
    bed.receive(1, &valid(&[]));
    let path = bed.folder.path().join("charts/charts.jsonl");
    let sound = fs::read_to_string(&path).unwrap();
    let changes = sound.lines().nth(1).unwrap();
    let first = sound.lines().next().unwrap();
    for (damaged, line) in [
        (String::new(), 1),
        ("{\"state\":{".to_owned(), 1),
        (format!("{changes}\n"), 1),
        (format!("{first}\n{first}\n"), 2),
        (
            format!("{first}\n{{\"changes\":[{{\"invented\":1}}]}}\n"),
            2,
        ),
        (format!("{first}\n{{\"changes\":[{{\"retired\":3}}]}}\n"), 2),
        (format!("{}\n", first.replacen("charts", "carts", 1)), 1),
    ] {
        fs::write(&path, &damaged).unwrap();
        let charts = bed.folder.path().join("charts");
        let opened = Desk::open(
            bed.shared.clone(),
            &charts,
            FACILITY,
            bed.clock.clone(),
            Arc::new(Reference),
        );
        match opened.err().unwrap() {
            DeskError::Damaged { line: at, .. } => assert_eq!(at, line, "{damaged}"),
            other => panic!("{other}"),
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_kept_stays_where_it_was() {
    let mut bed = bed();
    bed.receive(1, &valid(&[]));
    fs::remove_dir_all(bed.folder.path().join("charts")).unwrap();
    bed.receive(
        2,
        &on("20261016", result("2", vec![person("06991238", &[])])),
    );
    assert_eq!(bed.counts(), (1, 1, 0));
    assert_eq!(bed.states(), ["06991238 current"]);
    fs::create_dir(bed.folder.path().join("charts")).unwrap();
    bed.desk.poll();
    assert_eq!(bed.states(), ["06991238 ended"]);
    // What was in memory alone is on the disk again.
    bed.reopen();
    assert_eq!(bed.states(), ["06991238 ended"]);
    // A part of a line, as a full disk leaves it, is gone before the next line is written.
    let path = bed.folder.path().join("charts/charts.jsonl");
    let mut text = fs::read(&path).unwrap();
    text.extend(b"{\"changes\":[{\"said\"");
    fs::write(&path, text).unwrap();
    bed.receive(3, &on("20261017", valid(&[])));
    bed.reopen();
    assert_eq!(bed.states(), ["06991238 current"]);
}

#[tokio::test(start_paused = true)]
async fn an_import_costs_a_line_and_not_all_charts() {
    let mut bed = bed();
    let path = bed.folder.path().join("charts/charts.jsonl");
    let mut lengths = vec![0];
    for number in 40..80u32 {
        // Two digits apart each: nobody is taken for somebody mistyped.
        let birth = format!("19{number}{:02}{}", number % 10 + 1, number / 10 + 10);
        bed.receive(number, &valid(&[("Birthdate", &birth)]));
        lengths.push(fs::metadata(&path).unwrap().len());
    }
    let grown: Vec<u64> = lengths
        .windows(2)
        .skip(1)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        grown.iter().max() < grown.iter().min().map(|least| least + 20).as_ref(),
        "{grown:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_running_desk_polls_by_itself_and_waits_out_a_missing_share() {
    let Bed {
        folder,
        shared,
        desk,
        ..
    } = bed();
    let desk = desk.spawn();
    fs::remove_dir_all(shared.face()).unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    fs::create_dir(shared.face()).unwrap();
    shared
        .drop_face_file(&Bed::name(1), &bytes(&valid(&[])))
        .unwrap();
    assert_eq!(desk.chart(KANA, BIRTH)["insurances"], json!([]));
    tokio::time::sleep(POLL * 2).await;
    assert_eq!(desk.chart(KANA, BIRTH)["insurances"][0]["state"], "current");
    shared
        .drop_face_file(&Bed::name(2), &bytes(&refusal()))
        .unwrap();
    desk.poll_now();
    assert_eq!(desk.messages().len(), 1);
    drop(folder);
}
