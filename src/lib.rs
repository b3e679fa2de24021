//! Bartizan, a terminal operations console for AWS. This file only declares the rooms of the house, so
//! that tests and doctests reach them; ARCHITECTURE.md says what each owns and who may call whom.

pub mod aws;
pub mod cli;
pub mod config;
pub mod console;
pub mod controls;
pub mod diagnose;
pub mod engine;
pub mod estate;
pub mod insight;
pub mod journal;
pub mod outside;
#[cfg(feature = "practice")]
pub mod practice;
pub mod runbook;
pub mod terminal;
