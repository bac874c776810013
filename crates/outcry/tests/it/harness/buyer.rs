//! A stub buyer: it answers by a script, on threads of its own, and remembers every request.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    content_type: String,
    body: String,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            content_type: content_type.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn json(body: &str) -> Self {
        Self::new(200, "application/json", body)
    }
}

/// One server, which may play several buyers under several paths.
pub(crate) struct Buyer {
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Buyer {
    /// Answers whatever the script says. The script may wait.
    pub(crate) fn start(script: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let (script, list) = (Arc::new(script), heard.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, list) = (script.clone(), list.clone());
                std::thread::spawn(move || serve(stream, &*script, &list));
            }
        });
        Self { url, heard }
    }

    /// The requests to a path, in the order they came.
    pub(crate) fn heard(&self, path: &str) -> Vec<Heard> {
        let all = self.heard.lock().unwrap().clone();
        all.into_iter().filter(|one| one.path == path).collect()
    }

    /// The requests to paths that begin so.
    pub(crate) fn heard_below(&self, start: &str) -> Vec<Heard> {
        let all = self.heard.lock().unwrap().clone();
        all.into_iter().filter(|one| one.path.starts_with(start)).collect()
    }

    /// How many requests came in all.
    pub(crate) fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

fn serve(stream: TcpStream, script: &dyn Fn(&Heard) -> Reply, list: &Mutex<Vec<Heard>>) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        list.lock().unwrap().push(request.clone());
        let Reply {
            status,
            content_type,
            body,
        } = script(&request);
        let reply = format!(
            "HTTP/1.1 {status} Stub\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(format!("{reply}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

/// One request, or nothing if the other end has gone.
fn read(reader: &mut impl BufRead) -> Option<Heard> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| 0 < *read)?;
    let mut headers = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line);
    }
    let length = headers
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let method = first.split(' ').next()?.to_owned();
    Some(Heard {
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
