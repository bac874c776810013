//! Files in folders of this machine: there whole or not at all, and nowhere but where the operator allows.

use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folders that deliveries may write to, and everything below them.
#[derive(Clone, Debug)]
pub(crate) struct Folders(Vec<PathBuf>);

impl Folders {
    /// # Errors
    /// A folder that is not there.
    pub(crate) fn of(allowed: &[PathBuf]) -> Result<Self> {
        let real = |folder: &PathBuf| {
            let why = || {
                format!(
                    "the folder {} of the setting deliveries.folders cannot be used; make it, or take it out",
                    folder.display()
                )
            };
            folder.canonicalize().with_context(why)
        };
        allowed.iter().map(real).collect::<Result<_>>().map(Self)
    }

    /// The folder by its real path: no link and no `..` leads out of what is allowed.
    ///
    /// # Errors
    /// One that is not there, or lies elsewhere.
    pub(crate) fn find(&self, folder: &str) -> Result<PathBuf> {
        let real = Path::new(folder)
            .canonicalize()
            .with_context(|| format!("the folder {folder} is not there"))?;
        let inside = self.0.iter().any(|allowed| real.starts_with(allowed));
        ensure!(
            inside,
            "files may not be written to {folder}; the setting deliveries.folders names the folders that may be written to"
        );
        Ok(real)
    }

    /// Writes a file under another name and gives it its own when it is whole and on the disk. The same file again takes
    /// its own place.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn write(&self, folder: &str, name: &str, content: &[u8]) -> Result<()> {
        let folder = self.find(folder)?;
        // Readers of folders leave out what begins with a dot.
        let unfinished = folder.join(format!(".{name}.part"));
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&unfinished)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&unfinished, folder.join(name))?;
            File::open(&folder)?.sync_all()
        };
        write().with_context(|| format!("the file {name} could not be written to {}", folder.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_outside_of_what_is_allowed() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).display().to_string();
        for folder in ["out/acme", "secret"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        std::os::unix::fs::symlink(path("secret"), path("out/link")).unwrap();
        let folders = Folders::of(&[home.path().join("out")]).unwrap();
        folders.write(&path("out/acme"), "a.csv", b"1").unwrap();
        folders.write(&path("out/acme"), "a.csv", b"1").unwrap();
        folders.write(&path("out"), "a.csv", b"1").unwrap();
        for wrong in ["secret", "out/link", "out/../secret", "out/nowhere"] {
            assert!(folders.write(&path(wrong), "a.csv", b"1").is_err(), "{wrong}");
        }
        assert_eq!(fs::read_dir(path("secret")).unwrap().count(), 0);
        let names: Vec<_> = fs::read_dir(path("out/acme"))
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert_eq!(names, ["a.csv"], "no half file is left behind");
    }

    #[test]
    fn an_allowed_folder_must_be_there() {
        let said = Folders::of(&["/nowhere/at/all".into()]).unwrap_err().to_string();
        assert!(said.contains("/nowhere/at/all") && said.contains("deliveries.folders"), "{said}");
    }
}
