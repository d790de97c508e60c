//! The time stamp over a signature (RFC 3161): the question to an authority, its answer checked,
//! the token put into the signature and read out of it again. Asking itself is the caller's.

use cms::content_info::ContentInfo;
use der::asn1::{Any, Int, OctetString, SetOfVec};
use der::{Decode, Encode, Tag, Tagged};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::asn1::{self, Message, MessageImprint, TimeStampReq, TimeStampResp, TstInfo, single};
use crate::trust::Purpose;
use crate::verify::{Proof, Stamp, digest_by, proved};
use crate::{SealError, Trust};

const WHAT: &str = "the time stamp";

/// Clocks of an authority and of whoever checks may differ by this much.
const LENIENCE: SignedDuration = SignedDuration::from_mins(5);

/// The question for a time stamp over a signature, DER: SHA-256 of the signature value, the nonce,
/// and the wish for the authority's certificate.
pub fn time_stamp_request(cms: &[u8], nonce: u64) -> Result<Vec<u8>, SealError> {
    let message = Message::read(cms, "the signature")?;
    let digest = crate::sha256(message.signer.signature.as_bytes());
    let own = || SealError::own("the time-stamp request");
    TimeStampReq {
        version: 1,
        message_imprint: MessageImprint {
            hash_algorithm: asn1::plain(asn1::SHA256),
            hashed_message: OctetString::new(digest.as_slice()).map_err(own())?,
        },
        policy: None,
        nonce: Some(nonce),
        cert_req: true,
    }
    .to_der()
    .map_err(own())
}

/// The token out of an authority's answer, DER. Errors when it refused, when the answer is to
/// another question, or when it is not signed by the certificate it brings.
pub fn time_stamp_token(response: &[u8], request: &[u8]) -> Result<Vec<u8>, SealError> {
    let asked =
        TimeStampReq::from_der(request).map_err(SealError::not_der("the time-stamp request"))?;
    let answer =
        TimeStampResp::from_der(response).map_err(SealError::not_der("the authority's answer"))?;
    // 0 granted, 1 granted with changes (RFC 3161, 2.4.2).
    if !matches!(answer.status.status.as_bytes(), [0 | 1]) {
        let words = answer.status.text.unwrap_or_default().join(" ");
        return Err(SealError::TimeStamp(format!(
            "its authority refused (status {}: {}). Ask its operator, or another authority.",
            hex::encode(answer.status.status.as_bytes()),
            asn1::shown(&words)
        )));
    }
    let token = answer.token.ok_or_else(|| {
        SealError::TimeStamp("its authority granted it and sent none. Ask its operator.".to_owned())
    })?;
    let token = token.to_der().map_err(SealError::not_der(WHAT))?;
    let read = Token::read(&token)?;
    if !read.is_of(&asked.message_imprint) {
        return Err(other("another signature than the one sent"));
    }
    let nonce = asked
        .nonce
        .map(|nonce| nonce.to_der().and_then(|der| Int::from_der(&der)))
        .transpose()
        .map_err(SealError::own("the time-stamp request"))?;
    if nonce != read.info.nonce {
        return Err(other("another question (its nonce differs)"));
    }
    Ok(token)
}

fn other(what: &str) -> SealError {
    SealError::TimeStamp(format!(
        "it is for {what}. The authority, or somebody between, answered wrongly; ask again."
    ))
}

/// Puts a token into a signature as its unsigned attribute; gives the new signature, DER. Errors when
/// there is one already or the token is not over this signature.
pub fn with_time_stamp(cms: &[u8], token: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut message = Message::read(cms, "the signature")?;
    if !Token::read(token)?.is_over(message.signer.signature.as_bytes())? {
        return Err(other("another signature"));
    }
    let own = || SealError::own("the stamped signature");
    let value = Any::from_der(token).map_err(SealError::not_der(WHAT))?;
    let attribute = asn1::attribute(asn1::TIME_STAMP_TOKEN, &value).map_err(own())?;
    let mut unsigned = message
        .signer
        .unsigned_attrs
        .take()
        .unwrap_or_else(SetOfVec::new);
    if unsigned.iter().any(|a| a.oid == asn1::TIME_STAMP_TOKEN) {
        return Err(SealError::TimeStamp(
            "the signature carries one already. Stamp each signature once.".to_owned(),
        ));
    }
    unsigned.insert(attribute).map_err(own())?;
    message.signer.unsigned_attrs = Some(unsigned);
    message.write().map_err(own())
}

/// What the time stamp in a signature says. A token that is broken or over something else is an
/// error; one by an authority nobody here trusts is not, and proves nothing.
pub(crate) fn of(message: &Message, trust: &Trust, at: Timestamp) -> Result<Stamp, SealError> {
    let unsigned = message.signer.unsigned_attrs.as_ref();
    let Some(value) = single(unsigned, asn1::TIME_STAMP_TOKEN, WHAT)? else {
        return Ok(Stamp::None);
    };
    let token = Token::read(&value.to_der().map_err(SealError::not_der(WHAT))?)?;
    if !token.is_over(message.signer.signature.as_bytes())? {
        return Err(other("another signature"));
    }
    let time = token.time()?;
    if time > at + LENIENCE {
        return Err(SealError::TimeStamp(format!(
            "it says {time}, and it is {at} now. Check this machine's clock; else do not believe the stamp."
        )));
    }
    let proof = token.proof;
    let authority = proof.subject;
    // At its own time: a stamp must be worth something after its authority's certificate has ended.
    match trust.path(&proof.der, &proof.embedded, time, Purpose::Stamp) {
        Ok(_) => Ok(Stamp::Trusted { time, authority }),
        Err(SealError::NoAnchor { .. }) => Ok(Stamp::Untrusted { time, authority }),
        Err(error) => Err(SealError::TimeStamp(error.to_string())),
    }
}

/// A token whose signature is proved.
struct Token {
    info: TstInfo,
    proof: Proof,
}

impl Token {
    fn read(bytes: &[u8]) -> Result<Self, SealError> {
        // Refuses what is no ContentInfo with words of the token, not of the signature around it.
        ContentInfo::from_der(bytes).map_err(SealError::not_der(WHAT))?;
        let message = Message::read(bytes, WHAT)?;
        let content = message
            .data
            .encap_content_info
            .econtent
            .as_ref()
            .ok_or_else(|| SealError::TimeStamp("it is empty. Ask its authority.".to_owned()))?;
        let content: OctetString = content.decode_as().map_err(SealError::not_der(WHAT))?;
        let content = content.as_bytes();
        let info = TstInfo::from_der(content).map_err(SealError::not_der(WHAT))?;
        let proof = proved(&message, WHAT, asn1::TST_INFO, |algorithm| {
            digest_by(algorithm, content)
        })
        .map_err(|error| SealError::TimeStamp(error.to_string()))?;
        Ok(Token { info, proof })
    }

    fn is_of(&self, imprint: &MessageImprint) -> bool {
        let own = &self.info.message_imprint;
        own.hash_algorithm.oid == imprint.hash_algorithm.oid
            && own.hashed_message == imprint.hashed_message
    }

    fn is_over(&self, signature: &[u8]) -> Result<bool, SealError> {
        let own = &self.info.message_imprint;
        let found = digest_by(own.hash_algorithm.oid, signature)?;
        Ok(own.hashed_message.as_bytes() == found.as_slice())
    }

    /// To the second; fractions are cut off.
    fn time(&self) -> Result<Timestamp, SealError> {
        let bad = || {
            SealError::TimeStamp(
                "its time is no GeneralizedTime in UTC. Ask its authority.".to_owned(),
            )
        };
        let text = &self.info.gen_time;
        if text.tag() != Tag::GeneralizedTime {
            return Err(bad());
        }
        let text = std::str::from_utf8(text.value()).map_err(|_| bad())?;
        let text = text.strip_suffix('Z').ok_or_else(bad)?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() != 14 || !digits(whole) || !digits(fraction) {
            return Err(bad());
        }
        DateTime::strptime("%Y%m%d%H%M%S", whole)
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map(|time| time.timestamp())
            .map_err(|_| bad())
    }
}
