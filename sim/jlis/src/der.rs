//! Writing DER by hand: the profile's names, extensions and, later, everything deliberately
//! wrong need exact bytes, which typed builders will not give.

use jiff::Timestamp;

/// One tag, length and content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|b| *b == 0)
            .collect();
        out.push(0x80 | bytes.len() as u8);
        out.extend(bytes);
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE of parts.
pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// SET of one part.
pub(crate) fn set_of_one(part: &[u8]) -> Vec<u8> {
    tlv(0x31, part)
}

/// Explicit, constructed context tag.
pub(crate) fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xA0 | number, content)
}

/// Implicit, primitive context tag.
pub(crate) fn implicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

/// OBJECT IDENTIFIER from its arcs.
pub(crate) fn oid(arcs: &[u64]) -> Vec<u8> {
    let first =
        arcs.first().copied().unwrap_or_default() * 40 + arcs.get(1).copied().unwrap_or_default();
    let mut content = Vec::new();
    for arc in std::iter::once(first).chain(arcs.iter().skip(2).copied()) {
        let mut groups = vec![(arc & 0x7F) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        content.extend(groups.iter().rev());
    }
    tlv(0x06, &content)
}

/// INTEGER, not negative.
pub(crate) fn integer(value: u64) -> Vec<u8> {
    tlv(0x02, &integer_content(value))
}

/// Content of a non-negative INTEGER.
pub(crate) fn integer_content(value: u64) -> Vec<u8> {
    let mut bytes: Vec<u8> = value
        .to_be_bytes()
        .into_iter()
        .skip_while(|b| *b == 0)
        .collect();
    if bytes.first().is_none_or(|b| b & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

/// ENUMERATED.
pub(crate) fn enumerated(value: u8) -> Vec<u8> {
    tlv(0x0A, &[value])
}

/// UTF8String.
pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0C, text.as_bytes())
}

/// PrintableString.
pub(crate) fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

/// IA5String.
pub(crate) fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

/// OCTET STRING.
pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

/// BIT STRING with so many unused bits in its last byte.
pub(crate) fn bits(unused: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[unused], content].concat())
}

/// BOOLEAN TRUE.
pub(crate) fn truth() -> Vec<u8> {
    tlv(0x01, &[0xFF])
}

/// NULL.
pub(crate) fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

/// Time of a certificate: UTCTime through 2049, GeneralizedTime afterwards (RFC 5280 4.1.2.5).
pub(crate) fn certificate_time(ms: i64) -> Vec<u8> {
    let text = general(ms);
    match text.strip_prefix("20") {
        Some(short) if text.as_str() < "2050" => tlv(0x17, short.as_bytes()),
        _ => tlv(0x18, text.as_bytes()),
    }
}

/// GeneralizedTime in whole seconds.
pub(crate) fn generalized_time(ms: i64) -> Vec<u8> {
    tlv(0x18, general(ms).as_bytes())
}

fn general(ms: i64) -> String {
    let stamp = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    stamp.strftime("%Y%m%d%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_standard() {
        assert_eq!(
            oid(&[1, 2, 840, 113549, 1, 1, 11]),
            [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 0x0B]
        );
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(tlv(4, &[0; 200])[..3], [4, 0x81, 200]);
        assert_eq!(tlv(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
        assert_eq!(
            certificate_time(2_524_607_999_000),
            tlv(0x17, b"491231235959Z")
        );
        assert_eq!(
            certificate_time(2_524_608_000_000),
            tlv(0x18, b"20500101000000Z")
        );
    }
}
