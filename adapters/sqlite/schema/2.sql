-- The editions that were used, byte for byte. That one edition of a product has one digest, for good, is decided here, whatever files lie
-- beside how many processes.
CREATE TABLE edition (
	product TEXT NOT NULL,
	edition TEXT NOT NULL,
	digest  TEXT NOT NULL,
	source  BLOB NOT NULL,
	at      INTEGER NOT NULL, -- microseconds since 1970, UTC
	PRIMARY KEY (product, edition)
) STRICT;
CREATE INDEX edition_digest ON edition (digest);

CREATE TRIGGER edition_stays BEFORE DELETE ON edition BEGIN SELECT RAISE(ABORT, 'editions that were used are kept'); END;
CREATE TRIGGER edition_final BEFORE UPDATE ON edition BEGIN SELECT RAISE(ABORT, 'editions that were used are final'); END;
