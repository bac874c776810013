//! Buyers that queue what they are posted, and call with what they have decided: any node, and again until they are heard.

use super::{Arc, AttemptId, Duration, Mutant, Nodes, RawAnswer, Weak, World, sleep};
use outcry_core::money::Money;
use outcry_engine::resolve::call::{self, Heard, Unheard};

/// A buyer tries no longer than this.
const TRIES: u32 = 40;
/// It waits so much longer after each.
const MORE_MS: u64 = 500;

/// One call, until it is heard.
pub(super) struct Callback {
    pub(super) world: Arc<World>,
    pub(super) nodes: Weak<Nodes>,
    pub(super) attempt: AttemptId,
    pub(super) token: String,
    /// The price it pays, if it took the lead.
    pub(super) price: Option<Money>,
}

impl Callback {
    pub(super) async fn until_heard(self) {
        self.world.calls();
        self.call().await;
        self.world.called();
    }

    async fn call(&self) {
        let longest = [50, 3_000, 40_000][self.world.draw(|chance| chance.index(3))];
        for tries in 0..TRIES {
            let wait = self.world.draw(|chance| chance.below(longest)) + MORE_MS * u64::from(tries);
            sleep(Duration::from_millis(50 + wait)).await;
            match self.once().await {
                Some(Ok(Heard::Recorded(_) | Heard::KnownBefore(_))) => {
                    self.world.facts().called(self.attempt, self.price.is_some());
                    self.world.sometimes.add("callback_heard");
                    return;
                }
                Some(Err(Unheard::Early)) => self.world.sometimes.add("callback_early"),
                // Its node died under it, the store was not there: it tries again, as it was told to.
                None | Some(Err(Unheard::Store(_))) => {}
                Some(other) => {
                    let text = format!(
                        "a call about {} (accepted: {}) came to {other:?}",
                        self.attempt,
                        self.price.is_some()
                    );
                    return self.world.facts().violate("F10", text);
                }
            }
        }
        // Where the trouble never ends it may be like that.
        if self.world.must_settle() {
            let text = format!("{} was called about {TRIES} times in vain", self.attempt);
            self.world.facts().violate("F10", text);
        }
    }

    /// One try at any node; nothing if nobody answers.
    async fn once(&self) -> Option<Result<Heard, Unheard>> {
        let nodes = self.nodes.upgrade()?;
        let up = nodes.up(self.world.draw(|chance| chance.index(self.world.plan.nodes)))?;
        if self.world.is(Mutant::CallConfirmedUnread) {
            return Some(Ok(Heard::Recorded(outcry_core::attempt::AttemptState::Accepted)));
        }
        let life = up.life.clone();
        let hear = async {
            life.gate().await;
            let caller = call::caller(&up.engine, &self.token).await?;
            let heard = call::hear(&caller, self.said()).await;
            life.gate().await;
            heard
        };
        tokio::select! {
            biased;
            () = life.died() => None,
            heard = hear => Some(heard),
            () = sleep(Duration::from_secs(20)) => None,
        }
    }

    fn said(&self) -> RawAnswer {
        let body = match self.price {
            Some(price) => format!("status=sold&paid={price}"),
            None => "status=refused".to_owned(),
        };
        RawAnswer {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
            body: body.into_bytes(),
        }
    }
}
