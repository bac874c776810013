//! The folder of a backup: a copy of the database, what it is, and its keys if they were asked for.
//!
//! ```text
//! outcry.db      the database as it was at one moment
//! backup.json    when, of which version, its size and SHA-256, the names of its master keys
//! *.key          only with `--with-keys`
//! ```

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The database inside a backup and a data folder.
pub(crate) const DATABASE: &str = "outcry.db";
const MANIFEST: &str = "backup.json";

/// The shape of a backup's folder. Raised when an older program could not restore it.
pub(crate) const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The shape of the folder.
    pub(crate) format: u32,
    /// Of the program that made it.
    pub(crate) version: String,
    /// No earlier than this: everything that was answered before is in it.
    pub(crate) at: String,
    /// Which catalog was traded.
    pub(crate) catalog: String,
    /// Names of the master keys that open it, the newest first.
    pub(crate) master_keys: Vec<String>,
    /// Of the database.
    pub(crate) sha256: String,
    /// Of the database.
    pub(crate) bytes: u64,
}

/// Makes the folder, for its owner only, and says where the database goes.
///
/// # Errors
/// If there is something in it already, or it cannot be made.
pub(crate) fn begin(folder: &Path) -> Result<PathBuf> {
    ensure!(folder.is_absolute(), "the folder of a backup is named by an absolute path");
    let failed = || format!("the backup folder {} cannot be made", folder.display());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(failed)?;
    if fs::read_dir(folder).with_context(failed)?.next().is_some() {
        bail!(
            "the backup folder {} is not empty; a backup has a folder of its own",
            folder.display()
        );
    }
    Ok(folder.join(DATABASE))
}

/// Puts the copy on the disk for good, and with it what it is. The manifest comes last: without it there is no backup.
///
/// # Errors
/// If something cannot be written.
pub(crate) fn finish(folder: &Path, manifest: Manifest, keys: &[PathBuf]) -> Result<Manifest> {
    let database = folder.join(DATABASE);
    let failed = || format!("the backup {} cannot be written", folder.display());
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).with_context(failed)?;
    File::open(&database).and_then(|file| file.sync_all()).with_context(failed)?;
    copy_all(keys, folder)?;
    let (sha256, bytes) = digest(&database)?;
    let manifest = Manifest { sha256, bytes, ..manifest };
    let mut file = File::create_new(folder.join(MANIFEST)).with_context(failed)?;
    let text = serde_json::to_string_pretty(&manifest).with_context(failed)?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).with_context(failed)?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(failed)?;
    Ok(manifest)
}

/// Reads what a backup says of itself, and checks that the database is the one it speaks of.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(crate) fn read(folder: &Path) -> Result<Manifest> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).with_context(|| {
        format!(
            "{} cannot be read; the folder holds no backup, or one that was not finished",
            path.display()
        )
    })?;
    let manifest: Manifest = serde_json::from_str(&text).with_context(|| format!("{} cannot be understood", path.display()))?;
    ensure!(
        manifest.format <= FORMAT,
        "the backup {} was made by a newer outcry ({})",
        folder.display(),
        manifest.version
    );
    let (sha256, bytes) = digest(&folder.join(DATABASE))?;
    ensure!(
        (sha256, bytes) == (manifest.sha256.clone(), manifest.bytes),
        "the database in the backup {} is not the one that was copied: take another backup",
        folder.display()
    );
    Ok(manifest)
}

/// Copies files into a folder, each for its owner only and on the disk for good.
///
/// # Errors
/// If one cannot be copied, or is there already.
pub(crate) fn copy_all(files: &[PathBuf], folder: &Path) -> Result<()> {
    for file in files {
        let name = file.file_name().context("a file has a name")?;
        let failed = || format!("{} cannot be copied to {}", file.display(), folder.display());
        let to = folder.join(name);
        ensure!(!to.exists(), "{} is there already", to.display());
        fs::copy(file, &to).with_context(failed)?;
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).with_context(failed)?;
        File::open(&to).and_then(|file| file.sync_all()).with_context(failed)?;
    }
    Ok(())
}

fn digest(file: &Path) -> Result<(String, u64)> {
    let failed = || format!("{} cannot be read", file.display());
    let mut read = File::open(file).with_context(failed)?;
    let (mut digest, mut bytes, mut part) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        let length = read.read(&mut part).with_context(failed)?;
        if length == 0 {
            return Ok((hex::encode(digest.finalize()), bytes));
        }
        digest.update(&part[..length]);
        bytes += length as u64;
    }
}
