//! Addresses in spec files: absolute, and over TLS unless they stay on this machine.

use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::text::Text;

/// Reports a text that is no absolute `http` or `https` address. Placeholders may stand behind the host.
pub(crate) fn check(desk: &Desk<'_>, key: &str, text: &Text) {
    let host = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| text.value.strip_prefix(scheme))
        .map(host);
    if host.is_none_or(|host| host.is_empty() || host.contains(|c: char| c.is_whitespace() || "{}\"<>".contains(c))) {
        let problem = Problem::error(codes::BAD_ADDRESS, text.spot, format!("`{key}` is no address"));
        desk.tell(problem.hint("write all of it, with a fixed host: \"https://example.com/path\""));
        return;
    }
    warn_without_tls(desk, key, &text.value, text.spot);
}

/// Reports an address over which leads would travel in the clear.
pub(crate) fn warn_without_tls(desk: &Desk<'_>, key: &str, value: &str, spot: Spot) {
    let Some(host) = value.strip_prefix("http://").map(host) else {
        return;
    };
    if !stays_here(host) {
        let message = format!("`{key}` sends what it carries to {host} without TLS");
        desk.tell(Problem::warning(codes::ADDRESS_WITHOUT_TLS, spot, message).hint("write https://"));
    }
}

/// The host of what follows `://`, without user and port.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        Some((inside, _)) => inside,
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Does the host name this very machine?
fn stays_here(host: &str) -> bool {
    let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback || host == "localhost" || host.ends_with(".localhost")
}
