//! The page for the office: what a report says, set in type as a PDF of 2 to 6 pages and signed. Japanese
//! first, English beneath. It is called a certificate only when everything that binds the products was met;
//! nothing in here decides a verdict, reads a clock or looks for a font: the same report gives the same bytes.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod block;
mod content;
mod error;
mod face;
mod issue;
mod layout;
mod lines;
mod lists;
mod paint;
mod results;
mod sheet;
mod sign;
mod standing;
#[cfg(test)]
mod testing;

pub use error::CertificateError;
pub use issue::{Issue, Item, Laboratory, Period, SealedBy, Signatory};
pub use sign::{Signature, is_signed_form_of, sign, sign_with, signature};

use reports::Page;

/// Most pages the document may have: longer lists are cut, and say how many lines more there are and where.
pub const MOST_PAGES: usize = 6;

/// How many rows a list may have, from what is wanted to what always fits.
const ROWS: [usize; 18] = [
    120, 60, 48, 40, 34, 28, 24, 20, 17, 14, 11, 8, 6, 4, 3, 2, 1, 0,
];

/// Sets the page in type: an unsigned PDF/A-2a, tagged as PDF/UA-1 asks, of at most [`MOST_PAGES`] pages.
/// Fails when the PDF library refuses what we hand it, or when even the shortest lists do not fit.
pub fn certificate(page: &Page, issue: &Issue) -> Result<Vec<u8>, CertificateError> {
    let faces = face::Faces::shipped()?;
    let document = set(page, issue, &faces)?;
    paint::paint(&document, &faces)
}

/// The document in type, with lists as long as the pages allow.
fn set(
    page: &Page,
    issue: &Issue,
    faces: &face::Faces,
) -> Result<sheet::Document, CertificateError> {
    let lists = lists::lists(page);
    for rows in ROWS {
        let content = content::content(page, issue, &lists, faces, rows);
        let document = layout::lay_out(&content, faces);
        if document.sheets.len() <= MOST_PAGES {
            return Ok(document);
        }
    }
    Err(CertificateError::TooLong { most: MOST_PAGES })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::face::Faces;
    use crate::sheet::{Document, HEIGHT, Home, Kind, Piece, WIDTH};

    fn set_type(page: &Page, issue: &Issue) -> Document {
        set(page, issue, &Faces::shipped().unwrap()).unwrap()
    }

    /// Every text of a page, in the order it is drawn.
    fn texts(sheet: &[Piece]) -> Vec<&str> {
        let mut texts = Vec::new();
        for piece in sheet {
            if let Piece::Text { text, .. } = piece {
                texts.push(text.as_str());
            }
        }
        texts
    }

    fn said(document: &Document) -> String {
        let mut told = String::new();
        for (nth, sheet) in document.sheets.iter().enumerate() {
            writeln!(told, "--- page {}", nth + 1).unwrap();
            for text in texts(sheet) {
                writeln!(told, "{}", text.trim_end()).unwrap();
            }
        }
        told
    }

    #[test]
    fn a_certificate_reads_as_it_always_did() {
        let document = set_type(&testing::conforming(), &testing::earnest_issue());
        insta::assert_snapshot!(said(&document));
    }

    #[test]
    fn a_report_of_a_failure_reads_as_it_always_did() {
        let issue = testing::issue();
        let mut page = testing::failing();
        page.waivers.push(testing::waiver());
        page.profile[0].value = "999".into();
        insta::assert_snapshot!(said(&set_type(&page, &issue)));
    }

    #[test]
    fn only_what_conforms_is_called_a_certificate() {
        let called = |page: &Page, issue: &Issue| said(&set_type(page, issue));
        let good = called(&testing::conforming(), &testing::earnest_issue());
        assert!(good.contains("\n適合証明書\n") && good.contains("適合証明書（適合）"));
        for (page, word) in [
            (testing::failing(), "不適合"),
            (testing::spoiled(), "試験環境の誤り"),
            (testing::incomplete(), "未完了"),
        ] {
            let told = called(&page, &testing::earnest_issue());
            assert!(told.contains("\n試験結果報告書\n"), "{told}");
            assert!(told.contains(&format!("\n{word}\n")), "{told}");
            let unbroken = told.replace('\n', "");
            assert!(unbroken.contains("この文書は適合証明書ではない"), "{told}");
            assert!(!told.contains("\n適合証明書\n") && !told.contains("証明書（適合）"));
        }
    }

    #[test]
    fn every_page_bears_number_page_and_the_mark_of_a_test() {
        let all = [
            testing::conforming(),
            testing::golden(),
            testing::failing(),
            testing::huge(),
        ];
        for page in &all {
            for issue in [testing::issue(), testing::earnest_issue()] {
                let document = set_type(page, &issue);
                let pages = document.sheets.len();
                assert!((2..=MOST_PAGES).contains(&pages), "{pages} pages");
                for (nth, sheet) in document.sheets.iter().enumerate() {
                    let told = texts(sheet).join("\n");
                    let nth = nth + 1;
                    assert!(told.contains(&format!("No. {}", issue.number)), "{told}");
                    assert!(
                        told.contains(&format!("{nth} / {pages} ページ  Page {nth} of {pages}"))
                    );
                    let test = issue.sealed_by.as_ref().is_some_and(|by| by.test);
                    assert_eq!(told.contains("試験用署名 TEST SIGNATURE"), test);
                }
            }
        }
    }

    #[test]
    fn nothing_leaves_the_page_and_no_heading_stands_alone() {
        let faces = Faces::shipped().unwrap();
        for page in [testing::golden(), testing::huge(), testing::failing()] {
            let document = set_type(&page, &testing::issue());
            for sheet in &document.sheets {
                for piece in sheet {
                    let (x, y, w) = match piece {
                        Piece::Text {
                            x,
                            y,
                            text,
                            size,
                            bold,
                            ..
                        } => (*x, *y, faces.width(text.trim_end(), *bold) * size),
                        Piece::Fill { x, y, w, h, .. } => (*x, y + h, *w),
                    };
                    assert!(
                        x >= 0.0 && x + w <= WIDTH + 0.1 && y <= HEIGHT - 20.0,
                        "{piece:?}"
                    );
                }
                let last = sheet.iter().rev().find_map(|piece| match piece {
                    Piece::Text {
                        home: Home::Element(home),
                        ..
                    } => Some(*home),
                    _ => None,
                });
                let kind = &document.elements[last.unwrap()].kind;
                assert!(!matches!(kind, Kind::Heading(..)), "{kind:?}");
            }
        }
    }

    #[test]
    fn a_table_says_its_heads_again_on_the_next_page() {
        let document = set_type(&testing::huge(), &testing::issue());
        let again = document.sheets.iter().filter(|sheet| {
            sheet.iter().any(|piece| {
                matches!(piece, Piece::Text { home: Home::Repeated, text, .. } if text == "内容")
            })
        });
        assert!(again.count() >= 1);
    }

    #[test]
    fn every_requirement_not_tested_is_listed_on_a_line_of_its_own_under_its_reason() {
        // As much as a whole run leaves untested: what nothing judges yet.
        let mut page = testing::golden();
        page.requirements.retain(|one| one.unjudged.is_empty());
        let told = said(&set_type(&page, &testing::issue()));
        assert!(!told.contains("ほか "), "{told}");
        let mut reasons: Vec<&str> = Vec::new();
        for line in lists::lists(&page).untested {
            assert!(told.contains(&format!("\n{}\n", line.id)), "{}", line.id);
            assert!(
                told.contains(&format!("\n{}\n", line.title.ja)),
                "{}",
                line.title.ja
            );
        }
        for row in &page.untested {
            if !reasons.contains(&row.reason.ja.as_str()) {
                reasons.push(&row.reason.ja);
            }
        }
        assert!(reasons.len() < page.untested.len());
        for reason in reasons {
            assert!(told.matches(reason).count() <= 1, "{reason} in {told}");
        }
    }

    #[test]
    fn nothing_is_cut_inside_a_word() {
        assert_eq!(content::clip("The card is read again", 12), "The card is…");
        assert_eq!(content::clip("資格確認サーバー", 5), "資格確認…");
        assert_eq!(content::clip("short", 12), "short");
        assert_eq!(content::clip(&"x".repeat(9), 4), "xxx…");
    }

    #[test]
    fn a_list_that_was_cut_says_how_many_more_there_are_and_where() {
        let document = set_type(&testing::huge(), &testing::issue());
        let told = said(&document);
        assert!(told.contains("不適合の要求（44 件）"), "{told}");
        let (from, to) = ("不適合の要求（44 件）", "判定不能の要求（43 件）");
        let part = &told[told.find(from).unwrap()..told.find(to).unwrap()];
        let cut = part.lines().find_map(|line| line.strip_prefix("ほか "));
        let words: Vec<_> = cut.unwrap().split(' ').collect();
        assert_eq!(words[1..], ["件。すべては", "report.json", "にある。"]);
        let left: usize = words[0].parse().unwrap();
        let shown = part.lines().filter(|line| *line == "MUST").count();
        assert_eq!((shown + left, shown > 0), (44, true));
    }

    #[test]
    fn a_character_the_fonts_lack_is_marked_and_explained() {
        let mut page = testing::conforming();
        page.products[0].name = "카드 Reader".into();
        let told = said(&set_type(&page, &testing::issue()));
        assert!(told.contains("〓〓 Reader"), "{told}");
        assert!(told.contains("U+B4DC, U+CE74"), "{told}");
        let calm = said(&set_type(&testing::conforming(), &testing::issue()));
        assert!(!calm.contains('〓'));
    }

    #[test]
    fn no_line_of_a_page_begins_with_what_may_not_stand_there() {
        for page in [testing::golden(), testing::failing(), testing::huge()] {
            let document = set_type(&page, &testing::issue());
            for text in document.sheets.iter().flat_map(|sheet| texts(sheet)) {
                let first = text.chars().next().unwrap();
                assert!(
                    !"、。，．）」』】！？ー・ゃゅょっャュョッ".contains(first),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_same_report_gives_the_same_bytes_and_another_number_others() {
        let page = testing::failing();
        let one = certificate(&page, &testing::issue()).unwrap();
        assert!(one == certificate(&page, &testing::issue()).unwrap());
        let other = Issue {
            number: "SHIKAKU-2026-000124".into(),
            ..testing::issue()
        };
        assert!(one != certificate(&page, &other).unwrap());
        assert!(
            one.len() < 400_000,
            "{} bytes: fonts are not cut down",
            one.len()
        );
    }

    #[test]
    fn an_issue_that_fits_nowhere_is_refused_or_cut_and_never_printed_over_the_edge() {
        let endless = "限りなく長い名前".repeat(500);
        let issue = Issue {
            number: endless.clone(),
            customer: Some(endless.clone()),
            program: endless.clone(),
            ..testing::issue()
        };
        let document = set_type(&testing::huge(), &issue);
        assert!(document.sheets.len() <= MOST_PAGES);
        let mut page = testing::conforming();
        let product = page.products[0].clone();
        page.products = vec![product; 200];
        let refused = certificate(&page, &testing::issue()).unwrap_err();
        assert!(
            refused.to_string().contains("more than 6 pages"),
            "{refused}"
        );
    }
}
