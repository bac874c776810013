//! Reads a folder of spec files.

use anyhow::{Context, Result, bail};
use outcry_spec::SpecFile;
use std::path::Path;

/// Every `*.toml` and `*.json` below the folder, by path, in order. Names that begin with a dot are left out.
///
/// # Errors
/// A sentence with the path, if something cannot be read or the folder holds no spec file.
pub(crate) fn read(folder: &Path) -> Result<Vec<SpecFile>> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        bail!("there is no folder {} to read spec files from; name the one that holds them: `outcry serve --spec DIR` or `outcry check DIR`", folder.display());
    }
    walk(folder, folder, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() {
        bail!("the folder {} holds no spec files (*.toml); is it the right one? `outcry serve --spec DIR` or `outcry check DIR` names another", folder.display());
    }
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SpecFile>) -> Result<()> {
    let unreadable = |path: &Path| format!("{} cannot be read", path.display());
    for entry in std::fs::read_dir(folder).with_context(|| unreadable(folder))? {
        let path = entry.with_context(|| unreadable(folder))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let spec = path.extension().is_some_and(|extension| extension == "toml" || extension == "json");
        if hidden {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if spec {
            let text = std::fs::read_to_string(&path).with_context(|| unreadable(&path))?;
            let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push(SpecFile { path: shown, text });
        }
    }
    Ok(())
}
