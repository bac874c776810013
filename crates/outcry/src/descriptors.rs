//! How many files and sockets this process may have open. Most systems start a program with 1,024 and let it have many more
//! if it asks: few for an exchange with thousands of clients and buyers.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Said of a system that has no limit.
const PLENTY: u64 = 1 << 20;

/// Asks for as many as this user may have, and tells how many there are.
pub(crate) fn ask_for_all() -> usize {
    let before = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: before.maximum,
        maximum: before.maximum,
    };
    // Where it is refused, the few have to do.
    let now = if setrlimit(Resource::Nofile, wanted).is_ok() {
        wanted
    } else {
        before
    };
    usize::try_from(now.current.unwrap_or(PLENTY)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_at_least_as_many_as_before() {
        let before = getrlimit(Resource::Nofile).current.unwrap_or(PLENTY);
        let now = ask_for_all();
        assert!(before <= now as u64);
        assert_eq!(ask_for_all(), now, "and asking again changes nothing");
    }
}
