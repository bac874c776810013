//! Files as a disk holds them: what was synced for certain, and what was only written, of which a power cut leaves
//! nothing, or any part.

use super::log::Event;
use std::path::Path;

/// How much of what was not synced is lost.
#[derive(Clone, Debug)]
pub(super) enum Loss {
    /// Everything.
    All,
    /// Some writes and some sectors of others, drawn from this seed: disks write in any order.
    Some(u64),
}

const SECTOR: usize = 512;

struct File {
    name: &'static str,
    synced: Vec<u8>,
    /// Writes and cuts since the last sync, oldest first.
    loose: Vec<Change>,
}

enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

/// The files of a data folder.
pub(super) struct Disk(Vec<File>);

impl Disk {
    pub(super) fn new(names: &[&'static str]) -> Self {
        let file = |name: &&'static str| File {
            name,
            synced: Vec::new(),
            loose: Vec::new(),
        };
        Self(names.iter().map(file).collect())
    }

    pub(super) fn happens(&mut self, event: &Event) {
        match event {
            Event::Wrote { file, at, bytes } => self.file(file).loose.push(Change::Write(*at, bytes.clone())),
            Event::Cut { file, length } => self.file(file).loose.push(Change::Cut(*length)),
            Event::Synced(file) => {
                let file = self.file(file);
                for change in std::mem::take(&mut file.loose) {
                    change.apply(&mut file.synced);
                }
            }
            Event::Sent(_) => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.0.iter_mut().find(|file| file.name == name).unwrap()
    }

    /// What is found when the power is back.
    pub(super) fn write_to(&self, folder: &Path, loss: &Loss) {
        let mut chance = match loss {
            Loss::All => 0,
            Loss::Some(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        };
        let mut draw = move || {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance
        };
        for file in &self.0 {
            let mut content = file.synced.clone();
            if matches!(loss, Loss::Some(_)) {
                for change in &file.loose {
                    match (draw() % 3, change) {
                        (0, _) => {}
                        (1, _) | (_, Change::Cut(_)) => change.apply(&mut content),
                        (_, Change::Write(at, bytes)) => {
                            for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                                if draw() % 2 == 0 {
                                    Change::Write(at + number * SECTOR, sector.to_vec()).apply(&mut content);
                                }
                            }
                        }
                    }
                }
            }
            std::fs::write(folder.join(file.name), content).unwrap();
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Cut(length) => content.resize(*length, 0),
            Self::Write(at, bytes) => {
                content.resize(content.len().max(at + bytes.len()), 0);
                content[*at..at + bytes.len()].copy_from_slice(bytes);
            }
        }
    }
}

#[test]
fn what_was_synced_stays_and_the_rest_goes() {
    let mut disk = Disk::new(&["a"]);
    let wrote = |at, text: &str| Event::Wrote {
        file: "a",
        at,
        bytes: text.as_bytes().to_vec(),
    };
    let left = |disk: &Disk| {
        let folder = tempfile::tempdir().unwrap();
        disk.write_to(folder.path(), &Loss::All);
        std::fs::read_to_string(folder.path().join("a")).unwrap()
    };
    disk.happens(&wrote(0, "hello"));
    assert_eq!(left(&disk), "");
    disk.happens(&Event::Synced("a"));
    disk.happens(&wrote(1, "ipp"));
    disk.happens(&Event::Cut { file: "a", length: 2 });
    assert_eq!(left(&disk), "hello");
    disk.happens(&Event::Synced("a"));
    assert_eq!(left(&disk), "hi");
}
