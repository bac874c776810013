//! Pings that are about to leave: units of their caps and tokens of their throttles.

use super::counters::Unit;
use super::desk::Desk;
use super::trouble::Trouble;
use outcry_engine::ports::store::{Draw, Drawn, Drew, Refusal};

impl Desk<'_> {
    /// Each ping takes everything or nothing, in their order: what one has taken the next finds used.
    pub(super) fn draw(&mut self, draw: &Draw) -> Result<Drew, Trouble> {
        let lead = self.draw_one(draw, &draw.lead)?;
        let asked = draw.pings.iter().filter(|_| lead.is_none());
        let pings = asked.map(|ping| self.draw_one(draw, ping)).collect::<Result<_, _>>()?;
        Ok(Drew { lead, pings })
    }

    fn draw_one(&mut self, draw: &Draw, ping: &Drawn) -> Result<Option<Refusal>, Trouble> {
        if let Some(full) = self.full_cap(&ping.holds)? {
            return Ok(Some(full));
        }
        let mut tokens = Vec::new();
        if let Some(empty) = self.empty_bucket(&ping.tokens, draw.at, &mut tokens)? {
            return Ok(Some(empty));
        }
        self.take_tokens(tokens);
        for hold in &ping.holds {
            let cap = self.name(&hold.cap)?;
            self.use_more((cap, hold.span.start.unix_ms()), hold.amount, Unit::Ping, draw.at)?;
        }
        Ok(None)
    }
}
