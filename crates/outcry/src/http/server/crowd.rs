//! How many connections are open, in all and from each address, and that there are no more.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections of clients.
pub(crate) struct Crowd {
    inside: Mutex<Inside>,
    most: usize,
    most_of_one: usize,
}

#[derive(Default)]
struct Inside {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There are as many as there may be.
    Full,
    /// This address has as many as one may have.
    OneAddress,
}

impl Refused {
    /// The word in metrics.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::OneAddress => "address",
        }
    }

    /// All that is said: the request has not been read, and will not be.
    pub(super) const fn answer(self) -> &'static str {
        match self {
            Self::Full => "HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            Self::OneAddress => "HTTP/1.1 429 Too Many Requests\r\nretry-after: 2\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        }
    }
}

impl Crowd {
    /// Room for so many, and for so many of one address.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self {
            inside: Mutex::default(),
            most,
            most_of_one,
        })
    }

    /// A seat for a connection from there; given back when it is dropped.
    pub(super) fn seat(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Refused> {
        let address = neighbourhood(address);
        let mut inside = self.inside();
        if self.most <= inside.all {
            return Err(Refused::Full);
        }
        let of_one = inside.by_address.entry(address).or_insert(0);
        if self.most_of_one <= *of_one {
            return Err(Refused::OneAddress);
        }
        *of_one += 1;
        inside.all += 1;
        Ok(Seat {
            crowd: self.clone(),
            address,
        })
    }

    /// Connections open now.
    pub(crate) fn count(&self) -> usize {
        self.inside().all
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place in the crowd.
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.crowd.inside();
        inside.all -= 1;
        if let Some(count) = inside.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                inside.by_address.remove(&self.address);
            }
        }
    }
}

/// Who counts as one: an IPv4 address, in whatever disguise, or the network of a household in IPv6, where everybody has 2^64.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_seats_in_all_and_for_each_address() {
        let crowd = Crowd::new(4, 2);
        let seat = |address: &str| crowd.seat(address.parse().unwrap());
        let mut seats = vec![seat("192.0.2.1").ok(), seat("::ffff:192.0.2.1").ok()];
        assert_eq!(
            seat("192.0.2.1").err(),
            Some(Refused::OneAddress),
            "the same address in both spellings"
        );
        seats.push(seat("2001:db8::1").ok());
        seats.push(seat("2001:db8:0:0:ffff::9").ok());
        assert!(seats.iter().all(Option::is_some));
        assert_eq!(seat("192.0.2.2").err(), Some(Refused::Full));
        seats.pop();
        assert_eq!(seat("2001:db8::2").err(), None, "a seat that was left is free");
        drop(seats);
        assert_eq!(crowd.count(), 0);
        assert!(crowd.inside().by_address.is_empty(), "nobody is remembered");
    }
}
