//! `deny.toml`: which licences are fine, which crates and versions are not.
//!
//! The file is cargo-deny's, so that tool and this one enforce the same policy; only what is needed
//! of its format is read here.

use anyhow::{Context, Result, bail};

/// A version as far as policy cares: pre-release and build marks are left out.
pub(crate) type Version = (u64, u64, u64);

/// The parts of `deny.toml` that are enforced here.
pub(crate) struct Policy {
    /// Licences, each with its exception if it has one.
    pub(crate) allowed: Vec<String>,
    pub(crate) bans: Vec<Ban>,
    /// Versions that may be built beside a newer one of the same crate.
    pub(crate) skipped: Vec<(String, Version)>,
}

/// A crate, or some versions of one, that must not be built.
pub(crate) struct Ban {
    pub(crate) name: String,
    pub(crate) reason: String,
    /// The only crates that may bring it in all the same.
    pub(crate) wrappers: Vec<String>,
    /// All must hold for a version to be meant; none means every version.
    bounds: Vec<Bound>,
}

struct Bound(Comparison, Version);

#[derive(Clone, Copy)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Policy {
    /// Reads the text of `deny.toml`. What it does not understand is an error: a rule must not vanish in silence.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let file: toml::Table = text.parse()?;
        let list = |table: &str, key: &str| -> Result<&Vec<toml::Value>> {
            file.get(table)
                .and_then(|it| it.get(key)?.as_array())
                .with_context(|| format!("deny.toml has no [{table}] {key}"))
        };
        let allowed = list("licenses", "allow")?.iter().map(text_of).collect::<Result<_>>()?;
        let bans = list("bans", "deny")?.iter().map(Ban::read).collect::<Result<_>>()?;
        let skip = file.get("bans").and_then(|bans| bans.get("skip")).and_then(toml::Value::as_array);
        let skipped = skip.into_iter().flatten().map(skipped).collect::<Result<_>>()?;
        Ok(Self { allowed, bans, skipped })
    }
}

/// `{ crate = "rand@0.9.5", reason = "…" }`
fn skipped(value: &toml::Value) -> Result<(String, Version)> {
    let text = |key: &str| value.get(key).and_then(toml::Value::as_str);
    let krate = text("crate").context("an entry of [bans] skip has no `crate`")?;
    text("reason").with_context(|| format!("{krate} is skipped without a reason"))?;
    let (name, number) = krate.split_once('@').with_context(|| format!("`{krate}` is not like rand@0.9.5"))?;
    Ok((name.to_owned(), version(number)?))
}

impl Ban {
    fn read(value: &toml::Value) -> Result<Self> {
        let krate = value
            .get("crate")
            .map(text_of)
            .transpose()?
            .context("an entry of [bans] deny has no `crate`")?;
        let reason = value
            .get("reason")
            .map(text_of)
            .transpose()?
            .with_context(|| format!("{krate} is banned without a reason"))?;
        let wrappers = match value.get("wrappers").and_then(toml::Value::as_array) {
            Some(names) => names.iter().map(text_of).collect::<Result<_>>()?,
            None => Vec::new(),
        };
        let (name, bounds) = match krate.split_once(':') {
            Some((name, bounds)) => (name.to_owned(), bounds.split(',').map(Bound::read).collect::<Result<_>>()?),
            None => (krate, Vec::new()),
        };
        Ok(Self {
            name,
            reason,
            wrappers,
            bounds,
        })
    }

    /// Whether this version of the crate is meant.
    pub(crate) fn means(&self, version: Version) -> bool {
        self.bounds.iter().all(|bound| bound.holds(version))
    }
}

impl Bound {
    fn read(text: &str) -> Result<Self> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let text = text.trim();
        let signs = [
            ("<=", LessOrEqual),
            (">=", GreaterOrEqual),
            ("<", Less),
            (">", Greater),
            ("=", Equal),
        ];
        let found = signs
            .iter()
            .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)));
        let (comparison, number) = found.with_context(|| format!("`{text}` is not a bound such as `<1.2.3`"))?;
        Ok(Self(*comparison, version(number)?))
    }

    fn holds(&self, version: Version) -> bool {
        match self.0 {
            Comparison::Less => version < self.1,
            Comparison::LessOrEqual => version <= self.1,
            Comparison::Greater => version > self.1,
            Comparison::GreaterOrEqual => version >= self.1,
            Comparison::Equal => version == self.1,
        }
    }
}

/// Reads `1.2.3`, `1.2` or `1.2.3-rc.1+build`.
pub(crate) fn version(text: &str) -> Result<Version> {
    let release = text.trim().split(['-', '+']).next().unwrap_or_default();
    let numbers = release
        .split('.')
        .map(str::parse)
        .collect::<Result<Vec<u64>, _>>()
        .with_context(|| format!("version `{text}`"))?;
    match numbers[..] {
        [major, minor, patch] => Ok((major, minor, patch)),
        [major, minor] => Ok((major, minor, 0)),
        [major] => Ok((major, 0, 0)),
        _ => bail!("version `{text}` has too many parts"),
    }
}

fn text_of(value: &toml::Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("`{value}` should be text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ban(spec: &str) -> Ban {
        Ban::read(&toml::Value::Table(
            format!("crate = \"{spec}\"\nreason = \"test\"").parse().unwrap(),
        ))
        .unwrap()
    }

    #[test]
    fn a_ban_may_mean_some_versions_only() {
        assert!(ban("openssl").means((9, 9, 9)));
        assert!(ban("bytes:<1.11.1").means((1, 11, 0)));
        assert!(!ban("bytes:<1.11.1").means((1, 11, 1)));
        assert!(ban("rand:>=0.9,<0.9.3").means((0, 9, 2)));
        assert!(!ban("rand:>=0.9,<0.9.3").means((0, 8, 6)));
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("3.9.1").unwrap() < version("3.51.3").unwrap());
        assert_eq!(version("1.2.3-rc.1+x").unwrap(), (1, 2, 3));
        assert!(version("1.2.x").is_err());
    }

    #[test]
    fn the_policy_of_this_repository_can_be_read() {
        let path = crate::run::root().unwrap().join("deny.toml");
        let policy = Policy::read(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(policy.allowed.contains(&"Apache-2.0".to_owned()));
        assert!(policy.bans.iter().any(|ban| ban.name == "openssl"));
    }

    #[test]
    fn a_ban_without_a_reason_is_refused() {
        assert!(Ban::read(&toml::Value::Table("crate = \"x\"".parse().unwrap())).is_err());
    }
}
