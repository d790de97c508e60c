//! What holds for every order of arrival and for any bytes.

use proptest::prelude::*;

use super::*;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

/// Results of two patients over a month: insurers, validities, days; some of one moment.
fn results() -> impl Strategy<Value = Vec<EligibilityResult>> {
    let one = (0..3usize, 0..4usize, 0..2usize, 1..4u32, any::<bool>());
    let one = one.prop_map(|(insurer, validity, who, day, share)| {
        let insurer = ["06991238", "39991239", "01990014"][insurer];
        let validity = ["1", "1", "2", "9"][validity];
        let who: &[(&str, &str)] = [
            &[][..],
            &[
                ("Name", "佐藤　一郎"),
                ("NameKana", "ｻﾄｳ ｲﾁﾛｳ"),
                ("Sex1", "1"),
            ],
        ][who];
        let share = if share { "030" } else { "020" };
        let changes = [who, &[("InsuredPartialContributionRatio", share)]].concat();
        on(
            &format!("202610{day:02}"),
            result(validity, vec![person(insurer, &changes)]),
        )
    });
    proptest::collection::vec(one, 1..8)
}

fn after(results: &[(u32, EligibilityResult)], restarts: bool) -> (Value, (usize, usize, usize)) {
    let mut bed = bed();
    for name in [
        ("1", "山田　花子", KANA),
        ("2", "佐藤　一郎", "サトウ　イチロウ"),
    ] {
        let (number, name, kana) = name;
        let chart = ChartSeed {
            sex: String::new(),
            ..seed(number, name, kana)
        };
        bed.desk.open_chart(chart).unwrap();
    }
    for (number, result) in results {
        bed.receive(*number, result);
        if restarts {
            bed.reopen();
        }
    }
    (bed.all(), bed.counts())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_order_of_arrival_ends_in_the_same_charts(
        (results, shuffled) in results().prop_flat_map(|results| {
            // Equal contents are one file, whose name is that of the first to come.
            let mut distinct: Vec<(u32, EligibilityResult)> = Vec::new();
            for result in results {
                if !distinct.iter().any(|(_, other)| *other == result) {
                    distinct.push((distinct.len() as u32, result));
                }
            }
            (Just(distinct.clone()), Just(distinct).prop_shuffle())
        }),
        restarts in any::<bool>(),
    ) {
        let _guard = runtime();
        let _entered = _guard.enter();
        let (one, counts) = after(&results, false);
        prop_assert_eq!(counts, (0, results.len(), 0));
        prop_assert_eq!(one, after(&shuffled, restarts).0);
    }

    #[test]
    fn no_bytes_make_the_desk_panic_or_lose_a_file(
        files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..5),
        (at, byte) in (0usize..900, any::<u8>()),
        cut in 0usize..900,
    ) {
        let _guard = runtime();
        let _entered = _guard.enter();
        let mut bed = bed();
        let whole = bytes(&valid(&[]));
        let cut_off = whole[..cut.min(whole.len() - 1)].to_vec();
        let mut bent = whole.clone();
        let place = at % bent.len();
        bent[place] = byte;
        let all: Vec<Vec<u8>> = files.into_iter().chain([cut_off, bent]).collect();
        for (number, bytes) in all.iter().enumerate() {
            bed.write(number as u32, bytes);
            fs::write(bed.shared.res().join(format!("OQSsiimm01res_{number}.xml")), bytes).unwrap();
            fs::write(bed.shared.res().join(format!("YZKsiquc01res_{number}.xml")), bytes).unwrap();
        }
        for _ in 0..=RETRIES {
            bed.desk.poll();
        }
        let (face, trash, quarantine) = bed.counts();
        prop_assert_eq!((face, bed.count(bed.shared.res())), (0, 0));
        prop_assert_eq!(trash + quarantine, all.len() * 3);
        // What lies in the trash is in a chart or waits for staff, or is on the board.
        let taken = bed.desk.state.imported.len();
        let kept = bed.desk.state.charts.iter().map(|chart| chart.answers.len()).sum::<usize>()
            + bed.desk.state.undecided.len()
            + bed.desk.messages().iter().filter(|text| !text.contains("隔離フォルダー")).count();
        prop_assert!(taken <= trash && kept >= taken, "{} {} {}", taken, trash, kept);
        let before = bed.all();
        bed.reopen();
        prop_assert_eq!(bed.all(), before);
    }
}
