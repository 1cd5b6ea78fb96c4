-- The amounts that are in force, or were until lately: one row for each record that holds and each of its subjects. What ended is the
-- beginning of a subject's rows, and what is in force its sum without them, so that neither depends on how many are in force. Rows that ended
-- are deleted a few at a time by those who write to the subject.
CREATE TABLE IF NOT EXISTS chudan_exposure (
	subject VARBINARY(16) NOT NULL, -- policy.Subject
	until   BIGINT NOT NULL,        -- microseconds since 1970, UTC: in force before
	record  BIGINT NOT NULL,
	amount  BIGINT NOT NULL,        -- fen
	PRIMARY KEY (subject, until, record)
) ENGINE = InnoDB;

-- What the rows of a subject come to, those that have ended and are still there included.
CREATE TABLE IF NOT EXISTS chudan_exposure_sum (
	subject VARBINARY(16) NOT NULL PRIMARY KEY,
	amount  BIGINT NOT NULL
) ENGINE = InnoDB;
