//! The tests of the room: the chain against every way to damage a sample, and both stores against one suite.

mod damage;
mod files;
mod sample;
mod stores;
