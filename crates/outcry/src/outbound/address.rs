//! Decides which addresses may be called: the globally reachable ones, and what the operator allows by name.
//!
//! A buyer's URL is written by somebody else than the owner of this machine's network. The decision falls on the very
//! address that is connected to, after look-up and canonicalisation, so no name and no spelling gets around it.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The operator's rule about addresses.
pub(super) struct Filter {
    /// Networks that may be called although they are not public, and without TLS.
    pub(super) allow: Vec<IpNet>,
    /// Whether a public address may be called without TLS.
    pub(super) plain_http: bool,
}

impl Filter {
    /// Why this address may not be called; `None` if it may.
    pub(super) fn refusal(&self, address: IpAddr, tls: bool) -> Option<&'static str> {
        let canonical = canonical(address);
        if self
            .allow
            .iter()
            .any(|network| network.contains(&address) || network.contains(&canonical))
        {
            return None;
        }
        if !is_global(canonical) {
            return Some("the address is not a public one");
        }
        (!tls && !self.plain_http).then_some(PLAIN_HTTP)
    }

    /// Whether no address at all could be called without TLS.
    pub(super) fn never_plain(&self) -> bool {
        !self.plain_http && self.allow.is_empty()
    }
}

/// Said of `http:` addresses where only `https:` is allowed.
pub(super) const PLAIN_HTTP: &str = "plain http is not allowed";

/// The address that packets to `address` are meant for: IPv4 in its two IPv6 disguises is IPv4.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.segments() {
            [0, 0, 0, 0, 0, 0 | 0xffff, _, _] => {
                let [.., a, b, c, d] = six.octets();
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            _ => address,
        },
    }
}

/// Whether a canonical address is globally reachable unicast (IANA's special-purpose registries, September 2026).
fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => !SPECIAL_V4
            .iter()
            .any(|&(net, bits)| (four.to_bits() ^ net.to_bits()) >> (32 - bits) == 0),
        // Outside 2000::/3 nothing is global unicast, so fc00::/7, fe80::/10, ff00::/8 and whatever comes need no line.
        IpAddr::V6(six) => {
            six.segments()[0] >> 13 == 1
                && !SPECIAL_V6
                    .iter()
                    .any(|&(net, bits)| (six.to_bits() ^ net.to_bits()) >> (128 - bits) == 0)
        }
    }
}

const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carriers' shared space
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and every cloud's metadata service
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and broadcast
];

const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, ORCHID, benchmarks
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: a tunnel to any IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_globally_reachable_addresses_pass() {
        let public = "1.1.1.1 8.8.8.8 99.255.255.255 100.128.0.1 128.0.0.1 169.253.0.1 172.15.0.1 172.32.0.1 192.0.1.1 192.88.98.1 \
            192.167.0.1 192.169.0.1 198.17.0.1 198.20.0.1 203.0.114.1 223.255.255.255 ::ffff:1.1.1.1 ::8.8.8.8 2606:4700::1111 \
            2a00:1450:4001::8a 2001:200::1 2001:4860:4860::8888";
        let special = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 \
            172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 \
            239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 \
            64:ff9b::1.1.1.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:1ff::1 \
            2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 4000::1";
        for (addresses, expected) in [(public, true), (special, false)] {
            for address in addresses.split_whitespace() {
                assert_eq!(is_global(canonical(address.parse().unwrap())), expected, "{address}");
            }
        }
    }

    #[test]
    fn an_allowed_network_passes_in_every_disguise_and_without_tls() {
        let filter = Filter {
            allow: vec!["10.7.0.0/16".parse().unwrap(), "fd00::/64".parse().unwrap()],
            plain_http: false,
        };
        for (address, refusal) in [
            ("10.7.1.1", None),
            ("::ffff:10.7.1.1", None),
            ("fd00::9", None),
            ("10.8.1.1", Some("the address is not a public one")),
            ("9.9.9.9", Some(PLAIN_HTTP)),
        ] {
            assert_eq!(filter.refusal(address.parse().unwrap(), false), refusal, "{address}");
        }
    }
}
