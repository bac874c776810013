-- Who has taken back a consent, for what, when, and from whom we have it: keyed digests, kept for ever.
CREATE TABLE withdrawal (
    person BLOB NOT NULL,
    scope INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source INTEGER NOT NULL,
    PRIMARY KEY (person, scope)
) STRICT, WITHOUT ROWID;

-- Whose a certificate of consent is: the numbers and addresses of the person with whom it was first posted.
CREATE TABLE certificate (
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    lead BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (id, person)
) STRICT, WITHOUT ROWID;

-- Leads that wait for review are few, and asked for by their state.
CREATE INDEX lead_in_review ON lead (seq) WHERE state = 5;
