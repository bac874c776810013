//! The secret keys of an exchange: made at the first start, kept beside the database, readable by its owner only.

use anyhow::{Context, Result, anyhow, bail};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The key files of a data folder that are of no use to anybody else.
const FILES: [&str; 5] = ["token.key", "people.key", "audit.key", "pepper.key", MASTER];

/// The file of master keys, unless the settings name another place.
const MASTER: &str = "master.key";

/// The keys of a data folder.
pub(crate) struct FolderKeys {
    /// Seal what is personal, the newest first.
    pub(crate) master: Vec<[u8; 32]>,
    /// Signs ping tokens.
    pub(crate) token: [u8; 32],
    /// Keys the digests of persons.
    pub(crate) people: [u8; 32],
    /// Chains the audit log.
    pub(crate) audit: [u8; 32],
    /// Keys what is kept of the keys of sources and buyers.
    pub(crate) pepper: [u8; 32],
}

/// Reads the keys of a data folder, or makes them where there is no database yet. To a database a new key is worth
/// nothing: it opens no lead, and recognises nobody who asked not to be sold.
///
/// # Errors
/// A sentence with the path, if a key is missing, damaged or cannot be made.
pub(crate) fn of_folder(data: &Path, master: &MasterKeys) -> Result<FolderKeys> {
    let old = data.join("outcry.db").exists();
    let make = |path: &Path| {
        if old && !path.exists() {
            bail!(
                "{} is missing, and the database beside it is of no use without it; restore it from a backup",
                path.display()
            );
        }
        read_or_make(path)
    };
    if let MasterKeys::File(path) = master
        && !path.exists()
    {
        make(path)?;
    }
    Ok(FolderKeys {
        master: master.read()?,
        token: make(&data.join("token.key"))?,
        people: make(&data.join("people.key"))?,
        audit: audit_of(data)?,
        pepper: pepper_of(data)?,
    })
}

/// The pepper of the keys that sources and buyers present. Folders from before there was one get theirs now.
///
/// # Errors
/// A sentence with the path, if the key is damaged or cannot be made.
pub(crate) fn pepper_of(data: &Path) -> Result<[u8; 32]> {
    read_or_make(&data.join("pepper.key"))
}

/// The key files that a data folder has.
pub(crate) fn files_of(data: &Path) -> Vec<PathBuf> {
    FILES.iter().map(|name| data.join(name)).filter(|path| path.exists()).collect()
}

/// Where the master keys are: one or several of 64 hex digits with blanks between them, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MasterKeys {
    /// In a file, which is made at the first start.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
    /// Printed by a command: a program and its arguments, run without a shell.
    Command(String),
}

impl MasterKeys {
    /// Reads the setting `keys.master`; an empty one is the file in the data folder.
    ///
    /// # Errors
    /// A sentence that says how it is written.
    pub(crate) fn of(setting: &str, data: &Path) -> Result<Self> {
        match setting.split_once(':') {
            None if setting.is_empty() => Ok(Self::File(data.join(MASTER))),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Variable(name.to_owned())),
            Some(("command", command)) if !command.trim().is_empty() => Ok(Self::Command(command.to_owned())),
            _ => bail!(
                "keys.master must be \"file:PATH\", \"env:NAME\" or \"command:PROGRAM ARGUMENTS\", or empty for master.key in the data folder"
            ),
        }
    }

    /// The keys as they are now, the newest first.
    ///
    /// # Errors
    /// A sentence with the place, and never a key.
    pub(crate) fn read(&self) -> Result<Vec<[u8; 32]>> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path).with_context(|| format!("the key file {} cannot be read", path.display()))?,
            Self::Variable(name) => {
                std::env::var(name).map_err(|_| anyhow!("the variable {name}, which keys.master names, is not set or no text"))?
            }
            Self::Command(command) => printed_by(command)?,
        };
        let keys: Result<Vec<[u8; 32]>> = text.split_whitespace().map(parse).collect();
        match keys {
            Ok(keys) if !keys.is_empty() => Ok(keys),
            _ => bail!("{self} does not hold keys of 64 hex digits; restore it from a backup"),
        }
    }

    /// Puts a fresh key before those there are. The file holds the old ones at every moment.
    ///
    /// # Errors
    /// If it is no file, or cannot be written.
    pub(crate) fn add(&self) -> Result<()> {
        let fresh: [u8; 32] = rand::random();
        self.write(std::iter::once(fresh).chain(self.read()?))
    }

    /// Leaves only the newest key.
    ///
    /// # Errors
    /// If it is no file, or cannot be written.
    pub(crate) fn keep_newest(&self) -> Result<()> {
        self.write(self.read()?.into_iter().take(1))
    }

    fn write(&self, keys: impl Iterator<Item = [u8; 32]>) -> Result<()> {
        let Self::File(path) = self else {
            bail!("the master keys come from {self}: put a new one before the old ones there, and ask again");
        };
        let failed = || format!("the key file {} cannot be written", path.display());
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let mut file = NamedTempFile::new_in(folder).with_context(failed)?;
        for key in keys {
            writeln!(file, "{}", hex::encode(key)).with_context(failed)?;
        }
        file.as_file().sync_all().with_context(failed)?;
        file.persist(path).map_err(|fault| fault.error).with_context(failed)?;
        File::open(folder).and_then(|folder| folder.sync_all()).with_context(failed)
    }
}

impl std::fmt::Display for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "the key file {}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            // Its arguments may be nobody's business.
            Self::Command(_) => f.write_str("the command of keys.master"),
        }
    }
}

fn printed_by(command: &str) -> Result<String> {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let ran = std::process::Command::new(program)
        .args(words)
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("the command {program}, which keys.master names, cannot be run"))?;
    if !ran.status.success() {
        bail!("the command {program}, which keys.master names, has failed: {}", ran.status);
    }
    String::from_utf8(ran.stdout)
        .map_err(|_| anyhow!("the command {program}, which keys.master names, has printed something else than text"))
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

    #[test]
    fn master_keys_come_from_a_file_a_variable_or_a_command() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let of = |setting: &str| MasterKeys::of(setting, data);
        assert_eq!(of("").unwrap(), MasterKeys::File(data.join("master.key")));
        let printed = of(&format!("command:/bin/echo {} {}", "ab".repeat(32), "cd".repeat(32))).unwrap();
        assert_eq!(printed.read().unwrap(), [[0xab; 32], [0xcd; 32]]);
        for (setting, said) in [
            ("command:/bin/echo short", "does not hold keys of 64 hex digits"),
            ("command:/bin/false", "has failed"),
            ("env:NO_SUCH_VARIABLE_IS_SET", "is not set"),
        ] {
            let fault = format!("{:#}", of(setting).unwrap().read().unwrap_err());
            assert!(fault.contains(said), "{setting}: {fault}");
        }
        for setting in ["vault:x", "file:", "env:", "master.key"] {
            assert!(of(setting).is_err(), "{setting}");
        }
        assert!(format!("{:#}", printed.add().unwrap_err()).contains("put a new one before the old ones"));
    }

    #[test]
    fn a_fresh_master_key_stands_before_the_old_ones_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let keys = MasterKeys::of("", folder.path()).unwrap();
        let first = of_folder(folder.path(), &keys).unwrap().master;
        keys.add().unwrap();
        let both = keys.read().unwrap();
        assert_eq!((both.len(), both[1]), (2, first[0]));
        keys.keep_newest().unwrap();
        assert_eq!(keys.read().unwrap(), both[..1]);
    }
}
