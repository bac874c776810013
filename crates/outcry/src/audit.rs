//! The audit log as the program uses it: who did what, written down before anybody hears that it was done.

use outcry_core::moment::Moment;
use outcry_engine::ports::store::StoreFault;
use outcry_store::{Act, AuditHead, AuditKey, Sqlite};
use serde_json::Value;
use std::sync::Arc;

/// Writes down what people do to the exchange.
#[derive(Clone)]
pub(crate) struct Audit {
    store: Arc<Sqlite>,
    key: AuditKey,
}

impl Audit {
    /// With the key of the data folder.
    pub(crate) fn new(store: Arc<Sqlite>, key: AuditKey) -> Self {
        Self { store, key }
    }

    /// The key, for what is written down with something else in one transaction.
    pub(crate) const fn key(&self) -> &AuditKey {
        &self.key
    }

    /// Writes down what somebody did: `act` is two words such as `keys.rotate`, `subject` a name or an id, `detail` an object.
    /// Nothing personal may be in them: they are kept for good.
    ///
    /// # Errors
    /// If it could not be written down. Then whoever asked must not hear that it was done.
    pub(crate) async fn note(&self, at: Moment, actor: &str, act: &str, subject: &str, detail: &Value) -> Result<AuditHead, StoreFault> {
        let head = self.store.note(&self.key, written(at, actor, act, subject, detail)).await?;
        Self::tell(&head, actor, act, subject);
        Ok(head)
    }

    /// The same, unless the last act of this name was done to the same subject.
    ///
    /// # Errors
    /// If it could not be written down.
    pub(crate) async fn note_change(&self, at: Moment, actor: &str, act: &str, subject: &str, detail: &Value) -> Result<(), StoreFault> {
        let noted = self.store.note_change(&self.key, written(at, actor, act, subject, detail)).await?;
        if let Some(head) = noted {
            Self::tell(&head, actor, act, subject);
        }
        Ok(())
    }

    /// Into the process's log too: where that is kept elsewhere, it holds the heads that the audit log must agree with.
    fn tell(head: &AuditHead, actor: &str, act: &str, subject: &str) {
        let hash = hex::encode(head.hash);
        tracing::info!(
            audit.seq = head.seq,
            audit.hash = hash,
            actor,
            act,
            subject,
            "an act was written down"
        );
    }
}

/// An act as the store takes it.
pub(crate) fn written(at: Moment, actor: &str, act: &str, subject: &str, detail: &Value) -> Act {
    Act {
        at,
        actor: actor.into(),
        act: act.into(),
        subject: subject.into(),
        detail: detail.to_string().into(),
    }
}
