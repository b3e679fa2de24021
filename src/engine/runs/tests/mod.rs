//! Runs over fake ports.
