//! A contract's choice of ping fields, from names to positions: checked once, when a spec is loaded.

use super::ViewSpec;
use crate::field::{PingRule, Privacy};
use crate::lead_type::{FieldSet, LeadType};
use crate::validate::closest;

/// Why a contract's choice of ping fields cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct ViewError {
    /// The field as the contract named it.
    pub field: String,
    /// What is wrong with it.
    pub why: NotOpened,
}

/// What is wrong with a field that a contract opens or picks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// No such field.
    #[error("is not a field of the lead type{}", .near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// A field with a name like it.
        near: Option<String>,
    },
    /// It names or reaches the person.
    #[error("identifies the person directly and can never be in a ping")]
    DirectIdentifier,
    /// The lead type forbids it for every contract.
    #[error("is denied to every ping by its lead type")]
    HardDeny,
}

impl ViewSpec {
    /// Turns names into positions: `city`, `drivers[].dob`; for `only`, the ping's own names (`age_bracket`) will do too.
    ///
    /// To open a list opens the list, not the fields of its rows; each of those is named.
    ///
    /// # Errors
    /// The first name that is unknown, or cannot be opened.
    pub fn resolve(lead_type: &LeadType, opened: &[&str], only: Option<&[&str]>) -> Result<Self, ViewError> {
        let mut spec = Self::default();
        for name in opened {
            let at = |why| ViewError {
                field: (*name).to_owned(),
                why,
            };
            spec.open(&lead_type.fields, name).map_err(at)?;
        }
        if let Some(only) = only {
            spec.only = Some(Vec::new());
            for name in only {
                let at = |why| ViewError {
                    field: (*name).to_owned(),
                    why,
                };
                spec.pick(&lead_type.fields, name).map_err(at)?;
            }
        }
        Ok(spec)
    }

    fn row_spec_mut(&mut self, list: usize) -> &mut Self {
        let found = self.rows.iter().position(|(at, _)| *at == list);
        let index = found.unwrap_or_else(|| {
            self.rows.push((list, Self::default()));
            self.rows.len() - 1
        });
        &mut self.rows[index].1
    }

    fn open(&mut self, set: &FieldSet, path: &str) -> Result<(), NotOpened> {
        let (name, rest) = split(path);
        let at = set.position(name).ok_or_else(|| unknown(set, name))?;
        let field = &set.fields[at];
        if field.privacy == Privacy::DirectIdentifier {
            return Err(NotOpened::DirectIdentifier);
        }
        if matches!(field.ping, PingRule::Deny { hard: true }) {
            return Err(NotOpened::HardDeny);
        }
        match (rest, field.rows()) {
            (None, _) => add(&mut self.opened, at),
            (Some(rest), Some(rows)) => self.row_spec_mut(at).open(rows, rest)?,
            (Some(_), None) => {
                return Err(NotOpened::Unknown {
                    near: Some(name.to_owned()),
                });
            }
        }
        Ok(())
    }

    fn pick(&mut self, set: &FieldSet, path: &str) -> Result<(), NotOpened> {
        let (name, rest) = split(path);
        let at = set
            .position(name)
            .or_else(|| set.ping_position(name))
            .ok_or_else(|| unknown(set, name))?;
        add(self.only.get_or_insert_default(), at);
        match (rest, set.fields[at].rows()) {
            (None, _) => Ok(()),
            (Some(rest), Some(rows)) => self.row_spec_mut(at).pick(rows, rest),
            (Some(_), None) => Err(NotOpened::Unknown {
                near: Some(name.to_owned()),
            }),
        }
    }
}

/// `drivers[].dob` is the field `dob` in the rows of `drivers`.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once("[].").map_or((path, None), |(list, rest)| (list, Some(rest)))
}

fn add(positions: &mut Vec<usize>, at: usize) {
    if !positions.contains(&at) {
        positions.push(at);
    }
}

fn unknown(set: &FieldSet, name: &str) -> NotOpened {
    NotOpened::Unknown {
        near: closest(name, set.fields.iter().map(|field| &*field.name)).map(str::to_owned),
    }
}
