//! The wording of the document, section by section: title and verdict, identification, items, method and
//! environment, statement. Results, exceptions and what follows are in `results`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use judge::Text;
use reports::{Page, ProductPart, Standing, terms};

use crate::block::{BannerLook, Block, Cell, Content, Para, Table};
use crate::face::Faces;
use crate::issue::{Issue, Item};
use crate::lists::Lists;
use crate::results;
use crate::standing;

/// Size of the Japanese text, in points.
pub(crate) const BODY: f32 = 9.0;
/// Size of the English beneath it.
pub(crate) const SMALL: f32 = 7.2;
/// Size at which a SHA-256 in hex fits on one line of a list of facts.
const DIGEST: f32 = 7.2;
/// Most characters of a name that came from outside.
const LONGEST: usize = 160;

/// Everything the document says, lists cut to `rows` lines each.
pub(crate) fn content(
    page: &Page,
    issue: &Issue,
    lists: &Lists,
    faces: &Faces,
    rows: usize,
) -> Content {
    let standing = page.standing();
    let mut blocks = front(page, standing);
    blocks.extend(identification(issue));
    blocks.extend(items(page, issue));
    blocks.extend(method(page, issue, &lists.outside));
    blocks.extend(statement(standing));
    blocks.extend(results::results(page));
    blocks.extend(results::exceptions(page, lists, rows));
    blocks.extend(results::deviations(page, rows));
    blocks.extend(results::integrity(page, issue));
    blocks.extend(results::notes(issue));
    if let Some(note) = results::missing_types(&blocks, issue, faces) {
        blocks.push(note);
    }
    blocks.extend(results::signature(issue));
    let (title, word) = (standing::title(standing), standing.word());
    Content {
        title: format!("{} {} {}", title.ja, title.en, clip(&issue.number, 60)),
        subject: format!("オンライン資格確認 適合性試験: {} / {}", word.ja, word.en),
        author: clip(&issue.laboratory.name, LONGEST),
        program: clip(&issue.program, 60),
        number: clip(&issue.number, 60),
        issued_on: issue.issued_on,
        running: vec![Para::ja(
            format!("{}（{}）  {} ({})", title.ja, word.ja, title.en, word.en),
            8.0,
        )],
        foot: vec![
            Para::ja(
                format!(
                    "{}  発行日 Issued {}",
                    clip(&issue.laboratory.name, 48),
                    issue.issued_on
                ),
                8.0,
            ),
            Para::en(
                "模擬環境による試験。いかなる行政機関の証明でもない。 Tested in a simulation; not a statement of any authority.",
                6.6,
            ),
        ],
        band: test(issue)
            .then(|| "試験用署名 TEST SIGNATURE ― 証明の効力なし NOT VALID AS PROOF".to_owned()),
        blocks,
    }
}

fn front(page: &Page, standing: Standing) -> Vec<Block> {
    let title = standing::title(standing);
    let word = standing.word();
    let look = match standing {
        Standing::Conforming => BannerLook::Framed,
        Standing::Failing | Standing::Spoiled => BannerLook::Solid,
        Standing::Waived | Standing::Incomplete => BannerLook::Heavy,
    };
    let shade = |para: Para| match look {
        BannerLook::Solid => para.shade(crate::block::Shade::White),
        BannerLook::Framed | BannerLook::Heavy => para,
    };
    let big = if word.ja.chars().count() > 4 {
        17.0
    } else {
        27.0
    };
    let word = [
        Para::ja(word.ja, big).bold(),
        Para::en(word.en.to_uppercase(), 11.0),
    ];
    let beside = [
        Para::ja(clip(&page.headline.ja, LONGEST), 10.0).bold(),
        Para::en(clip(&page.headline.en, LONGEST), 8.0),
        Para::ja(&page.missing.ja, BODY),
        Para::en(&page.missing.en, SMALL),
    ];
    vec![
        Block::Text(vec![
            Para::ja("オンライン資格確認 適合性試験", 10.0),
            Para::en("Conformance test of the online eligibility check", 8.0),
        ]),
        Block::Heading(
            1,
            vec![Para::ja(title.ja, 24.0).bold(), Para::en(title.en, 13.0)],
        ),
        Block::Banner(
            look,
            word.into_iter().map(shade).collect(),
            beside.into_iter().map(shade).collect(),
        ),
    ]
}

fn identification(issue: &Issue) -> Vec<Block> {
    let laboratory = &issue.laboratory;
    let signatory = &issue.signatory;
    let customer = match &issue.customer {
        Some(customer) => plain(clip(customer, LONGEST)),
        None => both("試験機関の自己試験", "The laboratory's own testing"),
    };
    let tested = match issue.tested {
        Some(period) => plain(format!("{} ～ {}", day(period.from), day(period.to))),
        None => both("記録なし", "Not recorded"),
    };
    vec![
        section(1, "識別", "Identification"),
        facts(vec![
            (
                "文書番号",
                "Document number",
                plain(clip(&issue.number, 60)),
            ),
            ("発行日", "Date of issue", plain(day(issue.issued_on))),
            (
                "試験機関・発行者",
                "Laboratory and issuer",
                named(&laboratory.name, &laboratory.address),
            ),
            ("依頼者", "Customer", customer),
            ("試験実施日", "Dates of testing", tested),
            (
                "責任者",
                "Signatory",
                named(&signatory.name, &signatory.post),
            ),
        ]),
    ]
}

fn items(page: &Page, issue: &Issue) -> Vec<Block> {
    let rows = page.products.iter().map(|product| item(product, issue));
    vec![
        section(2, "試験対象", "Items tested"),
        Block::Table(Table {
            shares: vec![0.24, 0.27, 0.11, 0.38],
            head: Some(vec![
                head("役割", "Role"),
                head("製品・製造者", "Product, vendor"),
                head("バージョン", "Version"),
                head("ビルドのダイジェスト・受領日", "Build digest, received"),
            ]),
            rows: rows.collect(),
            tight: false,
        }),
    ]
}

fn item(product: &ProductPart, issue: &Issue) -> Vec<Cell> {
    let told: Option<&Item> = issue.items.iter().find(|item| item.role == product.role.id);
    let vendor = told.and_then(|item| item.vendor.as_deref());
    let digest = told.and_then(|item| item.digest.as_deref());
    let received = told.and_then(|item| item.received);
    let mut stated = match digest {
        Some(digest) => vec![Para::ja(clip(digest, LONGEST), 6.2)],
        None => both("申告なし", "Not stated"),
    };
    stated.extend(received.map(|date| Para::ja(format!("受領 Received {date}"), SMALL)));
    vec![
        name(&product.role),
        vec![
            Para::ja(clip(&product.name, 60), BODY).bold(),
            match vendor {
                Some(vendor) => Para::ja(clip(vendor, 60), SMALL),
                None => Para::en("申告なし Vendor not stated", SMALL),
            },
        ],
        plain(clip(&product.version, 32)),
        stated,
    ]
}

fn method(page: &Page, issue: &Issue, outside: &BTreeSet<String>) -> Vec<Block> {
    let part = if page.is_part() {
        both(
            "一部のシナリオだけを実施した（証明書の対象外）",
            "Only a part of the scenarios was played (no certificate can follow)",
        )
    } else {
        both(
            "全シナリオを実施した",
            "Every scenario of the suite was played",
        )
    };
    let environment = both(
        "閉じた模擬環境: 認証局はJPKI-SIM（模擬）、時刻は仮想、人物・番号は架空。乱数の種と設定値から同じ試験を再現できる。",
        "Closed simulation: authorities are JPKI-SIM (simulated), time is virtual, persons and numbers are invented. Seed and profile reproduce the run.",
    );
    let profile = match page.profile.iter().filter(|p| unusual(p)).count() {
        0 => both("すべて既定値", "All values as usual"),
        count => both(
            &format!("既定値と異なる値 {count} 件（第7節）"),
            &format!("{count} other than usual (section 7)"),
        ),
    };
    vec![
        section(3, "範囲、方法、環境", "Scope, method and environment"),
        facts(vec![
            ("範囲", "Scope", scope(page, outside)),
            ("実施", "Extent", part),
            (
                terms::SUITE.ja,
                "Method: suite digest",
                digest(&page.run.suite),
            ),
            (
                terms::EDITION.ja,
                "Edition date",
                plain(clip(&page.run.edition, 40)),
            ),
            ("環境", "Environment", environment),
            (
                terms::SEED.ja,
                terms::SEED.head,
                plain(clip(&page.run.seed, 40)),
            ),
            ("設定値", "Profile", profile),
            (
                "試験プログラム",
                "Program",
                plain(clip(&issue.program, LONGEST)),
            ),
        ]),
    ]
}

fn scope(page: &Page, outside: &BTreeSet<String>) -> Cell {
    let mut scope = vec![
        Para::ja(
            format!(
                "要求 {} 件、シナリオ {} 件。第2節の役割を負う製品を、模擬環境の中で動かして試験した。",
                page.requirements.len() + page.untested.len(),
                page.scenarios.len()
            ),
            BODY,
        ),
        Para::en(
            format!(
                "{} requirements, {} scenarios; products in the roles of section 2, run in a simulated environment.",
                page.requirements.len() + page.untested.len(),
                page.scenarios.len()
            ),
            SMALL,
        ),
    ];
    if !outside.is_empty() {
        scope.extend(both(
            &format!(
                "試験していない役割だけに関わる要求 {} 件は範囲外。",
                outside.len()
            ),
            &format!(
                "{} that bind only roles not tested are outside the scope.",
                outside.len()
            ),
        ));
    }
    scope
}

fn statement(standing: Standing) -> Vec<Block> {
    let statement = standing::statement(standing);
    vec![
        section(4, "適合性の表明", "Statement of conformity"),
        Block::Text(vec![
            Para::ja(statement.ja, 10.0).bold(),
            Para::en(statement.en, 8.0),
        ]),
        Block::Text(vec![
            Para::ja(
                "判定規則: 要求の判定は、関係するシナリオで得た所見のうち最も重いものとする。軽い順に、対象外、適合、許容、未試験、判定不能、不適合、試験環境の誤り。役割と全体の判定は、必須（MUST）の要求の判定のうち最も重いものとし、推奨（SHOULD）の要求は判定に加えず第6節に示す。測定値に基づかない判定であり、測定の不確かさは適用しない。",
                BODY,
            ),
            Para::en(
                "Decision rule: a requirement has the worst verdict found in the scenarios that touch it, from mildest to worst: not applicable, pass, waived, not tested, inconclusive, fail, bed error. A role, and the whole, has the worst verdict of its binding (MUST) requirements; recommendations (SHOULD) do not count and are listed in section 6. Nothing is measured, so no measurement uncertainty applies.",
                SMALL,
            ),
        ]),
    ]
}

/// Whether a value of the profile is not the usual one.
pub(crate) fn unusual(value: &reports::ProfilePart) -> bool {
    value.usual.as_deref() != Some(value.value.as_str())
}

/// Whether the document is signed by the shipped test identity.
pub(crate) fn test(issue: &Issue) -> bool {
    issue.sealed_by.as_ref().is_some_and(|sealed| sealed.test)
}

/// Heading of a section.
pub(crate) fn section(number: usize, ja: &str, en: &str) -> Block {
    Block::Heading(
        2,
        vec![
            Para::ja(format!("{number}  {ja}"), 11.5).bold(),
            Para::en(en, 8.5),
        ],
    )
}

/// A list of facts: what each is called, and what it is.
pub(crate) fn facts(rows: Vec<(&str, &str, Cell)>) -> Block {
    let rows = rows
        .into_iter()
        .map(|(ja, en, cell)| vec![head(ja, en), cell]);
    Block::Table(Table {
        shares: vec![0.23, 0.77],
        head: None,
        rows: rows.collect(),
        tight: false,
    })
}

/// Heads a row or a column.
pub(crate) fn head(ja: &str, en: &str) -> Cell {
    vec![Para::ja(ja, 8.4).bold(), Para::en(en, 6.6)]
}

/// A sentence in both languages.
pub(crate) fn both(ja: &str, en: &str) -> Cell {
    vec![Para::ja(ja, BODY), Para::en(en, SMALL)]
}

/// The same, from what is given in both.
pub(crate) fn text(text: &Text) -> Cell {
    [
        Para::ja(clip(&text.ja, LONGEST), BODY),
        Para::en(clip(&text.en, LONGEST), SMALL),
    ]
    .into_iter()
    .filter(|para| !para.text.is_empty())
    .collect()
}

/// One of the names everybody and everything has in both languages.
pub(crate) fn name(named: &reports::Named) -> Cell {
    both(&clip(&named.ja, 40), &clip(&named.en, 40))
}

/// What is the same in both languages.
pub(crate) fn plain(text: impl Into<String>) -> Cell {
    vec![Para::ja(text, BODY)]
}

/// A digest, or that there is none.
pub(crate) fn digest(hex: &str) -> Cell {
    if hex.is_empty() {
        return both("なし", "None");
    }
    vec![Para::ja(clip(hex, 128), DIGEST), Para::en("SHA-256", 6.6)]
}

/// At most so many characters, with … where something was cut: between words, wherever there are any.
pub(crate) fn clip(text: &str, most: usize) -> String {
    let trimmed = text.trim();
    if trimmed.chars().count() <= most {
        return trimmed.to_owned();
    }
    let kept: String = trimmed.chars().take(most.saturating_sub(1)).collect();
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = letter(kept.chars().last()) && letter(trimmed[kept.len()..].chars().next());
    let words = match kept.rfind(' ') {
        Some(at) if inside && at > 0 => kept[..at].trim_end(),
        _ => kept.as_str(),
    };
    format!("{words}…")
}

fn named(name: &str, more: &str) -> Cell {
    let mut cell = vec![Para::ja(clip(name, LONGEST), BODY).bold()];
    if !more.is_empty() {
        cell.push(Para::ja(clip(more, LONGEST), 8.0));
    }
    cell
}

/// A day as an office writes it, with the same in digits alone.
pub(crate) fn day(date: Date) -> String {
    format!(
        "{}年{}月{}日 ({date})",
        date.year(),
        date.month(),
        date.day()
    )
}
