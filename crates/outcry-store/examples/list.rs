//! What a list of the size of the national do-not-call list costs: its making, its memory, a look-up.
//!
//! ```text
//! cargo run --release -p outcry-store --example list -- 250000000
//! ```
//!
//! Look-ups ask for numbers all over the plan, half of them listed, each one the memory has not seen lately. Linux only.

use outcry_store::list::{About, List, ListBuilder, ListKey};
use std::error::Error;
use std::time::Instant;

/// Numbers of ten digits whose first is not 0 or 1.
const PLAN: u64 = 8_000_000_000;
/// Has no factor in common with `PLAN`: as many different numbers as are asked for.
const STRIDE: u64 = 4_954_081_117;
const LOOKS: u64 = 4_000_000;

fn number(at: u64) -> u64 {
    2_000_000_000 + u64::try_from(u128::from(at) * u128::from(STRIDE) % u128::from(PLAN)).unwrap_or(0)
}

/// Time this thread has had a processor, so that a busy machine does not make look-ups seem slow.
fn on_cpu_ns() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("no time in schedstat")?.parse()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(10_000_000), |text| text.parse())?;
    let home = tempfile::tempdir()?;
    let (path, key) = (home.path().join("national.list"), ListKey::new([7; 32]));
    let started = Instant::now();
    let mut builder = ListBuilder::new(&path, About::new("phone", "bench", 0), &key);
    for at in 0..count {
        builder.add_phone(number(at))?;
    }
    let about = builder.finish()?;
    println!("made       {} entries in {:.1} s", about.entries, started.elapsed().as_secs_f64());
    let started = Instant::now();
    let list = List::read(&path, &key)?;
    let megabytes = |bytes: u64| u32::try_from(bytes >> 20).map(f64::from);
    println!(
        "read       in {:.1} s; {:.0} MB in memory, {:.0} MB on disk",
        started.elapsed().as_secs_f64(),
        megabytes(list.bytes())?,
        megabytes(path.metadata()?.len())?
    );
    let asked: Vec<u64> = (0..LOOKS).map(|at| number(at * (2 * count / LOOKS).max(1) + at % 2)).collect();
    let started = on_cpu_ns()?;
    let found = asked.iter().filter(|phone| list.holds_phone(**phone)).count();
    let each = (on_cpu_ns()? - started) / LOOKS;
    println!("looked up  {LOOKS} numbers, {found} of them listed: {each} ns each");
    let false_ones = (count..count + 1_000_000).filter(|at| list.holds_phone(number(*at))).count();
    println!("strangers  {false_ones} of 1000000 taken for listed");
    Ok(())
}
