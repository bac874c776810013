//! Spec files, compiled: what is wrong with them and what comes of them.

mod catalog;
mod codes;
mod connections;
mod consent;
mod diagnostics;
mod full;
mod pacing;
mod pings;
mod tiny;
mod world;
