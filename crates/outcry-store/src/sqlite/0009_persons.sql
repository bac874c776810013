-- Erasures: that they were done, when, and of how many leads; of the person only keyed digests, so that a restored backup can
-- be erased again and whoever asks can be told that it was done. people: 16 bytes each. why: 0 asked for, 1 retention.
CREATE TABLE erasure (
    id     BLOB PRIMARY KEY,
    at     INTEGER NOT NULL,
    why    INTEGER NOT NULL,
    leads  INTEGER NOT NULL,
    people BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who got a lead that was erased and has to be told so. message: the one in the outbox; without it a person tells them, and
-- writes down when.
CREATE TABLE erasure_notice (
    erasure BLOB NOT NULL,
    attempt BLOB NOT NULL,
    lead    BLOB NOT NULL,
    buyer   INTEGER NOT NULL,
    message BLOB,
    told    INTEGER,
    PRIMARY KEY (erasure, attempt)
) STRICT, WITHOUT ROWID;
