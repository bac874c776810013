//! Integrations through the public door: files in, requests and readings out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod certificates;
mod credentials;
mod drafting;
mod floor;
mod formats;
mod hostile;
mod hostile_answers;
mod hostile_formats;
mod legs;
mod pipes;
mod problems;
mod published;
mod readers;
mod reading;
mod shipped;
mod steps;
mod writing;
