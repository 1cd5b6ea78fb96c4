-- What is kept, and what is final. Rows are added and never changed, and the triggers at the end keep even a slip of the hand from it;
-- only what waits in the outbox goes when it is done. Text is compared byte by byte (COLLATE "C"): so the locks of a batch are taken in the order in which
-- the program sorts it, and a new release of the C library cannot upset an index. There are no foreign keys: each would cost a lookup and
-- a lock for every row, and rows that refer to each other are written in one transaction.

-- What a policy is issued at most once for. The row is what is won; a later attempt locks it. Rows stand in order of arrival and the
-- index under the caller's own words, so that identifiers that count upwards touch the same few pages of an index of any size.
CREATE TABLE chudan_key (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	identifier text COLLATE "C" NOT NULL,
	tenant     text COLLATE "C" NOT NULL,
	CONSTRAINT chudan_key_name UNIQUE (identifier, tenant)
);

-- What was decided on a key: the row of the highest revision counts, those below were refused or referred.
CREATE TABLE chudan_record (
	key         bigint NOT NULL, -- chudan_key.id
	revision    bigint NOT NULL CHECK (revision > 0),
	status      text   NOT NULL CHECK (status IN ('issued', 'refused', 'referred')),
	number      text COLLATE "C" CHECK ((number IS NOT NULL) = (status = 'issued')),
	product     text   NOT NULL,
	edition     text   NOT NULL,
	digest      text   NOT NULL,
	fingerprint bytea  NOT NULL,
	at          timestamptz NOT NULL,
	sealed      bytea  NOT NULL,
	PRIMARY KEY (key, revision)
) WITH (toast_tuple_target = 8160); -- a record of 2.5 KB stays in its page
ALTER TABLE chudan_record ALTER COLUMN sealed SET STORAGE EXTERNAL; -- ciphertext: trying to compress it is in vain
CREATE UNIQUE INDEX chudan_record_number ON chudan_record (number) WHERE number IS NOT NULL;

-- Where policy numbers come from.
CREATE SEQUENCE chudan_number;

-- The business keys that policies hold. The value comes first, because it is what differs.
CREATE TABLE chudan_claim (
	value      text COLLATE "C" NOT NULL,
	path       text COLLATE "C" NOT NULL,
	tenant     text COLLATE "C" NOT NULL,
	identifier text COLLATE "C" NOT NULL, -- whose policy holds it
	PRIMARY KEY (value, path, tenant)
);

-- The audit chains. Each connection that writes continues one of its own, so that nodes do not wait for each other; the openings are a
-- chain among themselves.
CREATE TABLE chudan_chain (
	id      bigint PRIMARY KEY CHECK (id > 0), -- 1, 2, 3 … without a gap
	opening bytea NOT NULL, -- says which chain this is, and how far those before it had come
	hash    bytea NOT NULL  -- policy.ChainHash of the opening before and of this one
);
CREATE TABLE chudan_journal (
	chain    bigint NOT NULL, -- chudan_chain.id
	position bigint NOT NULL CHECK (position > 0), -- 1, 2, 3 … without a gap, in the order of the commits
	event    bytea,           -- what is published
	audit    bytea  NOT NULL,
	hash     bytea  NOT NULL, -- policy.ChainHash of the position before (of the opening, at 1) and of audit
	PRIMARY KEY (chain, position)
);

-- The events that are not published yet: where they stand in the journal.
CREATE TABLE chudan_outbox (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	chain    bigint NOT NULL,
	position bigint NOT NULL
);

-- The editions that were used, byte for byte. That one edition of a product has one digest, for good, is decided here, whatever files lie
-- beside how many nodes.
CREATE TABLE chudan_edition (
	product text COLLATE "C" NOT NULL,
	edition text COLLATE "C" NOT NULL,
	digest  text  NOT NULL,
	source  bytea NOT NULL,
	at      timestamptz NOT NULL,
	PRIMARY KEY (product, edition)
);
CREATE INDEX chudan_edition_digest ON chudan_edition (digest);

CREATE FUNCTION chudan_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'chudan: % is not for %: what it holds is final', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER chudan_final BEFORE UPDATE OR DELETE OR TRUNCATE ON chudan_key     EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_final BEFORE UPDATE OR DELETE OR TRUNCATE ON chudan_record  EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_final BEFORE UPDATE OR DELETE OR TRUNCATE ON chudan_claim   EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_final BEFORE UPDATE OR DELETE OR TRUNCATE ON chudan_chain   EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_final BEFORE UPDATE OR DELETE OR TRUNCATE ON chudan_journal EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_final BEFORE UPDATE OR DELETE OR TRUNCATE ON chudan_edition EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_final BEFORE UPDATE OR TRUNCATE ON chudan_outbox EXECUTE FUNCTION chudan_final();

-- A record follows the one that it takes the place of, and nothing follows a policy.
CREATE FUNCTION chudan_succeeds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM chudan_record WHERE key = NEW.key AND revision = NEW.revision - 1 AND status <> 'issued';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'chudan: revision % has no record to take the place of', NEW.revision USING ERRCODE = 'restrict_violation';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER chudan_succeeds BEFORE INSERT ON chudan_record FOR EACH ROW WHEN (NEW.revision > 1) EXECUTE FUNCTION chudan_succeeds();
