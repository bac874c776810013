//! Licence expressions, as crates declare them: `MIT OR (Apache-2.0 AND ISC)`.

use anyhow::{Result, bail};

/// Whether the licences that are allowed suffice to use what this expression covers.
///
/// `AND` binds closer than `OR`. A `WITH` exception belongs to the licence before it and must be allowed
/// together with it. The old `MIT/Apache-2.0` is read as `OR`, as the registry does.
///
/// # Errors
/// An expression that cannot be read is an error, never a yes.
pub(crate) fn satisfied(expression: &str, allowed: &[String]) -> Result<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let satisfied = reader.any()?;
    match reader.words {
        [] => Ok(satisfied),
        [word, ..] => bail!("`{expression}`: `{word}` is one word too many"),
    }
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Reader<'a> {
    fn take(&mut self, expected: &str) -> bool {
        match self.words {
            [word, rest @ ..] if *word == expected => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn any(&mut self) -> Result<bool> {
        let mut satisfied = self.all()?;
        while self.take("OR") {
            satisfied |= self.all()?;
        }
        Ok(satisfied)
    }

    fn all(&mut self) -> Result<bool> {
        let mut satisfied = self.one()?;
        while self.take("AND") {
            satisfied &= self.one()?;
        }
        Ok(satisfied)
    }

    fn one(&mut self) -> Result<bool> {
        if self.take("(") {
            let satisfied = self.any()?;
            return if self.take(")") {
                Ok(satisfied)
            } else {
                bail!("a `(` is never closed")
            };
        }
        let mut licence = self.licence()?.to_owned();
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.licence()?);
        }
        Ok(self.allowed.contains(&licence))
    }

    fn licence(&mut self) -> Result<&'a str> {
        match self.words {
            [word, rest @ ..] if !["AND", "OR", "WITH", "(", ")"].contains(word) => {
                self.words = rest;
                Ok(word)
            }
            [word, ..] => bail!("a licence was expected, not `{word}`"),
            [] => bail!("the expression ends where a licence was expected"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: bool) {
        let allowed = ["MIT", "ISC", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        assert_eq!(satisfied(expression, &allowed).unwrap(), expected, "{expression}");
    }

    #[test]
    fn one_of_a_choice_suffices_and_all_of_a_sum_are_needed() {
        check("MIT", true);
        check("GPL-3.0", false);
        check("MIT OR GPL-3.0", true);
        check("MIT AND GPL-3.0", false);
        check("MIT/GPL-3.0", true);
        check("Apache-2.0 / GPL-3.0", true);
    }

    #[test]
    fn and_binds_closer_than_or_unless_brackets_say_otherwise() {
        check("MIT OR ISC AND GPL-3.0", true);
        check("(MIT OR ISC) AND GPL-3.0", false);
        check("ISC AND (GPL-3.0 OR (MIT AND ISC))", true);
    }

    #[test]
    fn an_exception_is_part_of_its_licence() {
        check("Apache-2.0 WITH LLVM-exception", true);
        check("MIT WITH LLVM-exception", false);
        check("GPL-2.0 WITH Classpath-exception-2.0 OR MIT", true);
    }

    #[test]
    fn what_cannot_be_read_is_never_a_yes() {
        for broken in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND MIT", "MIT WITH"] {
            assert!(satisfied(broken, &["MIT".to_owned()]).is_err(), "{broken}");
        }
    }
}
