//! Reads what `strace -f -y -xx` writes: calls of several threads, some of them cut in two by those of others.
//!
//! A write counts from its beginning and a sync from its end; what leaves for the network counts from its beginning. That is the
//! order that is least in our favour.

use std::collections::HashMap;

/// Something that happened to a file, or that left the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Wrote {
        file: &'static str,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: &'static str,
        length: usize,
    },
    Synced(&'static str),
    /// To a socket: a source's answer or a buyer's request.
    Sent(String),
}

/// The events of a log that concern these files of a folder, and the network.
pub(super) fn events(log: &str, folder: &str, files: &[&'static str]) -> Vec<Event> {
    let mut reader = Reader {
        folder,
        files,
        positions: HashMap::new(),
        open: HashMap::new(),
        events: Vec::new(),
    };
    log.lines().for_each(|line| reader.line(line));
    reader.events
}

struct Reader<'a> {
    folder: &'a str,
    files: &'a [&'static str],
    /// Where the next plain write of a descriptor goes.
    positions: HashMap<u32, usize>,
    /// The first half of a call that another thread's has cut in two.
    open: HashMap<&'a str, &'a str>,
    events: Vec<Event>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) {
        let Some((thread, call)) = line.split_once(' ') else { return };
        let call = call.trim_start();
        if let Some(rest) = call.strip_prefix("<... ") {
            if let Some(begun) = self.open.remove(thread) {
                self.ended(begun, rest);
            }
        } else if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            self.begun(begun);
            self.open.insert(thread, begun);
        } else {
            self.begun(call);
            self.ended(call, call);
        }
    }

    /// What counts from its beginning.
    fn begun(&mut self, call: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        let Some((descriptor, path)) = described(rest) else { return };
        let file = self.file(&path);
        match (name, file) {
            ("write" | "writev" | "sendto", None) if path.starts_with("socket:") || path.starts_with("TCP") => {
                self.events.push(Event::Sent(String::from_utf8_lossy(&strings(rest)).into_owned()));
            }
            ("pwrite64", Some(file)) => {
                let at = number(rest.rsplit(", ").next().unwrap());
                self.events.push(Event::Wrote {
                    file,
                    at,
                    bytes: strings(rest),
                });
            }
            ("write", Some(file)) => {
                let bytes = strings(rest);
                let at = *self
                    .positions
                    .entry(descriptor)
                    .and_modify(|at| *at += bytes.len())
                    .or_insert(bytes.len())
                    - bytes.len();
                self.events.push(Event::Wrote { file, at, bytes });
            }
            ("ftruncate", Some(file)) => {
                let length = number(rest.rsplit(", ").next().unwrap());
                self.events.push(Event::Cut { file, length });
            }
            _ => {}
        }
    }

    /// What counts from its end.
    fn ended(&mut self, call: &str, end: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        let result = end.rsplit("= ").next().unwrap_or_default();
        match name {
            "openat" => {
                self.positions.insert(u32::try_from(number(result)).unwrap_or(0), 0);
            }
            "lseek" => {
                if let Some((descriptor, _)) = described(rest) {
                    self.positions.insert(descriptor, number(result));
                }
            }
            "fsync" | "fdatasync" if result.trim() == "0" => {
                if let Some(file) = described(rest).and_then(|(_, path)| self.file(&path)) {
                    self.events.push(Event::Synced(file));
                }
            }
            _ => {}
        }
    }

    fn file(&self, path: &str) -> Option<&'static str> {
        let name = path.strip_prefix(self.folder)?.strip_prefix('/')?;
        self.files.iter().find(|file| **file == name).copied()
    }
}

/// The descriptor that a call begins with, and what it stands for.
fn described(rest: &str) -> Option<(u32, String)> {
    let (descriptor, rest) = rest.split_once('<')?;
    let path = rest.split_once('>')?.0;
    let path = if path.starts_with("\\x") {
        String::from_utf8_lossy(&bytes(path)).into_owned()
    } else {
        path.to_owned()
    };
    Some((descriptor.parse().ok()?, path))
}

/// All that stands in quotation marks, together.
fn strings(rest: &str) -> Vec<u8> {
    rest.split('"').skip(1).step_by(2).flat_map(bytes).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |part: &str| u8::from_str_radix(part.get(..2)?, 16).ok();
    hex.split("\\x").skip(1).filter_map(digits).collect()
}

/// The number that a text begins with; nothing is zero.
fn number(text: &str) -> usize {
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

#[test]
fn calls_are_read_in_the_order_that_is_least_in_our_favour() {
    let log = "\
1 openat(AT_FDCWD</x>, \"\\x61\", O_RDWR) = 5</d/outcry.journal>
1 lseek(5</d/outcry.journal>, 2, SEEK_SET) = 2
1 write(5</d/outcry.journal>, \"\\x61\\x62\", 2) = 2
1 fdatasync(5</d/outcry.journal> <unfinished ...>
2 sendto(9<socket:[7]>, \"\\x68\\x69\", 2, MSG_NOSIGNAL, NULL, 0) = 2
1 <... fdatasync resumed>) = 0
1 pwrite64(6</d/outcry.db>, \"\\x63\", 1, 4096) = 1
1 ftruncate(6</d/outcry.db>, 10) = 0
1 fdatasync(6</d/outcry.db>) = -1 EIO (Input/output error)
";
    let (journal, database) = ("outcry.journal", "outcry.db");
    assert_eq!(
        events(log, "/d", &[journal, database]),
        [
            Event::Wrote {
                file: journal,
                at: 2,
                bytes: b"ab".to_vec()
            },
            Event::Sent("hi".to_owned()),
            Event::Synced(journal),
            Event::Wrote {
                file: database,
                at: 4096,
                bytes: b"c".to_vec()
            },
            Event::Cut {
                file: database,
                length: 10
            },
        ]
    );
}
