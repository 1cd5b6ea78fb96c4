-- What is kept, and what is final: a record that is issued, history, claim, journal and edition are written once. MySQL's protocol is spoken by
-- servers without triggers (TiDB), so that this is kept by conditions in our statements and by the grants that the package's documentation lists.
--
-- All text is VARBINARY: it is compared byte by byte. The collations that all servers share (utf8mb4_bin, utf8mb4_general_ci) take
-- 'S1' and 'S1 ' for the same. No index is longer than 767 bytes. Ids come from head, not from AUTO_INCREMENT, so that their order is
-- that of the commits. Each statement is one step and is numbered by its place; a step that was released is never edited. A step that
-- was carried out already may be tried again.

-- One row: where the next decision continues. Whoever writes decisions locks it first and keeps it until his transaction ends.
CREATE TABLE IF NOT EXISTS chudan_head (
	one      TINYINT NOT NULL PRIMARY KEY,
	record   BIGINT NOT NULL,     -- the last id of a record
	journal  BIGINT NOT NULL,     -- the last id in the journal
	sequence BIGINT UNSIGNED NOT NULL, -- the last sequence number drawn
	hash     VARBINARY(32) NOT NULL -- that of the last row of the journal
) ENGINE = InnoDB;

INSERT INTO chudan_head (one, record, journal, sequence, hash)
	SELECT 1, 0, 0, 0, '' FROM (SELECT 1 AS one) AS row_1 WHERE NOT EXISTS (SELECT 1 FROM chudan_head);

-- The record that a key has now, in order of arrival.
CREATE TABLE IF NOT EXISTS chudan_record (
	id          BIGINT NOT NULL PRIMARY KEY,
	identifier  VARBINARY(255) NOT NULL,
	tenant      VARBINARY(128) NOT NULL,
	revision    BIGINT NOT NULL,
	status      VARBINARY(16) NOT NULL, -- issued, refused or referred
	number      VARBINARY(128) NULL,    -- of a policy; NULL unless issued
	product     VARBINARY(160) NOT NULL,
	edition     VARBINARY(160) NOT NULL,
	digest      VARBINARY(128) NOT NULL,
	fingerprint MEDIUMBLOB NOT NULL,
	at          BIGINT NOT NULL,        -- microseconds since 1970, UTC
	sealed      MEDIUMBLOB NOT NULL,
	UNIQUE KEY record_key (identifier, tenant),
	UNIQUE KEY record_number (number)
) ENGINE = InnoDB;

-- The refused and referred records that a later attempt replaced.
CREATE TABLE IF NOT EXISTS chudan_history (
	record      BIGINT NOT NULL,
	revision    BIGINT NOT NULL,
	status      VARBINARY(16) NOT NULL,
	product     VARBINARY(160) NOT NULL,
	edition     VARBINARY(160) NOT NULL,
	digest      VARBINARY(128) NOT NULL,
	fingerprint MEDIUMBLOB NOT NULL,
	at          BIGINT NOT NULL,
	sealed      MEDIUMBLOB NOT NULL,
	PRIMARY KEY (record, revision)
) ENGINE = InnoDB;

-- The business keys that policies hold. The value comes first, because it is what differs.
CREATE TABLE IF NOT EXISTS chudan_claim (
	value  VARBINARY(384) NOT NULL,
	path   VARBINARY(128) NOT NULL,
	tenant VARBINARY(128) NOT NULL,
	record BIGINT NOT NULL,
	PRIMARY KEY (value, path, tenant)
) ENGINE = InnoDB;

-- One row for each decision, in the order of their commits: its event and the audit chain.
CREATE TABLE IF NOT EXISTS chudan_journal (
	id    BIGINT NOT NULL PRIMARY KEY,
	event MEDIUMBLOB NULL,        -- for the outbox; NULL where there is none
	audit MEDIUMBLOB NOT NULL,
	hash  VARBINARY(32) NOT NULL  -- policy.ChainHash of the row before and of audit
) ENGINE = InnoDB;

-- The events that are not published yet, by their row in the journal, and until when somebody is at work on them.
CREATE TABLE IF NOT EXISTS chudan_outbox (
	journal BIGINT NOT NULL PRIMARY KEY,
	owner   BIGINT NOT NULL,
	until   BIGINT NOT NULL       -- microseconds since 1970 on the server's clock; 0 for nobody
) ENGINE = InnoDB;

-- The editions that were used, byte for byte. That one edition of a product has one digest, for good, is decided here.
CREATE TABLE IF NOT EXISTS chudan_edition (
	product VARBINARY(160) NOT NULL,
	edition VARBINARY(160) NOT NULL,
	digest  VARBINARY(128) NOT NULL,
	source  MEDIUMBLOB NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (product, edition),
	KEY edition_digest (digest)
) ENGINE = InnoDB;
