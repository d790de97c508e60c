//! Every refusal of a certificate, of a revocation answer and of a revocation list, by authorities and
//! services of the tests' own that can be wrong in every way; and the simulated J-LIS in all its moods.

mod certificates;
mod lists;
mod over_tcp;
mod pki;
mod revocation;
mod town;
