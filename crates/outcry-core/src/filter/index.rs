//! Many filters asked at once: what each value of a lead lets through stands ready as one bit for each filter.
//!
//! A condition on one value is a set on a line. For each value that filters ask about, the line is cut where some
//! filter changes its mind, and each piece has a row of bits: one for each filter that lets it through, or does not ask.
//! A lead then costs one look for each value and one `and` over the rows, however many filters there are. Where a line
//! would be cut into too many pieces (ZIP lists are), neighbours share a row, and what the row lets through is asked
//! once more by itself.
//!
//! Conditions that are no set on a line (`any`, `or` over several values) and that many filters share are asked once;
//! the others are asked of the filters that are left.
//!
//! The index says *whether*; *why not* is said by the filter itself, so that a reason is the same with it and without.

use super::Filter;
use super::around::Around;
use super::bits::Bits;
use super::eval::{Among, Case, Check, Range, Seen, Source, Test, ZipSet, billionths, date_key, digits};
use super::spans::{LINE, Span};
use super::state_set::{STATES, position};
use crate::lead::Lead;
use crate::moment::Moment;
use std::collections::HashMap;

/// Most rows for one value. At ten thousand filters a row has 1,250 bytes, so a value costs five megabytes at most.
const ROWS_MAX: usize = 4_096;
/// So many ends of spans are gathered before those that are the same are put together.
const ENDS_MAX: usize = 1 << 20;
/// A condition that so many filters share is worth a row of its own.
const SHARED: usize = 4;

/// Filters of one lead type, ready to be asked together.
#[derive(Debug, Default)]
pub struct Index {
    filters: usize,
    lines: Vec<Line>,
    shared: Vec<Shared>,
    /// For each filter, the conditions that are asked one by one, as positions among its clauses.
    single: Vec<Box<[u16]>>,
    /// The filters that have such.
    singles: Bits,
}

/// What the filters say of one value.
#[derive(Debug)]
struct Line {
    of: Source,
    cuts: Cuts,
    /// One for each piece, in their order.
    rows: Vec<Row>,
    /// For a lead that lacks the value.
    missing: Bits,
}

#[derive(Debug)]
struct Row {
    lets_through: Bits,
    /// Filters that let a part of the piece through, each with the clause to ask.
    perhaps: Vec<(u32, u16)>,
}

/// Where a line is cut into pieces.
#[derive(Debug)]
enum Cuts {
    /// Each piece begins at its number; the first begins with the line.
    Numbers(LineKind, Vec<i128>),
    /// Each text has a piece of its own, behind that of all others.
    Texts(Case, HashMap<Box<str>, usize>),
}

/// Lines of numbers: how a value finds its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LineKind {
    Anything,
    Flags,
    States,
    Zips,
    Zip3s,
    Whole,
    Decimals,
    Dates,
    Stamps,
}

/// A condition that several filters have.
#[derive(Debug)]
struct Shared {
    check: Check,
    by: Bits,
}

impl Index {
    /// Of these filters, which keep their positions.
    pub fn new(filters: &[&Filter]) -> Self {
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        let mut opaque: HashMap<&str, (&Check, Vec<(usize, u16)>)> = HashMap::new();
        for (at, filter) in filters.iter().enumerate() {
            for (ordinal, clause) in (0..).zip(&filter.clauses) {
                match &clause.check {
                    Check::Test(test) if !matches!(test.among, Among::Prefix(_)) => {
                        let member = Member { filter: at, ordinal, test };
                        match drafts.iter_mut().find(|draft| draft.takes(&member)) {
                            Some(draft) => draft.members.push(member),
                            None => drafts.push(Draft::of(member)),
                        }
                    }
                    check => opaque
                        .entry(&clause.whole)
                        .or_insert_with(|| (check, Vec::new()))
                        .1
                        .push((at, ordinal)),
                }
            }
        }
        let mut single: Vec<Vec<u16>> = vec![Vec::new(); filters.len()];
        let mut shared = Vec::new();
        for (check, by) in opaque.into_values() {
            if by.len() < SHARED {
                for (at, ordinal) in by {
                    single[at].push(ordinal);
                }
                continue;
            }
            let mut bits = Bits::none(filters.len());
            for (at, _) in by {
                bits.insert(at);
            }
            shared.push(Shared {
                check: check.clone(),
                by: bits,
            });
        }
        let mut lines = Vec::new();
        // What most filters ask about decides most, and so stands first.
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.members.len()));
        for draft in drafts {
            match draft.line(filters.len()) {
                Ok(line) => lines.push(line),
                Err(members) => members.iter().for_each(|member| single[member.filter].push(member.ordinal)),
            }
        }
        let mut singles = Bits::none(filters.len());
        for (at, list) in single.iter_mut().enumerate().filter(|(_, list)| !list.is_empty()) {
            list.sort_unstable();
            singles.insert(at);
        }
        Self {
            filters: filters.len(),
            lines,
            shared,
            single: single.into_iter().map(Vec::into_boxed_slice).collect(),
            singles,
        }
    }

    /// How many filters it knows.
    pub const fn filters(&self) -> usize {
        self.filters
    }

    /// Takes those filters out of `open` that refuse the lead.
    pub fn sift<'f>(&self, filter: impl Fn(usize) -> &'f Filter, lead: &Lead, now: Moment, open: &mut Bits) {
        let around = Around::of(lead, now);
        let holds = |at: usize, ordinal: u16| filter(at).clauses[usize::from(ordinal)].check.holds(&lead.row, &around);
        for line in &self.lines {
            let Some(row) = line.row(lead, &around) else {
                open.keep(&line.missing);
                continue;
            };
            open.keep(&row.lets_through);
            for (at, ordinal) in &row.perhaps {
                let at = *at as usize;
                if open.has(at) && !holds(at, *ordinal) {
                    open.remove(at);
                }
            }
        }
        for shared in &self.shared {
            if shared.by.meets(open) && !shared.check.holds(&lead.row, &around) {
                open.take_away(&shared.by);
            }
        }
        let refuses = |at: &usize| !self.single[*at].iter().all(|ordinal| holds(*at, *ordinal));
        let out: Vec<usize> = open.both(&self.singles).filter(refuses).collect();
        for at in out {
            open.remove(at);
        }
    }
}

impl Line {
    /// The row of the value that the lead has; `None` if it has none.
    fn row(&self, lead: &Lead, around: &Around<'_>) -> Option<&Row> {
        let piece = self.of.seen(&lead.row, around, |seen| self.cuts.piece(seen)).flatten()?;
        self.rows.get(piece)
    }
}

impl Cuts {
    fn piece(&self, seen: Seen<'_>) -> Option<usize> {
        match (self, seen) {
            (Self::Numbers(kind, starts), seen) => {
                let key = kind.key(seen)?;
                Some(starts.partition_point(|start| *start <= key))
            }
            (Self::Texts(Case::Exact, texts), Seen::Text(text)) => Some(texts.get(text).copied().unwrap_or(0)),
            (Self::Texts(Case::Folded, texts), Seen::Text(text)) => {
                let folded = text.to_ascii_lowercase();
                Some(texts.get(&*folded).copied().unwrap_or(0))
            }
            (Self::Texts(..), _) => None,
        }
    }
}

impl LineKind {
    const fn of(among: &Among) -> Option<Self> {
        match among {
            Among::Whatever(_) => Some(Self::Anything),
            Among::Flags { .. } => Some(Self::Flags),
            Among::States(_) => Some(Self::States),
            Among::Zips(_) => Some(Self::Zips),
            Among::Zip3s(_) => Some(Self::Zip3s),
            Among::Whole(_) => Some(Self::Whole),
            Among::Decimals(_) => Some(Self::Decimals),
            Among::Dates(_) => Some(Self::Dates),
            Among::Stamps(_) => Some(Self::Stamps),
            Among::Texts(_) | Among::Prefix(_) => None,
        }
    }

    /// The same as [`Among`] sees in it: a value of another kind counts as missing.
    fn key(self, seen: Seen<'_>) -> Option<i128> {
        match (self, seen) {
            (Self::Anything, _) => Some(0),
            (Self::Flags, Seen::Bool(yes)) => Some(yes.into()),
            // A code that is none is in no set of states.
            (Self::States, Seen::Text(code)) => Some(position(code).map_or(-1, |at| at as i128)),
            (Self::Zips, Seen::Text(zip)) => digits(zip, 5).map(i128::from),
            (Self::Zip3s, Seen::Text(zip)) => digits(zip.get(..3)?, 3).map(i128::from),
            (Self::Whole, Seen::Int(number)) => Some(number.into()),
            (Self::Decimals, Seen::Decimal(number)) => Some(billionths(number)),
            (Self::Decimals, Seen::Int(number)) => Some(billionths(number.into())),
            (Self::Dates, Seen::Date(date)) => Some(date_key(date).into()),
            (Self::Stamps, Seen::Stamp(stamp)) => Some(stamp.at.unix_ms().into()),
            _ => None,
        }
    }
}

/// A clause of a filter that is a set on a line.
struct Member<'f> {
    filter: usize,
    ordinal: u16,
    test: &'f Test,
}

/// The clauses about one value. A filter with two has the second in another draft.
struct Draft<'f> {
    of: Source,
    kind: Option<LineKind>,
    case: Option<Case>,
    members: Vec<Member<'f>>,
}

impl<'f> Draft<'f> {
    fn of(member: Member<'f>) -> Self {
        Self {
            of: member.test.of.unmeasured(),
            kind: LineKind::of(&member.test.among),
            case: case(&member.test.among),
            members: vec![member],
        }
    }

    fn takes(&self, member: &Member<'_>) -> bool {
        self.kind == LineKind::of(&member.test.among)
            && self.case == case(&member.test.among)
            && self.members.last().is_none_or(|last| last.filter != member.filter)
            && self.of == member.test.of.unmeasured()
    }

    /// The line; or the clauses back, where there are too many texts.
    fn line(self, filters: usize) -> Result<Line, Vec<Member<'f>>> {
        let mut asking = Bits::none(filters);
        self.members.iter().for_each(|member| asking.insert(member.filter));
        let mut silent = Bits::all(filters);
        silent.take_away(&asking);
        let mut missing = silent.clone();
        let absent = self.members.iter().filter(|member| member.test.missing);
        absent.for_each(|member| missing.insert(member.filter));
        let (cuts, rows) = match self.kind {
            Some(kind) => numbers(kind, &self.members, &silent),
            None => match texts(&self.members, &silent) {
                Some((texts, rows)) => (Cuts::Texts(self.case.unwrap_or(Case::Exact), texts), rows),
                None => return Err(self.members),
            },
        };
        Ok(Line {
            of: self.of,
            cuts,
            rows,
            missing,
        })
    }
}

const fn case(among: &Among) -> Option<Case> {
    match among {
        Among::Texts(set) => Some(set.case()),
        _ => None,
    }
}

fn numbers(kind: LineKind, members: &[Member<'_>], silent: &Bits) -> (Cuts, Vec<Row>) {
    let mut starts: Vec<i128> = Vec::new();
    let mut room = ENDS_MAX;
    for member in members {
        each_span(&member.test.among, |(low, high)| {
            starts.extend((LINE.0 < low).then_some(low));
            starts.extend(high.checked_add(1));
        });
        // Long lists share most of their ends; without this ten thousand of them would not fit into memory.
        if starts.len() > room {
            starts.sort_unstable();
            starts.dedup();
            room = starts.len() * 2 + ENDS_MAX;
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let ends = starts;
    let step = ends.len().div_ceil(ROWS_MAX).max(1);
    let starts: Vec<i128> = ends.iter().copied().step_by(step).collect();
    let mut rows: Vec<Row> = (0..=starts.len())
        .map(|_| Row {
            lets_through: silent.clone(),
            perhaps: Vec::new(),
        })
        .collect();
    let bounds = |piece: usize| {
        let from = piece.checked_sub(1).map_or(LINE.0, |before| starts[before]);
        (from, starts.get(piece).map_or(LINE.1, |next| next - 1))
    };
    for member in members {
        each_span(&member.test.among, |(low, high)| {
            let mut piece = starts.partition_point(|start| *start <= low);
            loop {
                let (from, to) = bounds(piece);
                let row = &mut rows[piece];
                let asked = (u32::try_from(member.filter).unwrap_or(u32::MAX), member.ordinal);
                row.lets_through.insert(member.filter);
                if (from < low || high < to) && row.perhaps.last() != Some(&asked) {
                    row.perhaps.push(asked);
                }
                piece += 1;
                if high <= to || piece == rows.len() {
                    break;
                }
            }
        });
    }
    (Cuts::Numbers(kind, starts), rows)
}

/// Row 0 is for texts that no filter names.
fn texts(members: &[Member<'_>], silent: &Bits) -> Option<(HashMap<Box<str>, usize>, Vec<Row>)> {
    let mut names: HashMap<Box<str>, usize> = HashMap::new();
    let folded = |set: &super::eval::TextSet, text: &str| -> Box<str> {
        if set.case() == Case::Folded {
            text.to_ascii_lowercase().into()
        } else {
            text.into()
        }
    };
    for member in members {
        let Among::Texts(set) = &member.test.among else { return None };
        for text in set.texts() {
            let next = names.len() + 1;
            names.entry(folded(set, text)).or_insert(next);
        }
        if names.len() > ROWS_MAX {
            return None;
        }
    }
    let mut rows: Vec<Bits> = vec![silent.clone(); names.len() + 1];
    for member in members {
        let Among::Texts(set) = &member.test.among else { return None };
        if set.inside() {
            set.texts().for_each(|text| rows[names[&folded(set, text)]].insert(member.filter));
        } else {
            for row in &mut rows {
                row.insert(member.filter);
            }
            set.texts().for_each(|text| rows[names[&folded(set, text)]].remove(member.filter));
        }
    }
    let row = |lets_through| Row {
        lets_through,
        perhaps: Vec::new(),
    };
    Some((names, rows.into_iter().map(row).collect()))
}

/// The spans of a set on its line, in rising order.
fn each_span(among: &Among, mut visit: impl FnMut(Span)) {
    let mut range = |range: &Range| range.ends().iter().for_each(|(low, high)| visit(wide(*low, *high)));
    match among {
        Among::Whole(set) | Among::Zip3s(set) | Among::Dates(set) | Among::Stamps(set) => range(set),
        Among::Whatever(true) => visit((0, 0)),
        Among::Flags { no, yes } => {
            if *no {
                visit((0, 0));
            }
            if *yes {
                visit((1, 1));
            }
        }
        Among::States(set) => (0..STATES).filter(|at| set.has(*at)).for_each(|at| visit((at as i128, at as i128))),
        Among::Zips(ZipSet::Runs(runs)) => runs.iter().for_each(|(low, high)| visit(((*low).into(), (*high).into()))),
        Among::Zips(ZipSet::Bits(words)) => {
            let mut run: Option<Span> = None;
            for zip in super::eval::zips_of(words) {
                match &mut run {
                    Some((_, high)) if *high + 1 == zip => *high = zip,
                    _ => run.replace((zip, zip)).into_iter().for_each(&mut visit),
                }
            }
            run.into_iter().for_each(visit);
        }
        Among::Decimals(set) => set.iter().for_each(visit),
        Among::Whatever(false) | Among::Texts(_) | Among::Prefix(_) => {}
    }
}

/// Whole numbers of a lead have 64 bits, so an end there is no end.
fn wide(low: i64, high: i64) -> Span {
    (
        if low == i64::MIN { LINE.0 } else { low.into() },
        if high == i64::MAX { LINE.1 } else { high.into() },
    )
}
