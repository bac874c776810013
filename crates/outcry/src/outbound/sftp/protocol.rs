//! As much of SFTP, version 3 (draft-ietf-secsh-filexfer-02), as it takes to put a file somewhere.
//!
//! One request at a time, each waited for: a file of leads is small, and an answer that belongs to nothing is the end.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const VERSION: u32 = 3;
/// Every server takes this much at once.
const CHUNK: usize = 32 * 1024;
/// Replies are short; whatever says otherwise is none.
const REPLY_BYTES_MAX: u32 = 64 * 1024;

const INIT: u8 = 1;
const HELLO: u8 = 2;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const WRITE: u8 = 6;
const REMOVE: u8 = 13;
const STAT: u8 = 17;
const RENAME: u8 = 18;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const ATTRIBUTES: u8 = 105;
const EXTENDED: u8 = 200;

/// To be written, made if it is not there, and emptied.
const WRITE_CREATE_TRUNCATE: u32 = 0x02 | 0x08 | 0x10;
const SIZE: u32 = 1;
/// Status codes.
const OK: u32 = 0;
const NO_SUCH_FILE: u32 = 2;

/// What OpenSSH adds: a rename that takes another file's place in one step, and the way to the disk.
const POSIX_RENAME: &str = "posix-rename@openssh.com";
const FSYNC: &str = "fsync@openssh.com";

/// A conversation with the server.
pub(super) struct Sftp<S> {
    stream: S,
    next: u32,
    posix_rename: bool,
    fsync: bool,
}

/// Why something was not done.
pub(super) enum Refused {
    /// The server said no.
    Said(String),
    /// Nobody can know what was done.
    Lost(String),
}

impl From<Refused> for String {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Said(why) | Refused::Lost(why) => why,
        }
    }
}

/// A packet being read.
struct Packet<'p>(&'p [u8]);

impl<S: AsyncRead + AsyncWrite + Unpin> Sftp<S> {
    /// Agrees on the version.
    pub(super) async fn begin(stream: S) -> Result<Self, String> {
        let mut sftp = Self {
            stream,
            next: 0,
            posix_rename: false,
            fsync: false,
        };
        sftp.send(INIT, &VERSION.to_be_bytes()).await?;
        let (kind, body) = sftp.receive().await?;
        let mut packet = Packet(&body);
        if kind != HELLO || packet.number().is_none_or(|version| version < VERSION) {
            return Err("the server does not speak SFTP".to_owned());
        }
        while let (Some(name), Some(_)) = (packet.text(), packet.text()) {
            sftp.posix_rename |= name == POSIX_RENAME.as_bytes();
            sftp.fsync |= name == FSYNC.as_bytes();
        }
        Ok(sftp)
    }

    /// Writes a whole file, and has it put on the disk where the server can.
    pub(super) async fn write(&mut self, path: &str, content: &[u8]) -> Result<(), String> {
        let mut open = text(path.as_bytes());
        open.extend(WRITE_CREATE_TRUNCATE.to_be_bytes());
        open.extend(0_u32.to_be_bytes());
        let (kind, body) = self.ask(OPEN, &open).await?;
        let handle = match (kind, Packet(&body).text()) {
            (HANDLE, Some(handle)) => handle.to_vec(),
            _ => return Err(status(kind, &body).err().map_or_else(nonsense, String::from)),
        };
        let mut at = 0_u64;
        for chunk in content.chunks(CHUNK) {
            let mut write = text(&handle);
            write.extend(at.to_be_bytes());
            write.extend(text(chunk));
            self.done(WRITE, &write).await?;
            at += chunk.len() as u64;
        }
        if self.fsync {
            let sync = [text(FSYNC.as_bytes()), text(&handle)].concat();
            self.done(EXTENDED, &sync).await?;
        }
        self.done(CLOSE, &text(&handle)).await.map_err(String::from)
    }

    /// Gives a file another name.
    pub(super) async fn rename(&mut self, from: &str, to: &str) -> Result<(), Refused> {
        let names = [text(from.as_bytes()), text(to.as_bytes())].concat();
        if self.posix_rename {
            let rename = [text(POSIX_RENAME.as_bytes()), names].concat();
            return self.done(EXTENDED, &rename).await;
        }
        self.done(RENAME, &names).await
    }

    /// How long a file is; `None` if it is not there.
    pub(super) async fn size(&mut self, path: &str) -> Result<Option<u64>, String> {
        let (kind, body) = self.ask(STAT, &text(path.as_bytes())).await?;
        let mut packet = Packet(&body);
        match (kind, packet.number()) {
            (ATTRIBUTES, Some(flags)) if flags & SIZE != 0 => Ok(packet.long()),
            (STATUS, Some(NO_SUCH_FILE)) => Ok(None),
            _ => Err("the server does not say how long a file is".to_owned()),
        }
    }

    /// Takes a file away.
    pub(super) async fn remove(&mut self, path: &str) -> Result<(), String> {
        self.done(REMOVE, &text(path.as_bytes())).await.map_err(String::from)
    }

    /// A request that is answered by a status.
    async fn done(&mut self, kind: u8, body: &[u8]) -> Result<(), Refused> {
        let (kind, body) = self.ask(kind, body).await.map_err(Refused::Lost)?;
        status(kind, &body)
    }

    /// A request and its answer, without the number that both carry.
    async fn ask(&mut self, kind: u8, body: &[u8]) -> Result<(u8, Vec<u8>), String> {
        self.next = self.next.wrapping_add(1);
        let id = self.next;
        self.send(kind, &[&id.to_be_bytes()[..], body].concat()).await?;
        let (kind, body) = self.receive().await?;
        match body.split_first_chunk() {
            Some((given, rest)) if u32::from_be_bytes(*given) == id => Ok((kind, rest.to_vec())),
            _ => Err(nonsense()),
        }
    }

    async fn send(&mut self, kind: u8, body: &[u8]) -> Result<(), String> {
        let length = u32::try_from(body.len() + 1).map_err(|_| nonsense())?;
        let packet = [&length.to_be_bytes()[..], &[kind], body].concat();
        self.stream.write_all(&packet).await.map_err(|fault| lost(&fault))?;
        self.stream.flush().await.map_err(|fault| lost(&fault))
    }

    async fn receive(&mut self) -> Result<(u8, Vec<u8>), String> {
        let length = self.stream.read_u32().await.map_err(|fault| lost(&fault))?;
        if !(1..=REPLY_BYTES_MAX).contains(&length) {
            return Err(nonsense());
        }
        let kind = self.stream.read_u8().await.map_err(|fault| lost(&fault))?;
        let mut body = vec![0; usize::try_from(length - 1).map_err(|_| nonsense())?];
        self.stream.read_exact(&mut body).await.map_err(|fault| lost(&fault))?;
        Ok((kind, body))
    }
}

impl<'p> Packet<'p> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn long(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*number))
    }

    fn text(&mut self) -> Option<&'p [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }
}

/// A text with its length before it.
fn text(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

fn status(kind: u8, body: &[u8]) -> Result<(), Refused> {
    let mut packet = Packet(body);
    match (kind, packet.number()) {
        (STATUS, Some(OK)) => Ok(()),
        (STATUS, Some(code)) => {
            let said = packet.text().map(|text| {
                String::from_utf8_lossy(text)
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200)
                    .collect()
            });
            let said: String = said.unwrap_or_default();
            Err(Refused::Said(format!("the server refused it: {said} (status {code})")))
        }
        _ => Err(Refused::Lost(nonsense())),
    }
}

fn nonsense() -> String {
    "the server does not speak SFTP as it should".to_owned()
}

fn lost(fault: &std::io::Error) -> String {
    format!("the connection broke: {fault}")
}
