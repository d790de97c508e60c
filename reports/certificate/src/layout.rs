//! Puts blocks onto A4 pages: paragraphs, tables whose heads come again on the next page, headings that never
//! stand alone at a foot, and on every page number, verdict and n of m.

use crate::block::{BannerLook, Block, Cell, Content, Para, Shade, Table, Tongue};
use crate::face::Faces;
use crate::lines::lines;
use crate::sheet::{About, Document, Element, HEIGHT, Home, Kind, Piece, WIDTH};

/// White at the left and right, in points.
const SIDE: f32 = 56.0;
/// Where the first line of a page may begin.
const TOP: f32 = 84.0;
/// Where the last line of a page must have ended.
const BOTTOM: f32 = HEIGHT - 66.0;
/// Width of text.
const MEASURE: f32 = WIDTH - 2.0 * SIDE;
/// Room around the text of a cell: at its sides and above and beneath.
const PAD: (f32, f32) = (5.0, 3.2);
/// The room above and beneath in a tight table.
const TIGHT_PAD: f32 = 0.7;
/// What must follow a heading on its page when that is no table.
const COMPANY: f32 = 40.0;
/// A table no taller than this stays on one page.
const TOGETHER: f32 = 150.0;

/// Lays a document out.
pub(crate) fn lay_out(content: &Content, faces: &Faces) -> Document {
    let mut setter = Setter {
        faces,
        sheets: vec![Vec::new()],
        elements: Vec::new(),
        y: TOP,
    };
    for (nth, block) in content.blocks.iter().enumerate() {
        setter.block(block, &content.blocks[nth + 1..]);
        // It will not be printed: the caller tries again with shorter lists.
        if setter.sheets.len() > crate::MOST_PAGES {
            break;
        }
    }
    setter.furniture(content);
    Document {
        about: About {
            title: content.title.clone(),
            subject: content.subject.clone(),
            author: content.author.clone(),
            program: content.program.clone(),
            number: content.number.clone(),
            issued_on: content.issued_on,
        },
        sheets: setter.sheets,
        elements: setter.elements,
    }
}

struct Setter<'a> {
    faces: &'a Faces,
    sheets: Vec<Vec<Piece>>,
    elements: Vec<Element>,
    y: f32,
}

/// A line ready to be placed.
struct SetLine<'a> {
    para: &'a Para,
    text: String,
}

impl SetLine<'_> {
    fn height(&self) -> f32 {
        self.para.size
            * if self.para.tongue == Tongue::Ja {
                1.5
            } else {
                1.36
            }
    }
}

impl Setter<'_> {
    fn block(&mut self, block: &Block, rest: &[Block]) {
        match block {
            Block::Heading(level, cell) => self.heading(*level, cell, rest),
            Block::Text(cell) => {
                let below = match rest.first() {
                    Some(Block::Table(table)) if table.tight => Some(table),
                    _ => None,
                };
                // What stands above a tight list is its heading: it never stands alone, and close to it.
                if let Some(table) = below
                    && self.y + height(&self.broken(cell, MEASURE)) + self.start(table) > BOTTOM
                {
                    self.turn();
                }
                for para in cell {
                    self.paragraph(para);
                }
                self.y += if below.is_some() { 1.5 } else { 5.0 };
            }
            Block::Table(table) => self.table(table),
            Block::Banner(look, word, beside) => self.banner(*look, word, beside),
        }
    }

    fn heading(&mut self, level: u8, cell: &Cell, rest: &[Block]) {
        let above = if self.y > TOP { 9.0 } else { 0.0 };
        let set = self.broken(cell, MEASURE);
        let tall = height(&set);
        if self.y + above + tall + self.company(rest) > BOTTOM {
            self.turn();
        } else {
            self.y += above;
        }
        let words: Vec<_> = cell.iter().map(|para| para.text.as_str()).collect();
        let home = self.element(Kind::Heading(level, words.join(" ")), None);
        if level == 1 {
            self.place(&set, SIDE, self.y, Home::Element(home));
            self.y += tall;
            self.fill(SIDE, self.y + 4.0, MEASURE, 1.2, Shade::Black);
            self.y += 14.0;
            return;
        }
        // A section's two languages share a line: Japanese, then English.
        let mut x = SIDE;
        for line in &set {
            let y = self.y + cell[0].size;
            self.text(line, x, y, Home::Element(home));
            x += self.faces.width(&line.text, line.para.bold) * line.para.size + 7.0;
        }
        self.y += cell[0].size * 1.35;
        if level == 2 {
            self.fill(SIDE, self.y, MEASURE, 0.6, Shade::Black);
            self.y += 5.0;
        }
    }

    /// Room a heading needs beneath it: its first rows or lines, and those of a heading that follows it.
    fn company(&self, rest: &[Block]) -> f32 {
        match rest.first() {
            Some(Block::Table(table)) => self.start(table),
            Some(Block::Heading(_, cell)) => {
                height(&self.broken(cell, MEASURE)) + 14.0 + self.company(&rest[1..])
            }
            _ => COMPANY,
        }
    }

    fn paragraph(&mut self, para: &Para) {
        let cell = [para.clone()];
        let set = self.broken(&cell, MEASURE);
        let home = Home::Element(self.element(Kind::Paragraph, None));
        for line in &set {
            if self.y + line.height() > BOTTOM {
                self.turn();
            }
            self.place(std::slice::from_ref(line), SIDE, self.y, home);
            self.y += line.height();
        }
    }

    fn banner(&mut self, look: BannerLook, word: &Cell, beside: &Cell) {
        let split = MEASURE * 0.34;
        let (left, right) = (
            self.broken(word, split - 20.0),
            self.broken(beside, MEASURE - split - 20.0),
        );
        let tall = height(&left).max(height(&right)) + 22.0;
        if self.y + tall > BOTTOM {
            self.turn();
        }
        let (top, bottom) = (self.y, self.y + tall);
        match look {
            BannerLook::Solid => self.fill(SIDE, top, MEASURE, tall, Shade::Black),
            BannerLook::Heavy => {
                self.fill(SIDE, top, MEASURE, tall, Shade::Pale);
                self.frame(SIDE, top, MEASURE, tall, 2.4);
            }
            BannerLook::Framed => {
                self.frame(SIDE, top, MEASURE, tall, 1.2);
                self.frame(SIDE + 2.8, top + 2.8, MEASURE - 5.6, tall - 5.6, 0.4);
            }
        }
        let middle = |set: &[SetLine]| top + (tall - height(set)) / 2.0;
        let home = Home::Element(self.element(Kind::Paragraph, None));
        self.place(&left, SIDE + 14.0, middle(&left), home);
        let home = Home::Element(self.element(Kind::Paragraph, None));
        self.place(&right, SIDE + split, middle(&right), home);
        self.y = bottom + 8.0;
    }

    /// Room a table needs to begin: all of a small one, heads and first row of a large one.
    fn start(&self, table: &Table) -> f32 {
        let first = 1 + usize::from(table.head.is_some());
        let (mut begin, mut whole) = (0.0, 0.0);
        for (nth, row) in table.head.iter().chain(&table.rows).enumerate() {
            whole += tall(table, &self.columns(table, row));
            if nth < first {
                begin = whole;
            }
            if whole > TOGETHER && nth + 1 >= first {
                return begin;
            }
        }
        whole
    }

    fn table(&mut self, table: &Table) {
        if self.y + self.start(table) > BOTTOM {
            self.turn();
        }
        let whole = self.element(Kind::Table, None);
        let head = table.head.as_ref();
        if let Some(head) = head {
            let part = self.element(Kind::TableHead, Some(whole));
            let row = self.element(Kind::Row, Some(part));
            let columns = self.columns(table, head);
            self.row(table, &columns, Some(row), true);
        }
        let body = self.element(Kind::TableBody, Some(whole));
        for cells in &table.rows {
            let columns = self.columns(table, cells);
            if self.y + tall(table, &columns) > BOTTOM {
                self.turn();
                if let Some(head) = head {
                    let columns = self.columns(table, head);
                    self.row(table, &columns, None, true);
                }
            }
            let row = self.element(Kind::Row, Some(body));
            self.row(table, &columns, Some(row), false);
        }
        self.y += if table.tight { 4.0 } else { 8.0 };
    }

    /// Sets a row; without an element it is the head said again.
    fn row(&mut self, table: &Table, columns: &[Vec<SetLine>], element: Option<usize>, head: bool) {
        let tall = tall(table, columns);
        let top = self.y;
        if head {
            self.fill(SIDE, top, MEASURE, tall, Shade::Pale);
        }
        let mut x = SIDE;
        for (nth, (set, share)) in columns.iter().zip(&table.shares).enumerate() {
            let wide = MEASURE * share;
            let kind = match (head, nth) {
                (true, _) => Kind::ColumnHead,
                (false, 0) => Kind::RowHead,
                (false, _) => Kind::Cell,
            };
            let home = match element {
                Some(row) => Home::Element(self.element(kind, Some(row))),
                None => Home::Repeated,
            };
            self.place(set, x + PAD.0, top + pad(table), home);
            x += wide;
        }
        self.y = top + tall;
        let (thick, shade) = if head {
            (0.7, Shade::Black)
        } else {
            (0.4, Shade::Line)
        };
        self.fill(SIDE, self.y - thick, MEASURE, thick, shade);
    }

    /// The lines of each cell of a row.
    fn columns<'b>(&self, table: &Table, cells: &'b [Cell]) -> Vec<Vec<SetLine<'b>>> {
        let set =
            |(cell, share): (&'b Cell, &f32)| self.broken(cell, MEASURE * share - 2.0 * PAD.0);
        cells.iter().zip(&table.shares).map(set).collect()
    }

    fn broken<'b>(&self, cell: &'b [Para], width: f32) -> Vec<SetLine<'b>> {
        let mut set = Vec::new();
        for para in cell {
            let text = self.faces.shown(&para.text);
            for text in lines(self.faces, &text, para.bold, width / para.size) {
                set.push(SetLine { para, text });
            }
        }
        set
    }

    /// Places lines one beneath the other from a top.
    fn place(&mut self, set: &[SetLine], x: f32, top: f32, home: Home) {
        let mut y = top;
        for line in set {
            let base = y + (line.height() - line.para.size) / 2.0 + line.para.size * 0.86;
            self.text(line, x, base, home);
            y += line.height();
        }
    }

    fn text(&mut self, line: &SetLine, x: f32, y: f32, home: Home) {
        let para = line.para;
        self.put(Piece::Text {
            x,
            y,
            text: line.text.clone(),
            size: para.size,
            bold: para.bold,
            shade: para.shade,
            tongue: para.tongue,
            home,
        });
    }

    fn fill(&mut self, x: f32, y: f32, w: f32, h: f32, shade: Shade) {
        self.put(Piece::Fill { x, y, w, h, shade });
    }

    fn frame(&mut self, x: f32, y: f32, w: f32, h: f32, thick: f32) {
        for (x, y, w, h) in [
            (x, y, w, thick),
            (x, y + h - thick, w, thick),
            (x, y, thick, h),
            (x + w - thick, y, thick, h),
        ] {
            self.fill(x, y, w, h, Shade::Black);
        }
    }

    fn put(&mut self, piece: Piece) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(piece);
        }
    }

    fn element(&mut self, kind: Kind, parent: Option<usize>) -> usize {
        self.elements.push(Element { kind, parent });
        self.elements.len() - 1
    }

    fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.y = TOP;
    }

    /// Head and foot of every page, once it is known how many there are.
    fn furniture(&mut self, content: &Content) {
        let pages = self.sheets.len();
        let mut done = std::mem::take(&mut self.sheets);
        for (nth, sheet) in done.iter_mut().enumerate() {
            self.sheets = vec![std::mem::take(sheet)];
            if let Some(band) = &content.band {
                self.fill(0.0, 0.0, WIDTH, 26.0, Shade::Black);
                let para = Para::ja(band.as_str(), 11.0).bold().shade(Shade::White);
                let wide = self.faces.width(band, true) * para.size;
                self.single(&para, (WIDTH - wide) / 2.0, 17.0, Home::PageHead);
            }
            self.running(&content.running, SIDE, 52.0, Home::PageHead);
            let number = Para::ja(format!("No. {}", content.number), 8.0).bold();
            self.right(&number, 52.0, Home::PageHead);
            self.fill(SIDE, 60.0, MEASURE, 0.4, Shade::Line);

            self.fill(SIDE, HEIGHT - 54.0, MEASURE, 0.4, Shade::Line);
            self.running(&content.foot, SIDE, HEIGHT - 41.0, Home::PageFoot);
            let page = nth + 1;
            let of = Para::ja(
                format!("{page} / {pages} ページ  Page {page} of {pages}"),
                8.0,
            );
            self.right(&of, HEIGHT - 41.0, Home::PageFoot);
            *sheet = self.sheets.pop().unwrap_or_default();
        }
        self.sheets = done;
    }

    /// Paragraphs of one line each, one beneath the other.
    fn running(&mut self, cell: &Cell, x: f32, y: f32, home: Home) {
        for (nth, para) in cell.iter().enumerate() {
            self.single(para, x, y + nth as f32 * 10.0, home);
        }
    }

    fn right(&mut self, para: &Para, y: f32, home: Home) {
        let wide = self.faces.width(&self.faces.shown(&para.text), para.bold) * para.size;
        self.single(para, WIDTH - SIDE - wide, y, home);
    }

    fn single(&mut self, para: &Para, x: f32, y: f32, home: Home) {
        let text = self.faces.shown(&para.text);
        self.text(&SetLine { para, text }, x, y, home);
    }
}

/// Height of lines.
fn height(set: &[SetLine]) -> f32 {
    set.iter().map(SetLine::height).sum()
}

/// Height of a row.
fn tall(table: &Table, columns: &[Vec<SetLine>]) -> f32 {
    let most = columns.iter().map(|set| height(set)).fold(0.0, f32::max);
    most + 2.0 * pad(table)
}

/// Room above and beneath the text of a cell.
fn pad(table: &Table) -> f32 {
    if table.tight { TIGHT_PAD } else { PAD.1 }
}
