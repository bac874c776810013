//! Tests of the whole program: the real binary on loopback, stub buyers behind it, a fresh folder for each.
//!
//! They prove that everything is plugged in. Rules, integrations and storage have their tests where they live.

#![allow(clippy::unwrap_used, missing_docs, reason = "they are tests: what fails here must say where")]

mod bad_input;
mod bad_quotes;
mod bad_start;
mod canary;
mod canary_person;
mod check;
mod consent;
mod deliveries;
mod disk_full;
mod drain;
mod full_exchange;
mod harness;
mod hostile;
mod integration;
mod kill;
mod kills;
mod lists;
mod operator;
mod persons;
mod power_cut;
mod published;
mod published_drafts;
mod published_leads;
mod reasons;
mod repeats;
mod try_lead;
mod unknowns;
mod walk;
mod walk_stop;
