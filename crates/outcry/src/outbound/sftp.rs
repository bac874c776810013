//! Files over SFTP: to a server whose key is known beforehand, whole or not at all.

mod protocol;

use super::dial::Dialer;
use super::place::Place;
use outcry_integration::SftpPlace;
use protocol::{Refused, Sftp};
use russh::client::{self, AuthResult, Handle, Handler};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate, decode_secret_key};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// One file, from the look-up of the name to the last reply. A slow line carries a megabyte a minute.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(2);
/// A silent connection is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// Uploads files. Each has a connection of its own: they are minutes apart.
pub(super) struct Uploader {
    dialer: Dialer,
}

impl Uploader {
    pub(super) fn new(dialer: Dialer) -> Self {
        Self { dialer }
    }

    /// Puts a file into its folder under its own name, when it is whole there. The same file again changes nothing.
    ///
    /// # Errors
    /// Why it is not there, in words, or cannot be known to be; then the same file may be sent again.
    pub(super) async fn upload(&self, to: &SftpPlace, name: &str, content: &[u8]) -> Result<(), String> {
        let upload = async {
            let session = self.log_in(to).await?;
            let channel = session.channel_open_session().await.map_err(|fault| told(&fault))?;
            channel.request_subsystem(true, "sftp").await.map_err(|fault| told(&fault))?;
            let mut sftp = Sftp::begin(channel.into_stream()).await?;
            put(&mut sftp, to.folder.trim_end_matches('/'), name, content).await
        };
        let slow = || "it took too long".to_owned();
        let ended = timeout(UPLOAD_TIMEOUT, upload).await.unwrap_or_else(|_| Err(slow()));
        ended.map_err(|why| format!("{}: {why}", to.server))
    }

    async fn log_in(&self, to: &SftpPlace) -> Result<Handle<Pinned>, String> {
        let authority = to.server.strip_prefix("sftp://").ok_or("not the address of an SFTP server")?;
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
        // SSH is as private as TLS, so the rules for https are the rules here.
        let origin = if has_port {
            format!("https://{authority}")
        } else {
            format!("https://{authority}:22")
        };
        let place = Place::parse(&origin, &self.dialer.filter)?;
        let socket = timeout(self.dialer.connect_timeout, self.dialer.socket(&place))
            .await
            .map_err(|_| "connecting took too long".to_owned())?
            .map_err(|not_sent| not_sent.to_string())?;
        let config = client::Config {
            inactivity_timeout: Some(SILENCE),
            ..client::Config::default()
        };
        let mut session = client::connect_stream(Arc::new(config), socket, Pinned::to(&to.host_key))
            .await
            .map_err(|fault| told(&fault))?;
        authenticate(&mut session, to).await?;
        Ok(session)
    }
}

/// With the key first, if there is one.
async fn authenticate(session: &mut Handle<Pinned>, to: &SftpPlace) -> Result<(), String> {
    if let Some(key) = &to.key {
        let key = decode_secret_key(key, None)
            .map_err(|_| "the private key cannot be read; it must be Ed25519 or ECDSA, without a passphrase")?;
        let key = PrivateKeyWithHashAlg::new(Arc::new(key), None);
        let result = session.authenticate_publickey(&*to.user, key).await.map_err(|fault| told(&fault))?;
        if result == AuthResult::Success {
            return Ok(());
        }
    }
    if let Some(password) = &to.password {
        let result = session
            .authenticate_password(&*to.user, &**password)
            .await
            .map_err(|fault| told(&fault))?;
        if result == AuthResult::Success {
            return Ok(());
        }
    }
    Err("the server does not let us in".to_owned())
}

fn told(fault: &russh::Error) -> String {
    match fault {
        russh::Error::UnknownKey => "the server's key is not the one that was agreed on; somebody else may be answering".to_owned(),
        other => other.to_string(),
    }
}

/// Under another name, then under its own.
async fn put<S: AsyncRead + AsyncWrite + Unpin>(sftp: &mut Sftp<S>, folder: &str, name: &str, content: &[u8]) -> Result<(), String> {
    let (part, whole) = (format!("{folder}/.{name}.part"), format!("{folder}/{name}"));
    sftp.write(&part, content).await?;
    match sftp.rename(&part, &whole).await {
        Ok(()) => Ok(()),
        // An older server does not put a file in the place of another. If it is ours, of the last try, all is well.
        Err(Refused::Said(why)) => match sftp.size(&whole).await {
            Ok(Some(size)) if size == content.len() as u64 => {
                sftp.remove(&part).await?;
                Ok(())
            }
            _ => Err(why),
        },
        Err(Refused::Lost(why)) => Err(why),
    }
}

/// Knows the one server that it will speak with.
struct Pinned(Pin);

enum Pin {
    Key(Box<PublicKey>),
    Fingerprint(String),
    Unreadable,
}

impl Pinned {
    fn to(host_key: &str) -> Self {
        let text = host_key.trim();
        if text.starts_with("SHA256:") {
            return Self(Pin::Fingerprint(text.to_owned()));
        }
        // `ssh-keyscan` prints the host before the key.
        let start = text.find("ssh-ed25519 ").or_else(|| text.find("ecdsa-sha2-"));
        let words = start.map(|at| text[at..].split_whitespace().take(2).collect::<Vec<_>>().join(" "));
        let key = words.and_then(|words| PublicKey::from_openssh(&words).ok());
        Self(key.map_or(Pin::Unreadable, |key| Pin::Key(Box::new(key))))
    }

    fn knows(&self, key: &PublicKey) -> bool {
        match &self.0 {
            Pin::Key(known) => known.key_data() == key.key_data(),
            Pin::Fingerprint(known) => key.fingerprint(HashAlg::Sha256).to_string() == *known,
            Pin::Unreadable => false,
        }
    }
}

impl Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => self.knows(key),
            PublicKeyOrCertificate::Certificate(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that gives these answers in turn, each a kind and what follows the number of the request, and tells the
    /// kinds of the requests it heard.
    async fn plays(mut line: tokio::io::DuplexStream, answers: &[(u8, &[u8])]) -> Vec<u8> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut heard = Vec::new();
        for (kind, answer) in answers {
            let Ok(length) = line.read_u32().await else { return heard };
            let mut packet = vec![0; length as usize];
            line.read_exact(&mut packet).await.unwrap();
            heard.push(packet[0]);
            let number = if packet[0] == 1 { &[][..] } else { &packet[1..5] };
            let reply = [&[*kind][..], number, answer].concat();
            line.write_u32(u32::try_from(reply.len()).unwrap()).await.unwrap();
            line.write_all(&reply).await.unwrap();
        }
        heard
    }

    const HELLO: (u8, &[u8]) = (2, &[0, 0, 0, 3]);
    const HANDLE: (u8, &[u8]) = (102, &[0, 0, 0, 1, b'h']);
    const DONE: (u8, &[u8]) = (101, &[0, 0, 0, 0]);
    const FAILED: (u8, &[u8]) = (101, &[0, 0, 0, 4]);

    async fn check(answers: &[(u8, &[u8])], expected: Result<(), &str>) {
        let (ours, theirs) = tokio::io::duplex(4096);
        let work = async {
            let mut sftp = Sftp::begin(ours).await?;
            put(&mut sftp, "/in", "a.csv", b"12345").await
        };
        let (ended, heard) = tokio::join!(work, plays(theirs, answers));
        match (&ended, expected) {
            (Ok(()), Ok(())) => {}
            (Err(why), Err(part)) if why.contains(part) => {}
            _ => panic!("{ended:?} after {heard:?}, expected {expected:?}"),
        }
    }

    #[tokio::test]
    async fn an_older_server_does_not_replace_a_file_and_ours_may_be_there_already() {
        let size = |size: u8| [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, size];
        let begun = [HELLO, HANDLE, DONE, DONE];
        let then = |rest: &[(u8, &'static [u8])]| [&begun[..], rest].concat();
        check(&then(&[DONE]), Ok(())).await;
        let (same, other): (&'static [u8], &'static [u8]) = (Box::leak(Box::new(size(5))), Box::leak(Box::new(size(6))));
        check(&then(&[FAILED, (105, same), DONE]), Ok(())).await;
        check(&then(&[FAILED, (105, other)]), Err("the server refused it")).await;
        check(&then(&[FAILED, (101, &[0, 0, 0, 2])]), Err("the server refused it")).await;
        check(&then(&[(105, &[])]), Err("does not speak SFTP as it should")).await;
        check(&then(&[]), Err("the connection broke")).await;
    }

    #[tokio::test]
    async fn a_server_that_refuses_or_talks_nonsense_is_not_believed() {
        check(&[(2, &[0, 0, 0, 2])], Err("does not speak SFTP")).await;
        check(&[(99, &[])], Err("does not speak SFTP")).await;
        check(&[HELLO, FAILED], Err("the server refused it")).await;
        check(&[HELLO, HANDLE, FAILED], Err("the server refused it")).await;
        check(&[HELLO, HANDLE, DONE, FAILED], Err("the server refused it")).await;
        check(&[HELLO, (102, &[0, 0, 0, 9, b'h'])], Err("does not speak SFTP as it should")).await;
    }

    #[test]
    fn a_server_is_known_by_its_key_or_its_fingerprint_and_by_nothing_else() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
        let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
        let known = PublicKey::from_openssh(key).unwrap();
        let fingerprint = known.fingerprint(HashAlg::Sha256).to_string();
        for (pin, knows) in [
            (key.to_owned(), true),
            (format!("files.example.com {key}"), true),
            (format!("{key} root@files"), true),
            (fingerprint, true),
            (other.to_owned(), false),
            ("SHA256:x".to_owned(), false),
            ("ssh-ed25519 nonsense".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(Pinned::to(&pin).knows(&known), knows, "{pin}");
        }
    }
}
