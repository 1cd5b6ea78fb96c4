-- More statuses: a record may be on its way through a core system (reserved, booked) or an underwriter's hands (accepted), or be set free
-- (reopened). What a CHECK lets pass is no part of the rows, so that only its text is changed, as SQLite's documentation of ALTER TABLE
-- has it for such changes (lang_altertable, section 8): copying the table would take its size in disk and time. The tables and indexes
-- made below tell every other connection that the schema is another one.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''issued'', ''refused'', ''referred''',
	'''issued'', ''refused'', ''referred'', ''accepted'', ''reopened'', ''reserved'', ''booked''') WHERE type = 'table' AND name = 'record';
PRAGMA writable_schema = RESET;

-- What somebody is still to do something about: a few rows of the table, each status in order of arrival.
CREATE INDEX record_pending ON record (status) WHERE status IN ('referred', 'accepted', 'reserved', 'booked');

-- So that the report of a day costs the day.
CREATE INDEX record_at ON record (at);

-- A reservation that comes to nothing gives its business keys back; a policy never does.
DROP TRIGGER claim_stays;
CREATE TRIGGER claim_stays BEFORE DELETE ON claim WHEN NOT EXISTS (SELECT 1 FROM record WHERE id = OLD.record AND status != 'issued')
	BEGIN SELECT RAISE(ABORT, 'claims of policies are kept'); END;
