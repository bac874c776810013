//! The secret keys of an exchange: made at the first start, kept beside the database, readable by its owner only.

use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Reads a key of 256 bits from a file of 64 hex digits, or makes it.
///
/// # Errors
/// A sentence with the path, if the file cannot be read or made, or does not hold a key.
pub(crate) fn read_or_make(path: &Path) -> Result<[u8; 32]> {
    match File::open(path) {
        Ok(mut file) => {
            let mut text = String::new();
            file.read_to_string(&mut text).with_context(|| format!("the key file {} cannot be read", path.display()))?;
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

/// A key that exists is synced to disk before anything is signed or sealed with it.
fn make(path: &Path) -> Result<[u8; 32]> {
    let failed = || format!("the key file {} cannot be made; is the folder writable?", path.display());
    let key: [u8; 32] = rand::random();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(failed)?;
    writeln!(file, "{}", hex::encode(key)).and_then(|()| file.sync_all()).with_context(failed)?;
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
        std::fs::write(&path, "short").unwrap();
        assert!(format!("{:#}", read_or_make(&path).unwrap_err()).contains("does not hold 64 hex digits"));
    }
}
