//! Pages with everything in its place, and the tree of what belongs together, which a screen reader follows.
//! Points from the top left corner; y of a text is its baseline.

use crate::block::{Shade, Tongue};

/// Width of A4 in points.
pub(crate) const WIDTH: f32 = 595.28;
/// Height of A4 in points.
pub(crate) const HEIGHT: f32 = 841.89;

/// A document in type.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Title, subject and the like.
    pub about: About,
    /// Its pages.
    pub sheets: Vec<Vec<Piece>>,
    /// What its texts belong to; a parent stands before its children.
    pub elements: Vec<Element>,
}

/// What stands in the file beside the pages.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// Title.
    pub title: String,
    /// Subject.
    pub subject: String,
    /// Author.
    pub author: String,
    /// Program.
    pub program: String,
    /// Number.
    pub number: String,
    /// Day of issue.
    pub issued_on: jiff::civil::Date,
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    /// What it is.
    pub kind: Kind,
    /// Its parent; none for what stands at the top.
    pub parent: Option<usize>,
}

/// What an element is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A heading with its level and words.
    Heading(u8, String),
    /// A paragraph.
    Paragraph,
    /// A table.
    Table,
    /// The rows of heads.
    TableHead,
    /// The other rows.
    TableBody,
    /// A row.
    Row,
    /// Heads a column.
    ColumnHead,
    /// Heads a row.
    RowHead,
    /// A cell.
    Cell,
}

/// What a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// An element of the tree.
    Element(usize),
    /// The head of a page.
    PageHead,
    /// The foot of a page.
    PageFoot,
    /// Heads of columns, said again on the next page.
    Repeated,
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// A line of text.
    Text {
        /// Left end.
        x: f32,
        /// Baseline.
        y: f32,
        /// What it says.
        text: String,
        /// Size in points.
        size: f32,
        /// Bold or regular.
        bold: bool,
        /// How dark.
        shade: Shade,
        /// Its language.
        tongue: Tongue,
        /// What it belongs to.
        home: Home,
    },
    /// A filled rectangle; lines are thin ones.
    Fill {
        /// Left.
        x: f32,
        /// Top.
        y: f32,
        /// Width.
        w: f32,
        /// Height.
        h: f32,
        /// How dark.
        shade: Shade,
    },
}
