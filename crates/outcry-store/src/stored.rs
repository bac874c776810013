//! The stored shapes: how what the core knows becomes bytes, and bytes become it again.
//!
//! The core has no formats, so each layout is written down here, field by field and tag by tag, in the order of
//! the bytes. A new variant in the core does not compile until it has a tag.
//!
//! Why not JSON: a record of ten lines is 3 to 4 kB of it and under 1 kB of this, and what one auction writes is
//! counted in pages of 4 kB.

mod answer;
mod codec;
mod command;
mod contents;
#[cfg(test)]
mod fuzz;
mod record;
mod taken;

pub(crate) use codec::{Input, Packed, Stored, Unreadable, choice, read, read_all, structure, write, write_all};
pub(crate) use contents::Contents;
pub(crate) use taken::{Taken, TakenClaim, TakenHold};
