//! What machines and networks do to a call, drawn from a seed.

use crate::chance::{Chance, Share};

/// One thing that goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request never arrives; the caller hears nothing.
    LostRequest,
    /// The connection is reset before the request was read.
    ResetBefore,
    /// The request is read and acted on; the answer never arrives.
    LostAnswer,
    /// The request is read and acted on; then the connection is reset without a byte.
    ResetAfter,
    /// The request is read and acted on; the connection is reset in the middle of the answer.
    ResetHalfway,
    /// The request is read and acted on; the answer is nothing anybody could read.
    Garbled,
    /// The server falls over before it has acted: status 500.
    ServerError,
    /// All is well, only so many milliseconds later.
    Delay(u32),
}

impl Fault {
    /// Has the other side acted on the request? If so it may have the lead, whatever the caller saw.
    pub const fn acted(self) -> bool {
        !matches!(self, Self::LostRequest | Self::ResetBefore | Self::ServerError)
    }
}

/// How often each fault happens. The shares are of all calls; what is left of them goes well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// See [`Fault::LostRequest`].
    pub lost_request: Share,
    /// See [`Fault::ResetBefore`].
    pub reset_before: Share,
    /// See [`Fault::LostAnswer`].
    pub lost_answer: Share,
    /// See [`Fault::ResetAfter`].
    pub reset_after: Share,
    /// See [`Fault::ResetHalfway`].
    pub reset_halfway: Share,
    /// See [`Fault::Garbled`].
    pub garbled: Share,
    /// See [`Fault::ServerError`].
    pub server_error: Share,
    /// See [`Fault::Delay`].
    pub delay: Share,
    /// The longest delay.
    pub delay_ms_max: u32,
}

impl Faults {
    /// A quiet day.
    pub const NONE: Self = Self {
        lost_request: Share::NEVER,
        reset_before: Share::NEVER,
        lost_answer: Share::NEVER,
        reset_after: Share::NEVER,
        reset_halfway: Share::NEVER,
        garbled: Share::NEVER,
        server_error: Share::NEVER,
        delay: Share::NEVER,
        delay_ms_max: 0,
    };

    /// Everything goes wrong now and then: more than half of all calls.
    pub const STORM: Self = Self {
        lost_request: Share::percent(8),
        reset_before: Share::percent(8),
        lost_answer: Share::percent(8),
        reset_after: Share::percent(6),
        reset_halfway: Share::percent(8),
        garbled: Share::percent(12),
        server_error: Share::percent(10),
        delay: Share::percent(5),
        delay_ms_max: 900,
    };

    /// What happens to the next call; `None` if all goes well.
    pub fn draw(&self, chance: &mut Chance) -> Option<Fault> {
        let delay = Fault::Delay(u32::try_from(chance.between(1, i64::from(self.delay_ms_max))).unwrap_or(0));
        let table = [
            (self.lost_request, Fault::LostRequest),
            (self.reset_before, Fault::ResetBefore),
            (self.lost_answer, Fault::LostAnswer),
            (self.reset_after, Fault::ResetAfter),
            (self.reset_halfway, Fault::ResetHalfway),
            (self.garbled, Fault::Garbled),
            (self.server_error, Fault::ServerError),
            (self.delay, delay),
        ];
        let mut at = chance.below(Share::ALWAYS.thousandths());
        for (share, fault) in table {
            if at < share.thousandths() {
                return Some(fault);
            }
            at -= share.thousandths();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn nothing_happens_on_a_quiet_day() {
        let mut chance = Chance::of(&[1]);
        assert!((0..1_000).all(|_| Faults::NONE.draw(&mut chance).is_none()));
    }

    #[test]
    fn in_a_storm_each_fault_happens_about_as_often_as_it_should() {
        let mut chance = Chance::of(&[2]);
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for _ in 0..10_000 {
            let name = match Faults::STORM.draw(&mut chance) {
                None => "none",
                Some(Fault::Garbled) => "garbled",
                Some(Fault::Delay(ms)) => {
                    assert!((1..=900).contains(&ms));
                    "delay"
                }
                Some(_) => "other",
            };
            *seen.entry(name).or_default() += 1;
        }
        for (name, expected) in [("none", 3_500), ("garbled", 1_200), ("delay", 500), ("other", 4_800)] {
            assert!(seen[name].abs_diff(expected) < 200, "{name}: {} of 10,000", seen[name]);
        }
    }
}
