//! `outcry list status`: how each list stands. Numbers of entries, and never an entry.

use super::{SettingsArgs, declared};
use crate::cli::output;
use crate::clock::SystemClock;
use crate::lists;
use anyhow::Result;
use outcry_core::list::{Certainty, List, Unknown, Way};
use outcry_core::moment::Moment;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::store::ListChange;
use outcry_store::Reader;
use outcry_store::list::{About, List as ListOnDisk};
use std::fmt::Write;
use std::process::ExitCode;

/// Prints a paragraph for each list.
pub(super) fn run(args: &SettingsArgs) -> Result<ExitCode> {
    let settings = args.load()?;
    let now = SystemClock.now();
    let changes = match Reader::open(&settings.data) {
        Ok(reader) => reader.list_changes()?,
        // Before the first start there is no database, and nothing was changed by hand.
        Err(_) => Vec::new(),
    };
    let mut text = String::new();
    for list in declared(&settings)? {
        let about = ListOnDisk::about_of(&lists::path(&settings.data, &list.name));
        tell(&mut text, &list, about.ok().as_ref(), &changes, now)?;
    }
    if text.is_empty() {
        text.push_str("the spec files declare no list\n");
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(text: &mut String, list: &List, about: Option<&About>, changes: &[ListChange], now: Moment) -> std::fmt::Result {
    let way = match list.way {
        Way::Block => "who is on it is not sold",
        Way::Allow => "only who is on it is sold",
    };
    writeln!(text, "{}: {}, {way}", list.name, list.entries.word())?;
    let of_another = about.filter(|about| about.entries_are != list.entries.word());
    match about {
        None if list.live => writeln!(text, "  kept by hand")?,
        None => writeln!(text, "  not imported")?,
        Some(about) => writeln!(
            text,
            "  version {}: {} entries, made {}",
            about.version,
            about.entries,
            Moment::from_unix_ms(about.made_at_ms)
        )?,
    }
    if let Some(other) = of_another {
        writeln!(text, "  NOT IN USE: the file holds {}; import it again", other.entries_are)?;
    }
    let made_at = about
        .filter(|_| of_another.is_none())
        .map(|about| Moment::from_unix_ms(about.made_at_ms));
    let policy = match list.unknown {
        Unknown::Block => "nobody is sold who is asked about",
        Unknown::Allow => "everybody else is sold",
        Unknown::Flag => "everybody else is sold, with a mark",
    };
    match list.certainty(made_at, now) {
        Certainty::Certain => writeln!(text, "  certain")?,
        Certainty::Stale { days } => writeln!(text, "  TOO OLD by its {days} days: it says nothing for certain, and {policy}")?,
        Certainty::Missing => writeln!(text, "  MISSING: it says nothing for certain, and {policy}")?,
    }
    let count = |on: bool| {
        let its = changes.iter().filter(|change| change.list == list.name && change.on == on);
        its.map(|change| change.entries.len()).sum::<usize>()
    };
    if count(true) + count(false) > 0 {
        writeln!(text, "  by hand: {} put on it, {} taken off", count(true), count(false))?;
    }
    Ok(())
}
