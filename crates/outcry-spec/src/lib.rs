//! Spec files into a catalog, with diagnostics that say where and why.
//!
//! This crate is handed texts with their paths and gives back a [`Book`], or every
//! problem it found. It never opens a file, never asks an environment, and knows nothing of a running server.

pub mod builtin;
pub mod codes;
pub mod compile;
mod desk;
pub mod diagnostic;
mod document;
mod integrations;
pub mod lead_type;
mod lead_types;
mod name;
pub mod places;
mod shared;
mod spec;
mod specs;
mod table;
mod text;
mod trade;
mod variables;
mod world;

pub use compile::{Outcome, Secrets, SpecFile, compile, compile_with};
pub use diagnostic::{Diagnostic, Severity};
pub use outcry_integration::book::{Binding, Book};
