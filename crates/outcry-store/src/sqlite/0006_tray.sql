-- What is sold and waits for whoever takes it. batch: the file it was gathered for, and when. taken: since when it waits
-- no longer. sealed: like a lead's contents, under the id of the attempt; erased some time after it was taken.
CREATE TABLE tray (
    seq      INTEGER PRIMARY KEY,
    attempt  BLOB NOT NULL UNIQUE,
    slot     INTEGER NOT NULL,
    placed   INTEGER NOT NULL,
    head     TEXT NOT NULL,
    batch    BLOB,
    gathered INTEGER,
    taken    INTEGER,
    sealed   BLOB
) STRICT;

CREATE INDEX tray_waiting ON tray (slot, seq) WHERE taken IS NULL;
CREATE INDEX tray_batch ON tray (batch) WHERE taken IS NULL AND batch IS NOT NULL;
CREATE INDEX tray_taken ON tray (taken) WHERE taken IS NOT NULL AND sealed IS NOT NULL;
