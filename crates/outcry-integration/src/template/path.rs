//! Where a hole's value comes from.

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
            Self::Kept(name) => text(call.kept_value(name)),
            Self::AskFloor => call.ask.map_or(Val::Missing, |ask| Val::Money(ask.floor)),
            Self::AskPrice => call.ask.map_or(Val::Missing, |ask| Val::Money(ask.price)),
            Self::Result => text(call.notice.map(|notice| notice.result())),
            Self::WinningPrice => call.notice.and_then(|notice| notice.winning_price).map_or(Val::Missing, Val::Money),
            Self::PingId => call.ping_id.map_or(Val::Missing, |id| Val::owned(id.to_string())),
            Self::PingWaitMs => call.wait_ms.map_or(Val::Missing, |ms| Val::Int(i64::from(ms))),
            Self::AttemptId => call.attempt.map_or(Val::Missing, |id| Val::owned(id.to_string())),
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
        (Val::List(rows), [Step::Index(at)]) => rows.row(*at).map_or(Val::Missing, Val::View),
        (Val::List(rows), [Step::Index(at), rest @ ..]) => rows.row(*at).map_or(Val::Missing, |row| walk(row, rest)),
        (Val::List(rows), [Step::Every, rest @ ..]) => {
            let texts = (0..rows.len()).filter_map(|at| walk(rows.row(at)?, rest).into_text());
            Val::Texts(texts.collect())
        }
        _ => Val::Missing,
    }
}
