-- Which leg of its contract an attempt is about, where each leg has a post of its own; for how much it was sold; and what
-- it takes to come back to it, sealed.
ALTER TABLE attempt ADD COLUMN leg INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN sale BLOB;
ALTER TABLE attempt ADD COLUMN memo BLOB;

-- Those that nobody knows the end of: state 1 unknown, 5 written off. They are few, so this costs the others nothing.
CREATE INDEX attempt_open ON attempt (began, id) WHERE state IN (1, 5);

-- A message with a body, and whose secret signs it.
ALTER TABLE message ADD COLUMN source INTEGER;
ALTER TABLE message ADD COLUMN body TEXT;
