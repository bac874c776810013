//! What the engine asks of the imported file of a list. It can be asked, and not read out.

use outcry_core::moment::Moment;

/// The file of a list, whole and unchanging; a new version is another one in its place.
pub trait ListFile: Send + Sync {
    /// The version as its source names it.
    fn version(&self) -> &str;

    /// When its source made it: its age counts from here.
    fn made_at(&self) -> Moment;

    /// Is the entry in it? Entries are in the normal form of the list's declaration.
    fn holds(&self, entry: &str) -> bool;
}
