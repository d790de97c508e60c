//! Manifest, signature and time stamp of a bundle: made and checked.
