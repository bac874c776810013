-- All claims on one person in one row, because they are always read and written together. Each claim is 32 bytes: scope 8,
-- lead 16, until 8, numbers big-endian.
CREATE TABLE claims (
    person BLOB PRIMARY KEY,
    held   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO claims (person, held)
SELECT person, unhex(group_concat(printf('%016x', scope) || hex(lead) || printf('%016x', until), '')) FROM claim GROUP BY person;

DROP TABLE claim;
