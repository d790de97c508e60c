//! A stranger bends more than values: messages left out, twice, late or of another time, elements lost or doubled,
//! heads, encodings, files, card words, screens and revocation answers. Of what is to be noticed nearly all must be,
//! and whoever said it so be among those at fault.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

mod bed;
mod bends;

use std::collections::{BTreeMap, BTreeSet};

use bed::Bed;
use bends::{Bend, Due, Story, kinds};
use evidence::{Evidence, Reading, Run, ScenarioRecords, What};
use judge::{Verdict, judge};

/// Stories whose messages are bent: between them they hold every hop.
const STORIES: &[&str] = &[
    "pin-right",
    "revoked",
    "register-clinic-face",
    "register-home",
    "released",
    "changed-insurer",
    "drugs-given",
    "reference-number",
    "limit-by-card",
    "staff-eye",
];

#[derive(Default)]
struct Tally {
    bent: usize,
    noticed: usize,
    blamed: usize,
}

/// Who is at fault in the evidence of one scenario, open findings included.
fn at_fault(run: &Run, records: ScenarioRecords) -> BTreeSet<String> {
    let evidence = Evidence::from_parts(run.clone(), vec![records]);
    let reading = Reading {
        evidence,
        damage: Vec::new(),
    };
    let findings = judge(&reading).findings.into_iter();
    let open = [Verdict::Fail, Verdict::Inconclusive];
    let against = findings.filter(|f| open.contains(&f.verdict));
    against.filter_map(|f| f.at_fault).collect()
}

/// What a bent record is called, and whose product said it.
fn named(story: &Story<'_>, bend: &Bend) -> (String, String) {
    let message = story.messages.iter().find(|m| m.at == bend.at);
    let (kind, sender) = match (message, &story.records.records[bend.at].what) {
        (Some(message), _) => (message.kind.clone(), message.tapped.from.role.clone()),
        (None, What::Attested(seen)) => (seen.shows.clone(), seen.product.role.clone()),
        (None, _) => (String::new(), String::new()),
    };
    let whose = bend.whose.map_or(sender, str::to_owned);
    (format!("{kind} {}", bend.what), whose)
}

fn bend_all(run: &Run, records: &ScenarioRecords, tallies: &mut BTreeMap<String, Tally>) {
    let story = Story::read(records);
    for (kind, due, make) in kinds() {
        let mut seen = BTreeSet::new();
        for bend in make(&story).iter().filter(|_| due == Due::Noticed) {
            let (name, whose) = named(&story, bend);
            // One of each is enough in one story.
            if !seen.insert(name.clone()) {
                continue;
            }
            let blamed = at_fault(run, bend.apply(records));
            let tally = tallies.entry(format!("{kind}: {name}")).or_default();
            tally.bent += 1;
            tally.noticed += usize::from(!blamed.is_empty());
            tally.blamed += usize::from(blamed.contains(&whose));
        }
    }
}

#[test]
fn what_is_bent_otherwise_is_noticed_and_its_sender_blamed() {
    let bed = Bed::open();
    let mut tallies = BTreeMap::new();
    for id in STORIES {
        let (run, records) = bed.shipped(id);
        assert!(at_fault(&run, records.clone()).is_empty(), "{id}");
        bend_all(&run, &records, &mut tallies);
    }
    let sum = |part: fn(&Tally) -> usize| tallies.values().map(part).sum::<usize>();
    let (bent, noticed, blamed) = (sum(|t| t.bent), sum(|t| t.noticed), sum(|t| t.blamed));
    assert!(bent > 2000, "{bent} bent");
    assert!(noticed * 100 > bent * 83, "{noticed} of {bent} noticed");
    assert!(
        blamed * 100 > noticed * 92,
        "{blamed} of {noticed} blamed rightly"
    );
}
