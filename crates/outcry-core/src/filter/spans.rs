//! Sets of values on a line: what a test lets through, as spans of keys.
//!
//! Every kind of value has a key (a date its digits, a word its position, a decimal its billionths), so that one
//! small algebra answers for all kinds what `and`, `or` and `not` leave over, and whether that is nothing.

/// Both ends included.
pub(super) type Span = (i128, i128);

/// Everything.
pub(super) const LINE: Span = (i128::MIN, i128::MAX);

/// Spans in rising order that neither overlap nor touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn all() -> Self {
        Self(vec![LINE])
    }

    /// From spans in any order; one whose ends are the wrong way round holds nothing.
    pub(super) fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut spans: Vec<Span> = spans.into_iter().filter(|(low, high)| low <= high).collect();
        spans.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
        for (low, high) in spans {
            match merged.last_mut() {
                Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
                _ => merged.push((low, high)),
            }
        }
        merged.shrink_to_fit();
        Self(merged)
    }

    pub(super) fn has(&self, key: i128) -> bool {
        let at = self.0.partition_point(|(_, high)| *high < key);
        self.0.get(at).is_some_and(|(low, _)| *low <= key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The keys themselves, where they are few enough to name.
    pub(super) fn keys(&self) -> impl Iterator<Item = i128> + '_ {
        self.iter().flat_map(|(low, high)| low..=high)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self::of(self.iter().chain(other.iter()))
    }

    pub(super) fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut from = Some(LINE.0);
        for (low, high) in self.iter() {
            if let Some(from) = from.filter(|from| *from < low) {
                gaps.push((from, low - 1));
            }
            from = high.checked_add(1);
        }
        gaps.extend(from.map(|from| (from, LINE.1)));
        Self(gaps)
    }

    pub(super) fn intersect(&self, other: &Self) -> Self {
        self.complement().union(&other.complement()).complement()
    }

    pub(super) fn within(&self, bounds: Span) -> Self {
        self.intersect(&Self(vec![bounds]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans() -> impl Strategy<Value = Spans> {
        proptest::collection::vec((-8_i128..8, -2_i128..4), 0..5)
            .prop_map(|pairs| Spans::of(pairs.into_iter().map(|(low, length)| (low, low + length))))
    }

    proptest! {
        #[test]
        fn the_algebra_agrees_with_asking_each_key(a in spans(), b in spans(), key in -12_i128..12) {
            prop_assert_eq!(a.union(&b).has(key), a.has(key) || b.has(key));
            prop_assert_eq!(a.intersect(&b).has(key), a.has(key) && b.has(key));
            prop_assert_eq!(a.complement().has(key), !a.has(key));
            prop_assert_eq!(a.complement().complement(), a.clone());
            prop_assert_eq!(a.within((-3, 3)).has(key), a.has(key) && (-3..=3).contains(&key));
            prop_assert_eq!(a.is_empty(), (-12..12).all(|key| !a.has(key)));
        }
    }

    #[test]
    fn the_ends_of_the_line_belong_to_it() {
        assert_eq!(Spans::all().complement(), Spans::none());
        assert_eq!(Spans::none().complement(), Spans::all());
        assert!(Spans::all().has(i128::MAX) && Spans::all().has(i128::MIN));
        assert_eq!(Spans::of([(5, 4)]), Spans::none());
    }
}
