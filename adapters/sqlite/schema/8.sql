-- What is erased when its retention is over, and what is held although it is. Erasing empties sealed and fingerprint, of the record and of
-- what it took the place of, and dates that; it is the one change that a policy or a row of history ever goes through, and the triggers let
-- that pass and nothing else.
ALTER TABLE record ADD COLUMN erased INTEGER; -- microseconds since 1970, UTC; NULL until it is

-- Legal holds: one for a record at most, and nothing of it is erased while it stands.
CREATE TABLE hold (
	record    INTEGER PRIMARY KEY REFERENCES record,
	placed_by TEXT NOT NULL,
	why       TEXT NOT NULL,
	at        INTEGER NOT NULL -- microseconds since 1970, UTC
) STRICT;
CREATE TRIGGER hold_final BEFORE UPDATE ON hold BEGIN SELECT RAISE(ABORT, 'holds are placed and released'); END;

DROP TRIGGER record_issued_stays;
CREATE TRIGGER record_issued_stays BEFORE UPDATE ON record WHEN (OLD.status = 'issued' OR OLD.erased IS NOT NULL) AND NOT (
	OLD.erased IS NULL AND NEW.erased IS NOT NULL AND NEW.sealed = x'' AND NEW.fingerprint = x''
	AND (NEW.id, NEW.identifier, NEW.tenant, NEW.revision, NEW.status, NEW.number, NEW.product, NEW.edition, NEW.digest, NEW.at)
	IS (OLD.id, OLD.identifier, OLD.tenant, OLD.revision, OLD.status, OLD.number, OLD.product, OLD.edition, OLD.digest, OLD.at))
	BEGIN SELECT RAISE(ABORT, 'issued and erased records are final'); END;
CREATE TRIGGER record_held BEFORE UPDATE ON record WHEN NEW.erased IS NOT NULL AND EXISTS (SELECT 1 FROM hold WHERE record = OLD.id)
	BEGIN SELECT RAISE(ABORT, 'the record is under legal hold'); END;
CREATE TRIGGER record_booking BEFORE UPDATE ON record WHEN NEW.erased IS NOT NULL AND OLD.status IN ('reserved', 'booked')
	BEGIN SELECT RAISE(ABORT, 'the record is being booked'); END;

DROP TRIGGER history_final;
CREATE TRIGGER history_final BEFORE UPDATE ON history WHEN NOT (
	NEW.sealed = x'' AND NEW.fingerprint = x'' AND EXISTS (SELECT 1 FROM record WHERE id = OLD.record AND erased IS NOT NULL)
	AND (NEW.record, NEW.revision, NEW.status, NEW.product, NEW.edition, NEW.digest, NEW.at)
	IS (OLD.record, OLD.revision, OLD.status, OLD.product, OLD.edition, OLD.digest, OLD.at))
	BEGIN SELECT RAISE(ABORT, 'history is final'); END;
