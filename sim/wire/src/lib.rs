//! Every interface of the town, one module each: the shapes that travel, their names on the
//! wire and how they are read and written. No rules in here.

pub mod apdu;
pub mod certificate;
pub mod eligibility;
pub mod empty;
pub mod face_file;
pub mod failure;
pub mod portal;
pub mod reader;
pub mod registration;
pub mod request;
pub mod result;
pub mod xml;
