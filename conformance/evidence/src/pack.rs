//! The bytes of one scenario in one file. A small file each would cost a disk more than everything
//! else a run does. An entry is a line `<sha256> <length>`, the bytes, and a line end; entries stand in
//! the order of their digests, so the same bytes make the same file.

use std::collections::BTreeMap;

use crate::damage::{Damage, broken};
use crate::digest_hex;

/// One file of entries.
pub(crate) fn pack(bytes: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    for (digest, content) in bytes {
        out.extend(format!("{digest} {}\n", content.len()).into_bytes());
        out.extend(content);
        out.push(b'\n');
    }
    out
}

/// The entries of a file called `name`; each must have the digest it is kept under.
pub(crate) fn unpack(name: &str, packed: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Damage> {
    let mut entries = BTreeMap::new();
    let mut rest = packed;
    while !rest.is_empty() {
        let place = format!("{name} at byte {}", packed.len() - rest.len());
        let (digest, length, behind) = head(rest)
            .ok_or_else(|| broken(&place, "a digest, a blank, a length", "something else"))?;
        let content = behind
            .get(..length)
            .filter(|_| behind.get(length) == Some(&b'\n'));
        let Some(content) = content else {
            return Err(broken(
                &place,
                format!("{length} bytes and a line end"),
                "none",
            ));
        };
        let found = digest_hex(content);
        if found != digest {
            return Err(broken(&place, format!("bytes of SHA-256 {digest}"), found));
        }
        if entries.insert(found, content.to_vec()).is_some() {
            return Err(broken(&place, "each entry once", format!("{digest} twice")));
        }
        rest = &behind[length + 1..];
    }
    Ok(entries)
}

/// Digest and length of the first entry, and what follows its line.
fn head(rest: &[u8]) -> Option<(&str, usize, &[u8])> {
    let end = rest.iter().take(100).position(|byte| *byte == b'\n')?;
    let (digest, length) = std::str::from_utf8(&rest[..end]).ok()?.split_once(' ')?;
    Some((digest, length.parse().ok()?, &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_packed_comes_out(contents in proptest::collection::vec(any::<Vec<u8>>(), 0..6)) {
            let entries: BTreeMap<_, _> =
                contents.into_iter().map(|content| (digest_hex(&content), content)).collect();
            prop_assert_eq!(unpack("p", &pack(&entries)).unwrap(), entries);
        }

        #[test]
        fn no_input_is_too_strange(bytes in any::<Vec<u8>>()) {
            let _ = unpack("p", &bytes);
        }
    }

    #[test]
    fn each_damage_is_told_with_its_place() {
        let good = pack(&[(digest_hex(b"abc"), b"abc".to_vec())].into());
        let digest = digest_hex(b"abc");
        for (bytes, said) in [
            (b"no entry".to_vec(), "a digest, a blank, a length"),
            (good[..good.len() - 1].to_vec(), "3 bytes and a line end"),
            (
                format!("{digest} 99999999999999999999\nabc\n").into_bytes(),
                "a length",
            ),
            (
                format!("{digest} 4\nabc\n").into_bytes(),
                "4 bytes and a line end",
            ),
            (
                format!("{digest} 3\nabd\n").into_bytes(),
                "bytes of SHA-256",
            ),
            ([good.clone(), good.clone()].concat(), "each entry once"),
        ] {
            let error = unpack("bytes/x.pack", &bytes).unwrap_err().to_string();
            assert!(
                error.contains(said) && error.contains("bytes/x.pack at byte"),
                "{error}"
            );
        }
    }
}
