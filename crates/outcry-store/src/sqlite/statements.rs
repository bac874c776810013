//! Every statement of the writer, prepared once for the life of its connection.

use rusqlite::{Connection, Statement};

macro_rules! statements {
    ($($name:ident = $sql:literal;)*) => {
        pub(super) struct Statements<'c> { $(pub(super) $name: Statement<'c>,)* }

        impl<'c> Statements<'c> {
            pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
                Ok(Self { $($name: connection.prepare($sql)?,)* })
            }
        }
    };
}

statements! {
    begin = "BEGIN IMMEDIATE";
    commit = "COMMIT";
    set_home = "UPDATE home SET frame = ?1";

    find_name = "SELECT id FROM name WHERE text = ?1";
    read_name = "SELECT text FROM name WHERE id = ?1";
    add_name = "INSERT INTO name (text) VALUES (?1)";
    add_to_tally = "UPDATE tally SET total = total + ?2 WHERE what = ?1";

    find_request = "SELECT lead, fingerprint FROM request WHERE id = ?1 AND ?2 <= at";
    // One row touched: the key is ours, because it was free or its time is over.
    take_request = "INSERT INTO request (id, fingerprint, lead, at) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, lead = excluded.lead, at = excluded.at WHERE at < ?5";
    nth_request = "SELECT id FROM request WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2";
    forget_requests = "DELETE FROM request WHERE id > ?1 AND id <= ?2 AND at < ?3";
    find_redeemed = "SELECT lead FROM redeemed WHERE quote = ?1";
    redeem = "INSERT INTO redeemed (quote, lead) VALUES (?1, ?2)";
    find_lead = "SELECT seq, state, run FROM lead WHERE id = ?1";
    find_answer = "SELECT answer FROM lead WHERE id = ?1";
    add_lead = "INSERT INTO lead (id, seq, state, run, door, source, supplier, campaign, catalog, received, people, quote)
                VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    add_contents = "INSERT INTO contents (seq, sealed) VALUES (?1, ?2)";
    set_lead = "UPDATE lead SET state = ?2, answer = coalesce(?3, answer) WHERE id = ?1";

    find_attempts = "SELECT id, contract, state, taken, legs, leg FROM attempt WHERE lead = ?1";
    add_attempt = "INSERT INTO attempt (lead, id, state, run, contract, buyer, price, boot, began, taken, legs, leg, memo)
                   VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    // What it takes to come back to an attempt is kept for as long as somebody may have to.
    end_attempt = "UPDATE attempt SET state = ?3, ended = ?4, verdict = ?5, sale = ?6,
                   memo = CASE WHEN ?3 IN (1, 5) THEN coalesce(?7, memo) END WHERE lead = ?1 AND id = ?2";
    find_listed = "SELECT is_on FROM listed WHERE entry = ?1 AND list = ?2";
    put_listed = "INSERT INTO listed (entry, list, is_on) VALUES (?1, ?2, ?3) ON CONFLICT (entry, list) DO UPDATE SET is_on = excluded.is_on";

    find_withdrawn = "SELECT scope FROM withdrawal WHERE person = ?1";
    withdraw = "INSERT INTO withdrawal (person, scope, at, source) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    lift_withdrawal = "DELETE FROM withdrawal WHERE person = ?1 AND (?2 IS NULL OR scope = ?2)";
    find_certificate = "SELECT person FROM certificate WHERE id = ?1";
    take_certificate = "INSERT INTO certificate (id, person, lead, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

    find_claims = "SELECT held FROM claims WHERE person = ?1";
    put_claims = "INSERT OR REPLACE INTO claims (person, held) VALUES (?1, ?2)";
    free_claims = "DELETE FROM claims WHERE person = ?1";

    find_counter = "SELECT used, first FROM counter WHERE cap = ?1 AND since = ?2";
    find_parts = "SELECT since, used FROM counter WHERE cap = ?1 AND since >= ?2 ORDER BY since";
    put_counter = "INSERT INTO counter (cap, since, used, first, pings) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (cap, since) DO UPDATE SET used = excluded.used, first = excluded.first";
    find_bucket = "SELECT full_at FROM bucket WHERE throttle = ?1";
    put_bucket = "INSERT INTO bucket (throttle, full_at) VALUES (?1, ?2) ON CONFLICT (throttle) DO UPDATE SET full_at = excluded.full_at";

    put_waiting = "INSERT INTO waiting (lead, due, body) VALUES (?1, ?2, ?3) ON CONFLICT (lead) DO UPDATE SET due = excluded.due, body = excluded.body";
    end_waiting = "DELETE FROM waiting WHERE lead = ?1";

    find_wheel = "SELECT text, stands FROM wheel JOIN name ON name.id = contract WHERE wheel = ?1";
    put_wheel = "INSERT INTO wheel (wheel, contract, stands) VALUES (?1, ?2, ?3)
                 ON CONFLICT (wheel, contract) DO UPDATE SET stands = excluded.stands";

    add_entries = "INSERT INTO entry (lead, attempt, at, currency, account, micros)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6), (?1, ?2, ?3, ?4, ?7, ?8), (?1, ?2, ?3, ?4, ?9, ?10)";
    put_record = "INSERT OR REPLACE INTO record (seq, body) VALUES (?1, ?2)";
    add_quote = "INSERT INTO quote (id, seq) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    add_message = "INSERT INTO message (id, lead, url, state, due, tries, source, body) VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7)
                   ON CONFLICT DO NOTHING";
    // The moment of a try is its name: the same delivery twice counts once.
    deliver = "UPDATE message SET state = ?3, due = coalesce(?4, due), tries = tries + 1, tried = ?2, why = ?5
               WHERE id = ?1 AND state = 0 AND tried IS NOT ?2";
}
