use jiff::civil::datetime;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, DuplexStream};
use world::Clock;

use super::*;

fn started() -> (ReaderHandle, DuplexStream, Tap) {
    let tap = Tap::new(Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0)));
    let (near, far) = tokio::io::duplex(64 * 1024);
    let profile = Profile::default();
    (
        spawn(
            Arc::new(Reference),
            Kind::Face,
            &profile,
            Box::new(near),
            tap.clone(),
            hop("みなと医院"),
        ),
        far,
        tap,
    )
}

fn place() -> Touch {
    Touch::PlaceCard { printed: None }
}

async fn line(far: &mut DuplexStream) -> String {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        line.push(far.read_u8().await.unwrap());
    }
    String::from_utf8(line).unwrap()
}

fn ids(screens: &[Screen]) -> Vec<&'static str> {
    screens.iter().map(|screen| screen.id.name()).collect()
}

#[tokio::test(start_paused = true)]
async fn lines_are_tapped_one_by_one_without_the_pin() {
    let (mut reader, mut far, tap) = started();
    reader.touch(place());
    assert_eq!(line(&mut far).await, "{\"type\":\"card-placed\"}\n");
    far.write_all(b"{\"type\":\"card-ready\",\"tries_left\":3}\n")
        .await
        .unwrap();
    assert_eq!(reader.settled().await, ScreenId::ChooseMethod);
    reader.touch(Touch::ChoosePin);
    reader.touch(Touch::EnterPin("0417".to_owned()));
    assert_eq!(
        line(&mut far).await,
        "{\"type\":\"pin\",\"pin\":\"0417\"}\n"
    );
    far.write_all(
        b"{\"type\":\"pin-wrong\",\"tries_left\":2}\n{\"type\":\"pin-wrong\",\"tries_left\":1}\n",
    )
    .await
    .unwrap();
    assert_eq!(reader.settled().await, ScreenId::PinWrong);
    let messages = tap.messages();
    let texts: Vec<String> = messages
        .iter()
        .map(|m| String::from_utf8(m.bytes.clone().unwrap()).unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            "{\"type\":\"card-placed\"}\n",
            "{\"type\":\"card-ready\",\"tries_left\":3}\n",
            "{\"type\":\"pin\",\"pin\":\"⟦PIN#1⟧\"}\n",
            "{\"type\":\"pin-wrong\",\"tries_left\":2}\n",
            "{\"type\":\"pin-wrong\",\"tries_left\":1}\n",
        ]
    );
    let roles: Vec<&str> = messages.iter().map(|m| m.from.0.as_str()).collect();
    assert_eq!(
        roles,
        ["reader", "terminal", "reader", "terminal", "terminal"]
    );
    assert_eq!(
        ids(&reader.observe()),
        ["PLACE_CARD", "CHOOSE_METHOD", "ENTER_PIN", "PIN_WRONG"]
    );
    assert!(reader.observe().is_empty());
}

#[tokio::test(start_paused = true)]
async fn time_moves_telling_screens_on_and_ends_waiting() {
    let (mut reader, mut far, _) = started();
    reader.touch(place());
    line(&mut far).await;
    let minute = Duration::from_secs(60);
    assert_eq!(
        reader.wait_for(&[ScreenId::Unavailable], minute).await,
        Some(ScreenId::Unavailable)
    );
    assert_eq!(
        reader.wait_for(&[ScreenId::TakeCard], minute).await,
        Some(ScreenId::TakeCard)
    );
    reader.touch(Touch::TakeCard);
    assert_eq!(reader.settled().await, ScreenId::PlaceCard);
    assert_eq!(line(&mut far).await, "{\"type\":\"card-removed\"}\n");
    assert_eq!(reader.wait_for(&[ScreenId::Done], minute).await, None);
}

#[tokio::test(start_paused = true)]
async fn malformed_endless_and_broken_lines_end_in_a_message() {
    let endless = vec![b'x'; wire::reader::MAX_LINE * 2];
    for bad in [
        &b"\n"[..],
        b"{}\n",
        b"\xff\xfe\n",
        b"{\"type\":\"dance\"}\n",
        &[&endless[..], b"\n"].concat(),
    ] {
        let (mut reader, mut far, _) = started();
        reader.touch(place());
        line(&mut far).await;
        far.write_all(bad).await.unwrap();
        assert_eq!(reader.settled().await, ScreenId::Unavailable);
        reader.touch(Touch::TakeCard);
        assert_eq!(reader.settled().await, ScreenId::PlaceCard);
    }
    let (mut reader, far, _) = started();
    drop(far);
    reader.touch(place());
    assert_eq!(reader.settled().await, ScreenId::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn what_is_read_photographed_and_typed_crosses_the_line_as_tokens() {
    let (mut reader, mut far, tap) = started();
    tap.secret_bytes(world::tap::FACE, &[100; 64]);
    let printed = Some(PrintedFace {
        verification_b: "55021720352285".to_owned(),
    });
    reader.touch(Touch::PlaceCard { printed });
    reader.touch(Touch::ChooseFace);
    line(&mut far).await;
    far.write_all(b"{\"type\":\"card-ready\",\"tries_left\":3}\n")
        .await
        .unwrap();
    assert_eq!(reader.settled().await, ScreenId::ChooseMethod);
    reader.touch(Touch::ChooseFace);
    assert!(line(&mut far).await.contains("55021720352285"));
    let image = wire::eligibility::to_base64(&face::tests::picture(&[100; 64]));
    far.write_all(&to_line(&wire::reader::FromTerminal::Photo { image }))
        .await
        .unwrap();
    assert_eq!(reader.settled().await, ScreenId::FaceCamera);
    reader.touch(Touch::CallStaff);
    reader.touch(Touch::EnterPasscode("824613".to_owned()));
    assert!(line(&mut far).await.contains("824613"));
    let texts: Vec<String> = tap
        .messages()
        .into_iter()
        .map(|m| String::from_utf8(m.bytes.unwrap()).unwrap())
        .collect();
    assert_eq!(
        texts[2..],
        [
            "{\"type\":\"face-read\",\"verification_b\":\"⟦VERIFICATION-B#1⟧\"}\n",
            "{\"type\":\"photo\",\"image\":\"⟦FACE#1⟧\"}\n",
            "{\"type\":\"staff-confirmed\",\"passcode\":\"⟦PASSCODE#1⟧\"}\n",
        ]
    );
}

#[test]
fn a_screen_is_written_as_evidence_has_it() {
    let screen = Screen {
        id: ScreenId::EnterPin,
        lines: vec!["一".to_owned()],
        tries_left: Some(2),
    };
    assert_eq!(
        serde_json::to_string(&screen).unwrap(),
        r#"{"id":"ENTER_PIN","lines":["一"],"tries_left":2}"#
    );
    let screen = Screen {
        tries_left: None,
        ..screen
    };
    assert_eq!(
        serde_json::to_string(&screen).unwrap(),
        r#"{"id":"ENTER_PIN","lines":["一"]}"#
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_of_a_terminal_make_the_reader_panic(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (mut reader, mut far, _) = started();
            reader.touch(place());
            far.write_all(&bytes).await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
            reader.touch(Touch::TakeCard);
            assert_eq!(reader.settled().await, ScreenId::PlaceCard);
        });
    }
}
