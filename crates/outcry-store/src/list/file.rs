//! A list as a file: two packed sets, what the list is, and a digest over all of it. Written beside its place and renamed,
//! so a reader sees the old list or the new one.
//!
//! ```text
//! magic 8 | phones: buckets of 64, level after level | others: the same | about, JSON | its length u32 | SHA-256 32 | magic 8
//! ```

use super::packed::{BUCKET, Layout, Level, Packed, Packer};
use super::shards::Shards;
use super::{About, ListFault};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"OUTCRYL2";
const DIGEST: usize = 32;
/// Read and digested at once, while it is in the cache.
const PIECE: usize = 1 << 16;
/// What a list says about itself fits many times.
const ABOUT_BYTES_MAX: u32 = 1024 * 1024;

/// What stands at the end of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Trailer {
    about: About,
    phones: Section,
    others: Section,
}

/// The size of one packed set.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Section {
    key_bits: u32,
    keys: u64,
    /// Buckets of each level.
    levels: Vec<u64>,
}

impl Section {
    fn layouts(&self) -> impl Iterator<Item = Layout> {
        let key_bits = self.key_bits;
        self.levels.iter().map(move |buckets| Layout {
            key_bits,
            buckets: *buckets,
        })
    }

    /// Sizes that some list can have, in a file of this length.
    fn is_sane(&self, length: u64) -> bool {
        self.layouts().all(Layout::is_sane) && self.layouts().map(Layout::bytes).sum::<u64>() <= length
    }
}

/// Writes a list to `path`, durable before it returns.
pub(super) fn write(path: &Path, mut about: About, phones: Shards, others: Shards, bits: [u32; 2]) -> Result<About, ListFault> {
    let beside = beside(path);
    let fault = |source| ListFault::File {
        path: beside.clone(),
        source,
    };
    let file = File::create(&beside).map_err(fault)?;
    let mut out = Out {
        file: BufWriter::with_capacity(1 << 20, file),
        digest: Sha256::new(),
        path: &beside,
    };
    out.bytes(MAGIC)?;
    let phones = section(&mut out, bits[0], phones)?;
    let others = section(&mut out, bits[1], others)?;
    about.entries = phones.keys + others.keys;
    let trailer = Trailer { about, phones, others };
    let json = serde_json::to_vec(&trailer).map_err(|source| fault(source.into()))?;
    out.bytes(&json)?;
    out.bytes(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes())?;
    let digest = std::mem::take(&mut out.digest).finalize();
    out.bytes(&digest)?;
    out.bytes(MAGIC)?;
    let file = out.file.into_inner().map_err(|broken| fault(broken.into_error()))?;
    file.sync_all().map_err(fault)?;
    fs::rename(&beside, path).map_err(fault)?;
    if let Some(folder) = path.parent() {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| ListFault::file(folder, source))?;
    }
    Ok(trailer.about)
}

/// Writes a set, level after level, until nothing is left over.
fn section(out: &mut Out<'_>, key_bits: u32, shards: Shards) -> Result<Section, ListFault> {
    let mut sink = |bucket: &[u8; BUCKET]| out.bytes(bucket);
    let mut packer = Packer::new(key_bits, shards.total(), true);
    shards.sorted(&mut |key| packer.push(key, &mut sink))?;
    let mut packing = packer.finish(&mut sink)?;
    let (keys, mut levels) = (packing.keys, vec![packing.layout.buckets]);
    while !packing.left_over.is_empty() {
        let mut packer = Packer::new(key_bits, packing.left_over.len() as u64, false);
        packing.left_over.iter().try_for_each(|key| packer.push(*key, &mut sink))?;
        packing = packer.finish(&mut sink)?;
        levels.push(packing.layout.buckets);
    }
    Ok(Section { key_bits, keys, levels })
}

/// Writes and digests.
struct Out<'p> {
    file: BufWriter<File>,
    digest: Sha256,
    path: &'p Path,
}

impl Out<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), ListFault> {
        self.digest.update(bytes);
        self.file.write_all(bytes).map_err(|source| ListFault::file(self.path, source))
    }
}

/// Reads a list and proves its digest.
pub(super) fn read(path: &Path) -> Result<(About, Packed, Packed), ListFault> {
    let fault = |source| ListFault::file(path, source);
    let damaged = || ListFault::Damaged(path.to_owned());
    let mut file = File::open(path).map_err(fault)?;
    let length = file.metadata().map_err(fault)?.len();
    let trailer = trailer(&mut file, length).map_err(fault)?.ok_or_else(damaged)?;
    if !(trailer.phones.is_sane(length) && trailer.others.is_sane(length)) {
        return Err(damaged());
    }
    file.rewind().map_err(fault)?;
    let mut from = In {
        file: BufReader::with_capacity(1 << 20, file),
        digest: Sha256::new(),
    };
    from.exactly(MAGIC.len()).map_err(fault)?;
    let phones = from.packed(&trailer.phones, path)?.ok_or_else(damaged)?;
    let others = from.packed(&trailer.others, path)?.ok_or_else(damaged)?;
    if from.proves_its_digest(length).map_err(fault)? {
        Ok((trailer.about, phones, others))
    } else {
        Err(damaged())
    }
}

/// What a list says about itself.
pub(super) fn about(path: &Path) -> Result<About, ListFault> {
    let fault = |source| ListFault::file(path, source);
    let mut file = File::open(path).map_err(fault)?;
    let length = file.metadata().map_err(fault)?.len();
    let trailer = trailer(&mut file, length).map_err(fault)?;
    trailer
        .map(|trailer| trailer.about)
        .ok_or_else(|| ListFault::Damaged(path.to_owned()))
}

/// What stands at the end; `None` if that is not the end of a list.
fn trailer(file: &mut File, length: u64) -> io::Result<Option<Trailer>> {
    let tail = (4 + DIGEST + MAGIC.len()) as u64;
    if length < tail + MAGIC.len() as u64 {
        return Ok(None);
    }
    let mut end = vec![0; 4 + DIGEST + MAGIC.len()];
    file.seek(SeekFrom::Start(length - tail))?;
    file.read_exact(&mut end)?;
    let json = u32::from_le_bytes(std::array::from_fn(|at| end[at]));
    if !end.ends_with(MAGIC) || ABOUT_BYTES_MAX < json || length - tail < u64::from(json) {
        return Ok(None);
    }
    let mut text = vec![0; json as usize];
    file.seek(SeekFrom::Start(length - tail - u64::from(json)))?;
    file.read_exact(&mut text)?;
    Ok(serde_json::from_slice(&text).ok())
}

/// Reads and digests.
struct In {
    file: BufReader<File>,
    digest: Sha256,
}

impl In {
    fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.file.read_exact(&mut bytes)?;
        self.digest.update(&bytes);
        Ok(bytes)
    }

    /// One packed set, straight into its place; `None` if it makes no sense.
    fn packed(&mut self, section: &Section, path: &Path) -> Result<Option<Packed>, ListFault> {
        let mut levels = Vec::with_capacity(section.levels.len());
        for layout in section.layouts() {
            let mut level = Level::new(layout)?;
            for piece in level.buckets_mut().chunks_mut(PIECE) {
                self.file.read_exact(piece).map_err(|source| ListFault::file(path, source))?;
                self.digest.update(&*piece);
            }
            if !level.is_sane() {
                return Ok(None);
            }
            levels.push(level);
        }
        Ok(Some(Packed::new(levels)))
    }

    /// Reads what is left: the trailer, and the digest over everything before it.
    fn proves_its_digest(mut self, length: u64) -> io::Result<bool> {
        let at = self.file.stream_position()?;
        let Some(json) = length.checked_sub(at + (DIGEST + MAGIC.len()) as u64) else {
            return Ok(false);
        };
        if u64::from(ABOUT_BYTES_MAX) + 4 < json {
            return Ok(false);
        }
        self.exactly(usize::try_from(json).unwrap_or(0))?;
        let digest = std::mem::take(&mut self.digest).finalize();
        let mut said = [0; DIGEST];
        self.file.read_exact(&mut said)?;
        Ok(said == *digest)
    }
}

/// Where a list is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
