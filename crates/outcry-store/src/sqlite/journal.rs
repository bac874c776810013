//! The journal: what was done since the database was last committed, on the disk before anybody is answered.
//!
//! A commit of SQLite writes every page that a group has touched, and an auction touches a dozen for three kilobytes of
//! news. So a group is answered when its commands are in this file, in one write and one sync, while the transaction
//! stays open; now and then everything *goes home* in one commit, which writes each page once for hundreds of auctions, and
//! the journal begins again. A start, or a rollback, does again what the journal holds: commands are the same each time
//! they are done to the same database.
//!
//! ```text
//! frame:  mark 8 | number 8 | length 4 | sum 8 | commands
//! ```
//!
//! The mark is the database's own, so that no journal is taken for another's. Frames are numbered without end, the
//! database knows the last one it holds, and only its successors count: what an earlier round left in the file is never
//! mistaken for news, and neither is a frame that a power cut has torn.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Inside the data folder.
pub(super) const JOURNAL: &str = "outcry.journal";

const HEADER: usize = 28;

/// Beyond so many bytes (some six hundred auctions) everything goes home: what a start may have to do again, and the
/// pages that may be waiting in memory, stay few.
const LENGTH_MOST: u64 = 2 << 20;

/// The frames that are not in the database yet.
pub(super) struct Journal {
    file: File,
    mark: [u8; 8],
    /// Number of the last frame.
    last: u64,
    /// Where the next frame goes.
    end: u64,
    /// A frame failed, and may or may not be on the disk: nothing may be appended until everything has gone home.
    spoilt: bool,
    /// The frame being written; kept for its room.
    frame: Vec<u8>,
}

impl Journal {
    /// Opens the journal of a folder, or makes an empty one.
    pub(super) fn open(folder: &Path) -> io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(folder.join(JOURNAL))
    }

    /// The journal of the database with this mark, which holds all frames up to `home`.
    pub(super) fn new(mut file: File, mark: i64, home: u64) -> io::Result<Self> {
        let mark = mark.to_be_bytes();
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        let mut frames = Frames {
            rest: &bytes,
            mark,
            last: home,
        };
        while frames.next().is_some() {}
        let (last, read) = (frames.last, bytes.len() - frames.rest.len());
        Ok(Self {
            file,
            mark,
            last,
            end: read as u64,
            spoilt: false,
            frame: Vec::new(),
        })
    }

    /// Number of the last frame.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// Holds it anything that is not in the database yet?
    pub(super) const fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Has it grown so long, or failed, that the next group goes into the database?
    pub(super) const fn is_full(&self) -> bool {
        self.spoilt || LENGTH_MOST <= self.end
    }

    /// The commands of all frames, oldest first, each as it was appended.
    pub(super) fn frames(&mut self, home: u64) -> io::Result<Vec<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        (&self.file).take(self.end).read_to_end(&mut bytes)?;
        let frames = Frames {
            rest: &bytes,
            mark: self.mark,
            last: home,
        };
        Ok(frames.map(<[u8]>::to_vec).collect())
    }

    /// Appends a frame of what `write` writes. It is on the disk when this returns; if it fails it counts as not written.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.frame.clear();
        self.frame.resize(HEADER, 0);
        write(&mut self.frame);
        let (header, body) = self.frame.split_at_mut(HEADER);
        let length = u32::try_from(body.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        header.copy_from_slice(&head(self.mark, self.last + 1, length, body));
        // A frame that fails keeps its number, so that it is nobody's successor if it did get to the disk.
        self.last += 1;
        self.spoilt = true;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&self.frame)?;
        self.file.sync_data()?;
        self.end += self.frame.len() as u64;
        self.spoilt = false;
        Ok(())
    }

    /// Everything is in the database: the next frame goes to the front of the file.
    pub(super) const fn begin_again(&mut self) {
        self.end = 0;
        self.spoilt = false;
    }

    /// Gives the room back, when nothing more will be written. Only a matter of neatness: an old frame counts for nothing.
    pub(super) fn clear(&self) -> io::Result<()> {
        self.file.set_len(0)
    }
}

/// The number of the last frame in a folder, for a database that holds all up to `home`.
pub(super) fn last_in(folder: &Path, mark: i64, home: u64) -> io::Result<u64> {
    match File::open(folder.join(JOURNAL)) {
        Ok(file) => Journal::new(file, mark, home).map(|journal| journal.last),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(home),
        Err(error) => Err(error),
    }
}

/// Walks frames that follow each other, and stops at the first that does not.
struct Frames<'a> {
    rest: &'a [u8],
    mark: [u8; 8],
    last: u64,
}

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (header, rest) = self.rest.split_first_chunk::<HEADER>()?;
        let length = u32::from_be_bytes([header[16], header[17], header[18], header[19]]);
        let (body, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        if *header != head(self.mark, self.last + 1, length, body) {
            return None;
        }
        (self.rest, self.last) = (rest, self.last + 1);
        Some(body)
    }
}

fn head(mark: [u8; 8], number: u64, length: u32, body: &[u8]) -> [u8; HEADER] {
    let mut head = [0; HEADER];
    head[..8].copy_from_slice(&mark);
    head[8..16].copy_from_slice(&number.to_be_bytes());
    head[16..20].copy_from_slice(&length.to_be_bytes());
    let sum = sum(&head[..20], sum(body, 0));
    head[20..].copy_from_slice(&sum.to_be_bytes());
    head
}

/// Tells a whole frame from a torn one: not a secret, and so quicker than any digest. Each word is mixed into all bits of
/// what follows, so two changes do not cancel out.
fn sum(bytes: &[u8], start: u64) -> u64 {
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words
        .iter()
        .fold(mix(start, bytes.len() as u64), |sum, word| mix(sum, u64::from_be_bytes(*word)));
    let sum = rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte) | 0x100));
    sum ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::{TempDir, tempdir};

    const MARK: i64 = 77;

    fn journal(folder: &TempDir, home: u64) -> Journal {
        Journal::new(Journal::open(folder.path()).unwrap(), MARK, home).unwrap()
    }

    fn append(journal: &mut Journal, texts: &[&str]) {
        for text in texts {
            journal.append(|out| out.extend_from_slice(text.as_bytes())).unwrap();
        }
    }

    fn held(folder: &TempDir, home: u64) -> Vec<String> {
        let frames = journal(folder, home).frames(home).unwrap();
        frames.into_iter().map(|frame| String::from_utf8(frame).unwrap()).collect()
    }

    #[test]
    fn what_was_appended_is_found_by_the_next_start() {
        let folder = tempdir().unwrap();
        append(&mut journal(&folder, 0), &["one", "two", ""]);
        assert_eq!(held(&folder, 0), ["one", "two", ""]);
        let mut next = journal(&folder, 0);
        assert_eq!(next.last(), 3);
        append(&mut next, &["four"]);
        assert_eq!(held(&folder, 0), ["one", "two", "", "four"]);
    }

    #[test]
    fn what_went_home_is_not_found_again_though_it_is_still_in_the_file() {
        let folder = tempdir().unwrap();
        let mut journal = journal(&folder, 0);
        append(&mut journal, &["one", "two", "three"]);
        assert_eq!(held(&folder, 3), [""; 0]);
        journal.begin_again();
        append(&mut journal, &["six"]);
        assert_eq!(held(&folder, 3), ["six"], "and the old ones behind it are not its successors");
        assert_eq!(held(&folder, 4), [""; 0]);
    }

    #[test]
    fn a_torn_frame_is_the_end() {
        let folder = tempdir().unwrap();
        append(&mut journal(&folder, 0), &["one", "a longer second"]);
        let path = folder.path().join(JOURNAL);
        let whole = std::fs::read(&path).unwrap();
        let second = HEADER + 3;
        for cut in second..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(held(&folder, 0), ["one"], "cut at {cut}");
            let mut changed = whole.clone();
            changed[cut] ^= 0x10;
            std::fs::write(&path, changed).unwrap();
            assert_eq!(held(&folder, 0), ["one"], "changed at {cut}");
        }
    }

    #[test]
    fn the_journal_of_another_database_counts_for_nothing() {
        let folder = tempdir().unwrap();
        append(&mut journal(&folder, 0), &["one"]);
        assert_eq!(last_in(folder.path(), MARK, 0).unwrap(), 1);
        assert_eq!(last_in(folder.path(), MARK + 1, 0).unwrap(), 0);
        assert_eq!(
            last_in(tempdir().unwrap().path(), MARK, 5).unwrap(),
            5,
            "and no journal is an empty one"
        );
    }
}
