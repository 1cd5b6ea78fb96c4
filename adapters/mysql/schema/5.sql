-- When the record was erased, because its retention was over: microseconds since 1970, UTC; NULL until it is. What is erased with it are the
-- rows of history.
ALTER TABLE chudan_record ADD COLUMN erased BIGINT NULL;

-- Legal holds: one for a record at most, and nothing of it is erased while it stands.
CREATE TABLE IF NOT EXISTS chudan_hold (
	record    BIGINT NOT NULL PRIMARY KEY,
	placed_by VARBINARY(256) NOT NULL,
	why       VARBINARY(1024) NOT NULL,
	at        BIGINT NOT NULL        -- microseconds since 1970, UTC
) ENGINE = InnoDB;
