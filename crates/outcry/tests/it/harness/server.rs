//! Real servers of other houses, run as plain processes on the loopback and gone with the test.

use super::{Home, until};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A process that ends with the test.
pub(crate) struct Server(Child);

impl Server {
    /// Starts it and waits until it listens on these ports.
    pub(crate) fn start(command: &mut Command, ports: &[u16]) -> Self {
        let mut server = Self(command.stdin(Stdio::null()).spawn().unwrap());
        for port in ports {
            until("the server listens", || {
                assert!(server.0.try_wait().unwrap().is_none(), "it ended before it listened: {command:?}");
                TcpStream::connect(("127.0.0.1", *port)).ok()
            });
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program of another house. Where it is missing the test says so and is over.
pub(crate) fn installed(name: &str, package: &str) -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not on this machine; on Debian it is in the package {package}");
    }
    found
}

/// A port that is free at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Exim, which keeps what it takes in its spool. It refuses `nobody@`, is busy for `busy@`, and takes mail for
/// `members.example` only from those who have logged in as `outcry` with `s3cret`.
pub(crate) struct MailServer {
    _server: Server,
    /// With STARTTLS.
    pub(crate) port: u16,
    /// With TLS from the first byte.
    pub(crate) tls_port: u16,
    spool: PathBuf,
}

impl MailServer {
    /// Starts it in the folder of the test; `None`, with a line that says so, where there is no Exim.
    pub(crate) fn start(home: &Home) -> Option<Self> {
        let exim = installed("exim4", "exim4-daemon-light")?;
        let (port, tls_port, spool) = (free_port(), free_port(), home.path("mail/spool"));
        home.write("mail/exim.conf", &settings(home, port, tls_port));
        home.write("mail/cert.pem", include_str!("../fixtures/localhost.cert.pem"));
        home.write("mail/key.pem", include_str!("../fixtures/localhost.key.pem"));
        std::fs::create_dir_all(&spool).unwrap();
        // Started by root, it goes on as a user of its own.
        for folder in [home.path(""), home.path("mail"), spool.clone()] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        let (config, pid) = (home.arg("mail/exim.conf"), home.arg("mail/exim.pid"));
        let mut command = Command::new(exim);
        command.args(["-C", &config, "-bdf", "-oP", &pid]).stderr(Stdio::null());
        Some(Self {
            _server: Server::start(&mut command, &[port, tls_port]),
            port,
            tls_port,
            spool,
        })
    }

    /// Every mail it took: the lines before its body as Exim keeps them, then the body.
    pub(crate) fn mails(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.spool.join("input")) else {
            return Vec::new();
        };
        let mut names: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        names.retain(|path| path.to_string_lossy().ends_with("-H"));
        names.sort();
        let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        let body = |head: &Path| PathBuf::from(format!("{}-D", head.to_string_lossy().trim_end_matches("-H")));
        names.iter().map(|head| read(head) + &read(&body(head))).collect()
    }
}

fn settings(home: &Home, port: u16, tls_port: u16) -> String {
    let folder = home.arg("mail");
    format!(
        "keep_environment =
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/key.pem
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = recipient
queue_only = true
begin acl
recipient:
  deny message = no such user here
       recipients = nobody@buyer.example
  defer message = come back later
       recipients = busy@buyer.example
  deny message = log in first
       !authenticated = *
       recipients = *@members.example
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{outcry}}}}{{eq{{$auth3}}{{s3cret}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
"
    )
}

/// OpenSSH's server with a key of its own, and a user who may only put files.
pub(crate) struct FileServer {
    _server: Server,
    pub(crate) port: u16,
    /// Who the server is, as `ssh-keyscan` prints it.
    pub(crate) host_key: String,
    /// The private key that opens it for the user of this process.
    pub(crate) key: String,
    pub(crate) user: String,
}

impl FileServer {
    /// Starts it in the folder of the test; `None`, with a line that says so, where there is no OpenSSH.
    pub(crate) fn start(home: &Home) -> Option<Self> {
        let (sshd, keygen) = (installed("sshd", "openssh-server")?, installed("ssh-keygen", "openssh-client")?);
        let port = free_port();
        for (name, kind) in [("host", "ed25519"), ("user", "ed25519")] {
            let path = home.path("ssh").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let made = Command::new(&keygen).args(["-q", "-t", kind, "-N", "", "-f"]).arg(&path).status();
            assert!(made.unwrap().success());
        }
        // Started by root it wants an empty folder there, which packages make and containers lose.
        let _ = std::fs::create_dir_all("/run/sshd");
        let folder = home.arg("ssh");
        let settings = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nStrictModes no\n\
             UsePAM no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\nForceCommand internal-sftp\n"
        );
        home.write("ssh/sshd_config", &settings);
        let mut command = Command::new(sshd);
        command.args(["-D", "-e", "-f", &home.arg("ssh/sshd_config")]).stderr(Stdio::null());
        let read = |name: &str| std::fs::read_to_string(home.path("ssh").join(name)).unwrap();
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        Some(Self {
            _server: Server::start(&mut command, &[port]),
            port,
            host_key: read("host.pub").trim().to_owned(),
            key: read("user"),
            user: String::from_utf8(user).unwrap().trim().to_owned(),
        })
    }
}
