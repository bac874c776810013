//! The alphabet of the stored shapes: numbers, texts, lists, and the names and numbers of the trade.
//!
//! Whole numbers are variable-length (seven bits a byte, lowest first; signed ones in zigzag), texts and lists begin
//! with their length, a whole shape begins with its version.

use outcry_core::id::{
    AttemptId, BootId, BuyerName, CampaignName, ContractName, LeadId, MessageId, PingId, QuoteId, SourceName, SupplierName,
};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// Something that has a stored shape.
pub(crate) trait Stored: Sized {
    /// How many bytes it usually needs as a whole: growing step by step cost a record as much as writing it.
    const ROOM: usize = 256;

    /// Appends its bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes it off the front of the input.
    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable>;
}

/// Stored bytes that mean nothing to this version of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it ends too early")]
    Short,
    #[error("it goes on after its end")]
    Long,
    #[error("it is of version {0}, which this program does not know")]
    Version(u8),
    #[error("{what} cannot be {tag}")]
    Tag { what: &'static str, tag: u64 },
    #[error("a text is not UTF-8")]
    Text,
    #[error("it is nested deeper than anything that was ever written")]
    Deep,
}

/// The version that [`write()`] puts in front. A later field is taken only from inputs that have it.
const VERSION: u8 = 1;

/// How deep lists and boxes lie in each other at most. The values of a lead have seven, since lead types allow three levels of lists;
/// damaged bytes may have as many as there are bytes, and reading is recursive.
const DEPTH_MAX: u8 = 24;

/// A whole shape.
pub(crate) fn write<T: Stored>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(T::ROOM);
    out.push(VERSION);
    value.put(&mut out);
    out
}

/// Several shapes one after the other, behind what `out` holds already.
pub(crate) fn write_all<'a, T: Stored + 'a>(values: impl Iterator<Item = &'a T>, out: &mut Vec<u8>) {
    out.push(VERSION);
    values.for_each(|value| value.put(out));
}

/// Reads back what [`write_all()`] wrote.
pub(crate) fn read_all<T: Stored>(bytes: &[u8]) -> Result<Vec<T>, Unreadable> {
    let mut input = Input::versioned(bytes)?;
    let mut values = Vec::new();
    while !input.rest.is_empty() {
        values.push(T::take(&mut input)?);
    }
    Ok(values)
}

/// Reads a whole shape back.
pub(crate) fn read<T: Stored>(bytes: &[u8]) -> Result<T, Unreadable> {
    let mut input = Input::versioned(bytes)?;
    let value = T::take(&mut input)?;
    if input.rest.is_empty() { Ok(value) } else { Err(Unreadable::Long) }
}

/// Bytes being read.
pub(crate) struct Input<'a> {
    rest: &'a [u8],
    depth: u8,
}

impl<'a> Input<'a> {
    fn versioned(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut input = Self { rest: bytes, depth: 0 };
        match input.byte()? {
            VERSION => Ok(input),
            other => Err(Unreadable::Version(other)),
        }
    }

    /// Takes something that lies within another thing of its kind.
    fn deeper<T>(&mut self, take: impl FnOnce(&mut Self) -> Result<T, Unreadable>) -> Result<T, Unreadable> {
        if self.depth == DEPTH_MAX {
            return Err(Unreadable::Deep);
        }
        self.depth += 1;
        let taken = take(self);
        self.depth -= 1;
        taken
    }

    /// Is there nothing left?
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Unreadable> {
        let (first, rest) = self.rest.split_first().ok_or(Unreadable::Short)?;
        self.rest = rest;
        Ok(*first)
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Unreadable::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Unreadable::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn text(&mut self) -> Result<&'a str, Unreadable> {
        let length = usize::take(self)?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| Unreadable::Text)
    }
}

impl Stored for u64 {
    fn put(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        out.push(rest.to_le_bytes()[0]);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = input.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Unreadable::Long)
    }
}

impl Stored for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        ((self << 1) ^ (self >> 63)).cast_unsigned().put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        let zigzag = u64::take(input)?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }
}

macro_rules! numbers {
    ($($narrow:ty as $wide:ty),*) => {$(
        impl Stored for $narrow {
            fn put(&self, out: &mut Vec<u8>) {
                <$wide>::try_from(*self).expect("a narrower number fits a wider one").put(out);
            }

            fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
                Self::try_from(<$wide>::take(input)?).map_err(|_| Unreadable::Long)
            }
        }
    )*};
}

numbers! { u8 as u64, u16 as u64, u32 as u64, usize as u64, i8 as i64, i16 as i64 }

impl Stored for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        match input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(Unreadable::Tag {
                what: "a yes or no",
                tag: tag.into(),
            }),
        }
    }
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    text.len().put(out);
    out.extend_from_slice(text.as_bytes());
}

macro_rules! texts {
    ($($text:ty: $as_str:expr, $from:expr;)*) => {$(
        impl Stored for $text {
            fn put(&self, out: &mut Vec<u8>) {
                let as_str: fn(&Self) -> &str = $as_str;
                put_text(as_str(self), out);
            }

            fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
                input.text().map($from)
            }
        }
    )*};
}

texts! {
    Arc<str>: |text| text, Self::from;
    Box<str>: |text| text, Self::from;
    BuyerName: Self::as_str, Self::new;
    CampaignName: Self::as_str, Self::new;
    ContractName: Self::as_str, Self::new;
    SourceName: Self::as_str, Self::new;
    SupplierName: Self::as_str, Self::new;
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl Stored for $id {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.bits().to_be_bytes());
            }

            fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
                input.array().map(u128::from_be_bytes).map(Self::from_bits)
            }
        }
    )*};
}

ids! { AttemptId, BootId, LeadId, MessageId, PingId, QuoteId }

/// Bytes that were packed before, or sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packed(pub(crate) Vec<u8>);

impl Stored for Packed {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.len().put(out);
        out.extend_from_slice(&self.0);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        let length = usize::take(input)?;
        input.bytes(length).map(|bytes| Self(bytes.to_vec()))
    }
}

impl<const N: usize> Stored for [u8; N] {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        input.array()
    }
}

impl Stored for Money {
    fn put(&self, out: &mut Vec<u8>) {
        self.micros().put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        i64::take(input).map(Self::from_micros)
    }
}

impl Stored for Moment {
    fn put(&self, out: &mut Vec<u8>) {
        self.unix_ms().put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        i64::take(input).map(Self::from_unix_ms)
    }
}

impl Stored for Currency {
    fn put(&self, out: &mut Vec<u8>) {
        put_text(self.as_str(), out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Self::parse(input.text()?).ok_or(Unreadable::Text)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        if bool::take(input)? { T::take(input).map(Some) } else { Ok(None) }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for item in self {
            item.put(out);
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        let length = usize::take(input)?;
        input.deeper(|input| (0..length).map(|_| T::take(input)).collect())
    }
}

impl<T: Stored> Stored for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        input.deeper(T::take).map(Self::new)
    }
}

impl<T: Stored> Stored for Arc<T> {
    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        T::take(input).map(Self::new)
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Ok((A::take(input)?, B::take(input)?))
    }
}

/// Writes a layout down: the fields of a structure in the order of their bytes, after the room it needs if that is much.
/// What stands behind `; but` is kept elsewhere, and reads back as nothing.
macro_rules! structure {
    ($($name:ident $([$room:literal])? { $($field:ident),* $(,)? $(; but $($elsewhere:ident),*)? })*) => {$(
        impl Stored for $name {
            $(const ROOM: usize = $room;)?

            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field,)* $($($elsewhere: _,)*)? } = self;
                $($field.put(out);)*
            }

            fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
                Ok(Self { $($field: Stored::take(input)?,)* $($($elsewhere: Default::default(),)*)? })
            }
        }
    )*};
}

/// Writes a layout down: each variant with the tag it is stored by, then its fields in the order of their bytes.
/// A tag is never used again for anything else. What follows a semicolon is only read: the tags of variants that have got
/// further fields since, and what those were before.
macro_rules! choice {
    ($($name:ident {
        $($tag:literal => $variant:ident $({ $($field:ident),* })? $(($inner:ident))?),* $(,)?
        $(; $($old:literal => $grown:ident { $($kept:ident),* } with { $($new:ident: $before:expr),* }),* $(,)?)?
    })*) => {$(
        impl Stored for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $({ $($field),* })? $(($inner))? => {
                        out.push($tag);
                        $($($field.put(out);)*)?
                        $($inner.put(out);)?
                    })*
                }
            }

            fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
                Ok(match input.byte()? {
                    $($tag => {
                        $($(let $field = Stored::take(input)?;)*)?
                        $(let $inner = Stored::take(input)?;)?
                        Self::$variant $({ $($field),* })? $(($inner))?
                    })*
                    $($($old => {
                        $(let $kept = Stored::take(input)?;)*
                        Self::$grown { $($kept,)* $($new: $before),* }
                    })*)?
                    tag => return Err(Unreadable::Tag { what: stringify!($name), tag: tag.into() }),
                })
            }
        }
    )*};
}

pub(crate) use {choice, structure};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_at_their_ends() {
        for number in [0, 1, -1, 63, 64, -64, -65, i64::MAX, i64::MIN] {
            assert_eq!(read(&write(&number)), Ok(number));
        }
        for number in [0, 127, 128, u64::MAX] {
            assert_eq!(read(&write(&number)), Ok(number));
        }
        assert_eq!(read::<u8>(&write(&256_u64)), Err(Unreadable::Long));
    }

    #[test]
    fn what_is_cut_or_longer_or_newer_is_not_guessed_at() {
        let bytes = write(&vec![Arc::<str>::from("auto"), Arc::from("home")]);
        for cut in 0..bytes.len() {
            assert!(read::<Vec<Arc<str>>>(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(read::<Vec<Arc<str>>>(&[&bytes[..], &[0]].concat()), Err(Unreadable::Long));
        assert_eq!(read::<u64>(&[2, 0]), Err(Unreadable::Version(2)));
    }

    #[test]
    fn what_is_nested_without_end_is_refused_and_not_followed() {
        use outcry_core::raw::Raw;
        let nested = |levels: usize| (0..levels).fold(Raw::Bool(true), |inner, _| Raw::List(vec![inner]));
        let deepest = nested(DEPTH_MAX.into());
        assert_eq!(read(&write(&deepest)), Ok(deepest));
        assert_eq!(read::<Raw>(&write(&nested(usize::from(DEPTH_MAX) + 1))), Err(Unreadable::Deep));
        // A list of one list of one list …: tag 4, length 1, for as long as there are bytes.
        let endless = [&[VERSION][..], &[4, 1].repeat(1_000_000)].concat();
        assert_eq!(read::<Raw>(&endless), Err(Unreadable::Deep));
    }
}
