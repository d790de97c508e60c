//! Why no certificate came about: what happened, who is at fault, what to do next.

/// Why a certificate could not be set in type or signed.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The fonts compiled into this program cannot be read.
    #[error(
        "the font {font} compiled into this program cannot be read. The program itself is at fault; get another build."
    )]
    Font {
        /// File name of the font.
        font: &'static str,
    },
    /// What was handed in does not fit, even with every list left out.
    #[error(
        "the certificate needs more than {most} pages even with every list left out. What was handed in is too long: shorten the names of laboratory, products and waivers."
    )]
    TooLong {
        /// Most pages allowed.
        most: usize,
    },
    /// The PDF library refused the document.
    #[error(
        "the PDF could not be written: {reason}. The printer of the certificate is at fault, not the product; please report this with report.json."
    )]
    Pdf {
        /// What the library said.
        reason: String,
    },
    /// What was to be signed is no PDF that can be signed.
    #[error(
        "this PDF cannot be signed: {reason}. Whoever made the file is at fault: hand in an unsigned certificate.pdf as this program prints it."
    )]
    Unsignable {
        /// What is wrong with it.
        reason: String,
    },
    /// There is no signature over the whole file.
    #[error(
        "it bears no signature that covers the whole of it. It was never signed, or changed or added to after it was; ask for an untouched copy."
    )]
    NotSigned,
    /// The signature is longer than the room kept for it.
    #[error(
        "the signature takes {length} bytes and the PDF keeps {room} for it. The chain of certificates is too long: hand in only the signer's certificate and its authorities."
    )]
    SignatureTooLong {
        /// Length of the signature in bytes.
        length: usize,
        /// Bytes kept for it.
        room: usize,
    },
    /// The signature could not be made.
    #[error("the certificate could not be signed: {reason}")]
    Signing {
        /// What the signer said: who is at fault and what to do next.
        reason: String,
    },
}
