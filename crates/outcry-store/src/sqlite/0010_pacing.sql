-- first: when the first unit of a window was taken, for forecasts. pings: 1 for what counts pings, which no attempt holds and no
-- start can add up again.
ALTER TABLE counter ADD COLUMN first INTEGER;
ALTER TABLE counter ADD COLUMN pings INTEGER NOT NULL DEFAULT 0;

-- When the bucket of a throttle is full again, in microseconds since the epoch.
CREATE TABLE bucket (
    throttle INTEGER PRIMARY KEY,
    full_at  INTEGER NOT NULL
) STRICT;

-- Leads that nobody took and that wait until somebody may: their state is 4. body: what is needed to sell them then.
CREATE TABLE waiting (
    lead BLOB PRIMARY KEY,
    due  INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX waiting_due ON waiting (due, lead);
