-- What is in force per seller, buyer or product, under names that tell nobody whose it is (policy.Subject). All of it is derived from the
-- records: rows may be deleted, and no trigger stands in the way, but for the sums, which follow whoever deletes.

-- The amount of a record, once for each of its subjects. The time comes before the record, so that what has expired is a range.
CREATE TABLE exposure (
	subject BLOB NOT NULL,
	until   INTEGER NOT NULL, -- microseconds since 1970, UTC: the amount is in force before
	record  INTEGER NOT NULL REFERENCES record,
	amount  INTEGER NOT NULL CHECK (amount >= 0), -- fen
	PRIMARY KEY (subject, until, record)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX exposure_record ON exposure (record, subject);

-- The sum of a subject's rows that end later than settled. What is in force at another time is that and the rows between the two, so that
-- those of before may be left for a while, or deleted, and however many are in force nobody reads them.
CREATE TABLE exposure_sum (
	subject BLOB PRIMARY KEY NOT NULL,
	amount  INTEGER NOT NULL,
	settled INTEGER NOT NULL -- microseconds since 1970, UTC
) STRICT, WITHOUT ROWID;

CREATE TRIGGER exposure_counts AFTER INSERT ON exposure BEGIN
	INSERT INTO exposure_sum (subject, amount, settled) VALUES (NEW.subject, iif(NEW.until > 0, NEW.amount, 0), 0)
		ON CONFLICT (subject) DO UPDATE SET amount = amount + iif(NEW.until > settled, NEW.amount, 0);
END;
CREATE TRIGGER exposure_counts_no_longer AFTER DELETE ON exposure BEGIN
	UPDATE exposure_sum SET amount = amount - OLD.amount WHERE subject = OLD.subject AND settled < OLD.until;
END;
CREATE TRIGGER exposure_final BEFORE UPDATE ON exposure BEGIN SELECT RAISE(ABORT, 'what counts is deleted and inserted, so that its sum follows'); END;
