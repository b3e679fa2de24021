//! The console, driven as a person and an engine drive it.

mod book;
mod budget;
mod confirming;
mod contain;
mod drive;
mod incidents;
mod keys;
mod property;
mod run_pages;
mod runs;
mod screens;
mod steady;
mod things;
mod world;
