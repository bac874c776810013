-- Ids are 16 bytes, big-endian, so lead ids sort by time. Names of the catalog stand in `name` and are used by number:
-- rows stay small, and what one auction writes is counted in pages. Moments are milliseconds since the epoch, money is
-- millionths of the currency unit. Leads and quotes share one count, `seq`: the order in which they came.

CREATE TABLE name (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- state: 0 selling, 1 sold, 2 unsold, 3 uncertain. run: 0 live, 1 test. people: 16 bytes each; packed and not in a
-- table of their own, because they are looked for once a month and would be one more random page for every lead. For the same
-- reason there is no index on state: a start reads all leads and attempts anyway, to check the counters against them.
CREATE TABLE lead (
    id       BLOB PRIMARY KEY,
    seq      INTEGER NOT NULL,
    state    INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    door     INTEGER NOT NULL,
    source   INTEGER NOT NULL,
    supplier INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    catalog  INTEGER NOT NULL,
    received INTEGER NOT NULL,
    people   BLOB NOT NULL,
    quote    BLOB,
    answer   BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE contents (
    seq    INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE record (
    seq  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Quotes that have a record; what the post needs of a quote is kept in memory and may be lost.
CREATE TABLE quote (
    id  BLOB PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each quote is redeemed once.
CREATE TABLE redeemed (
    quote BLOB PRIMARY KEY,
    lead  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row for each idempotency key; id is a digest of source and key. The answer is the lead's.
CREATE TABLE request (
    id          BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    lead        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- state: 0 intent, 1 unknown, 2 accepted, 3 rejected, 4 not sent. taken: the claims and holds it took.
CREATE TABLE attempt (
    lead     BLOB NOT NULL,
    id       BLOB NOT NULL,
    state    INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    contract INTEGER NOT NULL,
    buyer    INTEGER NOT NULL,
    price    INTEGER NOT NULL,
    boot     BLOB NOT NULL,
    began    INTEGER NOT NULL,
    ended    INTEGER,
    taken    BLOB NOT NULL,
    verdict  BLOB,
    PRIMARY KEY (lead, id)
) STRICT, WITHOUT ROWID;

-- Who may sell a person, and until when. The person comes first: all claims on one person are in one page.
CREATE TABLE claim (
    person BLOB NOT NULL,
    scope  INTEGER NOT NULL,
    lead   BLOB NOT NULL,
    until  INTEGER NOT NULL,
    PRIMARY KEY (person, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressed (
    person BLOB NOT NULL,
    list   INTEGER NOT NULL,
    PRIMARY KEY (person, list)
) STRICT, WITHOUT ROWID;

-- What is used of a cap in a window: the sum of the holds of all attempts in intent, unknown and accepted.
CREATE TABLE counter (
    cap   INTEGER NOT NULL,
    since INTEGER NOT NULL,
    used  INTEGER NOT NULL,
    PRIMARY KEY (cap, since)
) STRICT, WITHOUT ROWID;

-- Append-only. The entries of one attempt add up to nothing; corrections are new entries.
CREATE TABLE entry (
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL,
    lead     BLOB NOT NULL,
    attempt  BLOB NOT NULL,
    at       INTEGER NOT NULL,
    currency TEXT NOT NULL,
    micros   INTEGER NOT NULL
) STRICT;

-- Running totals of live leads and of entries, kept by the same transactions and checked at each start.
CREATE TABLE tally (
    what  TEXT PRIMARY KEY,
    total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO tally (what, total) VALUES ('leads', 0), ('sold', 0), ('unsold', 0), ('price', 0), ('payout', 0), ('margin', 0);

-- state: 0 waiting, 1 arrived, 2 dead.
CREATE TABLE message (
    id    BLOB PRIMARY KEY,
    lead  BLOB NOT NULL,
    url   TEXT NOT NULL,
    state INTEGER NOT NULL,
    due   INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    tried INTEGER,
    why   TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX message_due ON message (due) WHERE state = 0;
