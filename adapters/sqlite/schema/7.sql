-- IN with more than two values makes SQLite build a table of them for each row that is written; OR compares until one fits. What is let pass
-- stays the same, so that the text alone is changed, as in version 4.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (status IN (''issued'', ''refused'', ''referred'', ''accepted'', ''reopened'', ''reserved'', ''booked''))',
	'CHECK (status = ''issued'' OR status = ''refused'' OR status = ''referred'' OR status = ''accepted'' OR status = ''reopened'' OR status = ''reserved'' OR status = ''booked'')')
	WHERE type = 'table' AND name = 'record';
PRAGMA writable_schema = RESET;
DROP INDEX record_pending;
CREATE INDEX record_pending ON record (status) WHERE status = 'referred' OR status = 'accepted' OR status = 'reserved' OR status = 'booked';
