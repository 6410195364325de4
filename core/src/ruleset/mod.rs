//! The ruleset document: read, checked, canonical, compiled.
pub mod document;
