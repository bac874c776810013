//! The program as it runs: started, spoken with, stopped or killed.

use super::client::{Answer, Request};
use super::{PATIENCE, until};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

/// A running exchange. Dropping it kills it.
pub(crate) struct Exchange {
    child: Child,
    /// `127.0.0.1:…`
    pub(crate) address: String,
    said: Option<JoinHandle<String>>,
}

impl Exchange {
    /// Starts the program and waits for its address.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = lines(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        });
        let first = lines.recv_timeout(PATIENCE).unwrap_or_default();
        let Some(address) = first.strip_prefix("ready on http://").map(str::to_owned) else {
            let _ = child.kill();
            panic!("the exchange did not start: {first}\n{}", said.join().unwrap());
        };
        Self {
            child,
            address,
            said: Some(said),
        }
    }

    pub(crate) fn send(&self, request: &Request) -> Answer {
        request.send(&self.address)
    }

    /// Asks it to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let killed = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(killed.unwrap().success());
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as a crash does; gives its log.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.said.take().unwrap().join().unwrap()
    }

    /// Waits for the end; gives whether it ended well and all it has written to standard error.
    pub(crate) fn ended(mut self) -> (bool, String) {
        let status = until("the exchange ends", || self.child.try_wait().unwrap());
        (status.success(), self.said.take().unwrap().join().unwrap())
    }

    /// Ends it in order; gives its log.
    pub(crate) fn stop(self) -> String {
        self.terminate();
        let (well, said) = self.ended();
        assert!(well, "it did not end well:\n{said}");
        said
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe as they come; nobody has to read on for the writer to go on.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, hear) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    hear
}
