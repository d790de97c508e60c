//! Replay tokens: the line under a failure that plays the same scenario again, with the same seed,
//! edition, profile and suite.

use clap::Args;

use crate::failure::Failure;
use crate::{Setting, bundle, run};

/// Format version of a token.
const VERSION: &str = "r1";

/// Arguments of `shikaku replay`.
#[derive(Args)]
pub struct Options {
    /// The token of the replay line, or the whole line.
    #[arg(required = true, value_name = "TOKEN")]
    token: Vec<String>,
    /// The impostor that was played, where it was one.
    #[arg(long, value_name = "ID")]
    impostor: Option<String>,
    #[command(flatten)]
    format: crate::Format,
}

/// The token of a scenario: `r1:SUITE:EDITION:SEED:SCENARIO[:NAME=VALUE…]`.
pub fn token(suite: &str, setting: &Setting, scenario: &str) -> String {
    let head = suite.get(..12).unwrap_or(suite);
    let mut token = format!(
        "{VERSION}:{head}:{}:{}:{scenario}",
        setting.edition, setting.seed
    );
    for pair in &setting.set {
        token = format!("{token}:{pair}");
    }
    token
}

/// What a token was made with; none when it is no token of this format.
pub fn setting(token: &str) -> Option<Setting> {
    parse(token).map(|parsed| parsed.setting)
}

struct Parsed {
    suite: String,
    setting: Setting,
    scenario: String,
}

fn parse(token: &str) -> Option<Parsed> {
    let mut parts = token.split(':');
    if parts.next()? != VERSION {
        return None;
    }
    let suite = parts.next().filter(|s| s.len() == 12)?.to_owned();
    let edition = parts.next()?.to_owned();
    let seed = parts.next()?.parse().ok()?;
    let scenario = parts.next().filter(|s| !s.is_empty())?.to_owned();
    let set: Vec<String> = parts.map(str::to_owned).collect();
    if set.iter().any(|pair| !pair.contains('=')) {
        return None;
    }
    Some(Parsed {
        suite,
        setting: Setting {
            seed,
            edition,
            set,
            impostor: None,
        },
        scenario,
    })
}

/// The token of a line as it stands in a report, which may come whole: `replay: shikaku replay TOKEN`, with the
/// impostor where the console named one.
fn copied(line: &str) -> (&str, Option<String>) {
    let line = line.trim();
    let line = line.strip_prefix("replay:").unwrap_or(line).trim_start();
    let line = line.strip_prefix("shikaku replay").unwrap_or(line).trim();
    match line.split_once(" --impostor ") {
        Some((token, id)) => (token.trim(), Some(id.trim().to_owned())),
        None => (line, None),
    }
}

/// Plays again what the token names.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let given = options.token.join(" ");
    let (token, named) = copied(&given);
    let parsed = parse(token).ok_or_else(|| {
        Failure::Configuration(format!(
            "{given} is no replay token. It looks like {VERSION}:SUITE:EDITION:SEED:SCENARIO; copy the whole line of the report."
        ))
    })?;
    let setting = Setting {
        impostor: options.impostor.clone().or(named),
        ..parsed.setting
    };
    let bed = bundle::Bed::open(&setting)?;
    if !bed.suite.digest.starts_with(&parsed.suite) {
        return Err(Failure::Configuration(format!(
            "the token was made by suite {}, this program holds {}. Use the version of the report, or run `shikaku run {}` with today's suite.",
            parsed.suite,
            &bed.suite.digest[..12],
            parsed.scenario
        )));
    }
    run::one(&bed, &parsed.scenario, options.format.format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_everything_that_matters() {
        let setting = Setting {
            seed: 7,
            edition: "2027-05-31".into(),
            set: vec!["grace_end=same_day".into()],
            impostor: None,
        };
        let token = token("0123456789abcdef", &setting, "pin-right");
        assert_eq!(
            token,
            "r1:0123456789ab:2027-05-31:7:pin-right:grace_end=same_day"
        );
        let parsed = parse(&token).unwrap();
        assert_eq!(
            (parsed.scenario.as_str(), parsed.setting.seed),
            ("pin-right", 7)
        );
        assert_eq!(parsed.setting.set, ["grace_end=same_day"]);
    }

    #[test]
    fn a_line_copied_whole_is_its_token() {
        let token = "r1:0123456789ab:2027-05-31:7:a";
        for line in ["", "shikaku replay ", "  replay: shikaku replay "] {
            let line = format!("{line}{token}");
            assert_eq!(copied(&line), (token, None), "{line}");
        }
        let with = format!("shikaku replay {token} --impostor server-x");
        assert_eq!(copied(&with), (token, Some("server-x".to_owned())));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in [
            "",
            "r1",
            "r2:0123456789ab:2027-05-31:7:a",
            "r1:short:2027-05-31:7:a",
            "r1:0123456789ab:2027-05-31:x:a",
            "r1:0123456789ab:2027-05-31:7:",
            "r1:0123456789ab:2027-05-31:7:a:junk",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
