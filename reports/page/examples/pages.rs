//! Two pages nobody would make by hand, from the evidence of a real run, for the browser test: one of 500
//! scenarios, and one in which everything a product or an author can name tries to break out of the page.

use std::error::Error;
use std::path::Path;

use evidence::{Evidence, Fact, ScenarioRecords, What};
use judge::{Judgement, Text};
use reports::{Page, html};

const MANY: usize = 500;
const EVIL: &str =
    "\u{202e}</script><script>window.broken=1</script><img src=x onerror=\"window.broken=2\">'\"&";

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(folder), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: pages EVIDENCE-FOLDER OUT-FOLDER".into());
    };
    let reading = Evidence::read(Path::new(&folder))?;
    let judgement = judge::judge(&reading);
    print(
        &Path::new(&out).join("many.html"),
        many(&judgement, &reading.evidence),
    )?;
    print(
        &Path::new(&out).join("hostile.html"),
        hostile(&judgement, &reading.evidence),
    )?;
    Ok(())
}

type Parts = (Judgement, Vec<ScenarioRecords>);

fn print(path: &Path, (judgement, records): Parts) -> Result<(), Box<dyn Error>> {
    let untested = requirements::untested()?;
    let evidence = Evidence::from_parts(judgement.run.clone(), records);
    let page = Page::build(&judgement, &evidence, &untested)?;
    std::fs::write(path, html(&page, &evidence)?)?;
    Ok(())
}

/// Every scenario as often as it takes to make 500, each time under a new id.
fn many(judgement: &Judgement, evidence: &Evidence) -> Parts {
    let mut whole = judgement.clone();
    whole.run.scenarios.clear();
    whole.scenarios.clear();
    whole.findings.clear();
    let mut records = Vec::new();
    let lines = judgement.run.scenarios.iter().cycle().take(MANY);
    for (number, line) in lines.enumerate() {
        let id = format!("{}-{number}", line.id);
        let mut scenario = line.clone();
        scenario.id.clone_from(&id);
        whole.run.scenarios.push(scenario);
        for verdict in judgement.scenarios.iter().filter(|v| v.scenario == line.id) {
            let mut verdict = verdict.clone();
            verdict.scenario.clone_from(&id);
            whole.scenarios.push(verdict);
        }
        for finding in judgement.findings.iter().filter(|f| f.scenario == line.id) {
            let mut finding = finding.clone();
            finding.scenario.clone_from(&id);
            whole.findings.push(finding);
        }
        if let Some(found) = evidence.scenario(&line.id) {
            let mut found = found.clone();
            found.id = id;
            records.push(found);
        }
    }
    (whole, records)
}

/// The first three scenarios, every name in them hostile, the first one's id too.
fn hostile(judgement: &Judgement, evidence: &Evidence) -> Parts {
    let mut whole = judgement.clone();
    whole.run.scenarios.truncate(3);
    let kept: Vec<String> = whole.run.scenarios.iter().map(|s| s.id.clone()).collect();
    whole.scenarios.retain(|v| kept.contains(&v.scenario));
    whole.findings.retain(|f| kept.contains(&f.scenario));
    let rename = |id: &mut String| {
        if *id == kept[0] {
            id.push_str(EVIL);
        }
    };
    for scenario in &mut whole.run.scenarios {
        rename(&mut scenario.id);
        scenario.ja.push_str(EVIL);
        scenario.en.push_str(EVIL);
    }
    for product in &mut whole.run.products {
        product.name = EVIL.to_owned();
    }
    whole
        .scenarios
        .iter_mut()
        .for_each(|v| rename(&mut v.scenario));
    for finding in &mut whole.findings {
        rename(&mut finding.scenario);
        finding.actual = Text {
            ja: EVIL.to_owned(),
            en: EVIL.to_owned(),
        };
        finding
            .rests_on
            .iter_mut()
            .for_each(|quote| quote.said = EVIL.to_owned());
    }
    let mut records: Vec<ScenarioRecords> = kept
        .iter()
        .filter_map(|id| evidence.scenario(id).cloned())
        .collect();
    for found in &mut records {
        rename(&mut found.id);
        found
            .records
            .iter_mut()
            .for_each(|record| bend(&mut record.what));
    }
    (whole, records)
}

fn bend(what: &mut What) {
    match what {
        What::Declared(declared) => {
            if let Fact::Person { person, name, .. } = &mut declared.fact {
                *person = EVIL.to_owned();
                *name = EVIL.to_owned();
            }
        }
        What::Tapped(tapped) => {
            tapped.from.name.push_str(EVIL);
            tapped.name = Some(EVIL.to_owned());
        }
        What::Attested(seen) => {
            seen.seen = serde_json::json!({ "id": EVIL, "lines": [EVIL], EVIL: EVIL });
        }
    }
}
