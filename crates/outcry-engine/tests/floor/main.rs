//! The path of one lead, driven by make-believe buyers inside one process: time is paused, chance is seeded, and
//! nothing sleeps.

mod auction;
mod cascade;
mod consent;
mod deadline;
mod dialogue;
mod doubt;
mod drain;
mod duplicates;
mod health;
mod intake;
mod late;
mod legs;
mod limits;
mod lists;
mod market;
mod money;
mod pacing;
mod postbacks;
mod privacy;
mod quotes;
mod repeats;
mod resolver;
mod review;
mod sharing;
mod support;
mod trial;
mod unknown;
mod withdrawals;
