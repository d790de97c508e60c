//! Seals a report folder: whose key signs it, and the question to a time-stamp authority. The key
//! is read before anything is played, and never shown.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use reports::{Page, RunInfo};
use seal::Identity;
use tokio::net::TcpStream;

use crate::failure::Failure;
use crate::office;

/// How long an authority may take, in all.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers are a few kilobytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Who seals.
#[derive(Args, Clone, Debug, Default)]
pub struct Sealing {
    /// Private key (PEM) that signs the report; without it the published test key signs, which is nobody's.
    #[arg(long, value_name = "FILE", requires = "sign_chain")]
    sign_key: Option<PathBuf>,
    /// Certificates (PEM) of that key, the signer's own first.
    #[arg(long, value_name = "FILE", requires = "sign_key")]
    sign_chain: Option<PathBuf>,
    /// Time-stamp authority (RFC 3161), an http address.
    #[arg(long, value_name = "URL")]
    time_stamp: Option<String>,
}

/// A key that fits its certificates, and an address that can be asked.
pub struct Sealer {
    identity: Identity,
    authority: Option<Uri>,
}

impl Sealing {
    /// Reads and checks what was handed in.
    pub fn open(&self) -> Result<Sealer, Failure> {
        let identity = match (&self.sign_key, &self.sign_chain) {
            (Some(key), Some(chain)) => {
                Identity::from_pem(&text(key, "--sign-key")?, &text(chain, "--sign-chain")?)
                    .map_err(|e| Failure::Configuration(e.to_string()))?
            }
            _ => Identity::test().map_err(Failure::bed)?,
        };
        let authority = self.time_stamp.as_deref().map(address).transpose()?;
        Ok(Sealer {
            identity,
            authority,
        })
    }
}

impl Sealer {
    /// Writes the signed page for the office, manifest and signature into a printed report folder, and has the
    /// signature stamped.
    pub fn seal(&self, dir: &Path, page: &Page, info: &RunInfo) -> Result<(), Failure> {
        let told = |e: seal::SealError| Failure::Configuration(e.to_string());
        let now = world::clock::real_now();
        self.sign_certificate(dir, page, info, now)?;
        let cms = seal::seal_folder(dir, &self.identity, Some(now)).map_err(told)?;
        let Some(authority) = &self.authority else {
            return Ok(());
        };
        // Old answers are kept out by the imprint; the nonce only tells one question from the next.
        let [a, b, c, d, e, f, g, h, ..] = seal::sha256(&cms);
        let nonce = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let request = seal::time_stamp_request(&cms, nonce).map_err(told)?;
        let answer =
            asked(authority, request.clone()).map_err(|reason| unstamped(authority, &reason))?;
        let stamped = seal::time_stamp_token(&answer, &request)
            .and_then(|token| seal::with_time_stamp(&cms, &token))
            .map_err(|e| unstamped(authority, &e.to_string()))?;
        let path = dir.join(seal::SIGNATURE);
        std::fs::write(&path, stamped)
            .map_err(|e| Failure::Configuration(format!("{}: {e}.", path.display())))
    }
}

impl Sealer {
    fn sign_certificate(
        &self,
        dir: &Path,
        page: &Page,
        info: &RunInfo,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let kept = |path: &Path, e: std::io::Error| {
            Failure::Configuration(format!("{}: {e}.", path.display()))
        };
        let path = dir.join("report.json");
        let report = std::fs::read(&path).map_err(|e| kept(&path, e))?;
        let unsigned = office::printed(page, info, &report, (&self.identity).into())?;
        let signed =
            certificate::sign(unsigned, &self.identity, Some(now)).map_err(Failure::bed)?;
        let path = dir.join(office::CERTIFICATE);
        std::fs::write(&path, signed).map_err(|e| kept(&path, e))
    }
}

fn unstamped(authority: &Uri, reason: &str) -> Failure {
    Failure::Configuration(format!(
        "--time-stamp {authority}: {reason} Nothing was written. Try again, name another authority, or seal without a time stamp."
    ))
}

/// Keys and certificates are a few kilobytes.
const LONGEST_PEM: u64 = 1024 * 1024;

/// A file the caller named, read: a plain one, for a pipe might never end and never begin.
pub fn text(path: &Path, option: &str) -> Result<String, Failure> {
    let refused = |why: &dyn std::fmt::Display| {
        Failure::Configuration(format!(
            "{option} {}: {why}. Name a PEM file that can be read.",
            path.display()
        ))
    };
    let meta = std::fs::metadata(path).map_err(|e| refused(&e))?;
    if !meta.is_file() {
        return Err(refused(&"it is no plain file"));
    }
    let mut text = String::new();
    // One byte more than is allowed is enough to know that it is too much.
    let read = File::open(path)
        .and_then(|file| file.take(LONGEST_PEM + 1).read_to_string(&mut text))
        .map_err(|e| refused(&e))?;
    if read as u64 > LONGEST_PEM {
        return Err(refused(&format!(
            "it has more than {LONGEST_PEM} bytes, and no such file has"
        )));
    }
    Ok(text)
}

fn address(text: &str) -> Result<Uri, Failure> {
    let uri = text.parse::<Uri>().ok();
    uri.filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some())
        .ok_or_else(|| {
            Failure::Configuration(format!(
                "--time-stamp {text}: no http address. Write it as http://HOST/PATH; a time stamp is signed itself and needs no TLS."
            ))
        })
}

fn asked(authority: &Uri, request: Vec<u8>) -> Result<Vec<u8>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("no runtime: {e}."))?;
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, exchanged(authority, request))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} seconds.", PATIENCE.as_secs())))
    })
}

async fn exchanged(authority: &Uri, request: Vec<u8>) -> Result<Vec<u8>, String> {
    let host = authority.host().unwrap_or_default();
    let place = (
        host.trim_matches(['[', ']']),
        authority.port_u16().unwrap_or(80),
    );
    let stream = TcpStream::connect(place)
        .await
        .map_err(|e| format!("it cannot be reached ({e})."))?;
    let said = |e: hyper::Error| format!("the exchange broke off ({e}).");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(said)?;
    let path = authority.path_and_query().map_or("/", |p| p.as_str());
    let question = Request::post(path)
        .header("host", authority.authority().map_or(host, |a| a.as_str()))
        .header("content-type", "application/timestamp-query")
        .body(Full::new(Bytes::from(request)))
        .map_err(|e| format!("no request can be made for it ({e})."))?;
    let answer = async {
        let answer = sender.send_request(question).await.map_err(said)?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answered with status {}.", answer.status()));
        }
        Limited::new(answer.into_body(), LONGEST_ANSWER)
            .collect()
            .await
            .map(|body| body.to_bytes().to_vec())
            .map_err(|e| format!("its answer cannot be read ({e})."))
    };
    // The connection moves only while somebody looks after it; it ends with the answer.
    tokio::select! {
        biased;
        answer = answer => answer,
        Err(error) = connection => Err(said(error)),
    }
}
