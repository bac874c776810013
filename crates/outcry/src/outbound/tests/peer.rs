//! A peer that does as it is told, byte by byte.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(super) struct Peer {
    listener: TcpListener,
}

/// One accepted connection.
pub(super) struct Line {
    tcp: TcpStream,
    inbox: Vec<u8>,
}

impl Peer {
    pub(super) async fn listen() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/ping", self.port())
    }

    pub(super) async fn accept_raw(&self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }

    pub(super) async fn accept(&self) -> Line {
        Line {
            tcp: self.accept_raw().await,
            inbox: Vec::new(),
        }
    }

    /// Accepts, reads a request and answers it.
    pub(super) async fn serve(&self, answer: &str) -> Line {
        let mut line = self.accept().await;
        line.serve(answer).await;
        line
    }
}

impl Line {
    /// The next request, whole.
    pub(super) async fn request(&mut self) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.inbox).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let len = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |len| len.parse().unwrap());
                if body.len() >= len {
                    self.inbox.drain(..head.len() + 4 + len);
                    return text;
                }
            }
            assert!(
                self.tcp.read_buf(&mut self.inbox).await.unwrap() > 0,
                "the client closed after {text:?}"
            );
        }
    }

    pub(super) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.tcp.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(super) async fn serve(&mut self, answer: &str) {
        self.request().await;
        self.say(answer).await;
    }

    /// Reads `count` bytes of whatever comes.
    pub(super) async fn take(&mut self, count: usize) {
        let mut bytes = vec![0; count];
        self.tcp.read_exact(&mut bytes).await.unwrap();
    }

    /// Whether the client closes without another byte.
    pub(super) async fn is_closed(&mut self) -> bool {
        self.inbox.is_empty() && matches!(self.tcp.read(&mut [0]).await, Ok(0) | Err(_))
    }

    /// Ends the connection with a reset.
    pub(super) fn reset(self) {
        self.tcp.set_zero_linger().unwrap();
    }
}

/// An answer with a body and a length.
pub(super) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
