//! The values of a file, row by row: plain lines or columns, packed or not, from whatever system.

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A row that is longer is no row of a list.
const ROW_BYTES_MAX: u64 = 64 * 1024;
const PIECE: usize = 1 << 20;

/// Rows of a file.
pub(super) struct Rows {
    text: BufReader<Box<dyn Read>>,
    /// Bytes of the file, and how many were read.
    pub(super) length: u64,
    read: Arc<AtomicU64>,
    line: Vec<u8>,
    pub(super) number: u64,
}

/// Counts what goes through.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Rows {
    /// Opens a file; one that begins like gzip is unpacked.
    ///
    /// # Errors
    /// A sentence with the path.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = || format!("the file {} cannot be read", path.display());
        let file = File::open(path).with_context(failed)?;
        let length = file.metadata().with_context(failed)?.len();
        let read = Arc::new(AtomicU64::new(0));
        let mut packed = BufReader::with_capacity(PIECE, Counted(file, read.clone()));
        let is_packed = packed.fill_buf().with_context(failed)?.starts_with(&[0x1f, 0x8b]);
        let plain: Box<dyn Read> = if is_packed {
            Box::new(MultiGzDecoder::new(packed))
        } else {
            Box::new(packed)
        };
        Ok(Self {
            text: BufReader::with_capacity(PIECE, plain),
            length,
            read,
            line: Vec::new(),
            number: 0,
        })
    }

    /// How far it has come, in thousandths.
    pub(super) fn thousandths(&self) -> u64 {
        self.read.load(Ordering::Relaxed) * 1_000 / self.length.max(1)
    }

    /// The next row that is not blank; `None` at the end. What is not UTF-8 is shown as such and fits nothing.
    ///
    /// # Errors
    /// The disk's, a packed file that is damaged or cut short, or a row without end.
    pub(super) fn next(&mut self) -> Result<Option<String>> {
        loop {
            self.line.clear();
            let mut row = (&mut self.text).take(ROW_BYTES_MAX);
            let count = row
                .read_until(b'\n', &mut self.line)
                .with_context(|| format!("the file ends badly after line {}", self.number))?;
            if count == 0 {
                return Ok(None);
            }
            self.number += 1;
            if count as u64 == ROW_BYTES_MAX {
                bail!("line {} is longer than any row of a list; is it a file of lines?", self.number);
            }
            let text = String::from_utf8_lossy(&self.line);
            let text = if self.number == 1 {
                text.trim_start_matches('\u{feff}')
            } else {
                &text
            };
            let text = text.trim();
            if !text.is_empty() {
                return Ok(Some(text.to_owned()));
            }
        }
    }
}

/// Which columns of a row make the value.
#[derive(Clone, Debug)]
pub(super) enum Columns {
    /// The row is the value.
    Whole,
    /// These, counted from 0, one behind the other.
    At(Vec<usize>),
    /// The one with this heading, which the first row has.
    Called(String),
}

impl Columns {
    /// As `--column` names them: `phone`, `2`, `1,2`.
    pub(super) fn parse(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self::Whole) };
        let numbers: Option<Vec<usize>> = text.split(',').map(|part| part.trim().parse::<usize>().ok()).collect();
        match numbers {
            Some(numbers) if numbers.contains(&0) => bail!("columns are counted from 1"),
            Some(numbers) => Ok(Self::At(numbers.into_iter().map(|number| number - 1).collect())),
            None => Ok(Self::Called(text.to_owned())),
        }
    }

    /// Finds a column by its heading; true if the row was one of headings.
    pub(super) fn settle(&mut self, first: &str) -> Result<bool> {
        let Self::Called(name) = self else { return Ok(false) };
        let headings = cells(first);
        let Some(at) = headings.iter().position(|heading| heading.eq_ignore_ascii_case(name)) else {
            bail!("no column of line 1 is called {name}; there is {}", headings.join(", "));
        };
        *self = Self::At(vec![at]);
        Ok(true)
    }

    /// The value of a row; `None` if it has too few columns.
    pub(super) fn of(&self, row: &str) -> Option<String> {
        match self {
            Self::Whole => Some(unquoted(row).to_owned()),
            Self::At(numbers) => {
                let cells = cells(row);
                numbers.iter().map(|at| cells.get(*at).map(String::as_str)).collect()
            }
            Self::Called(_) => None,
        }
    }
}

fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"')
        .and_then(|cell| cell.strip_suffix('"'))
        .unwrap_or(cell)
        .trim()
}

/// The cells of a row: between commas, or semicolons or tabs where there are such and no comma. Quotes keep a comma in.
pub(super) fn cells(row: &str) -> Vec<String> {
    let between = [',', ';', '\t'].into_iter().find(|mark| row.contains(*mark)).unwrap_or(',');
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for character in row.chars() {
        match character {
            '"' => quoted = !quoted,
            mark if mark == between && !quoted => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            other => cell.push(other),
        }
    }
    cells.push(cell.trim().to_owned());
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_whichever_column_it_stands() {
        let value = |columns: &str, row: &str| {
            let mut columns = Columns::parse((!columns.is_empty()).then_some(columns)).unwrap();
            columns.settle("ID,\"Phone\",Date").unwrap();
            columns.of(row)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(value("", "\"2025550143\""), some("2025550143"));
        assert_eq!(value("phone", "7,(202) 555-0143,2026-11-01"), some("(202) 555-0143"));
        assert_eq!(value("1,2", "202,5550143"), some("2025550143"), "as the national list has it");
        assert_eq!(value("2", "a;b@example.com;c"), some("b@example.com"));
        assert_eq!(value("2", "\"Smith, Ann\",ann@example.com"), some("ann@example.com"));
        assert_eq!(value("3", "1,2"), None);
        assert!(Columns::parse(Some("0")).is_err());
        let named = Columns::parse(Some("mail")).unwrap().settle("ID,Phone").unwrap_err().to_string();
        assert_eq!(named, "no column of line 1 is called mail; there is ID, Phone");
    }

    #[test]
    fn rows_come_out_of_plain_and_of_packed_files_and_a_cut_one_is_noticed() {
        use std::io::Write;
        let home = tempfile::tempdir().unwrap();
        let plain = "\u{feff}one\r\n\r\n two \nthree";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(plain.as_bytes()).unwrap();
        let packed = gzip.finish().unwrap();
        let rows = |bytes: &[u8]| {
            let path = home.path().join("rows");
            std::fs::write(&path, bytes).unwrap();
            let mut rows = Rows::open(&path)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(format!("{} {row}", rows.number));
            }
            anyhow::Ok(found)
        };
        for bytes in [plain.as_bytes(), &packed] {
            assert_eq!(rows(bytes).unwrap(), ["1 one", "3 two", "4 three"]);
        }
        assert!(rows(&packed[..packed.len() - 9]).is_err(), "the end is missing");
        assert!(rows(&vec![b'1'; 70_000]).is_err(), "a row without end");
    }
}
