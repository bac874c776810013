-- What was put on a list by hand, and what was taken off it: the word of a person stands above what an imported file says.
ALTER TABLE suppressed RENAME TO listed;
ALTER TABLE listed RENAME COLUMN person TO entry;
ALTER TABLE listed ADD COLUMN is_on INTEGER NOT NULL DEFAULT 1;
