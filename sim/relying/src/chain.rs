//! Whether a card's certificate is one to trust: issued by a known authority, chosen by its key and
//! not by its name (all generations share one), for user authentication, under the right policy, with
//! nothing critical in it that goes unread. Days are left to the rules. Profile: facts/card.md 6.

use der::asn1::ObjectIdentifier;
use rules::CertificateFault;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage,
    KeyUsages, name::GeneralName,
};
use x509_cert::{TbsCertificate, Version};

use der::oid::AssociatedOid;

use crate::authority::{Authority, SHA256_WITH_RSA};
use crate::certificate::CardCertificate;

const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const POLICY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap(wire::certificate::USER_AUTHENTICATION_POLICY);

/// The extensions this check reads; any other one that is critical is refused.
const READ: [ObjectIdentifier; 4] = [
    KeyUsage::OID,
    ExtendedKeyUsage::OID,
    CertificatePolicies::OID,
    BasicConstraints::OID,
];

/// Why a certificate is not trusted. The card, or whoever made it, is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not DER, not X.509, or far too long.
    #[error("the bytes are no X.509 certificate")]
    NoCertificate,
    /// Zero, negative or longer than the authority's.
    #[error("the serial number is none this authority gives")]
    Serial,
    /// Dates that no calendar has.
    #[error("the validity dates cannot be read")]
    Dates,
    /// Not RSA of 2048 bits or more.
    #[error("the key is no RSA key of 2048 bits or more")]
    Key,
    /// Not version 3.
    #[error("the certificate is not of version 3")]
    Version,
    /// An extension whose content does not fit its type.
    #[error("the extension {0} cannot be read")]
    Extension(ObjectIdentifier),
    /// An extension that stands there twice.
    #[error("the extension {0} stands there twice")]
    Repeated(ObjectIdentifier),
    /// A critical extension this check does not read.
    #[error("the critical extension {0} is not known")]
    UnknownCritical(ObjectIdentifier),
    /// The authority key identifier is absent or fits no trusted authority.
    #[error("no trusted authority has the key this certificate names as its issuer's")]
    ForeignKey,
    /// The key is a trusted authority's, the name is not.
    #[error("the issuer's name is not that of the authority whose key it names")]
    IssuerName,
    /// The authority key identifier names another certificate of the authority.
    #[error("the authority key identifier names another authority certificate")]
    IssuerCertificate,
    /// Signed with another algorithm than sha256WithRSAEncryption, or two algorithms named.
    #[error("the signature algorithm is not sha256WithRSAEncryption")]
    Algorithm,
    /// The signature does not verify.
    #[error("the authority's signature does not fit the certificate")]
    Signature,
    /// The certificate of an authority.
    #[error("the certificate is an authority's, not a person's")]
    Authority,
    /// Not for signatures that authenticate, or for those of documents.
    #[error("the key usage is not digitalSignature alone")]
    KeyUsage,
    /// Not for authentication.
    #[error("the extended key usage does not name client authentication")]
    ExtendedKeyUsage,
    /// Another policy.
    #[error("the policy is not that of user-authentication certificates")]
    Policy,
}

impl Refusal {
    /// The fault as the rules know it.
    pub fn fault(&self) -> CertificateFault {
        match self {
            Self::NoCertificate
            | Self::Serial
            | Self::Dates
            | Self::Key
            | Self::Version
            | Self::Extension(_)
            | Self::Repeated(_)
            | Self::UnknownCritical(_) => CertificateFault::Malformed,
            Self::ForeignKey | Self::IssuerName | Self::IssuerCertificate => {
                CertificateFault::ForeignIssuer
            }
            Self::Algorithm | Self::Signature => CertificateFault::WrongSignature,
            Self::Authority | Self::KeyUsage | Self::ExtendedKeyUsage => {
                CertificateFault::WrongUsage
            }
            Self::Policy => CertificateFault::WrongPolicy,
        }
    }
}

impl From<&Refusal> for CertificateFault {
    fn from(refusal: &Refusal) -> Self {
        refusal.fault()
    }
}

/// Checks a certificate against the trusted authorities. The first thing wrong is the refusal.
pub fn check(card: &CardCertificate, trusted: &[Authority]) -> Result<(), Refusal> {
    let tbs = &card.parsed.tbs_certificate;
    if tbs.version != Version::V3 {
        return Err(Refusal::Version);
    }
    extensions_are_known(tbs)?;
    issued_by(card, trusted)?;
    for_a_person(tbs)?;
    for_user_authentication(tbs)
}

fn extensions_are_known(tbs: &TbsCertificate) -> Result<(), Refusal> {
    let all = tbs.extensions.as_deref().unwrap_or_default();
    for (at, extension) in all.iter().enumerate() {
        let oid = extension.extn_id;
        if all[..at].iter().any(|earlier| earlier.extn_id == oid) {
            return Err(Refusal::Repeated(oid));
        }
        if extension.critical && !READ.contains(&oid) {
            return Err(Refusal::UnknownCritical(oid));
        }
    }
    Ok(())
}

/// The trusted authority whose key the certificate names as its issuer's. Nothing is proved by that.
pub fn named_authority<'a>(
    card: &CardCertificate,
    trusted: &'a [Authority],
) -> Option<&'a Authority> {
    let identifier = read::<AuthorityKeyIdentifier>(&card.parsed.tbs_certificate).ok()??;
    let key = identifier.key_identifier?;
    trusted
        .iter()
        .find(|authority| authority.key_identifier == key.as_bytes())
}

fn issued_by(card: &CardCertificate, trusted: &[Authority]) -> Result<(), Refusal> {
    let tbs = &card.parsed.tbs_certificate;
    let identifier = read::<AuthorityKeyIdentifier>(tbs)?.ok_or(Refusal::ForeignKey)?;
    let authority = named_authority(card, trusted).ok_or(Refusal::ForeignKey)?;
    if tbs.issuer != authority.name {
        return Err(Refusal::IssuerName);
    }
    let other_name = identifier
        .authority_cert_issuer
        .is_some_and(|names| !names.contains(&GeneralName::DirectoryName(authority.name.clone())));
    let other_serial = identifier
        .authority_cert_serial_number
        .is_some_and(|serial| serial != authority.serial);
    if other_name || other_serial {
        return Err(Refusal::IssuerCertificate);
    }
    if tbs.signature.oid != SHA256_WITH_RSA || card.parsed.signature_algorithm != tbs.signature {
        return Err(Refusal::Algorithm);
    }
    let signature = card.parsed.signature.as_bytes().ok_or(Refusal::Signature)?;
    authority
        .key
        .verify_sig(&card.signed, signature)
        .map_err(|_| Refusal::Signature)
}

fn for_a_person(tbs: &TbsCertificate) -> Result<(), Refusal> {
    match read::<BasicConstraints>(tbs)? {
        Some(constraints) if constraints.ca => Err(Refusal::Authority),
        _ => Ok(()),
    }
}

fn for_user_authentication(tbs: &TbsCertificate) -> Result<(), Refusal> {
    let usage = read::<KeyUsage>(tbs)?.ok_or(Refusal::KeyUsage)?;
    if usage.0 != KeyUsages::DigitalSignature {
        return Err(Refusal::KeyUsage);
    }
    let extended = read::<ExtendedKeyUsage>(tbs)?.ok_or(Refusal::ExtendedKeyUsage)?;
    if !extended.0.contains(&CLIENT_AUTH) {
        return Err(Refusal::ExtendedKeyUsage);
    }
    let policies = read::<CertificatePolicies>(tbs)?.ok_or(Refusal::Policy)?;
    if !policies.0.iter().any(|p| p.policy_identifier == POLICY) {
        return Err(Refusal::Policy);
    }
    Ok(())
}

fn read<'a, T>(tbs: &'a TbsCertificate) -> Result<Option<T>, Refusal>
where
    T: der::Decode<'a> + AssociatedOid,
{
    let found = tbs.get::<T>().map_err(|_| Refusal::Extension(T::OID))?;
    Ok(found.map(|(_, extension)| extension))
}
