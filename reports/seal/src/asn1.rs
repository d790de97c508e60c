//! The few structures `cms` does not bring: which certificate signed (RFC 5035) and time stamps
//! (RFC 3161), and the names by which CMS knows attributes and algorithms.

use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo, SignerInfos};
use der::asn1::{Any, Int, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence};
use x509_cert::Certificate;
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::ext::Extensions;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::SealError;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

pub const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
pub const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
pub const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
pub const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
pub const TIME_STAMP_TOKEN: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
pub const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
pub const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
pub const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
pub const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
pub const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
pub const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
pub const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
pub const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
pub const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

/// RFC 8017: a public key of RSA.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct RsaKey {
    modulus: der::asn1::Uint,
    exponent: der::asn1::Uint,
}

/// Shortest RSA modulus that is believed, in bits.
const SHORTEST_RSA: usize = 2048;

/// Refuses a certificate whose RSA key is too short to prove anything. Other keys, and what is no certificate, are
/// left to whoever reads on.
pub fn strong(certificate: &[u8]) -> Result<(), SealError> {
    let Ok(certificate) = Certificate::from_der(certificate) else {
        return Ok(());
    };
    let key = &certificate.tbs_certificate.subject_public_key_info;
    let bytes = key.subject_public_key.raw_bytes();
    let own = (key.algorithm.oid == RSA).then(|| RsaKey::from_der(bytes));
    let Some(Ok(own)) = own else {
        return Ok(());
    };
    let bits = own.modulus.as_bytes().len() * 8;
    if bits < SHORTEST_RSA {
        return Err(SealError::WeakKey {
            subject: subject(&certificate),
            bits,
        });
    }
    Ok(())
}

/// RFC 5035: the certificates a signature names by their digests.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SigningCertificateV2 {
    pub certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    pub policies: Option<Any>,
}

/// One of them; without an algorithm the digest is SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct EssCertIdV2 {
    #[asn1(optional = "true")]
    pub hash_algorithm: Option<AlgorithmIdentifierOwned>,
    pub cert_hash: OctetString,
    #[asn1(optional = "true")]
    pub issuer_serial: Option<Any>,
}

/// RFC 2634: the older form, SHA-1, which some time-stamp authorities still write.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SigningCertificateV1 {
    pub certs: Vec<EssCertIdV1>,
    #[asn1(optional = "true")]
    pub policies: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct EssCertIdV1 {
    pub cert_hash: OctetString,
    #[asn1(optional = "true")]
    pub issuer_serial: Option<Any>,
}

/// RFC 3161, what is stamped.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct MessageImprint {
    pub hash_algorithm: AlgorithmIdentifierOwned,
    pub hashed_message: OctetString,
}

/// RFC 3161, the question.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct TimeStampReq {
    pub version: u8,
    pub message_imprint: MessageImprint,
    #[asn1(optional = "true")]
    pub policy: Option<ObjectIdentifier>,
    #[asn1(optional = "true")]
    pub nonce: Option<u64>,
    #[asn1(default = "no")]
    pub cert_req: bool,
}

fn no() -> bool {
    false
}

/// RFC 3161, the answer.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct TimeStampResp {
    pub status: PkiStatusInfo,
    #[asn1(optional = "true")]
    pub token: Option<Any>,
}

/// RFC 3161, how the authority took it.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct PkiStatusInfo {
    pub status: Int,
    #[asn1(optional = "true")]
    pub text: Option<Vec<String>>,
    #[asn1(optional = "true")]
    pub fail_info: Option<der::asn1::BitString>,
}

/// RFC 3161, what the authority signs.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct TstInfo {
    pub version: u8,
    pub policy: ObjectIdentifier,
    pub message_imprint: MessageImprint,
    pub serial_number: Int,
    /// GeneralizedTime with or without fractions, which `der` reads only without.
    pub gen_time: Any,
    #[asn1(optional = "true")]
    pub accuracy: Option<Accuracy>,
    #[asn1(default = "no")]
    pub ordering: bool,
    #[asn1(optional = "true")]
    pub nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub tsa: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub extensions: Option<Extensions>,
}

/// RFC 3161, read past and not used.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Accuracy {
    #[asn1(optional = "true")]
    pub seconds: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub millis: Option<Int>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub micros: Option<Int>,
}

/// An attribute with one value.
pub fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> der::Result<Attribute> {
    let mut values = SetOfVec::new();
    values.insert(Any::from_der(&value.to_der()?)?)?;
    Ok(Attribute { oid, values })
}

/// An algorithm without parameters.
pub fn plain(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid,
        parameters: None,
    }
}

/// The one value of an attribute that may stand once at most.
pub fn single<'a>(
    attributes: Option<&'a Attributes>,
    oid: ObjectIdentifier,
    what: &'static str,
) -> Result<Option<&'a Any>, SealError> {
    let mut found = attributes
        .map_or(&[][..], |a| a.as_slice())
        .iter()
        .filter(|a| a.oid == oid);
    let Some(first) = found.next() else {
        return Ok(None);
    };
    match (first.values.as_slice(), found.next()) {
        ([value], None) => Ok(Some(value)),
        _ => Err(SealError::NotDer {
            what,
            reason: format!("attribute {oid} stands there more than once, or without a value"),
        }),
    }
}

/// The bytes of a CMS message with exactly one signer.
pub struct Message {
    pub data: SignedData,
    pub signer: SignerInfo,
}

impl Message {
    pub fn read(bytes: &[u8], what: &'static str) -> Result<Self, SealError> {
        let info = ContentInfo::from_der(bytes).map_err(SealError::not_der(what))?;
        if info.content_type != SIGNED_DATA {
            return Err(SealError::NotDer {
                what,
                reason: format!("its content type is {}, not signed data", info.content_type),
            });
        }
        let data: SignedData = info.content.decode_as().map_err(SealError::not_der(what))?;
        match data.signer_infos.0.as_slice() {
            [signer] => Ok(Message {
                signer: signer.clone(),
                data,
            }),
            others => Err(SealError::Unsupported(format!(
                "{what} with {} signers",
                others.len()
            ))),
        }
    }

    pub fn write(mut self) -> der::Result<Vec<u8>> {
        let mut signers = SetOfVec::new();
        signers.insert(self.signer)?;
        self.data.signer_infos = SignerInfos(signers);
        ContentInfo {
            content_type: SIGNED_DATA,
            content: Any::encode_from(&self.data)?,
        }
        .to_der()
    }
}

/// A subject as a line for people: whatever could move a terminal or turn its text around is put out.
pub fn subject(certificate: &Certificate) -> String {
    shown(&certificate.tbs_certificate.subject.to_string())
}

/// Text from outside, made safe for one line.
pub fn shown(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .map(|c| if hidden(c) { '\u{fffd}' } else { c })
        .take(300)
        .collect()
}
