//! A portal among real and scripted neighbours: J-LIS is the real house, the intermediate and the
//! eligibility server answer from tables, and the card is one that obeys.

mod bed;
mod card;
mod home;
mod interface;
mod neighbours;
mod requests;
