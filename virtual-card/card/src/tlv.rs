//! The objects the text and surface applications keep their files in: two-byte tag, length, value, and
//! a table of offsets in front (facts/card.md 3.2, 3.3).

/// A two-byte tag.
pub(crate) type Tag = [u8; 2];

/// An object. The length takes one byte up to 127, else three (`82`), as in all files seen.
pub(crate) fn object(tag: Tag, value: &[u8]) -> Vec<u8> {
    match u8::try_from(value.len()) {
        Ok(length @ 0..=0x7F) => [tag.as_slice(), &[length], value].concat(),
        _ => wide_object(tag, value),
    }
}

/// An object whose length takes three bytes (`82`) even where one would do: so images are kept.
pub(crate) fn wide_object(tag: Tag, value: &[u8]) -> Vec<u8> {
    // Nothing on a card is longer: `check` at issue sees to it.
    let [high, low] = u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes();
    [tag.as_slice(), &[0x82, high, low], value].concat()
}

/// A file `FF20`: first `DF21` with the offset of each object from the start of the file, then the
/// objects.
pub(crate) fn with_offsets(objects: &[Vec<u8>]) -> Vec<u8> {
    let length_of = |count: usize| object([0, 0], &vec![0; count]).len();
    let table = length_of(2 * objects.len());
    let content = table + objects.iter().map(Vec::len).sum::<usize>();
    let mut offset = length_of(content) - content + table;
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend_from_slice(&u16::try_from(offset).unwrap_or(u16::MAX).to_be_bytes());
        offset += object.len();
    }
    let content = [object([0xDF, 0x21], &offsets), objects.concat()].concat();
    object([0xFF, 0x20], &content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_take_one_byte_or_three() {
        let table = [
            (0, "DF2200"),
            (127, "DF227F"),
            (128, "DF22820080"),
            (300, "DF2282012C"),
        ];
        for (length, header) in table {
            let object = object([0xDF, 0x22], &vec![0xAA; length]);
            let header = hex::decode(header).unwrap();
            assert_eq!(object, [header, vec![0xAA; length]].concat());
        }
        assert_eq!(wide_object([0xDF, 0x25], &[1]), [0xDF, 0x25, 0x82, 0, 1, 1]);
    }

    #[test]
    fn the_worked_example_of_the_fact_sheet_comes_out() {
        // Outer length 65, offsets 000E 0020 0059 0064.
        let objects = [0x12, 0x39, 0x0B, 0x04]
            .map(|length: usize| object([0xDF, 0x22], &vec![0xAA; length - 3]));
        let file = with_offsets(&objects);
        assert_eq!(
            hex::encode_upper(&file[..14]),
            "FF2065DF2108000E002000590064"
        );
        assert_eq!(file.len(), 104);
    }

    proptest! {
        #[test]
        fn every_offset_points_at_its_object(
            lengths in proptest::collection::vec(prop_oneof![0usize..200, 100usize..4000], 1..9),
        ) {
            let objects: Vec<_> = (0x30u8..)
                .zip(&lengths)
                .map(|(tag, length)| object([0xDF, tag], &vec![0xAA; *length]))
                .collect();
            let file = with_offsets(&objects);
            let header = if file[2] == 0x82 { 5 } else { 3 };
            let offsets = &file[header + 3..header + 3 + 2 * objects.len()];
            for (offset, object) in offsets.chunks(2).zip(&objects) {
                let offset = usize::from(u16::from_be_bytes([offset[0], offset[1]]));
                prop_assert_eq!(&file[offset..offset + object.len()], object.as_slice());
            }
            let length = match file[2] {
                0x82 => usize::from(u16::from_be_bytes([file[3], file[4]])),
                short => usize::from(short),
            };
            prop_assert_eq!(header + length, file.len());
        }
    }
}
