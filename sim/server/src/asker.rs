//! Who asks: the common name of the client's TLS certificate. Also the verifier of a server that lets
//! strangers in; it exists so that such a server can be run on purpose and found out (SEC-01).

use std::sync::Arc;

use identifiers::FacilityCode;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use world::tls::common_name;

/// A house that feeds this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum House {
    /// The intermediate server (中間サーバー).
    Intermediate,
    /// The portal (マイナポータル).
    Portal,
    /// The certification authority (J-LIS).
    Jlis,
    /// The body that reviews claims (審査支払機関).
    ReviewBody,
}

impl House {
    const ALL: [Self; 4] = [
        Self::Intermediate,
        Self::Portal,
        Self::Jlis,
        Self::ReviewBody,
    ];

    /// Common name of its certificate.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Intermediate => "intermediate",
            Self::Portal => wire::portal::NAME,
            Self::Jlis => wire::portal::JLIS_NAME,
            Self::ReviewBody => "review-body",
        }
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A clinic, hospital or pharmacy.
    Facility(FacilityCode),
    /// A house that feeds.
    House(House),
    /// A certificate, but of neither; with its common name.
    Other(String),
}

impl Asker {
    /// Reads the client's certificate; no certificate is nobody we serve.
    pub(crate) fn of(chain: Option<&[CertificateDer<'_>]>) -> Self {
        let leaf = chain.and_then(<[_]>::first);
        let name = leaf.and_then(|leaf| common_name(leaf)).unwrap_or_default();
        if let Some(house) = House::ALL.into_iter().find(|house| house.name() == name) {
            return Self::House(house);
        }
        FacilityCode::parse(&name).map_or(Self::Other(name), Self::Facility)
    }

    /// The certificate's common name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Facility(code) => code.as_str(),
            Self::House(house) => house.name(),
            Self::Other(name) => name,
        }
    }
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
