//! Breaks paragraphs into lines by Unicode's line breaking rules (UAX 14), which carry the Japanese ones:
//! no line begins with 、。」 or ends with 「. A word longer than a line is broken where the line ends.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::face::Faces;

/// The lines of a text in a width, both in ems. Spaces stay at the end of a line and take no room there.
pub(crate) fn lines(faces: &Faces, text: &str, bold: bool, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0;
    let mut from = 0;
    for (at, opportunity) in linebreaks(text) {
        let word = &text[from..at];
        from = at;
        let room = faces.width(word.trim_end_matches(' '), bold);
        if used + room > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        if room > width {
            used = cut(faces, word, bold, width, &mut lines, &mut line);
        } else {
            line.push_str(word);
            used += faces.width(word, bold);
        }
        if opportunity == BreakOpportunity::Mandatory && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
    }
    lines
}

/// Cuts a word that fits on no line; what is left stands in `line`, and its width is returned.
fn cut(
    faces: &Faces,
    word: &str,
    bold: bool,
    width: f32,
    lines: &mut Vec<String>,
    line: &mut String,
) -> f32 {
    let mut used = 0.0;
    for c in word.chars() {
        let room = faces.width(c.encode_utf8(&mut [0; 4]), bold);
        if used + room > width && !line.is_empty() && c != ' ' {
            lines.push(std::mem::take(line));
            used = 0.0;
        }
        line.push(c);
        used += room;
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEVER_FIRST: &str = "、。，．」』）】〉》！？・ゃゅょっャュョッー：；";
    const NEVER_LAST: &str = "「『（【〈《";

    const SAMPLE: &str = "試験機関は、「適合」（または『不適合』）と判定した要求を、表に示す。カードリーダー・端末の\
        どちらにも、チェックした結果があった！それは何か？はい、PINの残り回数（3回）である。J-LIS、OCSP、CRLは略語。";

    #[test]
    fn no_line_begins_or_ends_with_what_may_not_stand_there() {
        let faces = Faces::shipped().unwrap();
        for width in (8..60).map(|tenths| tenths as f32 / 2.0) {
            let lines = lines(&faces, SAMPLE, false, width);
            assert_eq!(lines.concat(), SAMPLE);
            for line in &lines {
                let first = line.chars().next().unwrap();
                let last = line.chars().last().unwrap();
                assert!(!NEVER_FIRST.contains(first), "{width}: {line}");
                assert!(!NEVER_LAST.contains(last), "{width}: {line}");
                let wide = faces.width(line.trim_end(), false);
                assert!(wide <= width, "{width}: {wide} {line}");
            }
        }
    }

    #[test]
    fn a_digest_is_cut_where_the_line_ends_and_words_are_not() {
        let faces = Faces::shipped().unwrap();
        let digest = "0123456789abcdef".repeat(4);
        let cut = lines(&faces, &digest, false, 20.0);
        assert!(cut.len() >= 2 && cut.concat() == digest, "{cut:?}");
        let words = lines(&faces, "statement of conformity", false, 8.0);
        assert_eq!(words, ["statement of ", "conformity"]);
        assert!(lines(&faces, "", false, 5.0).is_empty());
        assert_eq!(lines(&faces, "あいう", false, 0.1), ["あ", "い", "う"]);
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_too_wide() {
        let faces = Faces::shipped().unwrap();
        let texts = "[ -~、。「」ぁ-んァ-ヶ一-三0-9a-f]{0,80}";
        proptest!(|(text in texts, tenths in 10u8..=250)| {
            let width = f32::from(tenths) / 10.0;
            let lines = lines(&faces, &text, false, width);
            prop_assert_eq!(lines.concat(), text);
            for line in &lines {
                let seen = line.trim_end_matches(' ');
                let wide = faces.width(seen, false);
                let one = seen.chars().count() <= 1;
                prop_assert!(wide <= width + 0.001 || one, "{width}: {wide} {line:?}");
            }
        });
    }
}
