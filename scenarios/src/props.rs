//! Things that lie ready for the stories, as data in `props/`: lists of commands an examiner sends to a card,
//! results and requests the suite itself plays in the place of a terminal. Known by a Japanese and an
//! English name each.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::SuiteError;

const SCRIPTS: &str = include_str!("../props/scripts.yaml");
const RESULTS: &str = include_str!("../props/results.yaml");
const REQUESTS: &str = include_str!("../props/requests.yaml");
const QUESTIONS: &str = include_str!("../props/questions.yaml");

/// A list of commands to a card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// One command or act each; the file's head says how they are written.
    pub lines: Vec<String>,
}

/// A result the suite plants, by what sets it apart from a sound one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlantedResult {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// Elements with another value.
    pub set: BTreeMap<String, String>,
    /// Elements the sound result does not have.
    pub add: BTreeMap<String, String>,
    /// Without any person's block.
    pub no_person: bool,
    /// Day asked for, in days from today.
    pub day: i32,
    /// What the bytes are in; Shift_JIS unless said.
    pub encoding: Option<String>,
    /// Text between declaration and root.
    pub before: String,
    /// Levels of elements at the body's end.
    pub deep: usize,
    /// Raw bytes, in hex, at the end of the name.
    pub bytes: String,
    /// Another root element.
    pub root: Option<String>,
    /// Sub-folder it is put into; `face` unless said.
    pub folder: Option<String>,
    /// How the file's name begins.
    pub name: Option<String>,
}

/// A question the suite plants, which nobody can answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlantedQuestion {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// What stands in the file.
    pub text: String,
    /// Levels of elements in place of `{deep}`.
    #[serde(default)]
    pub deep: usize,
    /// Raw bytes, in hex, in place of `{bytes}`.
    #[serde(default)]
    pub bytes: String,
}

/// A group of requests the suite sends to a house in somebody's name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestGroup {
    /// Name in the stories.
    pub ja: String,
    /// Name in English stories.
    pub en: String,
    /// The house: `eligibility-server`, `portal`, `intermediate`, `agency`.
    pub house: String,
    /// The requests, sent one after the other over one connection each.
    pub requests: Vec<RawRequest>,
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawRequest {
    /// Name within its group.
    pub name: String,
    /// `POST` unless said.
    pub method: Option<String>,
    /// Path.
    pub path: String,
    /// `application/json` unless said; empty for none.
    pub content_type: Option<String>,
    /// Body as text; `{facility}` stands for the sender's facility code. `{again}` alone is the body of the
    /// last request to the path.
    pub body: String,
    /// Body in hex, in its place.
    pub hex: String,
    /// So many copies of the body's last character are added.
    pub pad: usize,
}

/// Everything that lies ready.
#[derive(Clone, Debug)]
pub struct Props {
    /// For examiners.
    pub scripts: Vec<Script>,
    /// For shared folders.
    pub results: Vec<PlantedResult>,
    /// For houses.
    pub requests: Vec<RequestGroup>,
    /// For folders of requests.
    pub questions: Vec<PlantedQuestion>,
}

impl Props {
    /// Everything shipped with the suite.
    pub fn shipped() -> Result<Self, SuiteError> {
        Ok(Props {
            scripts: read("props/scripts.yaml", SCRIPTS)?,
            results: read("props/results.yaml", RESULTS)?,
            requests: read("props/requests.yaml", REQUESTS)?,
            questions: read("props/questions.yaml", QUESTIONS)?,
        })
    }

    /// The files they come from, for the suite's digest.
    pub fn sources() -> [&'static str; 4] {
        [SCRIPTS, RESULTS, REQUESTS, QUESTIONS]
    }

    /// A script by either name.
    pub fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.iter().find(|s| s.ja == name || s.en == name)
    }

    /// A result by either name.
    pub fn result(&self, name: &str) -> Option<&PlantedResult> {
        self.results.iter().find(|r| r.ja == name || r.en == name)
    }

    /// A group of requests by either name.
    pub fn requests(&self, name: &str) -> Option<&RequestGroup> {
        self.requests.iter().find(|r| r.ja == name || r.en == name)
    }

    /// A planted question by either name.
    pub fn question(&self, name: &str) -> Option<&PlantedQuestion> {
        self.questions.iter().find(|q| q.ja == name || q.en == name)
    }

    /// Japanese and English name of anything.
    pub fn names(&self, name: &str) -> Option<[&str; 2]> {
        let script = || self.script(name).map(|s| [s.ja.as_str(), s.en.as_str()]);
        let result = || self.result(name).map(|r| [r.ja.as_str(), r.en.as_str()]);
        let request = || self.requests(name).map(|r| [r.ja.as_str(), r.en.as_str()]);
        let question = || self.question(name).map(|q| [q.ja.as_str(), q.en.as_str()]);
        script().or_else(result).or_else(request).or_else(question)
    }
}

fn read<T: for<'a> Deserialize<'a>>(file: &'static str, text: &str) -> Result<T, SuiteError> {
    serde_saphyr::from_str(text).map_err(|e| SuiteError::Data {
        file,
        said: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_is_found_by_both_names_and_no_name_stands_twice() {
        let props = Props::shipped().unwrap();
        let mut names = BTreeSet::new();
        let all = (props.scripts.iter().map(|s| (&s.ja, &s.en)))
            .chain(props.results.iter().map(|r| (&r.ja, &r.en)))
            .chain(props.requests.iter().map(|r| (&r.ja, &r.en)));
        for (ja, en) in all {
            assert!(names.insert(ja) && names.insert(en), "{ja}, {en}");
            assert_eq!(props.names(en), Some([ja.as_str(), en.as_str()]));
        }
    }
}
