//! Packs a list of places as it comes with Outcry:
//! `cargo run -p outcry-spec --example places -- places.csv crates/outcry-spec/src/places/us.bin`.

use outcry_spec::places;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("name the list and the file to write".into());
    };
    let list = places::read(&std::fs::read_to_string(from)?).map_err(|problems| format!("{problems:?}"))?;
    std::fs::write(to, places::pack(&list))?;
    println!("{} ZIP codes in {} counties", list.zips().len(), list.counties().len());
    Ok(())
}
