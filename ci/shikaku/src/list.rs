//! `shikaku list`: what exists.

use requirements::Catalogue;
use scenarios::Suite;
use serde_json::json;

use crate::failure::Failure;
use crate::{Style, say, say_json};

/// Lists scenarios, judged requirements and impostors.
pub fn run(style: Style) -> Result<u8, Failure> {
    let suite = Suite::shipped().map_err(Failure::bed)?;
    let catalogue = Catalogue::shipped().map_err(Failure::bed)?;
    let impostors = ::impostors::impostors().map_err(Failure::bed)?;
    let rules = ::judge::rules();
    if style == Style::Json {
        say_json(&json!({
            "suite": suite.digest,
            "scenarios": suite.stories.iter().map(|s| json!({
                "id": s.id, "ja": s.ja, "en": s.en, "place": s.place, "requirements": s.requirements,
            })).collect::<Vec<_>>(),
            "requirements": rules.iter().filter_map(|r| catalogue.get(r.id)).collect::<Vec<_>>(),
            "impostors": impostors,
        }))?;
        return Ok(0);
    }
    let mut out = format!("Scenarios ({})\n", suite.stories.len());
    for story in &suite.stories {
        out += &format!(
            "  {:<24} {}\n  {:<24} {}\n  {:<24} {} · {}\n",
            story.id,
            story.ja,
            "",
            story.en,
            "",
            story.place,
            story.requirements.join(" ")
        );
    }
    out += &format!(
        "\nRequirements judged ({} of {})\n",
        rules.len(),
        catalogue.requirements().count()
    );
    for found in rules.iter().filter_map(|r| catalogue.get(r.id)) {
        out += &format!("  {:<9} {} · {}\n", found.id, found.ja, found.en);
    }
    out += &format!("\nImpostors ({})\n", impostors.len());
    for impostor in &impostors {
        out += &format!(
            "  {:<36} {}\n  {:<36} {} · breaks {}\n",
            impostor.id,
            impostor.ja,
            "",
            impostor.en,
            impostor.breaks.join(" ")
        );
    }
    say(&out)?;
    Ok(0)
}
