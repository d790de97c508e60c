//! What the layout understands: paragraphs, headings, tables and the box with the verdict. No wording and
//! no place on a page; that keeps what is said apart from where it stands.

/// A language of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// How dark something is. Black and white are enough to read everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shade {
    /// Text and strong lines.
    Black,
    /// English beneath the Japanese.
    Grey,
    /// Thin lines.
    Line,
    /// Ground of table heads.
    Pale,
    /// Text on black.
    White,
}

/// A paragraph in one style.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Para {
    /// What it says.
    pub text: String,
    /// Size in points.
    pub size: f32,
    /// Bold or regular.
    pub bold: bool,
    /// How dark.
    pub shade: Shade,
    /// Its language.
    pub tongue: Tongue,
}

impl Para {
    /// Japanese in the size given.
    pub(crate) fn ja(text: impl Into<String>, size: f32) -> Para {
        Para {
            text: text.into(),
            size,
            bold: false,
            shade: Shade::Black,
            tongue: Tongue::Ja,
        }
    }

    /// English in the size given, grey.
    pub(crate) fn en(text: impl Into<String>, size: f32) -> Para {
        Para {
            shade: Shade::Grey,
            tongue: Tongue::En,
            ..Para::ja(text, size)
        }
    }

    /// The same in bold.
    pub(crate) fn bold(self) -> Para {
        Para { bold: true, ..self }
    }

    /// The same in another shade.
    pub(crate) fn shade(self, shade: Shade) -> Para {
        Para { shade, ..self }
    }
}

/// Paragraphs one beneath the other.
pub(crate) type Cell = Vec<Para>;

/// A table across the page.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Width of each column as a share of the whole; they add up to 1.
    pub shares: Vec<f32>,
    /// Heads of columns, repeated on every page; none for a list of facts, whose first column heads its rows.
    pub head: Option<Vec<Cell>>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Whether its rows stand close, as those of a long list of single lines do.
    pub tight: bool,
}

/// How the box with the verdict looks; its words say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BannerLook {
    /// Two thin frames.
    Framed,
    /// White on black.
    Solid,
    /// A thick frame on a pale ground.
    Heavy,
}

/// Something on the page.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// A heading of level 1 (the title) or 2 (a section).
    Heading(u8, Cell),
    /// Paragraphs.
    Text(Cell),
    /// A table.
    Table(Table),
    /// The box with the verdict: the word, and sentences beside it.
    Banner(BannerLook, Cell, Cell),
}

impl Block {
    /// Every paragraph in it, in reading order.
    pub(crate) fn paras(&self) -> Vec<&Para> {
        match self {
            Block::Heading(_, cell) | Block::Text(cell) => cell.iter().collect(),
            Block::Banner(_, word, beside) => word.iter().chain(beside).collect(),
            Block::Table(table) => table
                .head
                .iter()
                .chain(&table.rows)
                .flatten()
                .flatten()
                .collect(),
        }
    }
}

/// A whole document before it is set.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// Title for the reader's window and the catalogue of an archive.
    pub title: String,
    /// What the document is, in a sentence.
    pub subject: String,
    /// Who issues it.
    pub author: String,
    /// Program that made it.
    pub program: String,
    /// Its number.
    pub number: String,
    /// Day of issue.
    pub issued_on: jiff::civil::Date,
    /// At the head of every page, left.
    pub running: Cell,
    /// At the foot of every page, left.
    pub foot: Cell,
    /// A band across the head of every page; absent for a document that counts.
    pub band: Option<String>,
    /// What it says.
    pub blocks: Vec<Block>,
}
