//! Spellings of one thing made equal: half and full width, hyphens, separate voicing marks, small
//! kana (facts/eligibility.md 8 C). Only for comparing; what is kept is kept as it came.

/// 。 to ゜ as they stand for U+FF61 to U+FF9F.
const FULL_WIDTH: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
const SMALL: &str = "ァィゥェォッャュョヮヵヶ";
const LARGE: &str = "アイウエオツヤユヨワカケ";

/// A symbol, number or name without differences of width and hyphen; inner blanks as one.
pub(super) fn width(text: &str) -> String {
    let mut out = String::new();
    text.chars().map(plain).for_each(|c| push(&mut out, c));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One character in its usual width.
fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{FF61}'..='\u{FF9F}' => FULL_WIDTH.chars().nth(c as usize - 0xFF61).unwrap_or(c),
        '\u{3099}' => '゛',
        '\u{309A}' => '゜',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Appends a character; a voicing mark melts into the kana before it.
fn push(out: &mut String, c: char) {
    let voiced = match (c, out.chars().last()) {
        ('゛', Some('ウ')) => Some('ヴ'),
        ('゛', Some(last)) if "カキクケコサシスセソタチツテトハヒフヘホ".contains(last) => {
            char::from_u32(last as u32 + 1)
        }
        ('゜', Some(last)) if "ハヒフヘホ".contains(last) => char::from_u32(last as u32 + 2),
        _ => None,
    };
    match voiced {
        Some(voiced) => {
            out.pop();
            out.push(voiced);
        }
        None => out.push(c),
    }
}

/// A kana name for comparing: katakana, large, without blanks.
pub(super) fn kana(text: &str) -> String {
    let mut out = String::new();
    // Before voicing marks melt: blanks gone, and small kana large.
    for c in text.chars().map(plain).filter(|c| *c != ' ') {
        push(&mut out, enlarged(katakana(c)));
    }
    out
}

fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
        c => c,
    }
}

fn enlarged(c: char) -> char {
    match SMALL.chars().position(|small| small == c) {
        Some(at) => LARGE.chars().nth(at).unwrap_or(c),
        None if c == '-' => 'ー',
        None => c.to_ascii_uppercase(),
    }
}

/// Whether two names may be the same: equal but for width, ● standing for any one character.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        width(text)
            .chars()
            .filter(|c| *c != ' ')
            .collect::<Vec<_>>()
    };
    let (one, other) = (plain(one), plain(other));
    one.len() == other.len()
        && one
            .iter()
            .zip(&other)
            .all(|(a, b)| a == b || *a == '●' || *b == '●')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        for (one, other) in [
            ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ　ハナコ"),
            ("ﾔﾏﾀﾞ ﾊﾅｺ", "やまだ はなこ"),
            ("ﾔﾏﾀ\u{3099}ﾊﾅｺ", "ヤマダハナコ"),
            ("ｼﾖｳｲﾁ", "ショウイチ"),
            ("ﾋﾟｰﾀｰ", "ピーター"),
            ("ﾋﾟ-ﾀ-", "ピーター"),
            ("ｳﾞｨｸﾄﾙ", "ヴィクトル"),
            ("ｂob", "BOB"),
        ] {
            assert_eq!(kana(one), kana(other), "{one} {other}");
        }
        for (one, other) in [("ﾔﾏﾀ ﾊﾅｺ", "ﾔﾏﾀﾞ ﾊﾅｺ"), ("ハハ", "ババ"), ("", "ア")]
        {
            assert_ne!(kana(one), kana(other), "{one} {other}");
        }
    }

    #[test]
    fn symbols_and_numbers_lose_width_and_keep_zeros() {
        for (text, plain) in [
            ("１２‐３４", "12-34"),
            ("０００１２３", "000123"),
            (" 138016", "138016"),
            ("健保－１", "健保-1"),
            ("a  b", "a b"),
        ] {
            assert_eq!(width(text), plain);
        }
        assert_ne!(width("00"), width(""));
    }

    #[test]
    fn a_mark_stands_for_one_character() {
        assert!(same_name("●田　太郎", "𠮷田 太郎"));
        assert!(same_name("山田太郎", "山田　太郎"));
        assert!(!same_name("●田　太郎", "田　太郎"));
        assert!(!same_name("山田　太郎", "山本　太郎"));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,12}|[ｦ-ﾟァ-ヶ゛゜ ]{0,12}") {
            prop_assert_eq!(kana(&kana(&text)), kana(&text));
            prop_assert_eq!(width(&width(&text)), width(&text));
        }
    }
}
