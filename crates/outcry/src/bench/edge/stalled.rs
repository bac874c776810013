//! Clients that begin and do not go on: silent, in the middle of a line, of a head, of a body.

use anyhow::{Context, Result};
use futures_util::future::join_all;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

/// So many at once. Who is closed comes again.
pub(super) const SOCKETS: u32 = 1_000;
/// Each must be closed after this.
pub(super) const LIMIT: Duration = Duration::from_secs(15);
/// They come from so many addresses.
const ADDRESSES: u32 = 200;

/// What became of them.
pub(super) struct Crowd {
    pub(super) count: u32,
    pub(super) longest: Duration,
}

impl Crowd {
    /// Comes together within `gathering`, and stalls for so long in all.
    ///
    /// Not all in one moment: this process would then measure itself, since those who are closed together come again together.
    pub(super) async fn gather(port: u16, key: &str, gathering: Duration, time: Duration) -> Result<Self> {
        let begin = Instant::now();
        let end = begin + time;
        let all = (0..SOCKETS).map(|number| async move {
            tokio::time::sleep_until(begin + gathering * number / SOCKETS).await;
            stall(port, number, begun(number, key), end).await
        });
        let all = join_all(all).await;
        let mut crowd = Self {
            count: 0,
            longest: Duration::ZERO,
        };
        for one in all {
            let (count, longest) = one?;
            crowd.count += count;
            crowd.longest = crowd.longest.max(longest);
        }
        Ok(crowd)
    }
}

/// How far it gets. With a key that is good, or the body would not be waited for at all.
fn begun(number: u32, key: &str) -> String {
    let head = format!("POST /v1/leads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n");
    match number % 4 {
        0 => String::new(),
        1 => "POST /v1/le".to_owned(),
        2 => head,
        _ => head + "content-length: 2000\r\n\r\n{\"zip\":",
    }
}

/// Connects and stalls, again and again; tells how often it was closed, and after how long at most. A socket that is
/// still open at the end, after the whole limit, counts with its age.
async fn stall(port: u16, number: u32, begun: String, end: Instant) -> Result<(u32, Duration)> {
    let (mut count, mut longest) = (0, Duration::ZERO);
    while Instant::now() < end {
        let mut stream = connect(port, number).await?;
        let since = Instant::now();
        // Whoever is turned away at once is closed, too.
        let _ = stream.write_all(begun.as_bytes()).await;
        let mut answer = Vec::new();
        let closed = timeout_at(end, stream.read_to_end(&mut answer)).await.is_ok();
        longest = longest.max(since.elapsed());
        count += u32::from(closed);
    }
    Ok((count, longest))
}

/// From one of many addresses of this machine.
async fn connect(port: u16, number: u32) -> Result<TcpStream> {
    let host = u8::try_from(number % ADDRESSES + 1).unwrap_or(u8::MAX);
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 9, host), 0).into())?;
    socket
        .connect((Ipv4Addr::LOCALHOST, port).into())
        .await
        .with_context(|| format!("nobody listens on port {port}"))
}
