//! The secret keys of an exchange: made at the first start, kept beside the database, readable by its owner only.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// The keys of a data folder.
pub(crate) struct FolderKeys {
    /// Seals what is personal.
    pub(crate) master: [u8; 32],
    /// Signs ping tokens.
    pub(crate) token: [u8; 32],
    /// Keys the digests of persons.
    pub(crate) people: [u8; 32],
    /// Chains the audit log.
    pub(crate) audit: [u8; 32],
}

/// Reads the keys of a data folder, or makes them where there is no database yet. To a database a new key is worth
/// nothing: it opens no lead, and recognises nobody who asked not to be sold.
///
/// # Errors
/// A sentence with the path, if a key is missing, damaged or cannot be made.
pub(crate) fn of_folder(data: &Path) -> Result<FolderKeys> {
    let old = data.join("outcry.db").exists();
    let key = |name| {
        let path = data.join(name);
        if old && !path.exists() {
            bail!(
                "{} is missing, and the database beside it is of no use without it; restore it from a backup",
                path.display()
            );
        }
        read_or_make(&path)
    };
    Ok(FolderKeys {
        master: key("master.key")?,
        token: key("token.key")?,
        people: key("people.key")?,
        audit: audit_of(data)?,
    })
}

/// The key of the audit log. Folders from before there was one get theirs now.
///
/// # Errors
/// A sentence with the path, if the key is damaged or cannot be made.
pub(crate) fn audit_of(data: &Path) -> Result<[u8; 32]> {
    read_or_make(&data.join("audit.key"))
}

/// Reads a key of 256 bits from a file of 64 hex digits, or makes it.
///
/// # Errors
/// A sentence with the path, if the file cannot be read or made, or does not hold a key.
fn read_or_make(path: &Path) -> Result<[u8; 32]> {
    match File::open(path) {
        Ok(mut file) => {
            let mut text = String::new();
            file.read_to_string(&mut text)
                .with_context(|| format!("the key file {} cannot be read", path.display()))?;
            parse(text.trim()).with_context(|| format!("{} does not hold 64 hex digits; restore it from a backup", path.display()))
        }
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => make(path),
        Err(fault) => bail!("the key file {} cannot be opened: {fault}", path.display()),
    }
}

fn parse(text: &str) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key)?;
    Ok(key)
}

/// A key is on the disk before anything is signed or sealed with it, and takes its name when it is whole: a crash in
/// between leaves no half of a key, which no later start could read.
fn make(path: &Path) -> Result<[u8; 32]> {
    let failed = || format!("the key file {} cannot be made; is the folder writable?", path.display());
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let key: [u8; 32] = rand::random();
    let mut file = NamedTempFile::new_in(folder).with_context(failed)?;
    writeln!(file, "{}", hex::encode(key))
        .and_then(|()| file.as_file().sync_all())
        .with_context(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => File::open(folder).and_then(|folder| folder.sync_all()).with_context(failed)?,
        Err(fault) if fault.error.kind() == std::io::ErrorKind::AlreadyExists => return read_or_make(path),
        Err(fault) => return Err(fault.error).with_context(failed),
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_from_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.key");
        let key = read_or_make(&path).unwrap();
        assert_eq!(read_or_make(&path).unwrap(), key);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing half-written stays behind"
        );
        std::fs::write(&path, "short").unwrap();
        assert!(format!("{:#}", read_or_make(&path).unwrap_err()).contains("does not hold 64 hex digits"));
    }
}
