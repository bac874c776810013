//! Reads a folder of spec files.

use anyhow::{Context, Result, bail};
use outcry_spec::SpecFile;
use std::path::Path;

/// Larger than any spec file: what is, was put there by mistake.
const BYTES_MAX: u64 = 1 << 20;
/// A list of places has a line for each ZIP code of the country.
const PLACES_BYTES_MAX: u64 = 8 << 20;

/// Every file below the folder, by path, in order, but for notes (`README*`, `*.md`), what lists are filled with (in a folder
/// called `lists`) and names that begin with a dot.
/// A file that is neither `.toml` nor `.json` nor `places.csv` comes without its text: the compiler warns of it, so that a
/// `buyers.tml` is not passed over in silence.
///
/// # Errors
/// A sentence with the path, if something cannot be read, a spec file is too large or not text, or there is none.
pub(crate) fn read(folder: &Path) -> Result<Vec<SpecFile>> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        bail!(
            "there is no folder {} to read spec files from; name the one that holds them: `outcry serve --spec DIR` or `outcry check DIR`",
            folder.display()
        );
    }
    walk(folder, folder, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if !files.iter().any(|file| is_spec(Path::new(&file.path))) {
        bail!(
            "the folder {} holds no spec files (*.toml); is it the right one? `outcry serve --spec DIR` or `outcry check DIR` names another",
            folder.display()
        );
    }
    Ok(files)
}

/// Is this a file that the compiler reads?
pub(crate) fn is_spec(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml" || extension == "json")
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SpecFile>) -> Result<()> {
    let unreadable = || format!("{} cannot be read", folder.display());
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
            continue;
        }
        let text = if is_spec(&path) || is_places(&path) {
            text(&path)?
        } else if is_note(&path) || is_filling(&path) || !path.is_file() {
            continue;
        } else {
            String::new()
        };
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        files.push(SpecFile { path: shown, text });
    }
    Ok(())
}

fn is_places(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "places.csv")
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// What is imported into lists may lie beside their declaration; it may be long, and the compiler has no use for it.
fn is_filling(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "lists")
}

/// Notes for people may lie beside what they are about.
fn is_note(path: &Path) -> bool {
    let readme = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("README"));
    readme || path.extension().is_some_and(|extension| extension == "md")
}

/// The text of a spec file. One that is left out would be missed, so what is wrong with it is an error.
fn text(path: &Path) -> Result<String> {
    let unreadable = || format!("{} cannot be read", path.display());
    let about = std::fs::metadata(path).with_context(unreadable)?;
    if !about.is_file() {
        bail!("{} is not a regular file; take it out of the folder of spec files", path.display());
    }
    let most = if is_places(path) { PLACES_BYTES_MAX } else { BYTES_MAX };
    if most < about.len() {
        bail!(
            "{} has {} bytes, and no spec file has more than {most}; take it out of the folder of spec files",
            path.display(),
            about.len()
        );
    }
    let bytes = std::fs::read(path).with_context(unreadable)?;
    String::from_utf8(bytes).map_err(|fault| {
        let valid = std::str::from_utf8(&fault.as_bytes()[..fault.utf8_error().valid_up_to()]).unwrap_or_default();
        let line = valid.matches('\n').count() + 1;
        anyhow::anyhow!("{}:{line}: this is not UTF-8 text; save the file as UTF-8", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn a_misnamed_file_is_handed_over_without_its_text_and_notes_are_not() {
        let folder = folder(&[
            ("a.toml", b"x = 1"),
            ("buyers.tml", b"y = 2"),
            ("logo.png", b"\xff\xfe"),
            ("README", b""),
            ("notes.md", b""),
            (".swp", b""),
        ]);
        let files = read(folder.path()).unwrap();
        let found: Vec<(&str, &str)> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        assert_eq!(found, [("a.toml", "x = 1"), ("buyers.tml", ""), ("logo.png", "")]);
    }

    #[test]
    fn a_spec_file_that_cannot_be_one_says_why() {
        let binary = folder(&[("a.toml", b"x = 1\n\xff\xfe")]);
        assert!(
            read(binary.path())
                .unwrap_err()
                .to_string()
                .ends_with("a.toml:2: this is not UTF-8 text; save the file as UTF-8")
        );
        let large = folder(&[("a.toml", &vec![b'#'; 1 + (1 << 20)])]);
        assert!(
            read(large.path())
                .unwrap_err()
                .to_string()
                .contains("a.toml has 1048577 bytes, and no spec file has more than 1048576")
        );
    }
}
