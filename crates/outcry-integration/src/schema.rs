//! The published JSON Schema of integration files, by which editors complete and check them.
//!
//! It knows which keys and words stand where. What the compiler knows beyond that (holes, pipes, paths) stays the
//! compiler's; a test compares both, so that no key is in one and not in the other.

#[cfg(test)]
mod tests;

/// The schema, as JSON of draft 7: the newest that the editors' TOML tools read.
pub const JSON: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/integration.schema.json"));
