//! What stands between a filter as written and a lead type: every problem, each with its place and a sentence.

use std::fmt;
use std::sync::Arc;

/// One problem. Its text is one sentence that names the part and what to write instead.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{part}`: {trouble}")]
pub struct FilterProblem {
    /// Where the part begins, in bytes, in the text the filter was parsed from; see [`super::Place::of`].
    pub at: usize,
    /// The part, in canonical text, the middle of long lists left out.
    pub part: Arc<str>,
    /// What is wrong with it.
    pub trouble: Trouble,
}

/// What can be wrong with a part of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// There is no such field.
    UnknownField {
        /// The name.
        name: Arc<str>,
        /// The list whose rows were looked at, or `None` for the lead itself.
        list: Option<Arc<str>>,
        /// A name like it.
        near: Option<Arc<str>>,
    },
    /// The field identifies the person by itself.
    Personal {
        /// The field.
        field: Arc<str>,
    },
    /// The lead type forbids steering by it.
    Prohibited {
        /// What it lists as prohibited.
        what: Arc<str>,
    },
    /// The field's type has no such test.
    Operator {
        /// The value.
        subject: Arc<str>,
        /// Its type, with an article.
        kind: &'static str,
        /// The test, as written.
        operator: &'static str,
        /// The tests it has.
        allowed: &'static str,
    },
    /// The field's type cannot be looked at in this way.
    Kind {
        /// The value, as written.
        subject: Arc<str>,
        /// What it takes.
        takes: &'static str,
    },
    /// There is no such place, or nothing is known of places.
    UnknownPlace {
        /// What it is said to be: `county`.
        what: &'static str,
        /// Its name.
        name: Arc<str>,
        /// A name like it.
        near: Option<Arc<str>>,
        /// Is no place known at all?
        empty: bool,
    },
    /// There is no such time zone.
    UnknownZone {
        /// Its name.
        name: Arc<str>,
    },
    /// Values that the field cannot have.
    Values {
        /// The value, as written.
        subject: Arc<str>,
        /// What it holds, with an article.
        kind: &'static str,
        /// The first of the wrong values.
        first: Arc<str>,
        /// How many more there are.
        more: usize,
        /// What to write instead.
        write: Arc<str>,
    },
    /// Values that stand more than once in a list.
    Repeated {
        /// The first of them.
        first: Arc<str>,
        /// How many more there are.
        more: usize,
    },
    /// The same condition twice in one `and` or `or`.
    Twice,
    /// No lead of this type can meet it.
    Never,
    /// These cannot hold of one lead at the same time.
    NeverTogether {
        /// The value they are about.
        subject: Arc<str>,
    },
    /// Every lead meets it.
    Always,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { name, list, near } => {
                write!(f, "there is no field `{name}`")?;
                if let Some(list) = list {
                    write!(f, " in the rows of `{list}`")?;
                }
                near.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
            }
            Self::Personal { field } => write!(f, "`{field}` identifies the person, and nobody may filter on that"),
            Self::Prohibited { what } => write!(f, "this lead type forbids steering by `{what}`"),
            Self::Operator {
                subject,
                kind,
                operator,
                allowed,
            } => {
                write!(
                    f,
                    "`{subject}` is {kind}, which cannot be tested with {operator}; it takes {allowed}"
                )
            }
            Self::Kind { subject, takes } => write!(f, "`{subject}` cannot be read: it takes {takes}"),
            Self::UnknownPlace { what, name, near, empty } => write_place(f, what, name, near.as_deref(), *empty),
            Self::UnknownZone { name } => {
                write!(
                    f,
                    "there is no time zone \"{name}\"; zones are called after places: \"America/New_York\", or \"UTC\""
                )
            }
            Self::Values {
                subject,
                kind,
                first,
                more,
                write,
            } => {
                write!(f, "`{subject}` is {kind} and can never be {first}")?;
                write_more(f, *more)?;
                write!(f, "; {write}")
            }
            Self::Repeated { first, more } => {
                write!(f, "{first}")?;
                write_more(f, *more)?;
                f.write_str(if *more == 0 {
                    " stands in the list twice"
                } else {
                    " stand in the list more than once"
                })
            }
            Self::Twice => f.write_str("the same condition stands here twice"),
            Self::Never => f.write_str("no lead can meet this, so the contract would buy nothing by it"),
            Self::NeverTogether { subject } => write!(f, "no lead can meet all of what is said of `{subject}` here"),
            Self::Always => f.write_str("every lead meets this, so it decides nothing"),
        }
    }
}

fn write_more(f: &mut fmt::Formatter<'_>, more: usize) -> fmt::Result {
    if more == 0 { Ok(()) } else { write!(f, " and {more} more") }
}

fn write_place(f: &mut fmt::Formatter<'_>, what: &str, name: &str, near: Option<&str>, empty: bool) -> fmt::Result {
    if empty {
        return f.write_str("nothing is known of places; put a file places.csv beside the other files");
    }
    write!(f, "no {what} \"{name}\" is known")?;
    match near {
        Some(near) => write!(f, "; did you mean \"{near}\"?"),
        None if what == "county" => f.write_str("; counties are written \"Travis County, TX\""),
        None => f.write_str(", so there is nothing to measure from"),
    }
}
