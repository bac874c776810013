//! The line of a command to the exchange that has the data folder: HTTP through the operator's door.

use crate::http::Door;
use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// A line to an exchange.
pub(crate) struct Line {
    data: PathBuf,
}

impl Line {
    /// To the exchange that serves this data folder.
    pub(crate) fn to(data: &Path) -> Self {
        Self { data: data.to_owned() }
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// If nobody serves the folder, or the exchange has said no: in its own words.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.ask("GET", path, &[])
    }

    /// Has something done, and reads what came of it.
    ///
    /// # Errors
    /// If nobody serves the folder, or the exchange has said no: in its own words.
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.ask("POST", path, &serde_json::to_vec(body)?)
    }

    fn ask<T: DeserializeOwned>(&self, method: &str, path: &str, body: &[u8]) -> Result<T> {
        let mut stream = UnixStream::connect(Door::of(&self.data)).map_err(|fault| self.nobody(&fault))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: operator\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut answer = Vec::new();
        stream
            .write_all(&[head.as_bytes(), body].concat())
            .and_then(|()| stream.read_to_end(&mut answer))
            .context("the exchange has hung up")?;
        let (status, body) = parted(&answer).context("the exchange has hung up before it answered")?;
        if status != 200 {
            return Err(said_no(status, body));
        }
        serde_json::from_slice(body).context("the answer of the exchange cannot be read; is it of another version than this command?")
    }

    fn nobody(&self, fault: &std::io::Error) -> anyhow::Error {
        let data = self.data.display();
        match fault.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                anyhow!("no exchange serves the data folder {data}; start it with `outcry serve`, or name another folder with --data")
            }
            ErrorKind::PermissionDenied => {
                anyhow!("this user may not speak with the exchange of {data}; run the command as the user that runs the exchange")
            }
            _ => anyhow!("the exchange of {data} cannot be reached: {fault}"),
        }
    }
}

/// Status and body of an answer.
fn parted(answer: &[u8]) -> Result<(u16, &[u8])> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    match (head.parse(answer)?, head.code) {
        (httparse::Status::Complete(length), Some(status)) => Ok((status, &answer[length..])),
        _ => bail!("it is no whole answer"),
    }
}

/// A problem in the words of the exchange.
fn said_no(status: u16, body: &[u8]) -> anyhow::Error {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    match problem["detail"].as_str() {
        Some(detail) => anyhow!("{detail}"),
        None => anyhow!("the exchange has answered with HTTP {status}"),
    }
}
