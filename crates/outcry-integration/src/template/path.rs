//! Where a hole's value comes from.

use super::lex::unquoted;
use super::{Scope, Val};
use crate::kept;
use outcry_core::moment::Stamp;
use outcry_core::view::View;
use std::borrow::Cow;

/// The thing a hole names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// A field of the lead or of a row.
    Field(Root, Box<[Step]>),
    /// `{lead}`, `{row}`: all fields as they are.
    Whole(Root),
    /// A parameter, by its position.
    Param(usize),
    BidId,
    BidPrice,
    BidCurrency,
    BidBuyerName,
    BidEcho(Box<str>),
    /// `{bid.legs}`, `{bid.legs[*].id}`: the legs the bid is made of, and a path through them.
    BidLegs(Box<[Step]>),
    /// What an earlier step kept, by its full name.
    Kept(Box<str>),
    /// The least price asked of the buyer: by its floor, and by what the source must get.
    AskFloor,
    AskPrice,
    /// In a notice: `won` or `lost`, and for how much.
    Result,
    WinningPrice,
    PingId,
    PingWaitMs,
    AttemptId,
    /// Where the buyer may call with its final word on this very post.
    CallbackUrl,
    Test,
    Supplier,
    Now,
    /// The number of the row, from zero or from one.
    RowNumber(usize),
    /// The request itself, for whoever signs it.
    Sent(SentPart),
}

/// What a signature may speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SentPart {
    Body,
    Timestamp,
    Method,
    Path,
    Query,
    Url,
    /// Known once the text is signed, and so only to the headers that carry it.
    Signature,
}

impl SentPart {
    /// What can be signed.
    pub(crate) const SIGNED: &[Self] = &[Self::Body, Self::Timestamp, Self::Method, Self::Path, Self::Query, Self::Url];
    /// What the headers of a signature can say.
    pub(crate) const SAID: &[Self] = &[Self::Signature, Self::Timestamp];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Timestamp => "timestamp",
            Self::Method => "method",
            Self::Path => "path",
            Self::Query => "query",
            Self::Url => "url",
            Self::Signature => "signature",
        }
    }
}

/// Whose fields a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Lead,
    Row,
}

/// One step of a path through the lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Name(Box<str>),
    Index(usize),
    Every,
    /// Only the rows whose field is this word; capitals do not matter.
    Where(Box<str>, Box<str>),
}

impl Root {
    /// The view it stands for. A row outside of `each` is refused at load, so the lead is never a surprise.
    pub(crate) fn view<'a>(self, scope: &Scope<'a>) -> &'a dyn View {
        match (self, scope.row) {
            (Self::Row, Some((row, _))) => row,
            _ => scope.lead,
        }
    }
}

impl Source {
    /// Is it a parameter, so that a contract settles it?
    pub(crate) const fn is_param(&self) -> bool {
        matches!(self, Self::Param(_))
    }

    /// The value in this scope.
    pub(crate) fn value<'a>(&self, scope: &Scope<'a>) -> Val<'a> {
        let text = |text: Option<&'a str>| text.map_or(Val::Missing, |text| Val::Text(Cow::Borrowed(text)));
        let call = &scope.call;
        match self {
            Self::Field(root, steps) => walk(root.view(scope), steps),
            Self::Whole(root) => Val::View(root.view(scope)),
            Self::Param(at) => text(scope.params.value(*at)),
            Self::BidId => text(call.bid.and_then(|bid| bid.id.as_deref())),
            Self::BidPrice => call.bid.and_then(|bid| bid.price).map_or(Val::Missing, Val::Money),
            Self::BidCurrency => call
                .bid
                .and_then(|bid| bid.currency.as_ref())
                .map_or(Val::Missing, |code| Val::Text(Cow::Borrowed(code.as_str()))),
            Self::BidBuyerName => text(call.bid.and_then(|bid| bid.buyer_name.as_deref())),
            Self::BidEcho(name) => text(call.bid.and_then(|bid| kept::find(&bid.echo, name))),
            Self::BidLegs(steps) => match (call.bid, &**steps) {
                (None, _) => Val::Missing,
                (Some(bid), []) => Val::List(&bid.legs),
                (Some(bid), steps) => among(bid.legs.iter().map(|leg| leg as &dyn View), steps),
            },
            Self::Kept(name) => text(call.kept_value(name)),
            Self::AskFloor => call.ask.map_or(Val::Missing, |ask| Val::Money(ask.floor)),
            Self::AskPrice => call.ask.map_or(Val::Missing, |ask| Val::Money(ask.price)),
            Self::Result => text(call.notice.map(|notice| notice.result())),
            Self::WinningPrice => call.notice.and_then(|notice| notice.winning_price).map_or(Val::Missing, Val::Money),
            Self::PingId => call.ping_id.map_or(Val::Missing, |id| Val::owned(id.to_string())),
            Self::PingWaitMs => call.wait_ms.map_or(Val::Missing, |ms| Val::Int(i64::from(ms))),
            Self::AttemptId => call.attempt.map_or(Val::Missing, |id| Val::owned(id.to_string())),
            Self::CallbackUrl => text(call.callback),
            Self::Test => Val::Bool(call.test),
            Self::Supplier => text(Some(call.source)),
            Self::Now => Val::Stamp(Stamp {
                at: call.now,
                offset_minutes: 0,
            }),
            Self::RowNumber(from) => scope
                .row
                .and_then(|(_, at)| i64::try_from(at + from).ok())
                .map_or(Val::Missing, Val::Int),
            Self::Sent(part) => text(scope.sent.map(|sent| sent.part(*part))),
        }
    }
}

/// Follows a path; anything that is not there is missing.
fn walk<'a>(view: &'a dyn View, steps: &[Step]) -> Val<'a> {
    let Some((Step::Name(name), rest)) = steps.split_first() else {
        return Val::Missing;
    };
    let Some(datum) = view.get(name) else { return Val::Missing };
    match (Val::from(datum), rest) {
        (value, []) => value,
        (Val::List(rows), rest) => among((0..rows.len()).filter_map(|at| rows.row(at)), rest),
        _ => Val::Missing,
    }
}

/// Follows a path through rows.
fn among<'a>(mut rows: impl Iterator<Item = &'a dyn View>, steps: &[Step]) -> Val<'a> {
    match steps {
        [] | [Step::Every] => Val::Rows(rows.collect()),
        [Step::Index(at)] => rows.nth(*at).map_or(Val::Missing, Val::View),
        [Step::Index(at), rest @ ..] => rows.nth(*at).map_or(Val::Missing, |row| walk(row, rest)),
        [Step::Where(name, word), rest @ ..] => {
            let is = |row: &&'a dyn View| row.get(name).is_some_and(|datum| Val::from(datum).is_word(word));
            let chosen: Vec<&'a dyn View> = rows.filter(is).collect();
            among(chosen.into_iter(), rest)
        }
        // Of rows that were chosen by a word, all are meant.
        [Step::Every, rest @ ..] | rest @ [Step::Name(_), ..] => texts(rows, rest),
    }
}

fn texts<'a>(rows: impl Iterator<Item = &'a dyn View>, steps: &[Step]) -> Val<'a> {
    Val::Texts(rows.filter_map(|row| walk(row, steps).into_text()).collect())
}

/// `drivers[0].dob` into its steps; `None` if it is no path.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let (mut steps, mut rest) = (Vec::new(), path);
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, mut behind) = rest.split_at(end);
        if !is_field(name) {
            return None;
        }
        steps.push(Step::Name(name.into()));
        while let Some(inside) = behind.strip_prefix('[') {
            let end = unquoted(inside, ']')?;
            steps.push(chosen(&inside[..end])?);
            behind = &inside[end + 1..];
        }
        match behind.strip_prefix('.') {
            Some(after) => rest = after,
            None => return behind.is_empty().then_some(steps),
        }
    }
}

/// `0`, `*`, `gender=male` or `make='Land Rover'`.
fn chosen(inside: &str) -> Option<Step> {
    match inside.split_once('=') {
        None if inside == "*" => Some(Step::Every),
        None => inside.parse().ok().map(Step::Index),
        Some((field, word)) if is_field(field.trim()) => {
            let word = word.trim();
            let word = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).unwrap_or(word);
            Some(Step::Where(field.trim().into(), word.into()))
        }
        Some(_) => None,
    }
}

fn is_field(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
