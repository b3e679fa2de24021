//! The console, driven as a person and an engine drive it.

mod budget;
mod drive;
mod keys;
mod property;
mod runs;
mod screens;
mod steady;
mod things;
mod world;
