-- When a request came: it is remembered for a time, and then its key is free again.
ALTER TABLE request ADD COLUMN at INTEGER NOT NULL DEFAULT 0;

UPDATE request SET at = ifnull((SELECT received FROM lead WHERE lead.id = request.lead), 0);
