//! Pictures of one bit a pixel, as the surface application keeps what is printed on the card: a PNG
//! written by hand, uncompressed, since a few hundred bytes need no library.
//! Digits are drawn as digits. Japanese text would need a font; its bytes are drawn as columns of dots.

/// Height of every picture on the card, in pixels.
const HEIGHT: usize = 12;

/// Rows of a digit, five pixels each, the leftmost in bit 4.
const DIGITS: [[u8; 7]; 10] = [
    [0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E],
    [0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E],
    [0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F],
    [0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E],
    [0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02],
    [0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E],
    [0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E],
    [0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
    [0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E],
    [0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C],
];

/// Pixels a digit takes with the gap behind it.
const DIGIT_WIDTH: usize = 6;

/// Black dots on white.
struct Picture {
    width: usize,
    dots: Vec<(usize, usize)>,
}

/// Pixels across a picture of so many digits.
pub(crate) fn width_of(text: &str) -> usize {
    text.chars().count() * DIGIT_WIDTH
}

/// A picture of digits, 6 x 12 pixels each; other characters stay white.
pub(crate) fn digits(text: &str) -> Vec<u8> {
    let mut dots = Vec::new();
    for (place, character) in text.chars().enumerate() {
        let Some(rows) = character
            .to_digit(10)
            .and_then(|digit| DIGITS.get(usize::try_from(digit).ok()?))
        else {
            continue;
        };
        for (y, row) in rows.iter().enumerate() {
            let black = (0..5).filter(|x| row >> (4 - x) & 1 == 1);
            dots.extend(black.map(|x| (place * DIGIT_WIDTH + x, y + 2)));
        }
    }
    let width = width_of(text);
    Picture { width, dots }.encoded()
}

/// Where the pixels stand: behind the signature, IHDR, and the heads of IDAT and of its one block.
const PIXELS: usize = 8 + 25 + 8 + 7;

/// What of a picture made here tells what is drawn: its pixels from the first row that can be black, and
/// the sums over them.
pub(crate) fn telling(picture: &[u8], width: usize) -> &[u8] {
    let white = 2 * (1 + width.div_ceil(8));
    let end = picture.len().saturating_sub(12);
    picture.get(PIXELS + white..end).unwrap_or_default()
}

/// A picture of any text, one byte of UTF-8 a column, at least so many pixels wide.
pub(crate) fn columns(text: &str, width: usize) -> Vec<u8> {
    let dots = text.bytes().enumerate().flat_map(|(x, byte)| {
        let black = (0..8).filter(move |bit| byte >> (7 - bit) & 1 == 1);
        black.map(move |bit| (x, bit + 2))
    });
    Picture {
        width: width.max(text.len()),
        dots: dots.collect(),
    }
    .encoded()
}

impl Picture {
    fn encoded(&self) -> Vec<u8> {
        let row = 1 + self.width.div_ceil(8);
        let mut pixels = vec![0xFF; row * HEIGHT];
        for y in 0..HEIGHT {
            // Filter type 0 in front of each row.
            pixels[y * row] = 0;
        }
        for (x, y) in &self.dots {
            pixels[y * row + 1 + x / 8] &= !(0x80 >> (x % 8));
        }
        let size = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX).to_be_bytes();
        let header = [size(self.width), size(HEIGHT)].concat();
        // One bit of grey, the only compression and filter method, no interlacing.
        let header = [header.as_slice(), &[1, 0, 0, 0, 0]].concat();
        [
            b"\x89PNG\r\n\x1A\n".to_vec(),
            chunk(*b"IHDR", &header),
            chunk(*b"IDAT", &stored(&pixels)),
            chunk(*b"IEND", &[]),
        ]
        .concat()
    }
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), data].concat();
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    [length.as_slice(), &named, &crc32(&named).to_be_bytes()].concat()
}

/// A zlib stream of one stored block; a picture on the card is far below its 65 535 bytes.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let parts: [&[u8]; 5] = [
        &[0x78, 0x01, 0x01],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        data,
        &adler32(data).to_be_bytes(),
    ];
    parts.concat()
}

fn crc32(data: &[u8]) -> u32 {
    let rest = data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            1 => crc >> 1 ^ 0xEDB8_8320,
            _ => crc >> 1,
        })
    });
    !rest
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1u32, 0u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sums_are_those_of_their_definitions() {
        // The check values both algorithms are published with.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert_eq!(chunk(*b"IEND", &[])[8..], [0xAE, 0x42, 0x60, 0x82]);
    }

    /// The pixels of a picture of one stored block, black as `#`.
    fn shown(png: &[u8]) -> Vec<String> {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        let (width, height) = (number(16) as usize, number(20) as usize);
        let pixels = &png[41 + 7..];
        let row = 1 + width.div_ceil(8);
        (0..height)
            .map(|y| {
                (0..width)
                    .map(|x| match pixels[y * row + 1 + x / 8] << (x % 8) & 0x80 {
                        0 => '#',
                        _ => '.',
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn digits_can_be_read() {
        let picture = shown(&digits("17"));
        assert_eq!(
            picture,
            [
                "............",
                "............",
                "..#...#####.",
                ".##.......#.",
                "..#......#..",
                "..#.....#...",
                "..#....#....",
                "..#....#....",
                ".###...#....",
                "............",
                "............",
                "............",
            ]
        );
        assert_eq!(shown(&digits("2285"))[0].len(), 24);
        assert_eq!(digits("x"), columns("", 6));
    }

    #[test]
    fn two_pictures_of_digits_differ_only_in_what_tells_them() {
        let [one, other] = ["2285", "0417"].map(digits);
        let told = |picture| telling(picture, width_of("2285"));
        let start = PIXELS + 2 * (1 + 3);
        assert_eq!(told(&one), &one[start..one.len() - 12]);
        assert_ne!(told(&one), told(&other));
        assert_eq!(one[..start], other[..start]);
        assert_eq!(one[one.len() - 12..], other[other.len() - 12..]);
        assert_eq!(told(&one)[0], 0, "it begins with the filter type of a row");
        assert!(telling(b"short", 24).is_empty());
    }

    #[test]
    fn other_text_is_drawn_as_its_bytes() {
        let picture = shown(&columns("A", 10));
        let column: String = picture.iter().map(|row| &row[..1]).collect();
        // 'A' is 41, from the top.
        assert_eq!(column, "...#.....#..");
        assert_eq!(picture[0].len(), 10);
        assert_eq!(shown(&columns("あいうえ", 10))[0].len(), 12);
    }
}
