//! Spellings of one thing made equal: half and full width, hyphens, separate voicing marks, small
//! kana (facts/eligibility.md 8 C). Only for comparing; what is kept is kept as it came.

use std::collections::BTreeMap;
use std::sync::LazyLock;

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

/// A kana name without what is written now so, now so: long vowels (ユーコ, ユウコ, ユコ) and kana of one
/// sound (ヂ, ジ). An aid for finding, too coarse to bind a result by alone.
pub(super) fn loose_kana(text: &str) -> String {
    let mut out = String::new();
    for c in kana(text).chars().map(one_sound) {
        if !lengthens(out.chars().last(), c) {
            out.push(c);
        }
    }
    out
}

fn one_sound(c: char) -> char {
    match c {
        'ヂ' => 'ジ',
        'ヅ' => 'ズ',
        'ヲ' => 'オ',
        'ヰ' => 'イ',
        'ヱ' => 'エ',
        c => c,
    }
}

fn lengthens(before: Option<char>, c: char) -> bool {
    let before = match before {
        Some(before) => before,
        None => return false,
    };
    match c {
        'ー' => true,
        'ウ' => "オコゴソゾトドノホボポモヨロウクグスズツヌフブプムユル".contains(before),
        'オ' => "オコゴソゾトドノホボポモヨロ".contains(before),
        'イ' => "エケゲセゼテデネヘベペメレ".contains(before),
        _ => false,
    }
}

/// The given part of a kana name, where a blank parts it from the family's; empty without one.
pub(super) fn given_kana(text: &str) -> String {
    let plain = width(text);
    plain
        .rsplit_once(' ')
        .map_or(String::new(), |(_, given)| kana(given))
}

/// Characters written in several ways, one group a line; the first stands for all.
const VARIANTS: &str = include_str!("variants.txt");

static USUAL: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
    let groups = VARIANTS.lines().filter_map(|group| {
        let usual = group.chars().next()?;
        Some(group.chars().skip(1).map(move |variant| (variant, usual)))
    });
    groups.flatten().collect()
});

/// What the field writes for a character it cannot (facts/eligibility.md 7.4).
const MARK: char = '●';
/// Names longer than this are compared letter by letter only.
const LONGEST_NAME: usize = 64;

/// A name without differences of width, blanks, variant kanji and variation selectors.
fn plain_name(text: &str) -> Vec<char> {
    let selector = |c: &char| matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let usual = |c: char| USUAL.get(&c).copied().unwrap_or(c);
    let text = width(text);
    let kept = text.chars().filter(|c| *c != ' ' && !selector(c));
    kept.map(usual).collect()
}

/// Whether two names may be one: equal but for width and variant kanji, ● standing for any one
/// character, and kana for kanji the sender could not write. Blank names are nobody's.
pub(super) fn names_agree(one: &str, other: &str) -> bool {
    let (one, other) = (plain_name(one), plain_name(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    if one.len().max(other.len()) > LONGEST_NAME {
        return one == other;
    }
    agree(&one, &other)
}

/// Whether two names are one, each character of both legible.
pub(super) fn same_legible_name(one: &str, other: &str) -> bool {
    let (one, other) = (plain_name(one), plain_name(other));
    !one.is_empty() && one == other && !one.contains(&MARK)
}

/// `fits[a][b]`: whether the first `a` characters of one may be the first `b` of the other.
fn agree(one: &[char], other: &[char]) -> bool {
    let mut fits = vec![vec![false; other.len() + 1]; one.len() + 1];
    fits[0][0] = true;
    for a in 1..=one.len() {
        for b in 1..=other.len() {
            let (c, d) = (one[a - 1], other[b - 1]);
            let same = c == d || c == MARK || d == MARK;
            // Kana run on over a kanji, from either side: ハマ田 and 濱田.
            let spelt = is_kana(c) != is_kana(d);
            fits[a][b] = ((same || spelt) && fits[a - 1][b - 1])
                || (spelt && is_kana(c) && fits[a - 1][b])
                || (spelt && is_kana(d) && fits[a][b - 1]);
        }
    }
    fits[one.len()][other.len()]
}

fn is_kana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー' | 'ぁ'..='ゖ')
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
    fn names_that_may_be_one() {
        let table = [
            ("山田太郎", "山田　太郎", true),
            ("●田　太郎", "𠮷田 太郎", true),
            ("●田　太郎", "田　太郎", false),
            ("髙橋　花子", "高橋　花子", true),
            ("山\u{FA11}　德子", "山崎 徳子", true),
            ("渡邉　一", "渡辺　一", true),
            ("葛\u{E0100}城　一", "葛城　一", true),
            ("ハマ田　一", "濵田　一", true),
            ("ﾊﾏﾀﾞ　ﾊｼﾞﾒ", "濵田　一", true),
            ("山田　太郎", "山本　太郎", false),
            ("山田　花子", "山田　華子", false),
            ("メアリー", "マリア", false),
            ("", "山田", false),
            ("", "", false),
            ("●●", "山田", true),
        ];
        for (one, other, agrees) in table {
            assert_eq!(names_agree(one, other), agrees, "{one} {other}");
            assert_eq!(names_agree(other, one), agrees, "{other} {one}");
        }
        assert!(same_legible_name("髙橋", "高 橋"));
        assert!(!same_legible_name("●橋", "●橋") && !same_legible_name("", ""));
    }

    #[test]
    fn long_vowels_are_an_aid() {
        for (one, other) in [
            ("ﾕｳｺ", "ユーコ"),
            ("ｵｵﾉ ｼﾖｳｲﾁ", "オーノ　ショーイチ"),
            ("ｹｲｺ", "ケーコ"),
            ("ﾐﾂﾞﾎ", "ミズホ"),
        ] {
            assert_eq!(loose_kana(one), loose_kana(other), "{one} {other}");
            assert_ne!(kana(one), kana(other), "{one} {other}");
        }
        assert_ne!(loose_kana("カトウ　ユミ"), loose_kana("カトウ　ユキ"));
        assert_eq!(given_kana("ﾔﾏﾀﾞ　ﾊﾅｺ"), "ハナコ");
        assert_eq!(given_kana("ヤマダハナコ"), "");
    }

    #[test]
    fn each_variant_stands_in_one_group() {
        let mut seen = std::collections::BTreeSet::new();
        for group in VARIANTS.lines() {
            assert!(group.chars().count() > 1, "{group}");
            for c in group.chars() {
                assert!(seen.insert(c), "{c} (U+{:04X}) stands twice", c as u32);
            }
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,12}|[ｦ-ﾟァ-ヶ゛゜ ]{0,12}") {
            prop_assert_eq!(kana(&kana(&text)), kana(&text));
            prop_assert_eq!(width(&width(&text)), width(&text));
        }

        #[test]
        fn agreeing_is_mutual(one in "[山田髙高●ハマー ]{0,8}", other in "[山田髙高●ハマー ]{0,8}") {
            prop_assert_eq!(names_agree(&one, &other), names_agree(&other, &one));
            prop_assert!(names_agree(&one, &one) || one.trim().is_empty());
        }
    }
}
