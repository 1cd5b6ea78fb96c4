-- What became of the journal's events, beside it because the journal is final. Everything up to published is out; relaying has the events
-- behind it that a relay is at work on, or that are out while earlier ones are not, so that it never holds more than what is in flight.
CREATE TABLE relay (
	id        INTEGER PRIMARY KEY CHECK (id = 1),
	published INTEGER NOT NULL -- journal.id
) STRICT;
INSERT INTO relay (id, published) VALUES (1, 0);

CREATE TABLE relaying (
	event INTEGER PRIMARY KEY REFERENCES journal,
	owner INTEGER NOT NULL, -- a random number: who may give it back
	until INTEGER           -- when others may take it, microseconds since 1970, UTC; NULL once it is published
) STRICT;
