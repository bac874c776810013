//! Addresses and networks: `192.0.2.7` is the network of one address, `192.0.2.7/32`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Wider networks than these are no entries: a slip of the pen must not rule out a continent. Of IPv6 a customer has a /64 or
/// less, so nothing between that and a single address is asked for.
const V4: std::ops::RangeInclusive<u8> = 8..=32;
const V6: std::ops::RangeInclusive<u8> = 16..=64;
const V6_ONE: u8 = 128;

/// A network in its normal form, or what is wrong with it.
pub(super) fn read(text: &str) -> Result<String, &'static str> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let written: IpAddr = address.trim().parse().map_err(|_| "not an IP address or network")?;
    let address = written.to_canonical();
    let whole = if address.is_ipv4() { 32 } else { V6_ONE };
    let bits = match bits {
        None => whole,
        Some(_) if address != written => return Err("a network of IPv4 addresses dressed as IPv6: write it as IPv4"),
        Some(bits) => bits
            .trim()
            .parse::<u8>()
            .map_err(|_| "not a network: after / stands a number of bits")?,
    };
    let known = if address.is_ipv4() {
        V4.contains(&bits)
    } else {
        V6.contains(&bits) || bits == V6_ONE
    };
    if !known {
        return Err("a network of a size that is not taken: IPv4 from /8 to /32, IPv6 from /16 to /64, or /128");
    }
    let network = cut(address, bits);
    if network == address {
        Ok(format!("{network}/{bits}"))
    } else {
        Err("an address within a network, not the network: its last bits must be 0")
    }
}

/// Every network that an address is in, the address itself first.
pub(super) fn around(address: &str) -> Vec<String> {
    let Ok(address) = address.parse::<IpAddr>() else {
        return Vec::new();
    };
    let named = |bits: u8| format!("{}/{bits}", cut(address, bits));
    match address {
        IpAddr::V4(_) => V4.rev().map(named).collect(),
        IpAddr::V6(_) => std::iter::once(V6_ONE).chain(V6.rev()).map(named).collect(),
    }
}

fn cut(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0)).into(),
    }
}
