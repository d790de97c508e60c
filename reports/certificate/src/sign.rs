//! Signs a finished PDF (PAdES B-B): a signature field is added in an incremental update, so that not a byte of
//! the page already printed changes, and a detached CMS over everything but itself is put into it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lopdf::{
    Dictionary, Document, IncrementalDocument, Object, ObjectId, StringFormat, dictionary,
};
use sha2::{Digest, Sha256};

use crate::CertificateError;

/// Bytes kept for the signature: a chain of several certificates and a time stamp find room.
const ROOM: usize = 12 * 1024;
/// Stands for a number of the byte range that is not known yet; as wide as any that can come.
const UNKNOWN: i64 = 9_999_999_999;

/// Signs a PDF with an identity. The claimed time of signing stands in the signature dictionary, as PAdES wants
/// it, and not in the CMS. Fails when the file is no PDF, is signed already, or the identity cannot sign.
pub fn sign(
    pdf: Vec<u8>,
    identity: &seal::Identity,
    at: Option<Timestamp>,
) -> Result<Vec<u8>, CertificateError> {
    sign_with(pdf, at, |digest| seal::sign(identity, digest, None))
}

/// The same, with whatever makes a detached CMS (DER) for a SHA-256 of the signed bytes.
pub fn sign_with<E: std::fmt::Display>(
    pdf: Vec<u8>,
    at: Option<Timestamp>,
    cms: impl FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, CertificateError> {
    let printed = pdf.len();
    let mut signed = with_field(pdf, at).map_err(|error| unsignable(&error))?;
    let (from, to) = contents(&signed, printed)?;
    set_range(&mut signed, printed, from, to)?;
    let mut hasher = Sha256::new();
    hasher.update(&signed[..from]);
    hasher.update(&signed[to..]);
    let digest: [u8; 32] = hasher.finalize().into();
    let signature = cms(&digest).map_err(|error| CertificateError::Signing {
        reason: error.to_string(),
    })?;
    if signature.len() > ROOM {
        return Err(CertificateError::SignatureTooLong {
            length: signature.len(),
            room: ROOM,
        });
    }
    let hex = hex::encode_upper(&signature);
    signed[from + 1..][..hex.len()].copy_from_slice(hex.as_bytes());
    Ok(signed)
}

/// The signature of a document that [`sign`] made: the CMS, and the SHA-256 of everything it covers.
#[derive(Clone, Debug)]
pub struct Signature {
    /// CMS SignedData, DER.
    pub cms: Vec<u8>,
    /// Digest of the signed bytes: the whole file but the place of the signature.
    pub sha256: [u8; 32],
}

/// Finds the last signature of a document. Fails when there is none, or when it leaves more of the file uncovered
/// than its own place: whatever was added after it would be signed by nobody.
pub fn signature(signed: &[u8]) -> Result<Signature, CertificateError> {
    read_signature(signed).ok_or(CertificateError::NotSigned)
}

/// Whether a document is, byte for byte, what [`sign`] makes of `printed` with the signature it carries: the printed
/// page, one update with the objects a signature needs, and nothing painted over it.
pub fn is_signed_form_of(signed: &[u8], printed: &[u8]) -> bool {
    let Some(own) = signed
        .starts_with(printed)
        .then(|| read_signature(signed))
        .flatten()
    else {
        return false;
    };
    let Some(at) = claimed(&signed[printed.len()..]) else {
        return false;
    };
    let again = sign_with(printed.to_vec(), at, |_| Ok::<_, String>(own.cms));
    again.is_ok_and(|again| again == signed)
}

/// The time of signing an update claims: none when it claims none, nothing when it cannot be read.
fn claimed(update: &[u8]) -> Option<Option<Timestamp>> {
    let Some(begin) = find(update, 0, b"/M(D:") else {
        return Some(None);
    };
    let end = find(update, begin, b")")?;
    let text = std::str::from_utf8(&update[begin + 5..end]).ok()?;
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}

fn read_signature(signed: &[u8]) -> Option<Signature> {
    let begin = last(signed, b"/ByteRange")?;
    let open = find(signed, begin, b"[")?;
    let close = find(signed, open, b"]")?;
    let range = std::str::from_utf8(&signed[open + 1..close]).ok()?;
    let range: Vec<usize> = range
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let &[0, from, to, rest] = range.as_slice() else {
        return None;
    };
    let own = find(signed, begin, b"/Contents").and_then(|at| find(signed, at, b"<"))?;
    let whole = to.checked_add(rest)? == signed.len() && from == own && from < to;
    let place = signed.get(from..to).filter(|_| whole)?;
    let hex = place.strip_prefix(b"<")?.strip_suffix(b">")?;
    let padded = hex::decode(hex).ok()?;
    let mut hasher = Sha256::new();
    hasher.update(&signed[..from]);
    hasher.update(&signed[to..]);
    Some(Signature {
        cms: padded.get(..der_length(&padded)?)?.to_vec(),
        sha256: hasher.finalize().into(),
    })
}

/// Length of the DER value at the start; what follows is padding.
fn der_length(bytes: &[u8]) -> Option<usize> {
    match *bytes.get(1)? {
        short @ 0..=0x7F => Some(2 + usize::from(short)),
        long => {
            let count = usize::from(long & 0x7F);
            let digits = bytes
                .get(2..2 + count)
                .filter(|_| (1..=4).contains(&count))?;
            let length = digits
                .iter()
                .fold(0, |sum, digit| (sum << 8) | usize::from(*digit));
            Some(2 + count + length)
        }
    }
}

/// The PDF with an empty signature in an incremental update.
fn with_field(pdf: Vec<u8>, at: Option<Timestamp>) -> Result<Vec<u8>, lopdf::Error> {
    let before = Document::load_mem(&pdf)?;
    let root = before.trailer.get(b"Root")?.as_reference()?;
    let page = before
        .page_iter()
        .next()
        .ok_or(lopdf::Error::PageNumberNotFound(1))?;
    if before.catalog()?.has(b"AcroForm") {
        return Err(lopdf::Error::Unimplemented(
            "it has a form already; it may be signed",
        ));
    }
    let mut update = IncrementalDocument::create_from(pdf, before);
    update.opt_clone_object_to_new_document(root)?;
    update.opt_clone_object_to_new_document(page)?;
    let new = &mut update.new_document;
    let signature = new.add_object(unsigned(at));
    let field = new.add_object(field(page, signature));
    let catalog = new.get_object_mut(root)?.as_dict_mut()?;
    catalog.set(
        "AcroForm",
        dictionary! { "Fields" => vec![field.into()], "SigFlags" => 3 },
    );
    catalog.set("Extensions", extensions());
    let page = new.get_object_mut(page)?.as_dict_mut()?;
    page.set("Annots", vec![Object::Reference(field)]);
    // PDF/UA: the order of fields follows the structure.
    page.set("Tabs", Object::Name(b"S".to_vec()));
    let mut bytes = Vec::new();
    update.save_to(&mut bytes)?;
    Ok(bytes)
}

fn unsigned(at: Option<Timestamp>) -> Dictionary {
    let unknown = Object::Integer(UNKNOWN);
    let mut signature = dictionary! {
        "Type" => "Sig",
        "Filter" => "Adobe.PPKLite",
        "SubFilter" => "ETSI.CAdES.detached",
        "ByteRange" => vec![Object::Integer(0), unknown.clone(), unknown.clone(), unknown],
        "Contents" => Object::String(vec![0; ROOM], StringFormat::Hexadecimal),
    };
    if let Some(at) = at {
        let civil = at.to_zoned(TimeZone::UTC);
        let date = civil.strftime("D:%Y%m%d%H%M%SZ").to_string();
        signature.set("M", Object::string_literal(date));
    }
    signature
}

/// A field without a picture: its empty rectangle lies off the page, which PDF/A and PDF/UA both allow. The page
/// itself says in words who signs.
fn field(page: ObjectId, signature: ObjectId) -> Dictionary {
    let off = Object::Integer(-1);
    dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "FT" => "Sig",
        "T" => Object::string_literal("Signature"),
        "TU" => Object::string_literal("Electronic signature of the issuer"),
        "V" => signature,
        "P" => page,
        // Print and Locked, as PDF/A asks.
        "F" => 132,
        "Rect" => vec![off.clone(), off.clone(), off.clone(), off],
    }
}

/// ETSI's extension of PDF 1.7, which the kind of signature belongs to.
fn extensions() -> Dictionary {
    dictionary! {
        "ESIC" => dictionary! { "BaseVersion" => "1.7", "ExtensionLevel" => 1 },
    }
}

/// Where the place for the signature begins and ends, its angle brackets included.
fn contents(signed: &[u8], printed: usize) -> Result<(usize, usize), CertificateError> {
    let zeros = vec![b'0'; ROOM * 2];
    // Pages have contents too; those of the signature follow its byte range.
    let from = find(signed, printed, b"/ByteRange")
        .and_then(|at| find(signed, at, b"/Contents"))
        .and_then(|at| find(signed, at, b"<"))
        .ok_or_else(|| unsignable(&"its update lacks the place for a signature"))?;
    let to = from + 1 + zeros.len() + 1;
    if signed.get(from + 1..to - 1) != Some(&zeros[..]) || signed.get(to - 1) != Some(&b'>') {
        return Err(unsignable(
            &"the place for its signature has another length",
        ));
    }
    Ok((from, to))
}

/// Puts the byte range in, padded to the room that was kept.
fn set_range(
    signed: &mut [u8],
    printed: usize,
    from: usize,
    to: usize,
) -> Result<(), CertificateError> {
    let lacks = || unsignable(&"its update lacks the byte range");
    let begin = find(signed, printed, b"/ByteRange").ok_or_else(lacks)?;
    let open = find(signed, begin, b"[").ok_or_else(lacks)?;
    let close = find(signed, open, b"]").ok_or_else(lacks)?;
    let range = format!("0 {from} {to} {}", signed.len() - to);
    let room = close - open - 1;
    if range.len() > room {
        return Err(unsignable(&"it is too large"));
    }
    let padded = format!("{range:<room$}");
    signed[open + 1..close].copy_from_slice(padded.as_bytes());
    Ok(())
}

fn last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes
        .get(from..)?
        .windows(what.len())
        .position(|window| window == what)
        .map(|at| at + from)
}

fn unsignable(reason: &dyn std::fmt::Display) -> CertificateError {
    CertificateError::Unsignable {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn printed() -> Vec<u8> {
        crate::certificate(&testing::failing(), &testing::issue()).unwrap()
    }

    fn at() -> Timestamp {
        "2026-11-20T03:00:00Z".parse().unwrap()
    }

    fn echo(digest: &[u8; 32]) -> Result<Vec<u8>, String> {
        Ok(digest.to_vec())
    }

    #[test]
    fn what_was_printed_stays_and_everything_but_the_signature_is_signed() {
        let pdf = printed();
        let signed = sign_with(pdf.clone(), Some(at()), echo).unwrap();
        assert!(signed.starts_with(&pdf));
        let update = Document::load_mem(&signed).unwrap();
        let signature = update
            .objects
            .values()
            .filter_map(|object| object.as_dict().ok())
            .find(|dict| dict.has_type(b"Sig"))
            .unwrap();
        let range: Vec<usize> = signature
            .get(b"ByteRange")
            .and_then(Object::as_array)
            .unwrap()
            .iter()
            .map(|number| usize::try_from(number.as_i64().unwrap()).unwrap())
            .collect();
        assert_eq!((range[0], range[2] + range[3]), (0, signed.len()));
        assert_eq!((signed[range[1]], signed[range[2] - 1]), (b'<', b'>'));
        let mut hasher = Sha256::new();
        hasher.update(&signed[..range[1]]);
        hasher.update(&signed[range[2]..]);
        let held = signature.get(b"Contents").and_then(Object::as_str).unwrap();
        assert_eq!(held[..32], hasher.finalize()[..]);
        let time = signature.get(b"M").and_then(Object::as_str).unwrap();
        assert_eq!(time, b"D:20261120030000Z");
    }

    #[test]
    fn the_same_identity_and_time_give_the_same_bytes_and_no_time_no_date() {
        let identity = seal::Identity::test().unwrap();
        let pdf = printed();
        let one = sign(pdf.clone(), &identity, Some(at())).unwrap();
        assert!(one == sign(pdf.clone(), &identity, Some(at())).unwrap());
        let undated = sign(pdf.clone(), &identity, None).unwrap();
        assert!(find(&undated, pdf.len(), b"/M(").is_none());
        assert!(find(&one, pdf.len(), b"/M(").is_some());
    }

    #[test]
    fn a_signature_is_found_again_and_one_that_does_not_cover_all_is_none() {
        let identity = seal::Identity::test().unwrap();
        let pdf = printed();
        assert!(signature(&pdf).is_err(), "not signed");
        let signed = sign(pdf, &identity, Some(at())).unwrap();
        let found = signature(&signed).unwrap();
        let trust = seal::Trust::test().unwrap();
        assert!(
            seal::verify(&found.cms, &found.sha256, &trust, at())
                .unwrap()
                .test
        );
        let longer = [&signed[..], b"\n% more"].concat();
        assert!(signature(&longer).is_err(), "more was added");
        for cut in [0, 1, signed.len() / 2, signed.len() - 1] {
            assert!(signature(&signed[..cut]).is_err(), "cut at {cut}");
        }
        let mut bent = signed.clone();
        bent[100] ^= 1;
        let other = signature(&bent).unwrap();
        assert!(seal::verify(&other.cms, &other.sha256, &trust, at()).is_err());
    }

    #[test]
    fn only_what_was_signed_in_one_step_is_the_signed_form_of_a_page() {
        let identity = seal::Identity::test().unwrap();
        let pdf = printed();
        let signed = sign(pdf.clone(), &identity, Some(at())).unwrap();
        assert!(is_signed_form_of(&signed, &pdf));
        let undated = sign(pdf.clone(), &identity, None).unwrap();
        assert!(is_signed_form_of(&undated, &pdf));
        assert!(!is_signed_form_of(&pdf, &pdf));
        assert!(!is_signed_form_of(&signed, &signed));
        let longer = [&signed[..], b"\n"].concat();
        assert!(!is_signed_form_of(&longer, &pdf));
        // Painted over in an update of its own, then signed: whole, but not the page that was printed.
        let before = Document::load_mem(&pdf).unwrap();
        let page = before.page_iter().next().unwrap();
        let mut update = IncrementalDocument::create_from(pdf.clone(), before);
        update.opt_clone_object_to_new_document(page).unwrap();
        let paint = lopdf::Stream::new(dictionary! {}, b"0 0 400 400 re f".to_vec());
        let paint = update.new_document.add_object(paint);
        let changed = update.new_document.get_object_mut(page).unwrap();
        changed
            .as_dict_mut()
            .unwrap()
            .set("Contents", vec![paint.into()]);
        let mut painted = Vec::new();
        update.save_to(&mut painted).unwrap();
        let forged = sign(painted.clone(), &identity, Some(at())).unwrap();
        assert!(signature(&forged).is_ok() && forged.starts_with(&pdf));
        assert!(!is_signed_form_of(&forged, &pdf));
        assert!(is_signed_form_of(&forged, &painted));
        // What stands behind the signature in its own place.
        let mut stuffed = signed.clone();
        let end = last(&stuffed, b"00>").unwrap();
        stuffed[end] = b'1';
        assert!(!is_signed_form_of(&stuffed, &pdf));
    }

    #[test]
    fn what_cannot_be_signed_is_refused_with_a_reason() {
        let signed = sign_with(printed(), None, echo).unwrap();
        let mut beheaded = printed();
        beheaded.truncate(9000);
        for (name, pdf) in [
            ("twice", signed),
            ("nothing", Vec::new()),
            ("no PDF", b"<html>".repeat(100)),
            ("beheaded", beheaded),
        ] {
            let said = sign_with(pdf, None, echo).unwrap_err().to_string();
            assert!(
                said.starts_with("this PDF cannot be signed: "),
                "{name}: {said}"
            );
        }
        let long = |_: &[u8; 32]| Ok::<_, String>(vec![0; ROOM + 1]);
        let said = sign_with(printed(), None, long).unwrap_err().to_string();
        assert!(
            said.contains("12289 bytes and the PDF keeps 12288"),
            "{said}"
        );
        let refuses = |_: &[u8; 32]| Err::<Vec<u8>, _>("the key is locked");
        let said = sign_with(printed(), None, refuses).unwrap_err().to_string();
        assert_eq!(
            said,
            "the certificate could not be signed: the key is locked"
        );
    }
}
