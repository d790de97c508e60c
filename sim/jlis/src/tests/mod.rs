//! The house from outside: what its certificates and lists say, the service for agencies, and the courier
//! against an eligibility server of the tests' own.

mod agencies;
mod certificates;
mod couriers;
mod doors;
mod lists;
mod site;
