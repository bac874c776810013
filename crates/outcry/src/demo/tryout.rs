//! Two `curl` commands that a newcomer can paste: ping a lead, then post it and see it sold.

use super::sources::Source;
use anyhow::{Context, Result};
use outcry_core::moment::Moment;
use outcry_market::leads::{ping_part, to_json};
use std::path::{Path, PathBuf};

/// The commands, ready to be pasted.
pub(super) struct Tryout {
    /// Pings, and keeps the quote in a file.
    pub(super) ping: String,
    /// Posts with the token of that quote.
    pub(super) post: String,
    /// Where the first command keeps what it was answered.
    quote: PathBuf,
}

impl Tryout {
    /// Writes the two bodies beside the data and makes the commands for them.
    ///
    /// # Errors
    /// If the bodies cannot be written.
    pub(super) fn prepare(data: &Path, port: u16, source: &Source, n: u64, now: Moment) -> Result<Self> {
        let folder = data.join("try");
        let unwritable = || format!("{} cannot be written", folder.display());
        std::fs::create_dir_all(&folder).with_context(unwritable)?;
        let lead = source.maker.lead(n, now);
        let asked = ping_part(&lead, source.maker.lead_type());
        std::fs::write(folder.join("ping.json"), to_json(&asked)).with_context(unwritable)?;
        std::fs::write(folder.join("post.json"), to_json(&lead)).with_context(unwritable)?;
        let quote = folder.join("quote.json");
        // One of an earlier run on this folder has expired.
        let _ = std::fs::remove_file(&quote);
        let (at, key) = (folder.display(), &source.key);
        let common = format!("-H 'Content-Type: application/json' -H 'Authorization: Bearer {key}'");
        Ok(Self {
            quote,
            ping: format!("curl -s http://127.0.0.1:{port}/v1/pings {common} -d @{at}/ping.json | tee {at}/quote.json"),
            post: format!(
                "curl -s http://127.0.0.1:{port}/v1/posts {common} -H \"Ping-Token: $(sed 's/.*\"ping_token\":\"\\([^\"]*\\)\".*/\\1/' {at}/quote.json)\" -d @{at}/post.json"
            ),
        })
    }

    /// Has somebody pasted them?
    pub(super) fn was_used(&self) -> bool {
        self.quote.exists()
    }
}
