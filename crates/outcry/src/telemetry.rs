//! Logs and metrics. Neither ever holds personal data: the types that could carry it do not print.

use crate::settings::{Log, LogFormat};
use anyhow::{Context, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Where answer times are counted, in seconds.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2.0, 5.0];

/// Log lines go to standard error from here on.
///
/// # Errors
/// A sentence, if the filter cannot be read.
pub(crate) fn start_logs(log: &Log) -> Result<()> {
    let filter = EnvFilter::builder().parse(&log.level).map_err(|_| {
        anyhow::anyhow!(
            "log.level is \"{}\", but must be error, warn, info, debug or trace, or a filter such as \"info,outcry_engine=debug\"",
            log.level
        )
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // Colours are for eyes: in a file or a journal they only break searches.
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // A second start in one process (tests) keeps the first.
    drop(started);
    Ok(())
}

/// Metrics are counted from here on, and rendered by the handle.
///
/// # Errors
/// If metrics were started before in this process.
pub(crate) fn start_metrics() -> Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS);
    builder
        .context("the buckets of the metrics are wrong")?
        .install_recorder()
        .context("metrics were started twice")
}
