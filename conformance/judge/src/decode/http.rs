//! HTTP/1.1 messages as they were tapped: one record, one message. Tokens inside a body are counted
//! with the length of the secret they replaced, so that Content-Length can still be checked.

use super::{DecodeError, bounded, short, token};

const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 64;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Method and target.
    Request(String, String),
    /// Status code.
    Answer(u16),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Request or answer.
    pub start: Start,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// Body, chunks joined.
    pub body: Vec<u8>,
}

impl Message {
    /// Value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The status code of an answer.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            Start::Answer(status) => Some(status),
            Start::Request(..) => None,
        }
    }

    /// Whether this is a request of that method and path; a query does not count.
    pub fn asks(&self, method: &str, path: &str) -> bool {
        match &self.start {
            Start::Request(m, target) => m == method && path_of(target) == path,
            Start::Answer(_) => false,
        }
    }
}

fn path_of(target: &str) -> &str {
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    path.split('?').next().unwrap_or(path)
}

/// Reads one message.
pub fn message(bytes: &[u8]) -> Result<Message, DecodeError> {
    bounded("HTTP message", bytes)?;
    let (start, headers, length) = if bytes.starts_with(b"HTTP/") {
        answer_head(bytes)?
    } else {
        request_head(bytes)?
    };
    let mut message = Message {
        start,
        headers,
        body: Vec::new(),
    };
    message.body = body(&message, &bytes[length..])?;
    Ok(message)
}

type Head = (Start, Vec<(String, String)>, usize);

fn broken(error: httparse::Error) -> DecodeError {
    DecodeError::new("HTTP head", "a head of HTTP/1.1", error.to_string())
}

fn cut() -> DecodeError {
    DecodeError::new(
        "HTTP head",
        "an empty line after it",
        "the end of the bytes",
    )
}

fn request_head(bytes: &[u8]) -> Result<Head, DecodeError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut slots);
    let window = &bytes[..bytes.len().min(MAX_HEAD)];
    let httparse::Status::Complete(length) = request.parse(window).map_err(broken)? else {
        return Err(cut());
    };
    let method = request.method.unwrap_or_default().to_owned();
    let target = request.path.unwrap_or_default().to_owned();
    Ok((
        Start::Request(method, target),
        copied(request.headers),
        length,
    ))
}

fn answer_head(bytes: &[u8]) -> Result<Head, DecodeError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut slots);
    let window = &bytes[..bytes.len().min(MAX_HEAD)];
    let httparse::Status::Complete(length) = answer.parse(window).map_err(broken)? else {
        return Err(cut());
    };
    Ok((
        Start::Answer(answer.code.unwrap_or_default()),
        copied(answer.headers),
        length,
    ))
}

fn copied(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|h| {
            (
                h.name.to_ascii_lowercase(),
                String::from_utf8_lossy(h.value).trim().to_owned(),
            )
        })
        .collect()
}

fn body(message: &Message, rest: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let lengths: Vec<&str> = message
        .headers
        .iter()
        .filter(|(n, _)| n == "content-length")
        .map(|(_, v)| v.as_str())
        .collect();
    let chunked = message.header("transfer-encoding").is_some_and(|v| {
        v.to_ascii_lowercase()
            .split(',')
            .any(|c| c.trim() == "chunked")
    });
    match (lengths.as_slice(), chunked) {
        ([], true) => joined(rest),
        ([], false) if message.status().is_some() => Ok(rest.to_vec()),
        ([], false) if rest.is_empty() => Ok(Vec::new()),
        ([], false) => Err(DecodeError::new(
            "HTTP body",
            "Content-Length or chunks before a body",
            format!("{} bytes without either", rest.len()),
        )),
        ([length], false) => measured(rest, length),
        _ => Err(DecodeError::new(
            "HTTP head",
            "one way to tell the body's length",
            "several",
        )),
    }
}

fn measured(rest: &[u8], length: &str) -> Result<Vec<u8>, DecodeError> {
    let told: usize = length
        .parse()
        .map_err(|_| DecodeError::new("HTTP Content-Length", "a decimal number", short(length)))?;
    match true_length(rest) {
        Some(found) if found != told => Err(DecodeError::new(
            "HTTP body",
            format!("{told} bytes as Content-Length says"),
            format!("{found} bytes"),
        )),
        _ => Ok(rest.to_vec()),
    }
}

/// Length before the tap replaced secrets; none when a token's kind does not tell.
fn true_length(bytes: &[u8]) -> Option<usize> {
    let mut length = bytes.len();
    for token in token::find(bytes) {
        length = length - (token.end - token.start) + token.true_length()?;
    }
    Some(length)
}

fn joined(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let line_end = bytes[at..]
            .windows(2)
            .position(|w| w == b"\r\n")
            .map(|p| at + p);
        let Some(end) = line_end else {
            return Err(DecodeError::new(
                format!("HTTP chunk at byte {at}"),
                "a size line",
                "none",
            ));
        };
        let line = String::from_utf8_lossy(&bytes[at..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16)
            .ok()
            .filter(|s| *s <= super::MAX_MESSAGE);
        let Some(size) = size else {
            return Err(DecodeError::new(
                format!("HTTP chunk at byte {at}"),
                "a size in hex",
                short(&line),
            ));
        };
        let start = end + 2;
        if size == 0 {
            return Ok(body);
        }
        let next = chunk_end(bytes, start, size)
            .filter(|n| bytes.get(*n..*n + 2) == Some(b"\r\n".as_slice()))
            .ok_or_else(|| {
                DecodeError::new(
                    format!("HTTP chunk at byte {at}"),
                    format!("{size} bytes and a line end"),
                    "fewer or more",
                )
            })?;
        body.extend(&bytes[start..next]);
        at = next + 2;
    }
}

/// Where a chunk of `size` true bytes ends, tokens counted as the secrets they replaced.
fn chunk_end(bytes: &[u8], start: usize, size: usize) -> Option<usize> {
    let mut end = start.checked_add(size)?;
    for token in token::find(bytes.get(start..)?) {
        if start + token.start >= end {
            break;
        }
        end = (end + (token.end - token.start)).checked_sub(token.true_length()?)?;
    }
    (end <= bytes.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bodies_by_length_and_by_chunks() {
        let told =
            message(b"POST /v1/challenges?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                .unwrap();
        assert!(told.asks("POST", "/v1/challenges") && told.header("host") == Some("a"));
        assert_eq!(told.body, b"abc");
        let chunked =
            message(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n").unwrap();
        assert_eq!(
            (chunked.status(), chunked.body.as_slice()),
            (Some(200), b"abc".as_slice())
        );
        let absolute =
            message(b"POST http://ocsp.sim.invalid/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
                .unwrap();
        assert!(absolute.asks("POST", "/"));
    }

    #[test]
    fn tokens_count_as_the_secret_they_replaced() {
        let body = "{\"individual_number\":\"⟦INDIVIDUAL-NUMBER#1⟧\"}";
        let told = format!("POST / HTTP/1.1\r\nContent-Length: 36\r\n\r\n{body}");
        assert_eq!(message(told.as_bytes()).unwrap().body, body.as_bytes());
        let chunked = format!(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n24\r\n{body}\r\n0\r\n\r\n"
        );
        assert_eq!(message(chunked.as_bytes()).unwrap().body, body.as_bytes());
    }

    #[test]
    fn broken_ones_say_where() {
        for (bytes, said) in [
            (
                &b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc"[..],
                "HTTP body: expected 5 bytes as Content-Length says, found 3 bytes",
            ),
            (
                b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nabc",
                "HTTP Content-Length: expected a decimal number, found x",
            ),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
                "HTTP head: expected one way to tell the body's length, found several",
            ),
            (
                b"POST / HTTP/1.1\r\nHost: a\r\n",
                "HTTP head: expected an empty line after it, found the end of the bytes",
            ),
            (
                b"POST / HTTP/1.1\r\n\r\nabc",
                "HTTP body: expected Content-Length or chunks before a body, found 3 bytes without either",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP chunk at byte 0: expected a size in hex, found zz",
            ),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab\r\n",
                "HTTP chunk at byte 0: expected 5 bytes and a line end, found fewer or more",
            ),
        ] {
            assert_eq!(message(bytes).unwrap_err().to_string(), said);
        }
        let long = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &vec![b'a'; MAX_HEAD]].concat();
        assert!(message(&long).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = message(&bytes);
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = message(&[head.as_slice(), &bytes].concat());
        }

        #[test]
        fn cut_messages_never_panic(cut in 0usize..90) {
            let whole = "POST /v1/registrations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n8\r\na⟦PIN#1⟧bcd\r\n0\r\n\r\n";
            let bytes = whole.as_bytes();
            let _ = message(&bytes[..cut.min(bytes.len())]);
        }
    }
}
