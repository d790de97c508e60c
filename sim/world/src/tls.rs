//! TLS between houses: certificates of facilities and servers, mutual authentication, and the
//! tapped client side. Time comes from our clock, so a certificate expires in virtual time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use der::Decode;
use der::oid::ObjectIdentifier;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::keys::{self, Authority};
use crate::net::BoxStream;
use crate::tap::{Hop, Tap, TlsSeen, Way};
use crate::{Clock, Key};

/// Why a TLS party could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate could not be made.
    #[error("the certificate of {0} could not be made: {1}")]
    Certificate(String, String),
    /// The configuration was refused.
    #[error("TLS could not be set up for {0}: {1}")]
    Setup(String, String),
}

/// A certificate with its key.
#[derive(Clone)]
pub struct Identity {
    /// Common name, e.g. a facility code.
    pub name: String,
    /// Certificates, leaf first, DER.
    pub chain: Arc<Vec<Vec<u8>>>,
    key: &'static [u8],
}

/// The authority of facility and server certificates.
pub struct FacilityAuthority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, DER.
    pub certificate: Vec<u8>,
    from: Date,
}

fn key_pair(key: &Key) -> Result<KeyPair, TlsError> {
    KeyPair::try_from(key.pkcs8).map_err(|e| TlsError::Certificate(key.name.into(), e.to_string()))
}

/// RFC 5280 wants a country as PrintableString.
fn country() -> DnValue {
    match "JP".try_into() {
        Ok(printable) => DnValue::PrintableString(printable),
        Err(_) => DnValue::Utf8String("JP".to_owned()),
    }
}

fn params(common_name: &str, serial: u64, from: Date, years: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CountryName, country());
    params.distinguished_name.push(
        DnType::OrganizationName,
        "SIMULATED facility authority (模擬)",
    );
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    let (month, day) = (
        from.month().unsigned_abs(),
        from.day().unsigned_abs().min(28),
    );
    params.not_before = date_time_ymd(i32::from(from.year()), month, day);
    params.not_after = date_time_ymd(i32::from(from.year()) + years, month, day);
    params.serial_number = Some(SerialNumber::from(serial));
    params
}

impl FacilityAuthority {
    /// The authority, self-signed with one of the pool's keys, valid for 20 years from `from`.
    pub fn new(which: Authority, from: Date) -> Result<Self, TlsError> {
        let key = key_pair(&keys::authority(which))?;
        let mut params = params("SIM Facility CA", 1, from, 20);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params
            .self_signed(&key)
            .map_err(|e| TlsError::Certificate("SIM Facility CA".into(), e.to_string()))?;
        Ok(FacilityAuthority {
            certificate: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
            from,
        })
    }

    /// Issues a certificate for a name: host names serve, everything else asks.
    pub fn issue(&self, name: &str, serial: u64, key: &'static [u8]) -> Result<Identity, TlsError> {
        let failed = |e: rcgen::Error| TlsError::Certificate(name.into(), e.to_string());
        // As long as the authority itself, so that no story meets an expired TLS certificate by accident.
        let mut params = params(name, serial, self.from, 20);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if name.contains('.') {
            params.extended_key_usages = vec![
                ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsagePurpose::ClientAuth,
            ];
            params.subject_alt_names =
                vec![rcgen::SanType::DnsName(name.try_into().map_err(failed)?)];
        } else {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        params.use_authority_key_identifier_extension = true;
        let pair = KeyPair::try_from(key).map_err(failed)?;
        params.custom_extensions.push(subject_key(&pair));
        let leaf = params.signed_by(&pair, &self.issuer).map_err(failed)?;
        Ok(Identity {
            name: name.to_owned(),
            chain: Arc::new(vec![leaf.der().to_vec()]),
            key,
        })
    }
}

/// A subject key identifier, which rcgen gives to authorities only: the first 20 bytes of the key's SHA-256.
fn subject_key(pair: &KeyPair) -> rcgen::CustomExtension {
    const SUBJECT_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 14];
    const OCTET_STRING_OF_20: [u8; 2] = [0x04, 20];
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, pair.public_key_raw());
    let content = [&OCTET_STRING_OF_20[..], &hash.as_ref()[..20]].concat();
    rcgen::CustomExtension::from_oid_content(SUBJECT_KEY_IDENTIFIER, content)
}

impl Identity {
    fn certificates(&self) -> Vec<CertificateDer<'static>> {
        self.chain
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect()
    }

    fn private_key(&self) -> PrivatePkcs8KeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key)
    }
}

#[derive(Debug)]
struct OurTime(Clock);

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now_ms() / 1000).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            seconds,
        )))
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    use std::sync::OnceLock;
    static PROVIDER: OnceLock<Arc<rustls::crypto::CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .clone()
}

fn roots(trusted: &[Vec<u8>]) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for der in trusted {
        roots
            .add(CertificateDer::from(der.clone()))
            .map_err(|e| TlsError::Setup("trusted authorities".into(), e.to_string()))?;
    }
    Ok(Arc::new(roots))
}

/// The reference way to know a client: a certificate of a trusted facility authority, always.
pub fn required_clients(trusted: &[Vec<u8>]) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    WebPkiClientVerifier::builder_with_provider(roots(trusted)?, provider())
        .build()
        .map(|v| v as Arc<dyn ClientCertVerifier>)
        .map_err(|e| TlsError::Setup("client verification".into(), e.to_string()))
}

/// The common name of a certificate's subject: who is at the other end of a connection. None when it has none
/// or more than one, for it would not be clear who that is, and for bytes that are no certificate.
pub fn common_name(der: &[u8]) -> Option<String> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let subject = &certificate.tbs_certificate.subject;
    let mut names = subject
        .0
        .iter()
        .flat_map(|set| set.0.iter())
        .filter(|part| part.oid == COMMON_NAME);
    let name = names.next()?;
    if names.next().is_some() {
        return None;
    }
    String::from_utf8(name.value.value().to_vec()).ok()
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Clients may come without a certificate; one that is shown must be of a trusted authority.
pub fn optional_clients(trusted: &[Vec<u8>]) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    WebPkiClientVerifier::builder_with_provider(roots(trusted)?, provider())
        .allow_unauthenticated()
        .build()
        .map(|v| v as Arc<dyn ClientCertVerifier>)
        .map_err(|e| TlsError::Setup("client verification".into(), e.to_string()))
}

/// An acceptor that shows `identity` and knows clients by `clients`.
pub fn acceptor(
    identity: &Identity,
    clients: Arc<dyn ClientCertVerifier>,
    clock: &Clock,
) -> Result<TlsAcceptor, TlsError> {
    let failed = |e: rustls::Error| TlsError::Setup(identity.name.clone(), e.to_string());
    let mut config =
        ServerConfig::builder_with_details(provider(), Arc::new(OurTime(clock.clone())))
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_client_cert_verifier(clients)
            .with_single_cert(identity.certificates(), identity.private_key().into())
            .map_err(failed)?;
    // Tickets would carry a party's identity from one town's connection to the next.
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Opens tapped TLS connections in one party's name.
#[derive(Clone)]
pub struct Caller {
    connector: TlsConnector,
    chain: Arc<Vec<Vec<u8>>>,
}

impl Caller {
    /// A caller that shows `identity` and trusts servers of `trusted` authorities.
    pub fn new(identity: &Identity, trusted: &[Vec<u8>], clock: &Clock) -> Result<Self, TlsError> {
        let failed = |e: rustls::Error| TlsError::Setup(identity.name.clone(), e.to_string());
        let config = servers(&identity.name, trusted, clock)?
            .with_client_auth_cert(identity.certificates(), identity.private_key().into())
            .map_err(failed)?;
        Ok(Caller {
            connector: TlsConnector::from(Arc::new(config)),
            chain: identity.chain.clone(),
        })
    }

    /// A caller that shows `identity` and takes any server for the right one: what a wrong product does.
    pub fn credulous(identity: &Identity, clock: &Clock) -> Result<Self, TlsError> {
        let failed = |e: rustls::Error| TlsError::Setup(identity.name.clone(), e.to_string());
        let config =
            ClientConfig::builder_with_details(provider(), Arc::new(OurTime(clock.clone())))
                .with_safe_default_protocol_versions()
                .map_err(failed)?
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyServer))
                .with_client_auth_cert(identity.certificates(), identity.private_key().into())
                .map_err(failed)?;
        Ok(Caller {
            connector: TlsConnector::from(Arc::new(config)),
            chain: identity.chain.clone(),
        })
    }

    /// A caller without a certificate of its own, as a person's device is.
    pub fn anonymous(trusted: &[Vec<u8>], clock: &Clock) -> Result<Self, TlsError> {
        let config = servers("a person's device", trusted, clock)?.with_no_client_auth();
        Ok(Caller {
            connector: TlsConnector::from(Arc::new(config)),
            chain: Arc::default(),
        })
    }

    /// Shakes hands with `host` over a stream; a failure is tapped too.
    pub async fn call(
        &self,
        host: &str,
        stream: BoxStream,
        tap: &Tap,
        hop: Hop,
    ) -> io::Result<BoxStream> {
        let connection = tap.connection(&hop);
        let mut seen = TlsSeen {
            client_chain: self.chain.clone(),
            ..Default::default()
        };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = match self.connector.connect(name, stream).await {
            Ok(stream) => stream,
            Err(error) => {
                seen.alert = Some(error.to_string());
                tap.keep(
                    tap.slot(),
                    &hop,
                    connection,
                    Way::Out,
                    None,
                    Some(seen),
                    None,
                );
                return Err(error);
            }
        };
        let session = stream.get_ref().1;
        seen.version = session
            .protocol_version()
            .map(|v| format!("{v:?}").replace('_', "."));
        let server = session.peer_certificates().unwrap_or_default();
        seen.server_chain = Arc::new(server.iter().map(|c| c.to_vec()).collect());
        Ok(Box::new(Tapped::new(
            stream,
            tap.clone(),
            hop,
            connection,
            Some(seen),
        )))
    }
}

/// Takes every server's certificate; that its key is there is still proved.
#[derive(Debug)]
struct AnyServer;

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, leaf, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, leaf, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = provider().signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// The part of a caller's configuration that is about servers.
fn servers(
    name: &str,
    trusted: &[Vec<u8>],
    clock: &Clock,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, TlsError> {
    let failed = |e: String| TlsError::Setup(name.to_owned(), e);
    let servers = WebPkiServerVerifier::builder_with_provider(roots(trusted)?, provider())
        .build()
        .map_err(|e| failed(e.to_string()))?;
    let config = ClientConfig::builder_with_details(provider(), Arc::new(OurTime(clock.clone())))
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(e.to_string()))?
        .with_webpki_verifier(servers);
    Ok(config)
}

/// A stream whose messages are tapped.
pub struct Tapped<S> {
    inner: S,
    tap: Tap,
    hop: Hop,
    connection: u32,
    tls: Option<TlsSeen>,
}

impl<S> Tapped<S> {
    /// Taps a stream that has its connection number already.
    pub fn new(inner: S, tap: Tap, hop: Hop, connection: u32, tls: Option<TlsSeen>) -> Self {
        Tapped {
            inner,
            tap,
            hop,
            connection,
            tls,
        }
    }

    fn crossed(&self, way: Way, bytes: &[u8]) {
        self.tap
            .crossed(&self.hop, self.connection, way, bytes, self.tls.as_ref());
    }

    fn ended(&self, error: Option<&str>) {
        self.tap
            .ended(&self.hop, self.connection, self.tls.as_ref(), error);
    }
}

impl<S> Drop for Tapped<S> {
    fn drop(&mut self) {
        self.ended(None);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
        match &result {
            Ok(()) => self.crossed(Way::Back, &buf.filled()[before..]),
            Err(error) => self.ended(Some(&error.to_string())),
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, bytes))?;
        self.crossed(Way::Out, &bytes[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_asker_s_name_is_read_from_the_certificate() {
        let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
        let insurer = authority.issue("06991237", 7, keys::tls::INSURER).unwrap();
        assert_eq!(common_name(&insurer.chain[0]).as_deref(), Some("06991237"));
        assert_eq!(common_name(&insurer.chain[0][..200]), None);
        assert_eq!(common_name(&[]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_a_name_panic(bytes: Vec<u8>) {
            prop_assert_eq!(common_name(&bytes), None);
        }
    }
}
