//! Writes a document in type as PDF/A-2a, tagged as PDF/UA-1 asks: fonts cut down to the glyphs used, every
//! text in the tree a screen reader follows, lines and page heads marked as decoration.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use krilla::color::luma;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagKind, TagTree,
};
use krilla::{Document as Pdf, SerializeSettings};

use crate::CertificateError;
use crate::block::{Shade, Tongue};
use crate::face::Faces;
use crate::sheet::{About, Document, Element, HEIGHT, Home, Kind, Piece, WIDTH};

/// What of the pages belongs to which element, in reading order.
type Leaves = BTreeMap<usize, Vec<Identifier>>;

/// The bytes of the PDF.
pub(crate) fn paint(document: &Document, faces: &Faces) -> Result<Vec<u8>, CertificateError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| refused(&error))?;
    let mut pdf = Pdf::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    let settings =
        PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| refused(&"A4 is no size of a page"))?;
    let mut leaves = Leaves::new();
    for sheet in &document.sheets {
        let mut page = pdf.start_page_with(settings.clone());
        let mut surface = page.surface();
        for piece in sheet {
            draw(&mut surface, piece, faces, &mut leaves);
        }
        surface.finish();
        page.finish();
    }
    pdf.set_outline(outline(document));
    pdf.set_metadata(metadata(&document.about));
    pdf.set_tag_tree(tree(&document.elements, leaves));
    pdf.finish().map_err(|error| refused(&error))
}

fn refused(reason: &dyn std::fmt::Debug) -> CertificateError {
    CertificateError::Pdf {
        reason: format!("{reason:?}"),
    }
}

fn draw(surface: &mut Surface, piece: &Piece, faces: &Faces, leaves: &mut Leaves) {
    match piece {
        Piece::Fill { x, y, w, h, shade } => {
            let Some(rect) = Rect::from_xywh(*x, *y, *w, *h) else {
                return;
            };
            let mut path = PathBuilder::new();
            path.push_rect(rect);
            let Some(path) = path.finish() else {
                return;
            };
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
                ArtifactType::Layout,
            )));
            surface.set_fill(Some(ink(*shade)));
            surface.draw_path(&path);
            surface.end_tagged();
        }
        Piece::Text {
            x,
            y,
            text,
            size,
            bold,
            shade,
            tongue,
            home,
        } => {
            let mark = surface.start_tagged(tag(*home, *tongue));
            surface.set_fill(Some(ink(*shade)));
            let glyphs = faces.glyphs(text, *bold);
            let start = Point::from_xy(*x, *y);
            surface.draw_glyphs(start, &glyphs, faces.font(*bold), text, *size, false);
            surface.end_tagged();
            if let Home::Element(element) = home {
                leaves.entry(*element).or_default().push(mark);
            }
        }
    }
}

fn tag(home: Home, tongue: Tongue) -> ContentTag<'static> {
    let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
    match home {
        Home::Element(_) => ContentTag::Span(SpanTag::empty().with_lang(Some(match tongue {
            Tongue::Ja => "ja",
            Tongue::En => "en",
        }))),
        Home::PageHead => artifact(ArtifactType::Header),
        Home::PageFoot => artifact(ArtifactType::Footer),
        Home::Repeated => artifact(ArtifactType::PaginationOther),
    }
}

fn ink(shade: Shade) -> Fill {
    let lightness = match shade {
        Shade::Black => 0,
        Shade::Grey => 78,
        Shade::Line => 160,
        Shade::Pale => 236,
        Shade::White => 255,
    };
    Fill {
        paint: luma::Color::new(lightness).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

/// Bookmarks: a document without them is hard to find one's way in by keyboard.
fn outline(document: &Document) -> krilla::outline::Outline {
    let mut outline = krilla::outline::Outline::new();
    for (nth, sheet) in document.sheets.iter().enumerate() {
        let mut last = None;
        for piece in sheet {
            let Piece::Text {
                y,
                size,
                home: Home::Element(home),
                ..
            } = piece
            else {
                continue;
            };
            if let Kind::Heading(_, words) = &document.elements[*home].kind
                && last != Some(*home)
            {
                last = Some(*home);
                let to = Point::from_xy(0.0, y - size * 1.5);
                let to = krilla::destination::XyzDestination::new(nth, to);
                outline.push_child(krilla::outline::OutlineNode::new(words.clone(), to));
            }
        }
    }
    outline
}

fn metadata(about: &About) -> Metadata {
    let day = about.issued_on;
    let date = DateTime::new(day.year().unsigned_abs())
        .month(day.month().unsigned_abs())
        .day(day.day().unsigned_abs())
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(9);
    Metadata::new()
        .title(about.title.clone())
        .description(about.subject.clone())
        .authors(vec![about.author.clone()])
        .creator(about.program.clone())
        .producer("krilla".to_owned())
        .language("ja".to_owned())
        .creation_date(date)
        .document_id(about.number.clone())
}

/// The tree of elements, leaves first: a parent takes its children whole, so it is built from the end.
fn tree(elements: &[Element], mut leaves: Leaves) -> TagTree {
    let mut children: BTreeMap<usize, Vec<TagGroup>> = BTreeMap::new();
    let mut top = Vec::new();
    for (nth, element) in elements.iter().enumerate().rev() {
        let mut group = TagGroup::new(kind(&element.kind));
        for mark in leaves.remove(&nth).unwrap_or_default() {
            group.push(mark);
        }
        for child in children.remove(&nth).unwrap_or_default().into_iter().rev() {
            group.push(child);
        }
        match element.parent {
            Some(parent) => children.entry(parent).or_default().push(group),
            None => top.push(group),
        }
    }
    let mut tree = TagTree::new();
    for group in top.into_iter().rev() {
        tree.push(group);
    }
    tree
}

fn kind(kind: &Kind) -> TagKind {
    match kind {
        Kind::Heading(level, words) => {
            let level = NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(words.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::Table => Tag::Table.into(),
        Kind::TableHead => Tag::THead.into(),
        Kind::TableBody => Tag::TBody.into(),
        Kind::Row => Tag::TR.into(),
        Kind::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Kind::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Kind::Cell => Tag::TD.into(),
    }
}
