//! The house from outside and from inside: whole dialogues over the street, every refusal of a
//! certificate and of a revocation answer, and everything nobody should send. The authorities and the
//! revocation service here are the tests' own, so that they can be wrong in every way.

mod bad_input;
mod certificates;
mod conducts;
mod dialogues;
mod interface;
mod pki;
mod revocation;
mod revocation_over_tcp;
mod site;
