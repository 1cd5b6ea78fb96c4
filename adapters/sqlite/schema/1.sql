-- What is kept, and what is final. Issued records, claims and the journal are never changed: the triggers at the end keep even a slip of
-- the hand from it.

-- The record that a key has now. Rows stand in order of arrival and the indexes under the caller's own words, so that identifiers that
-- count upwards touch the same few pages of a file of any size.
CREATE TABLE record (
	id          INTEGER PRIMARY KEY,
	identifier  TEXT NOT NULL,
	tenant      TEXT NOT NULL,
	revision    INTEGER NOT NULL CHECK (revision > 0),
	status      TEXT NOT NULL CHECK (status IN ('issued', 'refused', 'referred')),
	number      TEXT CHECK ((number IS NOT NULL) = (status = 'issued')),
	product     TEXT NOT NULL,
	edition     TEXT NOT NULL,
	digest      TEXT NOT NULL,
	fingerprint BLOB NOT NULL,
	at          INTEGER NOT NULL, -- microseconds since 1970, UTC
	sealed      BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_key ON record (identifier, tenant);
CREATE UNIQUE INDEX record_number ON record (number) WHERE number IS NOT NULL;

-- The refused and referred records that a later attempt replaced.
CREATE TABLE history (
	record      INTEGER NOT NULL REFERENCES record,
	revision    INTEGER NOT NULL,
	status      TEXT NOT NULL,
	product     TEXT NOT NULL,
	edition     TEXT NOT NULL,
	digest      TEXT NOT NULL,
	fingerprint BLOB NOT NULL,
	at          INTEGER NOT NULL,
	sealed      BLOB NOT NULL,
	PRIMARY KEY (record, revision)
) STRICT;

-- The business keys that policies hold. The value comes first, because it is what differs.
CREATE TABLE claim (
	value  TEXT NOT NULL,
	path   TEXT NOT NULL,
	tenant TEXT NOT NULL,
	record INTEGER NOT NULL REFERENCES record,
	PRIMARY KEY (value, path, tenant)
) STRICT, WITHOUT ROWID;

-- One row for each decision, in the order of their commits: the outbox (a relay remembers the id up to which it published) and the audit
-- chain. The last row is the head that the next one continues.
CREATE TABLE journal (
	id       INTEGER PRIMARY KEY,
	event    BLOB,             -- for the outbox
	audit    BLOB NOT NULL,
	hash     BLOB NOT NULL,    -- policy.ChainHash of the row before and of audit
	sequence INTEGER NOT NULL  -- the last sequence number drawn, up to here
) STRICT;

CREATE TRIGGER record_stays BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'records are kept'); END;
CREATE TRIGGER record_issued_stays BEFORE UPDATE ON record WHEN OLD.status = 'issued' BEGIN SELECT RAISE(ABORT, 'issued records are final'); END;
CREATE TRIGGER history_stays BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER history_final BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is final'); END;
CREATE TRIGGER claim_stays BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'claims are kept'); END;
CREATE TRIGGER claim_final BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'claims are final'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is kept'); END;
CREATE TRIGGER journal_final BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is final'); END;
