//! Keys on their way into a list, in any order: kept in memory while they are few, spilled by their first bits into
//! files when they are many, and given back sorted. Memory stays below a bound whatever comes.

use super::ListFault;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Spilled keys are divided by this many of their first bits: of a quarter of a billion, a million lie in one file.
const SHARD_BITS: u32 = 8;

/// Keys in any order.
pub(super) struct Shards {
    key_bits: u32,
    /// More than this are not held in memory at once, save one shard when it is sorted.
    held_most: usize,
    held: Vec<u64>,
    folder: PathBuf,
    spilled: Vec<Spill>,
    total: u64,
}

struct Spill {
    path: PathBuf,
    file: BufWriter<File>,
    keys: u64,
}

impl Shards {
    /// Spills into `folder`, which is made when it is needed and is removed at the end.
    pub(super) fn new(key_bits: u32, held_most: usize, folder: PathBuf) -> Self {
        Self {
            key_bits,
            held_most,
            held: Vec::new(),
            folder,
            spilled: Vec::new(),
            total: 0,
        }
    }

    /// How many keys came, the same one counted each time.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    /// Takes a key.
    pub(super) fn push(&mut self, key: u64) -> Result<(), ListFault> {
        self.total += 1;
        self.held.push(key);
        if self.held.len() < self.held_most { Ok(()) } else { self.spill() }
    }

    /// Gives every key back, in order.
    pub(super) fn sorted(mut self, each: &mut dyn FnMut(u64) -> Result<(), ListFault>) -> Result<(), ListFault> {
        if self.spilled.is_empty() {
            self.held.sort_unstable();
            return self.held.iter().try_for_each(|key| each(*key));
        }
        self.spill()?;
        for spill in std::mem::take(&mut self.spilled) {
            for key in spill.read_sorted()? {
                each(key)?;
            }
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), ListFault> {
        if self.spilled.is_empty() {
            self.open_files()?;
        }
        let shift = self.key_bits - SHARD_BITS;
        for key in self.held.drain(..) {
            #[allow(clippy::cast_possible_truncation, reason = "eight bits")]
            let spill = &mut self.spilled[(key >> shift) as usize];
            spill.keys += 1;
            let written = spill.file.write_all(&key.to_le_bytes());
            written.map_err(|source| ListFault::file(&spill.path, source))?;
        }
        Ok(())
    }

    fn open_files(&mut self) -> Result<(), ListFault> {
        fs::create_dir_all(&self.folder).map_err(|source| ListFault::file(&self.folder, source))?;
        for shard in 0..1 << SHARD_BITS {
            let path = self.folder.join(format!("{}-{shard:03}", self.key_bits));
            let file = File::create(&path).map_err(|source| ListFault::file(&path, source))?;
            let file = BufWriter::with_capacity(64 * 1024, file);
            self.spilled.push(Spill { path, file, keys: 0 });
        }
        Ok(())
    }
}

impl Drop for Shards {
    fn drop(&mut self) {
        // Whoever is left behind is removed by the next import of the list.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Spill {
    fn read_sorted(self) -> Result<Vec<u64>, ListFault> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |source| ListFault::File { path, source }
        };
        let file = self
            .file
            .into_inner()
            .map_err(|broken| ListFault::file(&self.path, broken.into_error()))?;
        drop(file);
        let mut file = BufReader::with_capacity(1 << 20, File::open(&self.path).map_err(fault(&self.path))?);
        let mut keys = Vec::with_capacity(usize::try_from(self.keys).unwrap_or(0));
        let mut key = [0; 8];
        for _ in 0..self.keys {
            file.read_exact(&mut key).map_err(fault(&self.path))?;
            keys.push(u64::from_le_bytes(key));
        }
        fs::remove_file(&self.path).map_err(fault(&self.path))?;
        keys.sort_unstable();
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_order_from_memory_and_from_files() {
        let home = tempfile::tempdir().unwrap();
        for held_most in [1_000_000, 700] {
            let folder = home.path().join("spill");
            let mut shards = Shards::new(34, held_most, folder.clone());
            let keys = (0..5_000_u64).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 30);
            keys.clone().for_each(|key| shards.push(key).unwrap());
            assert_eq!(shards.total(), 5_000);
            let mut back = Vec::new();
            shards
                .sorted(&mut |key| {
                    back.push(key);
                    Ok(())
                })
                .unwrap();
            let mut wanted: Vec<u64> = keys.collect();
            wanted.sort_unstable();
            assert_eq!(back, wanted, "at most {held_most} held");
            assert!(!folder.exists(), "nothing is left behind");
        }
    }
}
