//! Comparing faces. A face is a template of 64 bytes; the photo on the chip is a JP2 picture
//! (ISO/IEC 15444-1 Annex I) that holds it in a `uuid` box; the camera gives 64 bytes. What cannot
//! be compared matches nobody.

use std::fmt;

use card_driver::wipe;

/// Bytes of a template.
pub(super) const LENGTH: usize = 64;
/// Names the box of the template.
const UUID: &[u8; 16] = b"SHIKAKU-SIM-FACE";
/// The box every JP2 file begins with.
const SIGNATURE: &[u8; 12] = b"\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a";

/// A face, overwritten when dropped.
#[derive(PartialEq, Eq)]
pub(super) struct Template([u8; LENGTH]);

impl Template {
    /// The template in a photo; none when the picture is no JP2 or holds none.
    pub(super) fn of_photo(picture: &[u8]) -> Option<Self> {
        let mut rest = picture.strip_prefix(SIGNATURE)?;
        while !rest.is_empty() {
            let (kind, content, next) = next_box(rest)?;
            if kind == b"uuid"
                && let Some(template) = content.strip_prefix(UUID)
            {
                return template.try_into().ok().map(Template);
            }
            rest = next;
        }
        None
    }

    /// Mean difference of a byte to what the camera saw, rounded up; none when the camera saw no face.
    pub(super) fn distance(&self, seen: &[u8]) -> Option<u8> {
        let seen: &[u8; LENGTH] = seen.try_into().ok()?;
        let differences = self
            .0
            .iter()
            .zip(seen)
            .map(|(a, b)| usize::from(a.abs_diff(*b)));
        u8::try_from(differences.sum::<usize>().div_ceil(LENGTH)).ok()
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template(⟦secret⟧)")
    }
}

/// Type and content of the first box, and what follows it; none when its length is impossible.
fn next_box(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let short = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let kind = bytes.get(4..8)?;
    let (header, whole) = match short {
        0 => (8, bytes.len()),
        1 => {
            let long = u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?);
            (16, usize::try_from(long).ok()?)
        }
        length => (8, usize::try_from(length).ok()?),
    };
    Some((kind, bytes.get(header..whole)?, &bytes[whole..]))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reader::Conduct;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes(), kind.as_slice(), content].concat()
    }

    /// A picture as far as boxes go, with this content in the box of the template.
    pub(crate) fn picture(template: &[u8]) -> Vec<u8> {
        [
            SIGNATURE.to_vec(),
            boxed(b"ftyp", b"jp2 \0\0\0\0jp2 "),
            boxed(
                b"uuid",
                &[b"another programme".as_slice(), &[9; 64]].concat(),
            ),
            boxed(b"uuid", &[UUID.as_slice(), template].concat()),
            boxed(b"jp2c", &[0xFF; 40]),
        ]
        .concat()
    }

    #[test]
    fn a_template_is_found_in_its_box_only() {
        let face = [7; 64];
        let found = |bytes: &[u8]| Template::of_photo(bytes).map(|t| t.0);
        assert_eq!(found(&picture(&face)), Some(face));
        let uuid = [UUID.as_slice(), &face].concat();
        let long = [
            SIGNATURE.as_slice(),
            &1u32.to_be_bytes(),
            b"uuid",
            &96u64.to_be_bytes(),
            &uuid,
        ];
        assert_eq!(found(&long.concat()), Some(face));
        let to_the_end = [SIGNATURE.as_slice(), &[0; 4], b"uuid", &uuid].concat();
        assert_eq!(found(&to_the_end), Some(face));
        let none: [Vec<u8>; 8] = [
            vec![],
            face.to_vec(),
            SIGNATURE.to_vec(),
            picture(&[7; 63]),
            picture(&[7; 65]),
            [SIGNATURE.as_slice(), &boxed(b"uuix", &uuid)].concat(),
            picture(&face)[..120].to_vec(),
            [SIGNATURE.as_slice(), &3u32.to_be_bytes(), b"uuid", &uuid].concat(),
        ];
        for bytes in none {
            assert_eq!(found(&bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn the_border_lies_at_a_mean_of_twenty_four() {
        let face = Template([100; 64]);
        let mut just_over = [124; 64];
        just_over[63] = 125;
        let table = [
            (vec![100; 64], Some(0), true),
            (vec![124; 64], Some(24), true),
            (vec![76; 64], Some(24), true),
            (just_over.to_vec(), Some(25), false),
            (vec![255; 64], Some(155), false),
            (vec![100; 63], None, false),
            (vec![], None, false),
        ];
        for (seen, distance, same) in table {
            assert_eq!(face.distance(&seen), distance);
            let matches = distance.is_some_and(|d| crate::reader::Reference.face_matches(d));
            assert_eq!(matches, same);
        }
    }

    proptest! {
        #[test]
        fn no_picture_makes_the_reader_panic(bytes: Vec<u8>, cut in 0usize..260) {
            let _ = Template::of_photo(&bytes);
            let _ = Template::of_photo(&[SIGNATURE.as_slice(), &bytes].concat());
            let whole = picture(&[5; 64]);
            let _ = Template::of_photo(&whole[..cut.min(whole.len())]);
        }
    }
}
