//! The card's source of chance: a stream made from the seed handed in at issue, so that the same
//! card asked the same way gives the same challenges in every run.

use aws_lc_rs::digest;
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};

/// SHA-256 over seed and block number, block after block.
pub(crate) struct Chance {
    seed: [u8; 32],
    next_block: u64,
    rest: Vec<u8>,
}

impl Chance {
    /// A stream that starts at its beginning.
    pub(crate) fn new(seed: [u8; 32]) -> Chance {
        Chance {
            seed,
            next_block: 0,
            rest: Vec::new(),
        }
    }

    /// The next bytes of the stream.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.rest.len() < count {
            let mut block = digest::Context::new(&digest::SHA256);
            block.update(&self.seed);
            block.update(&self.next_block.to_be_bytes());
            self.next_block += 1;
            self.rest.extend_from_slice(block.finish().as_ref());
        }
        self.rest.drain(..count).collect()
    }
}

impl RngCore for Chance {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, target: &mut [u8]) {
        let bytes = self.bytes(target.len());
        target.copy_from_slice(&bytes);
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(target);
        Ok(())
    }
}

// The RSA library asks for this mark. The card guards test keys only.
impl CryptoRng for Chance {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_however_it_is_cut() {
        let mut whole = Chance::new([7; 32]);
        let mut cut = Chance::new([7; 32]);
        let pieces = [1, 31, 32, 33, 3].map(|count| cut.bytes(count)).concat();
        assert_eq!(whole.bytes(100), pieces);
        assert_ne!(whole.bytes(100), pieces);
        assert_ne!(Chance::new([8; 32]).bytes(100), pieces);
    }
}
