//! For tests: which keys and words the compiler knew at each place of the files that this thread has read.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// Names with their place: `ping.answer.rules[0]` knows `when`, `outcome`, `reason`. A place comes several times where one
/// table may have several forms.
pub(crate) type Known = BTreeSet<(String, BTreeSet<String>)>;

thread_local! {
    static KEYS: RefCell<Known> = RefCell::default();
    static WORDS: RefCell<Known> = RefCell::default();
}

/// A table was opened that may have these keys.
pub(crate) fn keys(what: &str, known: &[&str]) {
    let known = known.iter().map(|key| (*key).to_owned()).collect();
    KEYS.with_borrow_mut(|keys| keys.insert((what.to_owned(), known)));
}

/// A key was looked at that may hold these words.
pub(crate) fn words<'w>(what: &str, known: impl Iterator<Item = &'w str>) {
    let known = known.map(str::to_owned).collect();
    WORDS.with_borrow_mut(|words| words.insert((what.to_owned(), known)));
}

/// The keys and words met so far.
pub(crate) fn all() -> (Known, Known) {
    (KEYS.with_borrow(Clone::clone), WORDS.with_borrow(Clone::clone))
}
