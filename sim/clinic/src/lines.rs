//! Lines off a byte stream, bounded: the reader protocol's messages end in a newline, and a side
//! that sends an endless line must not fill the other's memory.

use tokio::io::{AsyncRead, AsyncReadExt};
use wire::reader::MAX_LINE;

/// One line as it came, newline included.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Of allowed length.
    Whole(Vec<u8>),
    /// Its first [`MAX_LINE`] bytes; the rest is skipped.
    TooLong(Vec<u8>),
}

/// Reads lines. `next` may be dropped and called again without losing bytes.
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    skipping: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Lines {
            reader,
            buffer: Vec::new(),
            skipping: false,
        }
    }

    /// The next line; none once the stream has ended or broken. A last line without its newline
    /// never was a message and is left out.
    pub(crate) async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.take() {
                return Some(line);
            }
            match self.reader.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    fn take(&mut self) -> Option<Line> {
        let end = self
            .buffer
            .iter()
            .position(|b| *b == b'\n')
            .map(|at| at + 1);
        if self.skipping {
            self.buffer.drain(..end.unwrap_or(self.buffer.len()));
            self.skipping = end.is_none();
            return if end.is_some() { self.take() } else { None };
        }
        match end {
            Some(end) if end <= MAX_LINE => {
                let rest = self.buffer.split_off(end);
                Some(Line::Whole(std::mem::replace(&mut self.buffer, rest)))
            }
            None if self.buffer.len() <= MAX_LINE => None,
            _ => {
                let rest = self.buffer.split_off(MAX_LINE);
                self.skipping = true;
                Some(Line::TooLong(std::mem::replace(&mut self.buffer, rest)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn all(bytes: &[u8]) -> Vec<Line> {
        let mut lines = Lines::new(bytes);
        let mut out = Vec::new();
        while let Some(line) = lines.next().await {
            out.push(line);
        }
        out
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_a_cut_one_is_no_line() {
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        assert_eq!(
            all(b"a\n\nbc\ncut").await,
            [whole("a\n"), whole("\n"), whole("bc\n")]
        );
    }

    #[tokio::test]
    async fn an_endless_line_is_cut_and_the_next_one_is_read() {
        let bytes = [vec![b'x'; MAX_LINE * 3], b"\nnext\n".to_vec()].concat();
        let got = all(&bytes).await;
        assert_eq!(got.len(), 2);
        assert_eq!(got[0], Line::TooLong(vec![b'x'; MAX_LINE]));
        assert_eq!(got[1], Line::Whole(b"next\n".to_vec()));
    }

    proptest! {
        #[test]
        fn no_bytes_are_invented(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let joined: Vec<u8> = runtime.block_on(all(&bytes)).into_iter().flat_map(|line| match line {
                Line::Whole(b) | Line::TooLong(b) => b,
            }).collect();
            let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            prop_assert_eq!(joined, &bytes[..whole]);
        }
    }
}
