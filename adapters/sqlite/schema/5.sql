-- The journal of everything that came: rows that are kept for a time and then forgotten, so that no trigger stands in the way.
CREATE TABLE visit (
	id         INTEGER PRIMARY KEY,
	at         INTEGER NOT NULL, -- microseconds since 1970, UTC
	identifier TEXT NOT NULL,    -- '' where none could be read
	tenant     TEXT NOT NULL,
	reference  TEXT NOT NULL,
	code       TEXT NOT NULL,
	product    TEXT NOT NULL,
	edition    TEXT NOT NULL,
	digest     TEXT NOT NULL,
	replayed   INTEGER NOT NULL CHECK (replayed IN (0, 1)),
	sealed     BLOB NOT NULL
) STRICT;
CREATE INDEX visit_at ON visit (at);
CREATE INDEX visit_identifier ON visit (identifier, at);
CREATE INDEX visit_reference ON visit (reference, at);
