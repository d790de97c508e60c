//! Finding the photo in the card face (surface application, EF 0002, facts/card.md 3.3): `FF20` holding
//! `DF21` to `DF2A`, lengths in one, two or three bytes.

/// Two-byte tag of the whole card face.
const FACE: [u8; 2] = [0xFF, 0x20];
/// Two-byte tag of the photo, a JP2 file.
const PHOTO: [u8; 2] = [0xDF, 0x27];

/// Bytes that hold the header of the card face in its longest form.
pub(crate) const HEADER: u32 = 5;

/// Whole length of a card face that begins so; none when it is no card face.
pub(crate) fn length(header: &[u8]) -> Option<usize> {
    let rest = header.strip_prefix(&FACE)?;
    let (length, behind) = read_length(rest)?;
    Some(header.len() - behind.len() + length)
}

/// The photo in a card face: empty when there is none, `None` when the file is malformed.
pub(crate) fn photo(file: &[u8]) -> Option<Vec<u8>> {
    let (length, mut objects) = read_length(file.strip_prefix(&FACE)?)?;
    if objects.len() != length {
        return None;
    }
    while !objects.is_empty() {
        let (tag, rest) = objects.split_first_chunk::<2>()?;
        let (length, rest) = read_length(rest)?;
        let (value, next) = rest.split_at_checked(length)?;
        if *tag == PHOTO {
            return Some(value.to_vec());
        }
        objects = next;
    }
    Some(Vec::new())
}

/// A BER length and what is behind it.
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ 0..=0x7F, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, length, rest @ ..] => Some((usize::from(*length), rest)),
        [0x82, high, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        _ => None,
    }
}
