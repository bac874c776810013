//! A client for this machine only: what the demo's sources and the bench's load generator send leads with.

use anyhow::{Context, Result, bail};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// A connection that lay idle for longer is not trusted: the exchange closes its own after ten seconds.
const IDLE_MAX: Duration = Duration::from_secs(5);

/// One kept-alive connection.
pub(crate) struct Connection {
    port: u16,
    stream: TcpStream,
    used: Instant,
    buffer: Vec<u8>,
}

/// What was answered.
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Does it say when to come again?
    pub(crate) retry_after: bool,
    /// Does the connection end with it?
    pub(crate) closes: bool,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects to a port of this machine.
    pub(crate) async fn open(port: u16) -> Result<Self> {
        Ok(Self {
            port,
            stream: connect(port).await?,
            used: Instant::now(),
            buffer: Vec::with_capacity(8_192),
        })
    }

    /// Posts a JSON body, over a new connection if this one lay idle for long. `headers` are whole lines, each with its line break. After an error the connection is
    /// of no further use.
    pub(crate) async fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<Answer> {
        if IDLE_MAX < self.used.elapsed() {
            self.stream = connect(self.port).await?;
        }
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n"
        );
        self.buffer.clear();
        self.buffer.extend_from_slice(head.as_bytes());
        self.buffer.extend_from_slice(body);
        self.stream.write_all(&self.buffer).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed without an answer");
            }
            if let Some(answer) = whole(&self.buffer)? {
                self.used = Instant::now();
                return Ok(answer);
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it calls this machine only, so there is no address to filter"
)]
async fn connect(port: u16) -> Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .with_context(|| format!("nobody listens on port {port}"))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A whole response, or `None` while some of it is still to come.
fn whole(buffer: &[u8]) -> Result<Option<Answer>> {
    let mut headers = [httparse::EMPTY_HEADER; 48];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(at) = response.parse(buffer).context("the answer is not HTTP")? else {
        return Ok(None);
    };
    let header = |name: &str| {
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let (retry_after, closes) = (header("retry-after").is_some(), header("connection") == Some("close"));
    let status = response.code.unwrap_or(0);
    Ok(buffer.get(at..at + length).map(|body| Answer {
        status,
        retry_after,
        closes,
        body: body.to_vec(),
    }))
}
