//! The photo on the chip: a real JP2 picture of a silhouette, to which a `uuid` box is appended that
//! holds the face as this simulation compares faces. A JP2 reader shows the picture and passes the
//! box over (ISO/IEC 15444-1, annex I).

/// The picture itself, the same on every simulated card.
const SILHOUETTE: &[u8] = include_bytes!("../assets/silhouette.jp2");

/// Type of a box that names its own format.
const UUID_BOX: [u8; 4] = *b"uuid";

/// Name of our format.
const FACE_FORMAT: [u8; 16] = *b"SHIKAKU-SIM-FACE";

/// Bytes of a face's template.
pub const TEMPLATE_LENGTH: usize = 64;

/// A photo that holds this face.
pub fn jp2_with_face(template: &[u8; TEMPLATE_LENGTH]) -> Vec<u8> {
    let length = 4 + UUID_BOX.len() + FACE_FORMAT.len() + TEMPLATE_LENGTH;
    // 88, so it fits.
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let parts: [&[u8]; 5] = [SILHOUETTE, &length, &UUID_BOX, &FACE_FORMAT, template];
    parts.concat()
}

/// The face a photo holds; `None` when it holds none or is no JP2 file.
pub fn face_in(jp2: &[u8]) -> Option<[u8; TEMPLATE_LENGTH]> {
    let mut rest = jp2;
    while !rest.is_empty() {
        let (kind, content, next) = next_box(rest)?;
        if kind == UUID_BOX
            && let Some(template) = content.strip_prefix(&FACE_FORMAT)
        {
            return template.try_into().ok();
        }
        rest = next;
    }
    None
}

/// Type and content of the first box, and what is behind it. A length of 0 reaches to the end of the
/// file, a length of 1 stands in eight bytes of its own.
fn next_box(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (header, length) = match u32::from_be_bytes(*length) {
        0 => (8, bytes.len()),
        1 => {
            let (long, _) = rest.split_first_chunk::<8>()?;
            (16, usize::try_from(u64::from_be_bytes(*long)).ok()?)
        }
        length => (8, usize::try_from(length).ok()?),
    };
    let content = bytes.get(header..length)?;
    Some((*kind, content, bytes.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_picture_is_a_small_jp2_file_of_whole_boxes() {
        assert!(SILHOUETTE.len() < 3 * 1024);
        let photo = jp2_with_face(&[7; 64]);
        let mut kinds = Vec::new();
        let mut rest = photo.as_slice();
        while !rest.is_empty() {
            let (kind, _, next) = next_box(rest).unwrap();
            kinds.push(kind);
            rest = next;
        }
        assert_eq!(kinds, [*b"jP  ", *b"ftyp", *b"jp2h", *b"jp2c", UUID_BOX]);
        let size = [472u32.to_be_bytes(), 378u32.to_be_bytes()].concat();
        assert!(photo.windows(size.len()).any(|window| window == size));
    }

    #[test]
    fn a_picture_without_our_box_holds_no_face() {
        let photo = jp2_with_face(&[7; 64]);
        let mut foreign = photo.clone();
        let format = SILHOUETTE.len() + 8;
        foreign[format] ^= 1;
        let mut long = SILHOUETTE.to_vec();
        long.extend_from_slice(&[0, 0, 0, 1]);
        long.extend_from_slice(b"uuid\0\0\0\0\0\0\0\x60");
        long.extend_from_slice(&FACE_FORMAT);
        long.extend_from_slice(&[9; 64]);
        let last = [SILHOUETTE, b"\0\0\0\0uuid", &FACE_FORMAT, &[8; 64]].concat();
        let table: [(&[u8], Option<[u8; 64]>); 8] = [
            (SILHOUETTE, None),
            (b"", None),
            (b"\0\0\0\x0CjP", None),
            (b"\x89PNG\r\n", None),
            (&foreign, None),
            (&photo[..photo.len() - 1], None),
            (&long, Some([9; 64])),
            (&last, Some([8; 64])),
        ];
        for (index, (photo, face)) in table.into_iter().enumerate() {
            assert_eq!(face_in(photo), face, "row {index}");
        }
    }

    proptest! {
        #[test]
        fn any_face_comes_out_as_it_went_in(template in proptest::array::uniform32(any::<[u8; 2]>())) {
            let mut face = [0; 64];
            face.copy_from_slice(template.as_flattened());
            prop_assert_eq!(face_in(&jp2_with_face(&face)), Some(face));
        }

        #[test]
        fn no_bytes_make_the_search_panic_or_hang(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..80),
        ) {
            let _ = face_in(&bytes);
        }
    }
}
