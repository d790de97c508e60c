//! The wording of the rest: verdicts, exceptions, deviations, digests, notes and the signature. Lists are cut
//! to the lines that fit and say how many more stand in `report.json`.

use std::collections::BTreeSet;

use judge::Verdict;
use reports::{Page, terms, verdict_name};

use crate::block::{Block, Cell, Para, Table};
use crate::content::{
    BODY, SMALL, both, clip, day, digest, facts, head, name, plain, section, test, text, unusual,
};
use crate::face::Faces;
use crate::issue::Issue;
use crate::lists::{Line, Lists};

/// Most characters of a note or title in a list.
const NOTE: usize = 120;
/// Size of a list in which each requirement has one line.
const TIGHT: f32 = 7.4;
/// Most characters of a reason above such lines.
const LONGEST_REASON: usize = 160;
/// The same of the official wording of a requirement, which is longer than a note.
const WORDING: usize = 420;

/// Verdict of each role, and how many of each verdict there are.
pub(crate) fn results(page: &Page) -> Vec<Block> {
    let number = |count: usize| vec![Para::ja(count.to_string(), BODY)];
    let roles = page.roles.iter().map(|line| {
        vec![
            name(&line.role),
            word(line.verdict),
            number(line.judged),
            number(line.failed.len()),
            number(line.open.len()),
            number(line.untested),
        ]
    });
    let verdicts = Verdict::ALL.iter().filter_map(|verdict| {
        let of = |counts: &std::collections::BTreeMap<String, usize>| {
            counts.get(verdict.name()).copied().unwrap_or_default()
        };
        let (requirements, scenarios) = (of(&page.counts.requirements), of(&page.counts.scenarios));
        (requirements + scenarios > 0)
            .then(|| vec![word(*verdict), number(requirements), number(scenarios)])
    });
    vec![
        section(5, "結果", "Results"),
        Block::Table(Table {
            shares: vec![0.28, 0.2, 0.13, 0.13, 0.13, 0.13],
            head: Some(vec![
                head("役割", "Role"),
                head("判定", "Verdict"),
                head("判定した要求", "Judged"),
                head("不適合", "Failed"),
                head("判定不能ほか", "Open"),
                head(terms::NOT_TESTED.ja, terms::NOT_TESTED.head),
            ]),
            rows: roles.collect(),
            tight: false,
        }),
        Block::Text(vec![
            Para::ja(
                "上の表は要求を役割ごとに数え（要求×役割）、下の表はどの要求も一度だけ数える。",
                8.0,
            ),
            Para::en(
                "The table above counts a requirement once for each role (requirement × role), the one below each requirement once.",
                6.6,
            ),
        ]),
        Block::Table(Table {
            shares: vec![0.48, 0.26, 0.26],
            head: Some(vec![
                head("判定", "Verdict"),
                head("要求", "Requirements"),
                head("シナリオ", "Scenarios"),
            ]),
            rows: verdicts.collect(),
            tight: false,
        }),
    ]
}

/// Requirements that did not simply pass, and faults of the bed.
pub(crate) fn exceptions(page: &Page, lists: &Lists, rows: usize) -> Vec<Block> {
    let mut blocks = vec![section(6, "例外", "Exceptions")];
    for (ja, en, lines, about) in [
        (
            "不適合の要求",
            "Requirements failed",
            &lists.failed,
            ("責任", "At fault"),
        ),
        (
            "判定不能の要求",
            "Requirements inconclusive",
            &lists.undecided,
            ("責任", "At fault"),
        ),
        (
            "許容した要求",
            "Requirements waived",
            &lists.waived,
            ("責任", "At fault"),
        ),
        (
            "対象外の要求",
            "Requirements not applicable",
            &lists.not_applicable,
            ("備考", "Note"),
        ),
    ] {
        if !lines.is_empty() {
            blocks.extend(list((ja, en), lines, about, rows));
        }
    }
    if !lists.untested.is_empty() {
        blocks.extend(untested(&lists.untested, rows));
    }
    if !page.bed_errors.is_empty() {
        blocks.extend(bed_errors(page, rows));
    }
    if blocks.len() == 1 {
        blocks.push(Block::Text(both("なし。", "None.")));
    }
    blocks
}

fn list(title: (&str, &str), lines: &[Line], about: (&str, &str), rows: usize) -> Vec<Block> {
    let shown = lines.iter().take(rows).map(|line| {
        vec![
            vec![
                Para::ja(clip(&line.id, 24), BODY).bold(),
                Para::en(clip(&line.level, 12), 6.6),
            ],
            vec![
                Para::ja(clip(&line.title.ja, NOTE), BODY),
                Para::en(clip(&line.title.en, WORDING), SMALL),
            ],
            vec![Para::ja(roles(line), 8.0)],
            text(&line.note),
        ]
    });
    let shown: Vec<_> = shown.collect();
    let mut blocks = vec![subhead(title, lines.len())];
    let more = lines.len() - shown.len();
    if !shown.is_empty() {
        blocks.push(Block::Table(Table {
            shares: vec![0.12, 0.44, 0.22, 0.22],
            head: Some(vec![
                head("要求", "Requirement"),
                head("内容", "Title"),
                head("役割", "Roles"),
                head(about.0, about.1),
            ]),
            rows: shown,
            tight: false,
        }));
    }
    blocks.extend(more_of(more));
    blocks
}

/// What was not tested, a line each, under the reason they have in common.
fn untested(lines: &[Line], rows: usize) -> Vec<Block> {
    let must = lines.iter().filter(|line| line.binds()).count();
    let (ja, en) = (
        format!(
            "{}の要求（{} 件、うち必須 {must} 件）",
            terms::NOT_TESTED.ja,
            lines.len()
        ),
        format!(
            "Requirements {} ({}, of which {must} binding)",
            terms::NOT_TESTED.en,
            lines.len()
        ),
    );
    let mut blocks = vec![Block::Heading(
        3,
        vec![Para::ja(ja, BODY).bold(), Para::en(en, SMALL)],
    )];
    let mut groups: Vec<(&judge::Text, Vec<Vec<Cell>>)> = Vec::new();
    for line in lines.iter().take(rows) {
        let row = vec![
            vec![Para::ja(clip(&line.id, 24), TIGHT).bold()],
            vec![Para::en(clip(&line.level, 12), 6.6)],
            vec![Para::ja(clip(&line.title.ja, 24), TIGHT)],
            vec![Para::ja(clip(&roles_of(line), 29), TIGHT)],
        ];
        match groups.iter_mut().find(|(reason, _)| **reason == line.note) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((&line.note, vec![row])),
        }
    }
    for (reason, rows) in groups {
        blocks.push(Block::Text(vec![
            Para::ja(clip(&reason.ja, LONGEST_REASON), TIGHT),
            Para::en(clip(&reason.en, LONGEST_REASON), 6.2),
        ]));
        blocks.push(Block::Table(Table {
            shares: vec![0.11, 0.11, 0.32, 0.46],
            head: None,
            rows,
            tight: true,
        }));
    }
    blocks.extend(more_of(lines.len().saturating_sub(rows)));
    blocks
}

fn bed_errors(page: &Page, rows: usize) -> Vec<Block> {
    let shown = page.bed_errors.iter().take(rows).map(|bed| {
        let scenario = match bed.scenario.as_str() {
            "" => both("試験全体", "Whole run"),
            id => plain(clip(id, 60)),
        };
        vec![scenario, vec![Para::en(clip(&bed.error, 200), SMALL)]]
    });
    let shown: Vec<_> = shown.collect();
    let title = ("試験環境の誤り", "Faults of the bed");
    let more = page.bed_errors.len() - shown.len();
    let mut blocks = vec![subhead(title, page.bed_errors.len())];
    if !shown.is_empty() {
        blocks.push(Block::Table(Table {
            shares: vec![0.3, 0.7],
            head: Some(vec![
                head("シナリオ", "Scenario"),
                head("内容", "What happened"),
            ]),
            rows: shown,
            tight: false,
        }));
    }
    blocks.extend(more_of(more));
    blocks
}

/// Values other than usual, and waivers.
pub(crate) fn deviations(page: &Page, rows: usize) -> Vec<Block> {
    let mut blocks = vec![section(7, "逸脱", "Deviations")];
    let values: Vec<_> = page.profile.iter().filter(|value| unusual(value)).collect();
    if !values.is_empty() {
        blocks.push(subhead(
            ("既定値と異なる設定値", "Profile values other than usual"),
            values.len(),
        ));
        let shown = values.iter().take(rows).map(|value| {
            vec![
                vec![Para::ja(clip(&value.name, 60), 8.0)],
                text(&value.meaning),
                plain(clip(&value.value, 60)),
                plain(clip(value.usual.as_deref().unwrap_or("―"), 60)),
            ]
        });
        blocks.extend(grid(
            vec![0.27, 0.39, 0.17, 0.17],
            vec![
                head("名前", "Name"),
                head("意味", "Meaning"),
                head("この試験", "This run"),
                head("既定値", "Usual"),
            ],
            shown.collect(),
        ));
        blocks.extend(more_of(values.len().saturating_sub(rows)));
    }
    if !page.waivers.is_empty() {
        blocks.push(subhead(("許容", "Waivers"), page.waivers.len()));
        let shown = page.waivers.iter().take(rows).map(|waiver| {
            vec![
                vec![
                    Para::ja(clip(&waiver.id, 40), BODY).bold(),
                    Para::ja(clip(&waiver.requirement, 24), 8.0),
                ],
                plain(clip(&waiver.reason, NOTE)),
                plain(clip(&waiver.owner, 60)),
                plain(clip(&waiver.expires, 10)),
            ]
        });
        blocks.extend(grid(
            vec![0.2, 0.44, 0.2, 0.16],
            vec![
                head("許容・要求", "Waiver, requirement"),
                head("理由", "Reason"),
                head("責任者", "Owner"),
                head("期限", "Expires"),
            ],
            shown.collect(),
        ));
        blocks.extend(more_of(page.waivers.len().saturating_sub(rows)));
    }
    if blocks.len() == 1 {
        blocks.push(Block::Text(both(
            "なし。設定値はすべて既定値であり、許容した逸脱はない。",
            "None: every profile value is the usual one, and nothing was waived.",
        )));
    }
    blocks
}

/// Digests of everything the document rests on.
pub(crate) fn integrity(page: &Page, issue: &Issue) -> Vec<Block> {
    vec![
        section(8, "ダイジェスト", "Digests"),
        facts(vec![
            ("報告書", "report.json", digest(&issue.report_sha256)),
            (
                terms::EVIDENCE.ja,
                terms::EVIDENCE.head,
                digest(&page.run.evidence),
            ),
            (terms::SUITE.ja, terms::SUITE.head, digest(&page.run.suite)),
        ]),
    ]
}

/// What every reader must know.
pub(crate) fn notes(issue: &Issue) -> Vec<Block> {
    let mut notes = vec![
        both(
            "この結果は、第2節に示すバージョンの試験対象だけに関わる。",
            "The results relate only to the items tested, in the versions of section 2.",
        ),
        both(
            "この文書は、試験機関の承認なしに一部だけを複製してはならない。",
            "This document shall not be reproduced except in full without the laboratory's approval.",
        ),
        both(
            "試験は模擬環境で行った。認証局JPKI-SIM、資格確認サーバー等は模擬であり、この文書は国、J-LIS、支払基金その他いかなる機関の認定・表明でもない。公開されていないインターフェースは模擬のものを用いた。",
            "Testing took place in a simulation. JPKI-SIM and the servers are simulated; this document is no approval or statement of the state, J-LIS, the review body or any other authority. Where an interface is not published, a simulated one was used.",
        ),
        both(
            "すべての所見、期待と実際、根拠の記録は report.json と証跡にあり、判定は証跡だけから再現できる。",
            "Every finding, what was expected and what happened, and the records behind it are in report.json and the evidence, from which alone the verdicts can be reached again.",
        ),
    ];
    if test(issue) {
        notes.push(both(
            "この文書は公開された試験用の鍵で署名されており、誰でも同じ署名を作れる。証明の効力はない。",
            "This document is signed with a published test key, with which anybody can sign. It proves nothing.",
        ));
    }
    let mut blocks = vec![section(9, "注記", "Notes")];
    blocks.extend(notes.into_iter().map(Block::Text));
    blocks
}

/// Says that a 〓 stands for something the fonts lack, with the numbers of the first few characters.
pub(crate) fn missing_types(blocks: &[Block], issue: &Issue, faces: &Faces) -> Option<Block> {
    let texts = blocks
        .iter()
        .flat_map(Block::paras)
        .map(|para| para.text.as_str());
    let others = [issue.number.as_str(), issue.laboratory.name.as_str()];
    let missing: BTreeSet<char> = texts
        .chain(others)
        .chain(issue.sealed_by.iter().map(|sealed| sealed.subject.as_str()))
        .flat_map(str::chars)
        .filter(|c| faces.lacks(*c))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let some: Vec<_> = missing
        .iter()
        .take(8)
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    let dots = if missing.len() > some.len() {
        ", …"
    } else {
        ""
    };
    let some = some.join(", ") + dots;
    Some(Block::Text(both(
        &format!(
            "〓は、この文書の書体にない文字を示す（{some}）。正しい文字は report.json にある。"
        ),
        &format!(
            "〓 stands for a character the fonts of this document lack ({some}); report.json has it."
        ),
    )))
}

/// Who answers for the document, and how its signature is checked.
pub(crate) fn signature(issue: &Issue) -> Vec<Block> {
    let sealed = match &issue.sealed_by {
        Some(sealed) => {
            let mut cell = vec![Para::ja(clip(&sealed.subject, 200), BODY)];
            cell.extend(both(
                "電子署名（PAdES）が文書全体を覆う。PDFの閲覧ソフトで検証できる。",
                "An electronic signature (PAdES) covers the whole document; any PDF reader can check it.",
            ));
            cell
        }
        None => both("なし（未署名）", "None (unsigned)"),
    };
    let signatory = &issue.signatory;
    let answers: Cell = [clip(&signatory.name, 120), clip(&signatory.post, 120)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| Para::ja(part, BODY))
        .collect();
    vec![
        section(10, "署名", "Signature"),
        facts(vec![
            ("責任者", "Signatory", answers),
            ("発行日", "Date of issue", plain(day(issue.issued_on))),
            ("署名の証明書", "Signed with", sealed),
        ]),
        Block::Text(vec![Para::ja("― 以上 ―  End of document", SMALL)]),
    ]
}

fn word(verdict: Verdict) -> Cell {
    let told = verdict_name(verdict);
    let ja = Para::ja(told.ja, BODY);
    let ja = match verdict {
        Verdict::Pass | Verdict::NotApplicable => ja,
        _ => ja.bold(),
    };
    vec![ja, Para::en(told.en, SMALL)]
}

fn roles(line: &Line) -> String {
    clip(&roles_of(line), 60)
}

fn roles_of(line: &Line) -> String {
    let names: Vec<_> = line.roles.iter().map(|role| role.ja.as_str()).collect();
    names.join("、")
}

fn subhead(title: (&str, &str), count: usize) -> Block {
    Block::Heading(
        3,
        vec![
            Para::ja(format!("{}（{count} 件）", title.0), BODY).bold(),
            Para::en(format!("{} ({count})", title.1), SMALL),
        ],
    )
}

/// A table, unless it would have no row.
fn grid(shares: Vec<f32>, head: Vec<Cell>, rows: Vec<Vec<Cell>>) -> Option<Block> {
    (!rows.is_empty()).then_some(Block::Table(Table {
        shares,
        head: Some(head),
        rows,
        tight: false,
    }))
}

fn more_of(more: usize) -> Option<Block> {
    (more > 0).then(|| {
        Block::Text(both(
            &format!("ほか {more} 件。すべては report.json にある。"),
            &format!("{more} more; all of them are in report.json."),
        ))
    })
}
