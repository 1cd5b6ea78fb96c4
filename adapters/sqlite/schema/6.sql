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

-- The sum of the rows of a subject, expired or not: what is in force is that without those that have expired, however many are left.
CREATE TABLE exposure_sum (
	subject BLOB PRIMARY KEY NOT NULL,
	amount  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER exposure_counts AFTER INSERT ON exposure BEGIN
	INSERT INTO exposure_sum (subject, amount) VALUES (NEW.subject, NEW.amount) ON CONFLICT (subject) DO UPDATE SET amount = amount + excluded.amount;
END;
CREATE TRIGGER exposure_counts_no_longer AFTER DELETE ON exposure BEGIN
	UPDATE exposure_sum SET amount = amount - OLD.amount WHERE subject = OLD.subject;
END;
CREATE TRIGGER exposure_final BEFORE UPDATE ON exposure BEGIN SELECT RAISE(ABORT, 'what counts is deleted and inserted, so that its sum follows'); END;
