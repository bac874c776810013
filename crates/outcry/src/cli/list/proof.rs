//! The self-test of a hashed list: a list hashed one way misses everybody when it is asked in another way, and says nothing.
//!
//! Pairs of a value and its digest prove the way before a line is read. A sample of people who must be on the list proves it
//! by who is found.

use super::rows::{Rows, cells};
use anyhow::{Result, bail};
use outcry_core::list::{Encoding, Entries, Fit, Form, Hash, Kind, fits};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// More people than this prove nothing more.
const SAMPLE_MOST: usize = 100_000;

fn way(hash: &Hash) -> String {
    let encoding = if hash.encoding == Encoding::Base64 {
        ", encoding = \"base64\""
    } else {
        ""
    };
    match hash.form {
        Form::Normal => format!("hash = \"{}\"{encoding}", hash.scheme.word()),
        form => format!("hash = \"{}\", form = \"{}\"{encoding}", hash.scheme.word(), form.word()),
    }
}

/// Holds pairs of a value and its digest against the declaration.
///
/// # Errors
/// If a pair cannot be read, or is not made in the way that was declared; then with the way it is made.
pub(super) fn known(entries: &Entries, path: &Path) -> Result<usize> {
    if entries.hash.is_none() {
        bail!("--known proves how a list was hashed, and this one is not");
    }
    let mut rows = Rows::open(path)?;
    let mut pairs = Vec::new();
    while let Some(row) = rows.next()? {
        let [value, digest] = &cells(&row)[..] else {
            bail!("{}:{}: a pair is a value, a comma and its digest", path.display(), rows.number);
        };
        match entries.kind.read(value) {
            Ok(value) => pairs.push((value, digest.clone())),
            Err(_) if rows.number == 1 => {}
            Err(misfit) => bail!("{}:{}: {misfit}", path.display(), rows.number),
        }
    }
    if pairs.is_empty() {
        bail!("{} holds no pair", path.display());
    }
    judge(&fits(entries, &pairs), pairs.len())?;
    Ok(pairs.len())
}

fn judge(tried: &[Fit], pairs: usize) -> Result<()> {
    let declared = &tried[0];
    if declared.explains == pairs {
        return Ok(());
    }
    let said = format!(
        "of {pairs} known digests {} are made as declared ({})",
        declared.explains,
        way(&declared.hash)
    );
    match tried.get(1).filter(|other| declared.explains < other.explains) {
        Some(other) => bail!(
            "{said}, and {} are made so: {}; mend the list's table",
            other.explains,
            way(&other.hash)
        ),
        None => bail!("{said}, and no other way that is known explains more; ask whoever made the list"),
    }
}

/// People who must be on the list.
pub(super) struct Sample {
    count: usize,
    declared: Form,
    /// By the digest in each form, whom it stands for.
    by_digest: HashMap<String, Vec<(Form, usize)>>,
    found: BTreeMap<usize, HashSet<usize>>,
    forms: Vec<Form>,
    hashed: bool,
}

impl Sample {
    /// Reads one value a line.
    ///
    /// # Errors
    /// If a line is no value.
    pub(super) fn read(entries: &Entries, path: &Path) -> Result<Self> {
        let forms = match (&entries.hash, entries.kind) {
            (Some(_), Kind::Phone) => Form::PHONES.to_vec(),
            _ => vec![Form::Normal],
        };
        let mut sample = Self {
            count: 0,
            declared: entries.hash.as_ref().map_or(Form::Normal, |hash| hash.form),
            by_digest: HashMap::new(),
            found: BTreeMap::new(),
            forms,
            hashed: entries.hash.is_some(),
        };
        let mut rows = Rows::open(path)?;
        while let Some(row) = rows.next()? {
            let value = match entries.kind.read(row.trim_matches('"')) {
                Ok(value) => value,
                Err(_) if rows.number == 1 => continue,
                Err(misfit) => bail!("{}:{}: {misfit}", path.display(), rows.number),
            };
            if sample.count == SAMPLE_MOST {
                bail!("{} holds more than {SAMPLE_MOST} values; a part of them will do", path.display());
            }
            for form in &sample.forms {
                let digest = match &entries.hash {
                    None => Some(value.clone()),
                    Some(hash) => form.of(&value).map(|text| hash.scheme.hex(&text)),
                };
                sample
                    .by_digest
                    .entry(digest.unwrap_or_default())
                    .or_default()
                    .push((*form, sample.count));
            }
            sample.count += 1;
        }
        if sample.count == 0 {
            bail!("{} holds no value", path.display());
        }
        Ok(sample)
    }

    /// Notes an entry of the list.
    pub(super) fn see(&mut self, entry: &str) {
        for (form, whom) in self.by_digest.get(entry).into_iter().flatten() {
            let at = self.forms.iter().position(|other| other == form).unwrap_or_default();
            self.found.entry(at).or_default().insert(*whom);
        }
    }

    /// Who was found, and whether that proves the declaration.
    ///
    /// # Errors
    /// If nobody was found, or more in another form.
    pub(super) fn judge(&self) -> Result<String> {
        let of = |form: Form| {
            let at = self.forms.iter().position(|other| *other == form);
            at.and_then(|at| self.found.get(&at)).map_or(0, HashSet::len)
        };
        let (declared, count) = (of(self.declared), self.count);
        let best = self.forms.iter().copied().max_by_key(|form| of(*form)).unwrap_or(self.declared);
        if declared < of(best) {
            bail!(
                "of {count} people who must be on the list {declared} are found as declared, and {} if `form = \"{}\"`; mend the list's table",
                of(best),
                best.word()
            );
        }
        if declared == 0 && self.hashed {
            bail!(
                "of {count} people who must be on the list nobody is found: it was hashed in another way than declared, or it is another list"
            );
        }
        Ok(format!("{declared} of {count} people of the sample are on it"))
    }
}
