//! HTTP/1.1 as our houses speak it: one request at a time over a given stream, bounded bodies,
//! no Date header (it would be a hidden clock).

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1 as client;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// A request as a house sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Content type, lower case, without parameters.
    pub content_type: String,
    /// The body, or how it was refused.
    pub body: Result<Bytes, BodyRefused>,
}

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRefused {
    /// More than the house takes.
    TooLarge,
    /// It ended early or was malformed.
    Broken,
}

/// An answer, sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Content type.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// An answer with a body.
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Answer {
            status,
            content_type: content_type.to_owned(),
            body: body.into(),
        }
    }
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// Nothing came in time.
    #[error("no answer within {0} ms")]
    Timeout(u64),
    /// More than is taken.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

/// Serves one connection until the other side closes it.
pub async fn serve<S, H, F>(stream: S, max_body: usize, house: H)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Asked) -> F,
    F: Future<Output = Answer>,
{
    let house = &house;
    let service = service_fn(move |request: Request<Incoming>| async move {
        let asked = read_request(request, max_body).await;
        Ok::<_, Infallible>(to_response(house(asked).await))
    });
    let mut builder = server::Builder::new();
    builder
        .auto_date_header(false)
        .max_headers(64)
        .max_buf_size(64 * 1024);
    // A connection that breaks concerns its two ends only; the other side has seen it as well.
    let _ = builder
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn read_request(request: Request<Incoming>, max_body: usize) -> Asked {
    let (head, body) = request.into_parts();
    let content_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let content_type = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let body = match Limited::new(body, max_body).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(e) if e.downcast_ref::<LengthLimitError>().is_some() => Err(BodyRefused::TooLarge),
        Err(_) => Err(BodyRefused::Broken),
    };
    Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        content_type,
        body,
    }
}

fn to_response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(&answer.content_type)
        && !answer.content_type.is_empty()
    {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

/// The asking side of one connection.
pub struct Client {
    sender: client::SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    /// Speaks HTTP over a stream to `host`.
    pub async fn over<S>(stream: S, host: &str) -> Result<Self, NoAnswer>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = client::Builder::new()
            .max_buf_size(64 * 1024)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| NoAnswer::Connection(e.to_string()))?;
        tokio::spawn(async move {
            // The sender reports the failure to whoever asks.
            let _ = connection.await;
        });
        Ok(Client {
            sender,
            host: host.to_owned(),
        })
    }

    /// Posts a body and waits for the answer, at most `timeout` and `max_body` bytes.
    pub async fn post(
        &mut self,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
        timeout: Duration,
        max_body: usize,
    ) -> Result<Answer, NoAnswer> {
        self.ask("POST", path, content_type, body, timeout, max_body)
            .await
    }

    /// Asks by any method; an empty content type is left out.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
        timeout: Duration,
        max_body: usize,
    ) -> Result<Answer, NoAnswer> {
        let broken = |e: String| NoAnswer::Connection(e);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host);
        if !content_type.is_empty() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request
            .body(Full::new(body.into()))
            .map_err(|e| broken(e.to_string()))?;
        let asking = async {
            self.sender
                .ready()
                .await
                .map_err(|e| broken(e.to_string()))?;
            let response = self
                .sender
                .send_request(request)
                .await
                .map_err(|e| broken(e.to_string()))?;
            read_answer(response, max_body).await
        };
        let late = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        tokio::time::timeout(timeout, asking)
            .await
            .map_err(|_| NoAnswer::Timeout(late))?
    }

    /// Whether the connection can still be used.
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }
}

async fn read_answer(response: Response<Incoming>, max_body: usize) -> Result<Answer, NoAnswer> {
    let (head, body) = response.into_parts();
    let content_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    match Limited::new(body, max_body).collect().await {
        Ok(body) => Ok(Answer {
            status: head.status.as_u16(),
            content_type,
            body: body.to_bytes(),
        }),
        Err(e) if e.downcast_ref::<LengthLimitError>().is_some() => {
            Err(NoAnswer::TooLarge(max_body))
        }
        Err(e) => Err(NoAnswer::Connection(e.to_string())),
    }
}
