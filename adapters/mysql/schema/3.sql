-- The journal of everything that came: one row for each authenticated request. Nothing refers to it, and the oldest may be deleted. It is
-- kept in the order of its times. The ids tell those of one moment apart; they count up within a process and begin anywhere.
CREATE TABLE IF NOT EXISTS chudan_visit (
	at         BIGINT NOT NULL,        -- microseconds since 1970, UTC
	id         BIGINT NOT NULL,
	identifier VARBINARY(255) NOT NULL, -- '' where none could be read
	tenant     VARBINARY(128) NOT NULL,
	reference  VARBINARY(128) NOT NULL,
	code       VARBINARY(255) NOT NULL,
	product    VARBINARY(160) NOT NULL,
	edition    VARBINARY(160) NOT NULL,
	digest     VARBINARY(128) NOT NULL,
	replayed   TINYINT NOT NULL,
	sealed     MEDIUMBLOB NOT NULL,
	PRIMARY KEY (at, id),
	KEY visit_reference (reference),
	KEY visit_key (identifier, tenant)
) ENGINE = InnoDB;
