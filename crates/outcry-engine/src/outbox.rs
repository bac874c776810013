//! The outbox: delivers messages until they arrive or are given up. A table that is scanned, so that nothing
//! written with a sale can be forgotten.

use crate::engine::Engine;
use crate::ports::outbound::{Call, CallEnd, Connection};
use crate::ports::store::{Delivery, DeliveryResult, Message};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use outcry_integration::request::{Credentials, Method};
use outcry_integration::{Mask, Request, webhook};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// When a message is tried again, in seconds after each failed try; after the last it is given up. The steps are
/// those of the Standard Webhooks specification: seconds at first, days at last.
const AGAIN_AFTER_S: [i64; 8] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000];
const AT_ONCE: usize = 64;
/// Messages to one origin share a limit on open calls, and so many slots keep the table small. They are counted
/// behind the contracts.
pub(crate) const SLOTS: usize = 64;
const TRY_TIMEOUT: Duration = Duration::from_secs(10);
/// Most open calls to the postback address of one source, so that a slow one costs only itself.
const CALLS_MAX: usize = 8;

/// Delivers messages as they become due, until the task is dropped. The scan each second is the truth; the
/// wake-up after a sale only makes it quicker.
pub async fn run(engine: Arc<Engine>) {
    loop {
        let _ = tokio::time::timeout(Duration::from_secs(1), engine.outbox_ready.notified()).await;
        while deliver_due(&engine).await == AT_ONCE {}
    }
}

/// One round; tells how many messages it tried.
async fn deliver_due(engine: &Arc<Engine>) -> usize {
    let due = match engine.store.due(engine.now(), AT_ONCE).await {
        Ok(due) => due,
        Err(fault) => {
            tracing::error!(error = %fault, "the outbox could not be read");
            return 0;
        }
    };
    let tried = due.len();
    let mut origins: BTreeMap<usize, Vec<Message>> = BTreeMap::new();
    for message in due {
        origins.entry(origin_slot(&message)).or_default().push(message);
    }
    // In turns: a message over the limit on open calls would have failed without having been tried.
    let to_one = |messages| {
        let engine = engine.clone();
        stream::iter(messages).for_each_concurrent(CALLS_MAX, move |message| deliver(engine.clone(), message))
    };
    join_all(origins.into_values().map(to_one)).await;
    tried
}

/// One try, and T4.
async fn deliver(engine: Arc<Engine>, message: Message) {
    let Some(request) = request(&engine, &message) else {
        let result = again(&engine, &message, "the source has no secret to sign it with any more");
        return record(&engine, &message, result).await;
    };
    let call = Call {
        request: request.into(),
        contract: engine.book.catalog.contract_count() + origin_slot(&message),
        calls_max: u32::try_from(CALLS_MAX).unwrap_or(u32::MAX),
        until: Instant::now() + TRY_TIMEOUT,
        send_by: None,
        listen_on: Duration::ZERO,
        late: None,
        answer_bytes_max: 64 * 1024,
        connection: Connection::Any,
    };
    let result = match engine.outbound.call(call).await {
        CallEnd::Answered { answer, .. } if (200..300).contains(&answer.status) => DeliveryResult::Arrived,
        CallEnd::Answered { answer, .. } if answer.status == 410 => DeliveryResult::Dead {
            why: "HTTP 410: gone".into(),
        },
        CallEnd::Answered { answer, .. } => again(&engine, &message, &format!("HTTP {}", answer.status)),
        CallEnd::NotSent(why) => again(&engine, &message, &why.to_string()),
        CallEnd::Broken { why, .. } => again(&engine, &message, &why),
        CallEnd::Late => again(&engine, &message, "no answer in time"),
    };
    record(&engine, &message, result).await;
}

/// T4.
async fn record(engine: &Engine, message: &Message, result: DeliveryResult) {
    let delivery = Delivery {
        message: message.id,
        at: engine.now(),
        result,
    };
    if let Err(fault) = engine.store.deliver(delivery).await {
        tracing::error!(message.id = %message.id, error = %fault, "a delivery could not be recorded; it will be tried again");
    }
}

/// A GET of the address; or, for a source with a secret, a POST with a body, signed anew for each try. `None` if the secret
/// has gone.
fn request(engine: &Engine, message: &Message) -> Option<Request> {
    let plain = Request {
        method: Method::Get,
        url: message.url.clone(),
        headers: Vec::new(),
        body: Vec::new(),
        credentials: Credentials::default(),
        secrets: Mask::default(),
    };
    let Some(signed) = &message.signed else { return Some(plain) };
    let sources = &engine.book.catalog.sources;
    let source = sources.iter().find(|source| source.name == signed.source)?;
    let key = source.postback_key.as_ref()?;
    let (id, seconds) = (message.id.to_string(), engine.now().unix_ms().div_euclid(1_000));
    let signature = webhook::signature(&key.0, &id, seconds, &signed.body);
    let header = |name: &str, value: String| (Arc::from(name), Arc::from(value));
    Some(Request {
        method: Method::Post,
        headers: vec![
            header("content-type", "application/json".to_owned()),
            header("webhook-id", id),
            header("webhook-timestamp", seconds.to_string()),
            header("webhook-signature", signature),
        ],
        body: signed.body.as_bytes().to_vec(),
        ..plain
    })
}

fn again(engine: &Engine, message: &Message, why: &str) -> DeliveryResult {
    let step = usize::try_from(message.tries).unwrap_or(usize::MAX);
    match AGAIN_AFTER_S.get(step) {
        Some(seconds) => DeliveryResult::Again {
            due: engine.now().plus_ms(seconds * 1_000),
            why: why.into(),
        },
        None => DeliveryResult::Dead { why: why.into() },
    }
}

/// The slot of a message's origin.
fn origin_slot(message: &Message) -> usize {
    let origin = message.url.splitn(4, '/').take(3);
    origin
        .flat_map(str::bytes)
        .fold(0_usize, |sum, byte| (sum * 31 + usize::from(byte)) % SLOTS)
}
