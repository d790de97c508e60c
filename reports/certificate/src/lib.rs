//! The page for the office: a signed PDF.
