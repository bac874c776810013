//! Integrations through the public door: files in, requests and readings out.

mod hostile;
mod problems;
mod published;
mod reading;
mod shipped;
mod writing;
