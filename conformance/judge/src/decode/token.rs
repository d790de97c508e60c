//! Finds the tokens the tap puts in place of secrets: `⟦PIN#1⟧` where the protocol carries one,
//! `⟦LEAK PIN#1⟧` anywhere else. Works on raw bytes, since a token is UTF-8 whatever surrounds it.

const OPEN: &[u8] = "⟦".as_bytes();
const CLOSE: &[u8] = "⟧".as_bytes();
const LONGEST: usize = 64;

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte of the token.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// True for `⟦LEAK …⟧`.
    pub leak: bool,
    /// What the secret is: `PIN`, `INDIVIDUAL-NUMBER`, …
    pub kind: String,
    /// The whole token as written.
    pub text: String,
}

impl Token {
    /// Length of the secret the token stands for, in bytes, where its kind fixes that.
    pub fn true_length(&self) -> Option<usize> {
        match self.kind.as_str() {
            "PIN" => Some(4),
            // A longer secret may have leaked in hex or Base64 too.
            "INDIVIDUAL-NUMBER" if !self.leak => Some(12),
            _ => None,
        }
    }
}

/// Every token in some bytes, in order.
pub fn find(bytes: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(start) = position(bytes, at, OPEN) {
        match read(bytes, start) {
            Some(token) => {
                at = token.end;
                tokens.push(token);
            }
            None => at = start + OPEN.len(),
        }
    }
    tokens
}

/// The token that starts exactly at `start`, if one does.
pub fn read(bytes: &[u8], start: usize) -> Option<Token> {
    let inner_start = start.checked_add(OPEN.len())?;
    if bytes.get(start..inner_start)? != OPEN {
        return None;
    }
    let window = bytes.get(inner_start..)?;
    let window = &window[..window.len().min(LONGEST)];
    let length = position(window, 0, CLOSE)?;
    let inner = std::str::from_utf8(&window[..length]).ok()?;
    let (leak, rest) = match inner.strip_prefix("LEAK ") {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let (kind, number) = rest.split_once('#')?;
    let named = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
    let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (named && numbered).then(|| Token {
        start,
        end: inner_start + length + CLOSE.len(),
        leak,
        kind: kind.to_owned(),
        text: format!("⟦{inner}⟧"),
    })
}

fn position(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(needle.len())
        .position(|w| w == needle)
        .map(|found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_found_in_any_surroundings() {
        let mut bytes = vec![0x83, 0x65, 0xE2, 0x9F, 0xA6, 0x20];
        bytes.extend("⟦PIN#1⟧\u{0}⟦LEAK INDIVIDUAL-NUMBER#12⟧⟦pin#1⟧⟦PIN⟧⟦PIN#⟧".as_bytes());
        let found = find(&bytes);
        let texts: Vec<&str> = found.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(texts, ["⟦PIN#1⟧", "⟦LEAK INDIVIDUAL-NUMBER#12⟧"]);
        assert_eq!((found[0].leak, found[0].true_length()), (false, Some(4)));
        assert_eq!((found[1].leak, found[1].true_length()), (true, None));
        assert_eq!(&bytes[found[0].start..found[0].end], "⟦PIN#1⟧".as_bytes());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for token in find(&bytes) {
                prop_assert!(token.start < token.end && token.end <= bytes.len());
            }
        }

        #[test]
        fn a_token_is_found_wherever_it_stands(
            before in proptest::collection::vec(0u8..0x80, 0..50),
            after in proptest::collection::vec(0u8..0x80, 0..50),
            number in 1u32..1000,
        ) {
            let token = format!("⟦LEAK PIN#{number}⟧");
            let bytes = [before.as_slice(), token.as_bytes(), after.as_slice()].concat();
            let found = find(&bytes);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].text, &token);
        }
    }
}
