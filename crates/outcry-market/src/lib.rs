//! A make-believe market, seeded: leads, buyers with temperaments, faults.
//!
//! It is pure functions and books. It knows no sockets, no real clock and no engine: engine tests drive it inside
//! one process with paused time, `outcry demo` and `outcry bench` serve it over real HTTP. The same seed gives the
//! same market, byte for byte, on every machine and for ever.

pub mod buyers;
pub mod chance;
pub mod faults;
pub mod leads;
pub mod spec;
pub mod vendors;
pub mod world;
