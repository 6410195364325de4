//! The command line from outside: what it prints, where, and with which exit code.
#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail like one

mod boards;
mod check;
mod docs;
mod edges;
mod fitbit;
mod play;
mod roll_over;
mod store;
mod story;
mod support;
mod terminal;
mod usage;
