//! The operator's door: a socket in the data folder. Who may write there may come in, and nobody else: no port, no key to
//! configure, and nothing that a network could reach.

use super::{Office, Operator, routes};
use anyhow::{Context, Result};
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// The socket inside the data folder.
const SOCKET: &str = "operator.sock";

/// A connection that has not sent a whole request head within this is closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The door, open to those who have found it. It disappears when this is dropped.
pub(crate) struct Door {
    listener: UnixListener,
    path: PathBuf,
    /// Whose process this is.
    uid: u32,
}

impl Door {
    /// Where the door of a data folder is.
    pub(crate) fn of(data: &Path) -> PathBuf {
        data.join(SOCKET)
    }

    /// Opens the door of a folder that this process has taken for itself.
    ///
    /// # Errors
    /// A sentence with the path.
    pub(crate) fn open(data: &Path) -> Result<Self> {
        let path = Self::of(data);
        let failed = || {
            format!(
                "the operator's door {} cannot be opened; the path of a socket has at most 107 bytes, so a shorter --data may help",
                path.display()
            )
        };
        // The folder is ours, so whoever has left this here is gone.
        match fs::remove_file(&path) {
            Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => return Err(fault).with_context(failed),
            _ => {}
        }
        let listener = UnixListener::bind(&path).with_context(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).with_context(failed)?;
        let uid = fs::metadata(&path).with_context(failed)?.uid();
        Ok(Self { listener, path, uid })
    }

    /// Lets operators in for as long as this runs.
    pub(crate) async fn serve(self, office: Arc<Office>) {
        let routes = routes(office);
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => self.let_in(stream, &routes),
                Err(fault) => {
                    tracing::warn!(error = %fault, "an operator could not be let in");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    /// The system says whose process is at the other end. Between the making of a socket and the setting of its rights
    /// somebody else may have slipped in.
    fn let_in(&self, stream: UnixStream, routes: &Router) {
        let Ok(uid) = stream.peer_cred().map(|peer| peer.uid()) else {
            return;
        };
        if uid != self.uid && uid != 0 {
            tracing::warn!(uid, "somebody else's process was turned away at the operator's door");
            return;
        }
        let routes = routes.clone().layer(Extension(Operator::of_this_machine(uid)));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
        tokio::spawn(async move {
            if let Err(fault) = connection.await {
                tracing::debug!(error = %fault, "an operator's connection ended badly");
            }
        });
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
