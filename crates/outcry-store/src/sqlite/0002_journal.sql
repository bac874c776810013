-- The last frame of the journal that is in this database, and the mark by which the journal knows that it is this one's.
CREATE TABLE home (
    mark  INTEGER NOT NULL,
    frame INTEGER NOT NULL
) STRICT;

INSERT INTO home (mark, frame) VALUES (random(), 0);
