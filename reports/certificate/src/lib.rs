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
pub use issue::{Issue, Item, Laboratory, Period, SealedBy, Signatory, WaiverLine};
pub use sign::{sign, sign_with};
pub use standing::{Standing, standing};

use reports::Page;

/// Most pages the document may have: longer lists are cut, and say how many lines more there are and where.
pub const MOST_PAGES: usize = 6;

/// How many rows a list may have, from what is wanted to what always fits.
const ROWS: [usize; 10] = [60, 40, 28, 20, 14, 10, 6, 3, 1, 0];

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
    for rows in ROWS {
        let content = content::content(page, issue, faces, rows);
        let document = layout::lay_out(&content, faces);
        if document.sheets.len() <= MOST_PAGES {
            return Ok(document);
        }
    }
    Err(CertificateError::TooLong { most: MOST_PAGES })
}
