//! Values that are nearly right: a day or a second off, zeros dropped, another width, a variant of a character.

use super::Due::{Noticed, Open};
use super::body::{Leaf, encoded, leaves, text};
use super::{Bend, Kind, Story};

pub const KINDS: &[Kind] = &[
    ("a day later", Noticed, |s| values(s, |t| day(t, 1))),
    ("a day earlier", Noticed, |s| values(s, |t| day(t, -1))),
    ("a second later", Open, |s| values(s, |t| second(t, 1))),
    ("a second earlier", Open, |s| values(s, |t| second(t, -1))),
    ("an hour later", Noticed, |s| values(s, |t| second(t, 3600))),
    ("leading zeros dropped", Noticed, |s| {
        values(s, without_zeros)
    }),
    ("digits in full width", Open, |s| values(s, full_width)),
    ("digits in half width", Open, |s| values(s, half_width)),
    ("kana in full width", Open, |s| values(s, full_kana)),
    ("a variant character", Open, |s| values(s, variant)),
    ("a character replaced by ●", Open, |s| values(s, dotted)),
    ("a space between names dropped", Open, |s| {
        values(s, |t| t.contains('　').then(|| t.replace('　', "")))
    }),
    ("letters in the other case", Open, |s| values(s, other_case)),
];

fn values(story: &Story<'_>, bend: impl Fn(&str) -> Option<String>) -> Vec<Bend> {
    let all = leaves(story, |bytes, leaf: &Leaf| {
        let said = text(bytes, &leaf.value);
        let other = bend(&said).unwrap_or(said);
        (leaf.value.clone(), encoded(bytes, &other))
    });
    // Where nothing of the kind stands, nothing was bent.
    let bent = all.into_iter().filter(|b| {
        b.edits.iter().any(|e| match e {
            super::Edit::Say(at, bytes) => story
                .messages
                .iter()
                .any(|m| m.at == *at && m.bytes != bytes.as_slice()),
            _ => false,
        })
    });
    bent.filter(|b| !["challenge", "certificate", "signature", "image"].contains(&b.what.as_str()))
        .collect()
}

const MONTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    MONTHS[month as usize - 1] + u32::from(leap && month == 2)
}

/// The day before or after, months' ends and leap days minded.
fn moved(year: u32, month: u32, day: u32, by: i32) -> (u32, u32, u32) {
    match (day, by) {
        (1, -1) if month == 1 => (year - 1, 12, 31),
        (1, -1) => (year, month - 1, days_of(year, month - 1)),
        (_, -1) => (year, month, day - 1),
        _ if day < days_of(year, month) => (year, month, day + 1),
        _ if month == 12 => (year + 1, 1, 1),
        _ => (year, month + 1, 1),
    }
}

fn day(text: &str, by: i32) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let dashed = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let plain = text.len() == 8 || text.len() == 14;
    if !(dashed || plain && digits.len() == text.len()) || !matches!(&digits[..2], "19" | "20") {
        return None;
    }
    let of = |range: std::ops::Range<usize>| digits[range].parse::<u32>().ok();
    let (year, month, day) = (of(0..4)?, of(4..6)?, of(6..8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month, day) = moved(year, month, day, by);
    Some(match dashed {
        true => format!("{year:04}-{month:02}-{day:02}"),
        false => format!("{year:04}{month:02}{day:02}{}", &text[8..]),
    })
}

fn second(text: &str, by: i64) -> Option<String> {
    let is_time =
        text.len() == 14 && text.starts_with("20") && text.bytes().all(|b| b.is_ascii_digit());
    if !is_time {
        return None;
    }
    let of = |range: std::ops::Range<usize>| text[range].parse::<i64>().ok();
    let at = of(8..10)? * 3600 + of(10..12)? * 60 + of(12..14)? + by;
    let (days, at) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let date = match days {
        0 => text[..8].to_owned(),
        by => day(&text[..8], by as i32)?,
    };
    Some(format!(
        "{date}{:02}{:02}{:02}",
        at / 3600,
        at / 60 % 60,
        at % 60
    ))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn without_zeros(text: &str) -> Option<String> {
    let other = text.trim_start_matches('0');
    let plain = is_number(text) && text.len() > 1 && other.len() < text.len();
    plain.then(|| other.to_owned())
}

fn full_width(text: &str) -> Option<String> {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c);
    is_number(text).then(|| text.chars().map(wide).collect())
}

fn half_width(text: &str) -> Option<String> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    let other: String = text.chars().map(narrow).collect();
    (other != text).then_some(other)
}

const HALF: &str = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝｬｭｮｯｰ";
const FULL: &str = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンャュョッー";

fn full_kana(text: &str) -> Option<String> {
    let wide = |c: char| {
        let at = HALF.chars().position(|h| h == c);
        at.and_then(|at| FULL.chars().nth(at)).unwrap_or(c)
    };
    let other: String = text.chars().map(wide).collect();
    (other != text).then_some(other)
}

const VARIANTS: [(char, char); 10] = [
    ('高', '髙'),
    ('崎', '﨑'),
    ('斎', '斉'),
    ('辺', '邊'),
    ('花', '華'),
    ('郎', '朗'),
    ('美', '実'),
    ('健', '建'),
    ('区', '區'),
    ('町', '街'),
];

fn variant(text: &str) -> Option<String> {
    let (own, other) = VARIANTS.into_iter().find(|(own, _)| text.contains(*own))?;
    Some(text.replacen(own, &other.to_string(), 1))
}

fn dotted(text: &str) -> Option<String> {
    let own = text.chars().find(|c| ('一'..='龥').contains(c))?;
    Some(text.replacen(own, "●", 1))
}

fn other_case(text: &str) -> Option<String> {
    let plain = text.len() < 40 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let other = match text.chars().any(|c| c.is_ascii_lowercase()) {
        true => text.to_ascii_uppercase(),
        false => text.to_ascii_lowercase(),
    };
    (plain && other != text && !["true", "false", "null"].contains(&text)).then_some(other)
}
