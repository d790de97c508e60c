//! Feature files, where Gherkin is silent about mistakes: a rule heading it swallows in Japanese, and
//! full-width signs that turn a keyword into prose. Each of these would drop a scenario and leave the run green.

use crate::broken::Broken;
use crate::tree::File;

/// The headings of Japanese Gherkin; after each stands a half-width colon.
const HEADINGS: [&str; 9] = [
    "機能",
    "フィーチャ",
    "背景",
    "シナリオ",
    "シナリオアウトライン",
    "シナリオテンプレート",
    "シナリオテンプレ",
    "例",
    "サンプル",
];

/// Names every line of a feature that Gherkin would read otherwise than it looks.
pub fn check(files: &[File]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| file.ending() == "feature") {
        if file.text.lines().next() != Some("# language: ja") {
            broken.push(at(
                file,
                1,
                "the first line is not `# language: ja`".into(),
                "write it: without it no keyword is known",
            ));
        }
        for (index, line) in file.text.lines().enumerate() {
            broken.extend(
                faults(line)
                    .into_iter()
                    .map(|(what, next)| at(file, index + 1, what, next)),
            );
        }
    }
    broken
}

fn faults(line: &str) -> Vec<(String, &'static str)> {
    let trimmed = line.trim();
    let mut faults = Vec::new();
    if trimmed.starts_with("ルール:") || trimmed.starts_with("ルール：") {
        faults.push((
            "`ルール:` is taken for a description and vanishes".into(),
            "write a feature file of its own, or use `Rule:`",
        ));
    }
    let heading = trimmed
        .split_once('：')
        .map(|(heading, _)| heading.trim())
        .filter(|word| HEADINGS.contains(word));
    if let Some(heading) = heading {
        faults.push((
            format!("a full-width colon after `{heading}`: the line is prose"),
            "write a half-width `:`",
        ));
    }
    if line.contains('\u{3000}') && !trimmed.starts_with('#') {
        faults.push((
            "a full-width space".into(),
            "write a half-width one; it looks alike and matches no step",
        ));
    }
    faults
}

fn at(file: &File, line: usize, what: String, next: &str) -> Broken {
    Broken {
        rule: "features",
        file: file.path.clone(),
        line,
        what,
        who: "the feature's writer".into(),
        next: next.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        let file = File {
            path: "scenarios/features/a.feature".into(),
            text: text.into(),
        };
        check(&[file])
            .into_iter()
            .map(|broken| broken.line)
            .collect()
    }

    #[test]
    fn a_sound_feature_passes() {
        let text = "# language: ja\n# 注　意\n@LIFE-02\n機能: 期限\n  シナリオ: 例：二か月前に切れた\n    前提 患者がいる\n";
        assert_eq!(found(text), Vec::<usize>::new());
    }

    #[test]
    fn each_silent_mistake_is_found() {
        for (line, count) in [
            ("ルール: 期限", 1),
            ("  ルール：期限", 1),
            ("シナリオ： 期限", 1),
            ("  例：", 1),
            ("シナリオアウトライン ： 期限", 1),
            ("\u{3000}前提 患者がいる", 1),
            ("前提\u{3000}患者がいる", 1),
            ("シナリオ：\u{3000}期限", 2),
        ] {
            assert_eq!(
                found(&format!("# language: ja\n{line}\n")),
                vec![2; count],
                "{line}"
            );
        }
        assert_eq!(found("機能: 期限\n"), [1]);
        assert_eq!(found(""), [1]);
    }
}
