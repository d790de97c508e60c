//! The suite: all stories, read from the embedded features and held against the phrase book
//! before anything is played.

use std::collections::{BTreeMap, BTreeSet};

use gherkin::{Feature, GherkinEnv, Scenario};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::{People, PhraseBook, Props};

static FEATURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/features");

/// Why a suite cannot be used. Always a mistake in the suite, never in a product.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A data file.
    #[error("{file}: {said}. The suite's own file is at fault; correct it.")]
    Data {
        /// Which file.
        file: &'static str,
        /// Where and what.
        said: String,
    },
    /// A feature file.
    #[error("{place}: {said}. The feature file is at fault; correct it.")]
    Feature {
        /// `file:line`.
        place: String,
        /// What is wrong.
        said: String,
    },
}

/// One scenario, outlines expanded.
#[derive(Clone, Debug)]
pub struct Story {
    /// From the `@id-…` tag; rows of an outline get `-1`, `-2`, ….
    pub id: String,
    /// Japanese title.
    pub ja: String,
    /// English title.
    pub en: String,
    /// `features/file.feature:line`.
    pub place: String,
    /// Requirement ids it is tagged with.
    pub requirements: Vec<String>,
    /// `positive`, `negative` or `border`, by its tag.
    pub sort: String,
    /// Values of the profile that hold in it instead of the run's, from `@profile:key=value` tags.
    pub profile: BTreeMap<String, String>,
    /// Its steps in Japanese and English, background first.
    pub steps: Vec<[String; 2]>,
    /// The feature with this scenario alone, as the runner wants it.
    pub feature: Feature,
}

/// Every story, in the order of files and lines.
pub struct Suite {
    /// The stories.
    pub stories: Vec<Story>,
    /// Digest over features, people and phrases.
    pub digest: String,
    /// The phrase book the stories are written in.
    pub book: PhraseBook,
}

impl Suite {
    /// The suite inside the program.
    pub fn shipped() -> Result<Self, SuiteError> {
        let mut files: Vec<(String, String)> = FEATURES
            .files()
            .map(|f| {
                let path = format!("features/{}", f.path().display());
                let text = f.contents_utf8().map(str::to_owned);
                text.map(|t| (path.clone(), t)).ok_or(SuiteError::Feature {
                    place: path,
                    said: "the file is not UTF-8".into(),
                })
            })
            .collect::<Result<_, _>>()?;
        files.sort();
        Self::from_files(&files)
    }

    /// A suite of given feature files (path, text).
    pub fn from_files(files: &[(String, String)]) -> Result<Self, SuiteError> {
        let book = PhraseBook::shipped()?;
        let mut hash = Sha256::new();
        for text in [People::source(), PhraseBook::source()]
            .into_iter()
            .chain(Props::sources())
        {
            hash.update(text);
        }
        let mut stories = Vec::new();
        let mut ids = BTreeSet::new();
        for (path, text) in files {
            hash.update(path);
            hash.update(text);
            for story in stories_of(path, text, &book)? {
                if !ids.insert(story.id.clone()) {
                    return Err(SuiteError::Feature {
                        place: story.place,
                        said: format!("the id {} stands twice", story.id),
                    });
                }
                stories.push(story);
            }
        }
        let digest = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Ok(Suite {
            stories,
            digest,
            book,
        })
    }

    /// A story by id, or by `FILE:LINE` of any of its lines' heads.
    pub fn find(&self, wanted: &str) -> Option<&Story> {
        let file_line = |s: &&Story| s.place == wanted || s.place.ends_with(&format!("/{wanted}"));
        self.stories
            .iter()
            .find(|s| s.id == wanted)
            .or_else(|| self.stories.iter().find(file_line))
    }
}

fn stories_of(path: &str, text: &str, book: &PhraseBook) -> Result<Vec<Story>, SuiteError> {
    let wrong = |line: usize, said: String| SuiteError::Feature {
        place: format!("{path}:{line}"),
        said,
    };
    let feature =
        Feature::parse(text, GherkinEnv::default()).map_err(|e| wrong(0, e.to_string()))?;
    if !feature.rules.is_empty() || text.contains("ルール:") {
        return Err(wrong(
            1,
            "rules are not used here; write a feature of its own".into(),
        ));
    }
    let mut stories = Vec::new();
    for scenario in &feature.scenarios {
        let rows = expanded(scenario);
        for (number, row) in rows.iter().enumerate() {
            let suffix = if rows.len() > 1 {
                format!("-{}", number + 1)
            } else {
                String::new()
            };
            stories.push(story_of(path, &feature, row, &suffix, book, &wrong)?);
        }
    }
    Ok(stories)
}

fn story_of(
    path: &str,
    feature: &Feature,
    scenario: &Scenario,
    suffix: &str,
    book: &PhraseBook,
    wrong: &dyn Fn(usize, String) -> SuiteError,
) -> Result<Story, SuiteError> {
    let line = scenario.position.line;
    let id = scenario.tags.iter().find_map(|t| t.strip_prefix("id-"));
    let id = id.ok_or_else(|| wrong(line, "the scenario has no @id-… tag".into()))?;
    let english = scenario.description.as_deref().and_then(english_line);
    let en = english.ok_or_else(|| wrong(line, "no line `English: …` under the title".into()))?;
    let background = feature.background.iter().flat_map(|b| &b.steps);
    let mut steps = Vec::new();
    for step in background.chain(&scenario.steps) {
        let read = book.read(&step.value).ok_or_else(|| {
            wrong(
                step.position.line,
                format!("no phrase of the phrase book reads 「{}」", step.value),
            )
        })?;
        steps.push(book.say(&read));
    }
    let requirement = |t: &&String| {
        t.split_once('-')
            .is_some_and(|(group, _)| group.bytes().all(|b| b.is_ascii_uppercase()))
    };
    let sorts = ["positive", "negative", "border"];
    let sort = scenario.tags.iter().find(|t| sorts.contains(&t.as_str()));
    let sort = sort.ok_or_else(|| {
        wrong(
            line,
            "the scenario has no @positive, @negative or @border tag".into(),
        )
    })?;
    let profile = scenario.tags.iter().filter_map(|t| {
        let (key, value) = t.strip_prefix("profile:")?.split_once('=')?;
        Some((key.to_owned(), value.to_owned()))
    });
    let mut alone = feature.clone();
    alone.scenarios = vec![scenario.clone()];
    alone.path = Some(path.into());
    Ok(Story {
        id: format!("{id}{suffix}"),
        ja: scenario.name.clone(),
        en,
        place: format!("{path}:{line}"),
        requirements: scenario.tags.iter().filter(requirement).cloned().collect(),
        sort: sort.clone(),
        profile: profile.collect(),
        steps,
        feature: alone,
    })
}

fn english_line(description: &str) -> Option<String> {
    description
        .lines()
        .find_map(|l| l.trim().strip_prefix("English:"))
        .map(|t| t.trim().to_owned())
}

/// The rows of an outline as scenarios of their own; a plain scenario is its only row.
fn expanded(scenario: &Scenario) -> Vec<Scenario> {
    let tables = scenario.examples.iter().filter_map(|e| e.table.as_ref());
    let mut rows = Vec::new();
    for table in tables {
        let Some((head, body)) = table.rows.split_first() else {
            continue;
        };
        for cells in body {
            let fill = |text: &str| {
                head.iter()
                    .zip(cells)
                    .fold(text.to_owned(), |t, (name, cell)| {
                        t.replace(&format!("<{name}>"), cell)
                    })
            };
            let mut row = scenario.clone();
            row.examples.clear();
            // A title that names no cell would stand for every row; the cells tell them apart.
            let named = |title: &str| match title.contains('<') {
                true => fill(title),
                false => format!("{title} ({})", cells.join(" ")),
            };
            row.name = named(&row.name);
            row.description = row.description.as_deref().map(|text| {
                let lines = text.lines().map(|line| match line.contains("English:") {
                    true => named(line),
                    false => fill(line),
                });
                lines.collect::<Vec<_>>().join("\n")
            });
            row.steps.iter_mut().for_each(|s| s.value = fill(&s.value));
            rows.push(row);
        }
    }
    if rows.is_empty() {
        vec![scenario.clone()]
    } else {
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(text: &str) -> Result<Suite, SuiteError> {
        Suite::from_files(&[("features/a.feature".into(), text.into())])
    }

    fn said(text: &str) -> String {
        suite(text).err().unwrap().to_string()
    }

    #[test]
    fn the_shipped_suite_reads_and_every_step_has_english() {
        let suite = Suite::shipped().unwrap();
        let titles = |sorts: &[&str]| -> BTreeSet<&str> {
            let stories = suite.stories.iter();
            stories
                .filter(|s| sorts.contains(&s.sort.as_str()))
                .map(|s| s.ja.as_str())
                .collect()
        };
        let doubtful = titles(&["negative", "border"]).len();
        assert!(
            doubtful >= titles(&["positive"]).len(),
            "most of what goes wrong is at borders"
        );
        for story in &suite.stories {
            assert!(!story.requirements.is_empty(), "{}", story.id);
            for [ja, en] in &story.steps {
                assert_eq!(
                    suite.book.read(ja),
                    suite.book.read(en),
                    "{}: {ja}",
                    story.id
                );
            }
        }
        assert!(suite.find("pin-right").is_some());
        assert_eq!(
            suite.find("pin.feature:9").map(|s| s.id.as_str()),
            Some("pin-right")
        );
    }

    #[test]
    fn outlines_become_rows() {
        let text = "# language: ja\n機能: x\n  @id-a @border @LIFE-02\n  シナリオアウトライン: t <n>\n    English: after <n>\n    もし <n>秒が過ぎる\n    例:\n      | n |\n      | 1 |\n      | 2 |\n";
        let suite = suite(text).unwrap();
        let ids: Vec<_> = suite
            .stories
            .iter()
            .map(|s| (s.id.as_str(), s.en.as_str(), s.steps[0][1].as_str()))
            .collect();
        assert_eq!(
            ids,
            [
                ("a-1", "after 1", "1 seconds pass"),
                ("a-2", "after 2", "2 seconds pass")
            ]
        );
    }

    #[test]
    fn mistakes_are_named_with_file_and_line() {
        let head = "# language: ja\n機能: x\n";
        let cases = [
            (
                format!("{head}  シナリオ: t\n    English: e\n    もし 1秒が過ぎる\n"),
                "no @id-",
            ),
            (
                format!("{head}  @id-a\n  シナリオ: t\n    English: e\n    もし 1秒が過ぎる\n"),
                "@negative",
            ),
            (
                format!("{head}  @id-a @positive\n  シナリオ: t\n    もし 1秒が過ぎる\n"),
                "English",
            ),
            (
                format!(
                    "{head}  @id-a @positive\n  シナリオ: t\n    English: e\n    もし 患者が踊る\n"
                ),
                "踊る",
            ),
            (
                format!(
                    "{head}  @id-a @positive\n  シナリオ: t\n    English: e\n    もし 1秒が過ぎる\n  @id-a @positive\n  シナリオ: u\n    English: e\n    もし 1秒が過ぎる\n"
                ),
                "twice",
            ),
            ("機能： x\n".into(), "features/a.feature"),
            (format!("{head}  ルール: r\n    シナリオ: t\n"), "rules"),
        ];
        for (text, word) in cases {
            let said = said(&text);
            assert!(
                said.contains(word) && said.contains("features/a.feature:"),
                "{said}"
            );
        }
    }
}
