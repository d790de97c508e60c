//! The house from outside and from inside: whole dialogues over the street, registrations by way of a
//! portal that says what it is told, everything nobody should send, and what is left after the process
//! is killed. The authority, revocation service and portal here are the tests' own, so that they can be
//! wrong in every way.

mod bad_input;
mod by_number;
mod conducts;
mod dialogues;
mod disk;
mod drugs;
mod interface;
mod kill;
mod pki;
mod reference;
mod registrations;
mod site;
mod visits;
mod xml_input;
