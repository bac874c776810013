-- How many legs of its lead each attempt leaves room for, itself included: an exclusive one lets nobody in beside it.
ALTER TABLE attempt ADD COLUMN legs INTEGER NOT NULL DEFAULT 1;

-- Whose turn it is, on each wheel of a distribution that goes in turns.
CREATE TABLE wheel (
    wheel    INTEGER NOT NULL,
    contract INTEGER NOT NULL,
    stands   INTEGER NOT NULL,
    PRIMARY KEY (wheel, contract)
) STRICT, WITHOUT ROWID;
