//! The certification authority (JPKI, simulated): two CAs, certificates by the published profile,
//! the register of what became of each, and the OCSP responder that answers from it. Every name
//! says that it is simulated; bytes are the same for the same inputs.

mod authority;
mod der;
mod ocsp;
mod profile;
mod register;

pub use authority::{Authority, Holder, Leaf, Purpose};
pub use ocsp::{HOST, Responder, serve};
pub use register::{Register, Standing};
