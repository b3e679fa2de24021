//! Runs over fake ports: an API key is rotated in a gateway and in a function's variable, with everything that
//! can go wrong on the way.

mod aws;
mod crashes;
mod faults;
mod guards;
mod machine;
mod planning;
mod verbs;
mod way;
mod world;
