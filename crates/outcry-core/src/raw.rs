//! A lead as it came in, before anybody has checked it: the one shape that JSON, form and XML bodies become.

/// An unchecked value. Numbers keep their text, so that no digit is lost on the way.
#[derive(Clone, PartialEq)]
pub enum Raw {
    /// Present and empty: JSON `null`.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number as it was written.
    Number(Box<str>),
    /// Text as it was written.
    Text(Box<str>),
    /// A list.
    List(Vec<Raw>),
    /// Members in the order they came; the reader of the format has refused repeated names.
    Object(Vec<(Box<str>, Raw)>),
}

impl Raw {
    /// The member of an object, or `None`.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| &**key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What kind of thing it is, for messages that must not show the thing itself.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl std::fmt::Debug for Raw {
    /// Shows the kind only: an unchecked lead is full of personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}
