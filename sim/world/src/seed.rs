//! Chance, handed in: every user of chance takes a named stream of one seed, so that adding a
//! user never shifts another's numbers.

use sha2::{Digest, Sha256};

/// A seed. Copy it freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The stream of this name; the same seed and name always give the same bytes.
    pub fn stream(self, name: &str) -> Stream {
        let mut hash = Sha256::new();
        hash.update(self.0.to_be_bytes());
        hash.update(name.as_bytes());
        Stream {
            key: hash.finalize().into(),
            counter: 0,
        }
    }

    /// A seed below this one, for a part that has streams of its own.
    pub fn child(self, name: &str) -> Seed {
        Seed(self.stream(name).next_u64())
    }
}

/// A reproducible stream of bytes: SHA-256 of key and counter. Not for secrets that matter.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u8; 32],
    counter: u64,
}

impl Stream {
    /// The next 32 bytes.
    pub fn block(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(self.counter.to_be_bytes());
        self.counter += 1;
        hash.finalize().into()
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        let block = self.block();
        let mut eight = [0; 8];
        eight.copy_from_slice(&block[..8]);
        u64::from_be_bytes(eight)
    }

    /// A number below `bound` (the bias of a 64-bit remainder is of no concern here).
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            0
        } else {
            self.next_u64() % bound
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_reproducible_and_independent() {
        let first = Seed(7).stream("pin").block();
        assert_eq!(first, Seed(7).stream("pin").block());
        assert_ne!(first, Seed(7).stream("nonce").block());
        assert_ne!(first, Seed(8).stream("pin").block());
        assert_ne!(Seed(7).child("a"), Seed(7).child("b"));
        assert!((0..100).all(|_| Seed(7).stream("x").below(10) < 10));
    }
}
