//! One field of a lead type: what it holds, when it is asked for, how private it is, what a ping may say of it.

use crate::lead_type::FieldSet;
use crate::value::{Decimal, Value};
use regex::Regex;
use std::sync::Arc;

/// A field as the lead type declares it.
#[derive(Clone, Debug)]
pub struct Field {
    /// In `snake_case`, unique in its list.
    pub name: Arc<str>,
    /// For people.
    pub label: Arc<str>,
    /// What it holds.
    pub kind: Kind,
    /// Which part of a form it belongs to.
    pub group: Group,
    /// Must a source send it in a ping, and in a post?
    pub required: Required,
    /// If present, the field belongs to the lead only when this holds.
    pub applies_if: Option<AppliesIf>,
    /// How private it is.
    pub privacy: Privacy,
    /// What leaves to buyers in a ping.
    pub ping: PingRule,
    /// Bounds of the value.
    pub bounds: Bounds,
    /// A made-up value for documentation and the market.
    pub example: Option<crate::raw::Raw>,
}

/// The type of a field's value.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Free text.
    String,
    /// One of a closed list of words.
    Enum(Vec<Arc<str>>),
    /// A whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// Yes or no.
    Bool,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// RFC 3339 with an offset.
    DateTime,
    /// Kept as E.164.
    Phone,
    /// Kept trimmed and in lower case.
    Email,
    /// Five digits.
    Zip,
    /// Two capital letters of a state, district or territory of the United States.
    State,
    /// IPv4 or IPv6.
    Ip,
    /// An absolute `http` or `https` address.
    Url,
    /// A list of objects with fields of their own.
    List(Arc<FieldSet>),
}

impl Kind {
    /// The word lead type files use.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Enum(_) => "enum",
            Self::Int => "int",
            Self::Decimal => "decimal",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Zip => "zip",
            Self::State => "state",
            Self::Ip => "ip",
            Self::Url => "url",
            Self::List(_) => "list",
        }
    }
}

/// Which part of a form a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Who the person is and how to reach them.
    Contact,
    /// What they agreed to, when and where.
    Consent,
    /// The visit itself.
    Session,
    /// What the lead type is about.
    Vertical,
    /// Made here, by a campaign: computed, or said by a check. No source can send it.
    Derived,
}

/// Must a source send the field?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    /// In an inbound ping.
    pub ping: bool,
    /// In an inbound post, and in a one-call lead.
    pub post: bool,
}

/// A field that belongs to the lead only when another field of the same list has a certain value.
#[derive(Clone, Debug)]
pub struct AppliesIf {
    /// The other field.
    pub field: Arc<str>,
    /// Any of these values will do.
    pub any_of: Vec<Value>,
}

/// How private a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Names or reaches the person by itself: kept as [`crate::pii::Pii`], never in a ping.
    DirectIdentifier,
    /// Singles out a person together with others.
    QuasiIdentifier,
    /// Would hurt or shame if it got out.
    Sensitive,
    /// Neither.
    None,
}

/// What of a field may leave in a ping.
#[derive(Clone, Debug)]
pub enum PingRule {
    /// The value as it is; a list goes by the rules of its own fields.
    Allow {
        /// States of the person in which it stays home all the same.
        except_states: Vec<Arc<str>>,
    },
    /// Something made of the value, under another name.
    Transform {
        /// What is made.
        transform: Transform,
        /// The name it goes by.
        name: Arc<str>,
        /// States of the person in which it stays home all the same.
        except_states: Vec<Arc<str>>,
    },
    /// Nothing leaves.
    Deny {
        /// `true`: no configuration may open it. `false`: a contract may.
        hard: bool,
    },
}

/// What can be made of a value for a ping. Outputs are given for the moment of the ping, in UTC.
#[derive(Clone, Debug, PartialEq)]
pub enum Transform {
    /// `35-44`, `75+`, `under_18`; a one-year band is written `64`.
    AgeBracket(Vec<i64>),
    /// Is the person at least so old?
    AgeAtLeast(i64),
    /// The year of a date.
    Year,
    /// `0-30`, `31-90`, … `1461+`; a future date gives `under_0`.
    DaysAgoBracket(Vec<i64>),
    /// `past`, `0-15`, … `91+`.
    DaysUntilBracket(Vec<i64>),
    /// `0-60s`, `1-5m`, `5-60m`, `1-24h`, `1-7d`, `over_7d`.
    ElapsedBracket,
    /// The first three digits of a ZIP code.
    Zip3,
    /// The nearest multiple, half up.
    RoundTo(i64),
    /// `35000-49999`, `50000+`.
    AmountBracket(Vec<i64>),
    /// The host of an address, in lower case.
    UrlHost,
    /// True when the value is there and not empty.
    Present,
    /// The first 16 hex digits of SHA-256 of the text in lower case, white space made single and trimmed.
    TextId,
    /// `mobile`, `tablet`, `desktop`.
    DeviceClass,
    /// The /24 or /48 network of an address.
    IpPrefix,
    /// How many items a list has.
    Count,
}

/// Bounds of a value; what is `None` is not bounded.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// A linear-time regular expression the text must match.
    pub pattern: Option<Regex>,
    /// Least number.
    pub min: Option<Decimal>,
    /// Greatest number.
    pub max: Option<Decimal>,
    /// Least characters.
    pub min_length: Option<usize>,
    /// Most characters.
    pub max_length: Option<usize>,
    /// Least rows.
    pub min_items: Option<usize>,
    /// Most rows.
    pub max_items: Option<usize>,
    /// Least age in years at the moment of the lead, for a birth date.
    pub min_age: Option<i64>,
    /// Greatest age in years.
    pub max_age: Option<i64>,
    /// Taken when the source sends nothing.
    pub default: Option<Value>,
}

/// Most bytes a compiled pattern may take: a certificate address with a long tail needs some 200 KiB.
const PATTERN_SIZE_MAX: usize = 1 << 20;

impl Bounds {
    /// Compiles a pattern for [`Bounds::pattern`], within a limit of memory.
    ///
    /// # Errors
    /// What is wrong with the expression, or that it grows too large.
    pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
        regex::RegexBuilder::new(pattern).size_limit(PATTERN_SIZE_MAX).build()
    }
}
