//! A service that says whether a telephone number is in use. Made up: every number has a fate that follows from its digits.

use super::json;
use crate::buyers::{IncomingRequest, Reply};
use crate::chance::{Chance, Share, digest};
use serde_json::{Value, json as object};

/// How many numbers are out of service.
const DEAD: Share = Share::percent(3);
/// How many are lines over the internet.
const VOIP: Share = Share::percent(10);
/// How many of the others stand in a house.
const LANDLINE: Share = Share::percent(22);

/// The account.
#[derive(Debug, Default)]
pub struct PhoneCheck {
    key: String,
}

impl PhoneCheck {
    /// With an account of this key.
    pub fn with_key(key: &str) -> Self {
        Self { key: key.to_owned() }
    }

    /// Answers a request.
    pub fn answer(&self, request: &IncomingRequest) -> Reply {
        if request.header("authorization") != Some(&format!("Bearer {}", self.key)) {
            return json(403, &object!({"error": "no such account"}));
        }
        let asked: Option<Value> = serde_json::from_slice(&request.body).ok();
        let number = asked.as_ref().and_then(|asked| asked.get("number")).and_then(Value::as_str);
        match number.filter(|number| number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(number) if request.path == "/number" => json(200, &fate(number)),
            _ => json(400, &object!({"error": "ten digits are asked for"})),
        }
    }
}

fn fate(number: &str) -> Value {
    let mut chance = Chance::of(&[digest(number.as_bytes()), 0xF0]);
    let dead = chance.happens(DEAD);
    let line_type = match (chance.happens(VOIP), chance.happens(LANDLINE)) {
        (true, _) => "voip",
        (false, true) => "landline",
        (false, false) => "mobile",
    };
    // Most numbers have hardly ever been in trouble.
    let risk = chance.between(0, 99) * chance.between(0, 99) / 99;
    if dead {
        return object!({"in_service": false, "line_type": line_type, "risk": risk, "reason": "disconnected"});
    }
    object!({"in_service": true, "line_type": line_type, "risk": risk})
}
