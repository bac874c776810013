//! Fills the lists of an exchange that is played, as `outcry list import` would: they are as fresh as the demo.

use crate::clock::SystemClock;
use crate::keys::{self, MasterKeys};
use crate::lists;
use crate::settings::Settings;
use anyhow::{Context, Result};
use outcry_engine::ports::clock::Clock;
use outcry_integration::book::Book;
use outcry_market::spec::Exchange;
use outcry_store::list::{About, ListBuilder};
use std::fs;

/// Writes the files of its lists into the data folder.
pub(super) fn fill(played: &Exchange, book: &Book, settings: &Settings) -> Result<()> {
    if played.lists.is_empty() {
        return Ok(());
    }
    let data = &settings.data;
    fs::create_dir_all(lists::folder(data)).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let key = lists::key(&keys::of_folder(data, &MasterKeys::of(&settings.keys.master, data)?)?);
    for filled in played.lists {
        let list = book.catalog.lists.iter().find(|list| &*list.name == filled.name);
        let list = list.with_context(|| format!("the exchange has no list {}", filled.name))?;
        let word = list.entries.word();
        let about = About::new(word.clone(), "demo", SystemClock.now().unix_ms());
        let mut builder = ListBuilder::new(&lists::path(data, &list.name), about, &key);
        for line in filled.entries.lines() {
            let read = list.entries.read(&line.replace(',', ""));
            let entry = read.map_err(|misfit| anyhow::anyhow!("the list {} holds what is no entry: {misfit}", filled.name))?;
            match lists::us10(&entry).filter(|_| word == "phone") {
                Some(number) => builder.add_phone(number).map(|_| ())?,
                None => builder.add(&word, &entry)?,
            }
        }
        builder.finish()?;
    }
    Ok(())
}
