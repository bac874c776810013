//! Chance, handed in so that a run can be repeated from its seed.

/// A source of random bits.
pub trait Chance: Send + Sync {
    /// 128 fresh bits.
    fn bits(&self) -> u128;
}
