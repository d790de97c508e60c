//! The two fonts and what they can show. They are compiled in, so that a certificate looks the same
//! everywhere; a character they lack is shown as 〓, the printers' mark for a missing type, never left out.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::CertificateError;

/// Stands for a character the fonts lack.
pub(crate) const GETA: char = '〓';

static REGULAR: &[u8] = include_bytes!("../fonts/BIZUDPGothic-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/BIZUDPGothic-Bold.ttf");

/// Regular and bold.
pub(crate) struct Faces {
    regular: Face,
    bold: Face,
}

struct Face {
    font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units: f32,
}

impl Faces {
    /// The fonts compiled in.
    pub(crate) fn shipped() -> Result<Faces, CertificateError> {
        Ok(Faces {
            regular: Face::read(REGULAR, "BIZUDPGothic-Regular.ttf")?,
            bold: Face::read(BOLD, "BIZUDPGothic-Bold.ttf")?,
        })
    }

    /// The font itself.
    pub(crate) fn font(&self, bold: bool) -> Font {
        self.face(bold).font.clone()
    }

    /// Width of a text, in ems.
    pub(crate) fn width(&self, text: &str, bold: bool) -> f32 {
        let face = self.face(bold);
        text.chars().map(|c| face.glyph(c).1).sum()
    }

    /// One glyph a character, from left to right, advances in ems.
    pub(crate) fn glyphs(&self, text: &str, bold: bool) -> Vec<KrillaGlyph> {
        let face = self.face(bold);
        text.char_indices()
            .map(|(at, c)| {
                let (id, advance) = face.glyph(c);
                let range = at..at + c.len_utf8();
                KrillaGlyph::new(GlyphId::new(id), advance, 0.0, 0.0, 0.0, range, None)
            })
            .collect()
    }

    /// The text as it can be shown: white space of any kind as a space, what the fonts lack as 〓.
    pub(crate) fn shown(&self, text: &str) -> String {
        text.chars()
            .map(|c| match c {
                c if c.is_whitespace() && c != '\u{3000}' => ' ',
                c if self.lacks(c) => GETA,
                c => c,
            })
            .collect()
    }

    /// Whether a character cannot be shown. Control and direction characters have no shape of their own.
    pub(crate) fn lacks(&self, c: char) -> bool {
        let steers = matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}');
        !c.is_whitespace() && (c.is_control() || steers || self.regular.charmap.map(c).is_none())
    }

    fn face(&self, bold: bool) -> &Face {
        if bold { &self.bold } else { &self.regular }
    }
}

impl Face {
    fn read(data: &'static [u8], name: &'static str) -> Result<Face, CertificateError> {
        let broken = CertificateError::Font { font: name };
        let (Ok(read), Some(font)) = (FontRef::new(data), Font::new(data.into(), 0)) else {
            return Err(broken);
        };
        let units = f32::from(
            read.metrics(Size::unscaled(), LocationRef::default())
                .units_per_em,
        );
        Ok(Face {
            font,
            charmap: read.charmap(),
            metrics: read.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units,
        })
    }

    /// Glyph number and advance in ems; the glyph of 〓 for a character that is not there.
    fn glyph(&self, c: char) -> (u32, f32) {
        let id = self
            .charmap
            .map(c)
            .or_else(|| self.charmap.map(GETA))
            .unwrap_or_default();
        let advance = self.metrics.advance_width(id).unwrap_or_default();
        (id.to_u32(), advance / self.units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fonts_lack_is_shown_as_a_mark_and_never_left_out() {
        let faces = Faces::shipped().unwrap();
        for (given, shown) in [
            ("髙橋﨑", "髙橋﨑"),
            ("●丁目〇番①", "●丁目〇番①"),
            ("한글 नमस्ते", "〓〓 〓〓〓〓〓〓"),
            ("絵😀文字", "絵〓文字"),
            ("葛\u{E0100}飾", "葛〓飾"),
            ("a\u{202E}b\u{0}c", "a〓b〓c"),
            ("一行\n二行\t三行", "一行 二行 三行"),
            ("全角\u{3000}空白", "全角\u{3000}空白"),
        ] {
            assert_eq!(faces.shown(given), shown);
            assert_eq!(shown.chars().count(), given.chars().count());
        }
    }

    #[test]
    fn both_faces_know_every_character_of_the_pages_and_widths_are_real() {
        let faces = Faces::shipped().unwrap();
        for c in "適合証明書試験結果報告書不適合未完了〓●Aaz09 (),.".chars() {
            assert!(!faces.lacks(c), "{c}");
            assert!(faces.bold.charmap.map(c).is_some(), "{c}");
        }
        assert!((faces.width("適合", false) - 2.0).abs() < 0.01);
        assert!(faces.width("iii", false) < faces.width("WWW", false) / 2.0);
        assert_eq!(faces.glyphs("適a", true).len(), 2);
    }
}
