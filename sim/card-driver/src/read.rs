//! Reading a whole file whose length stands in its own header, piece by piece.

use crate::card::{Card, composed};
use crate::error::CardError;
use wire::apdu;

const CHUNK: usize = 256;

/// Longest file an offset of 15 bits reaches into.
const LONGEST: usize = 0x8000;

impl Card {
    /// Reads the current file from its first bytes to the end its header names; `length` tells the
    /// whole length from the first `header` bytes.
    pub(crate) fn read_whole(
        &mut self,
        doing: &'static str,
        header: u32,
        length: fn(&[u8]) -> Option<usize>,
    ) -> Result<Vec<u8>, CardError> {
        let first = self.done(doing, &composed(doing, apdu::read_binary(0, header))?)?;
        let total = length(&first)
            .filter(|total| *total <= LONGEST)
            .ok_or_else(|| CardError::Malformed {
                doing,
                said: format!(
                    "it begins with {}, which is not what lies there",
                    hex::encode_upper(&first)
                ),
            })?;
        let mut file = Vec::with_capacity(total);
        while file.len() < total {
            let wanted = CHUNK.min(total - file.len());
            // Both fit: the file is no longer than the offset reaches.
            let offset = u16::try_from(file.len()).unwrap_or(u16::MAX);
            let expected = u32::try_from(wanted).unwrap_or(1);
            let command = composed(doing, apdu::read_binary(offset, expected))?;
            let chunk = self.done(doing, &command)?;
            if chunk.is_empty() || chunk.len() > wanted {
                let said = format!(
                    "{} bytes where {wanted} were asked for at {offset}",
                    chunk.len()
                );
                return Err(CardError::Malformed { doing, said });
            }
            file.extend_from_slice(&chunk);
        }
        Ok(file)
    }
}

/// Whole length of the DER SEQUENCE of a certificate that begins so; none when it is no certificate.
pub(crate) fn certificate_length(header: &[u8]) -> Option<usize> {
    match header {
        [0x30, 0x82, high, low] => Some(usize::from(u16::from_be_bytes([*high, *low])) + 4),
        _ => None,
    }
}
