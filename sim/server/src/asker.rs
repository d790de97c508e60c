//! Who asks: the common name of the client's TLS certificate. Also the verifier of a server that lets
//! strangers in; it exists so that such a server can be run on purpose and found out (SEC-01).

use std::sync::Arc;

use der::Decode;
use der::asn1::ObjectIdentifier;
use identifiers::FacilityCode;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_cert::Certificate;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// Common name of the intermediate server's certificate.
const INTERMEDIATE: &str = "intermediate";

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A clinic, hospital or pharmacy.
    Facility(FacilityCode),
    /// The intermediate server (中間サーバー).
    Intermediate,
    /// A certificate, but of neither; with its common name.
    Other(String),
}

impl Asker {
    /// Reads the client's certificate; no certificate is nobody we serve.
    pub(crate) fn of(chain: Option<&[CertificateDer<'_>]>) -> Self {
        let leaf = chain.and_then(<[_]>::first);
        let name = leaf.and_then(|leaf| common_name(leaf)).unwrap_or_default();
        if name == INTERMEDIATE {
            return Self::Intermediate;
        }
        FacilityCode::parse(&name).map_or(Self::Other(name), Self::Facility)
    }

    /// The certificate's common name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Facility(code) => code.as_str(),
            Self::Intermediate => INTERMEDIATE,
            Self::Other(name) => name,
        }
    }
}

fn common_name(der: &[u8]) -> Option<String> {
    let certificate = Certificate::from_der(der).ok()?;
    let subject = certificate.tbs_certificate.subject;
    let mut attributes = subject.0.iter().flat_map(|set| set.0.iter());
    let value = &attributes.find(|a| a.oid == COMMON_NAME)?.value;
    String::from_utf8(value.value().to_vec()).ok()
}

/// Takes every certificate, and also none; only whoever shows one must hold its key.
#[derive(Debug)]
pub(crate) struct Anybody(Arc<CryptoProvider>);

impl Anybody {
    pub(crate) fn new() -> Self {
        Self(Arc::new(aws_lc_rs::default_provider()))
    }
}

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, leaf, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, leaf, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
