//! Reads a request body, within a size and a time.

use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// A body that trickles longer than this is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// All of a body of at most `bytes_max`.
pub(super) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let collected = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, bytes_max).collect()).await;
    match collected {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(fault)) if fault.is::<LengthLimitError>() => {
            let detail = format!("a lead may have at most {bytes_max} bytes; leave out what the lead type does not ask for");
            Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The body is too large",
                detail,
            ))
        }
        Ok(Err(_)) => Err(broken("the body ended before its announced length; send it again in full")),
        Err(_) => Err(broken("the body did not arrive within 10 seconds; send it again in one go")),
    }
}

fn broken(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The body cannot be read", detail)
}
