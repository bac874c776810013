//! Where a URL leads: scheme, host and port, in one canonical spelling.

use super::address::{Filter, PLAIN_HTTP};
use rustls::pki_types::ServerName;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

/// One origin.
pub(super) struct Place {
    /// `https`, and so TLS with this name; `None` for `http`.
    pub(super) tls: Option<ServerName<'static>>,
    /// What is connected to.
    pub(super) host: HostName,
    /// The port.
    pub(super) port: u16,
    /// As in the `host` header: without the port where it is the usual one.
    pub(super) authority: String,
}

/// A host by name or by number.
#[derive(Debug)]
pub(super) enum HostName {
    /// To be looked up.
    Name(Arc<str>),
    /// Taken from the URL itself, whatever its spelling there.
    Address(IpAddr),
}

impl Place {
    /// Reads scheme and authority as [`split`] has cut them off.
    ///
    /// # Errors
    /// If they are none, or lead where no call may go: why, in words.
    pub(super) fn parse(origin: &str, filter: &Filter) -> Result<Self, String> {
        if origin.contains('@') {
            return Err("the address holds a user name or password".to_owned());
        }
        let url = Url::parse(origin).map_err(|fault| format!("the address cannot be read: {fault}"))?;
        let host = match url.host() {
            Some(Host::Domain(name)) => HostName::Name(name.into()),
            Some(Host::Ipv4(four)) => HostName::Address(four.into()),
            Some(Host::Ipv6(six)) => HostName::Address(six.into()),
            None => return Err("the address has no host".to_owned()),
        };
        let tls = match (url.scheme(), &host) {
            ("https", HostName::Name(name)) => {
                Some(ServerName::try_from(name.to_string()).map_err(|_| "the host is not a name that a certificate can have".to_owned())?)
            }
            ("https", HostName::Address(address)) => Some(ServerName::from(*address)),
            _ => None,
        };
        let refusal = match &host {
            HostName::Address(address) => filter.refusal(*address, tls.is_some()),
            HostName::Name(_) => (tls.is_none() && filter.never_plain()).then_some(PLAIN_HTTP),
        };
        if let Some(why) = refusal {
            return Err(format!("{origin}: {why}"));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let authority = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        Ok(Self {
            tls,
            host,
            port,
            authority,
        })
    }

    /// One text for one place.
    pub(super) fn canonical(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.authority)
    }
}

/// Where the path of a URL starts.
///
/// # Errors
/// If it is not an absolute `http` or `https` URL without blanks or control characters in its origin.
pub(super) fn split(url: &str) -> Result<usize, &'static str> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let Some(scheme) = scheme else {
        return Err("the address is not one of http or https");
    };
    let rest = &url.as_bytes()[scheme.len()..];
    // A backslash ends the authority too: browsers read it as a slash.
    let end = rest.iter().position(|byte| b"/?#\\".contains(byte)).unwrap_or(rest.len());
    if end == 0 {
        return Err("the address has no host");
    }
    // The URL standard drops tabs and line ends wherever they stand; then two readers see two hosts.
    if rest[..end].iter().any(|&byte| byte <= b' ' || byte == 0x7f) {
        return Err("the host holds a blank or a control character");
    }
    Ok(scheme.len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allow: &str, plain_http: bool, table: &str) {
        let filter = Filter {
            allow: allow.split_whitespace().map(|network| network.parse().unwrap()).collect(),
            plain_http,
        };
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (url, expected) = line.split_once(" -> ").unwrap();
            let url = url.trim().replace("\\t", "\t").replace("\\n", "\n");
            let found = split(&url).map_err(str::to_owned).and_then(|at| Place::parse(&url[..at], &filter));
            let found = found.map_or_else(
                |why| format!("no: {}", why.rsplit(": ").next().unwrap_or_default()),
                |place| place.canonical(),
            );
            assert_eq!(found, expected.trim(), "{url:?}");
        }
    }

    #[test]
    fn a_place_has_one_spelling() {
        check(
            "",
            true,
            "
            https://buyer.test/ping          -> https://buyer.test
            HTTPS://BUYER.Test:443/ping      -> https://buyer.test
            https://buyer.test:8443?a=b      -> https://buyer.test:8443
            http://buyer.test:80#x           -> http://buyer.test
            http://buyer.test:443            -> http://buyer.test:443
            https://bücher.test/             -> https://xn--bcher-kva.test
            https://1.1.1.1/                 -> https://1.1.1.1
            https://[2606:4700:0::1111]:444/ -> https://[2606:4700::1111]:444
            https://buyer.test\\@10.0.0.1/   -> https://buyer.test
            ",
        );
    }

    #[test]
    fn no_spelling_of_a_private_address_gets_through() {
        let no = "no: the address is not a public one";
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "10.1.2.3",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "4294967295",
            "[::]",
            "[::1]",
            "[::127.0.0.1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:a9fe:a9fe]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[2001::1]",
            "[100::1]",
            "[5f00::1]",
        ] {
            check(
                "",
                true,
                &format!("http://{host}/ -> {no}\nhttps://{host}:8443/x -> {no}\nhttps://{host}?y -> {no}"),
            );
        }
    }

    #[test]
    fn other_schemes_passwords_and_blanks_are_refused() {
        check(
            "",
            true,
            "
            ftp://buyer.test/           -> no: the address is not one of http or https
            file:///etc/passwd          -> no: the address is not one of http or https
            javascript:alert(1)         -> no: the address is not one of http or https
            //buyer.test/               -> no: the address is not one of http or https
            https:buyer.test            -> no: the address is not one of http or https
            /ping                       -> no: the address is not one of http or https
            https:///buyer.test         -> no: the address has no host
            https://                    -> no: the address has no host
            https://?x                  -> no: the address has no host
            https://user@buyer.test/    -> no: the address holds a user name or password
            https://u:p@buyer.test/     -> no: the address holds a user name or password
            https://@buyer.test/        -> no: the address holds a user name or password
            https://buyer.test@10.0.0.1 -> no: the address holds a user name or password
            https://buyer.test\\t.x/    -> no: the host holds a blank or a control character
            https://buyer\\n.test/      -> no: the host holds a blank or a control character
            https://buyer .test/        -> no: the host holds a blank or a control character
            https://buyer.test:99999/   -> no: invalid port number
            https://256.1.1.1/          -> no: invalid IPv4 address
            https://[::1/               -> no: invalid IPv6 address
            ",
        );
    }

    #[test]
    fn plain_http_needs_leave_or_an_allowed_network() {
        check(
            "",
            false,
            "
            https://buyer.test/ -> https://buyer.test
            http://buyer.test/  -> no: plain http is not allowed
            http://1.1.1.1/     -> no: plain http is not allowed
            ",
        );
        check(
            "10.7.0.0/16 ::1/128",
            false,
            "
            http://10.7.1.1:8080/ -> http://10.7.1.1:8080
            http://0xa070101/     -> http://10.7.1.1
            http://[::1]:9/       -> http://[::1]:9
            http://10.8.1.1/      -> no: the address is not a public one
            http://127.0.0.1/     -> no: the address is not a public one
            http://1.1.1.1/       -> no: plain http is not allowed
            http://inside.test/   -> http://inside.test
            ",
        );
    }
}
