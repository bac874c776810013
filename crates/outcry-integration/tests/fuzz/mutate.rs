//! Makes one sample into another, the same for ever from one seed.

/// A small generator (xorshift64*): all that mutation asks of chance.
pub(crate) struct Chance(u64);

/// Bytes that mean something to one format or another.
const TOKENS: [&[u8]; 40] = [
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-0",
    b"<",
    b">",
    b"</",
    b"/>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<!DOCTYPE r [<!ENTITY a \"b\">]>",
    b"&a;",
    b"&#0;",
    b"&lt;",
    b" xmlns=\"u\"",
    b"<?xml version=\"1.0\"?>",
    b"=",
    b"&",
    b"%00",
    b"%",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"accepted",
    b"99999999999999999999.999999999",
];
/// No sample grows beyond this; larger ones have tests of their own.
const BYTES_MAX: usize = 24 * 1024;

impl Chance {
    /// A stream of its own for each name.
    pub(crate) fn named(name: &str, seed: u64) -> Self {
        let mixed = name.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |mixed, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mixed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`, or zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from((self.next() >> 11) % end).unwrap()
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// One to six changes to a sample of the corpus.
pub(crate) fn mutated(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].clone();
    for _ in 0..=chance.below(6) {
        change(&mut bytes, corpus, chance);
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let end = at + chance.below((bytes.len() - at).min(64) + 1);
    match chance.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        1 => drop(bytes.drain(at..end)),
        2 => insert(bytes, at, chance.pick(&TOKENS)),
        3 => {
            let part = bytes[at..end].to_vec();
            insert(bytes, at, &part);
        }
        4 => {
            let part = bytes[at..end].repeat(1 << chance.below(11));
            insert(bytes, at, &part[..part.len().min(BYTES_MAX)]);
        }
        5 => {
            let other = &corpus[chance.below(corpus.len())];
            let from = chance.below(other.len());
            insert(bytes, at, &other[from..]);
        }
        6 => {
            let part: Vec<u8> = bytes.drain(at..end).collect();
            let to = chance.below(bytes.len() + 1);
            insert(bytes, to, &part);
        }
        _ => {
            let token = chance.pick(&TOKENS).repeat(1 << chance.below(9));
            bytes.splice(at..end, token);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}
