//! What is handed in to every house: clock, seed, keys, network, faults and tap. The only room
//! that may read a clock or hold a source of chance; everybody else receives them from here.
#![allow(
    clippy::disallowed_methods,
    reason = "this is the room the clocks live in"
)]

pub mod clock;
pub mod http;
pub mod keys;
pub mod net;
pub mod seed;
pub mod tap;
pub mod tls;

pub use clock::Clock;
pub use keys::Key;
pub use net::{Fault, Network, Street};
pub use seed::{Seed, Stream};
pub use tap::{Carrier, Hop, Tap};
