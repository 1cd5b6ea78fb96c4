-- Records on their way to a policy, whose status is for somebody to go on from, and what finds them.

ALTER TABLE chudan_record DROP CONSTRAINT chudan_record_status_check;
-- NOT VALID leaves out a look at the rows that are there: the constraint before allowed less.
ALTER TABLE chudan_record ADD CONSTRAINT chudan_record_status_check
	CHECK (status IN ('issued', 'refused', 'referred', 'accepted', 'reopened', 'reserved', 'booked')) NOT VALID;

-- What was decided when, block by block of 4096 keys: whoever lists a time passes over the blocks that have nothing of it, and finds the keys
-- of the others in the order in which they arrived. New rows come to its end, as they would if it were of the time alone.
CREATE INDEX chudan_record_at ON chudan_record ((key >> 12), at, key);

-- The keys whose record is pending (policy.Status.Pending). It follows the records by itself, whoever writes them; a policy that is issued at
-- once has nothing to do with it.
CREATE TABLE chudan_pending (
	key bigint PRIMARY KEY -- chudan_key.id
);
INSERT INTO chudan_pending
	SELECT key FROM chudan_record r WHERE status = 'referred' AND NOT EXISTS (SELECT FROM chudan_record n WHERE n.key = r.key AND n.revision > r.revision);

CREATE FUNCTION chudan_pends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.status IN ('referred', 'accepted', 'reserved', 'booked') THEN
		INSERT INTO chudan_pending (key) VALUES (NEW.key) ON CONFLICT DO NOTHING;
	ELSE
		DELETE FROM chudan_pending WHERE key = NEW.key;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER chudan_pends AFTER INSERT ON chudan_record FOR EACH ROW
	WHEN (NEW.revision > 1 OR NEW.status IN ('referred', 'accepted', 'reserved', 'booked')) EXECUTE FUNCTION chudan_pends();
-- Depth 0 is a statement that no trigger has made.
CREATE TRIGGER chudan_final BEFORE INSERT OR UPDATE OR DELETE ON chudan_pending FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION chudan_final();
CREATE TRIGGER chudan_never BEFORE TRUNCATE ON chudan_pending EXECUTE FUNCTION chudan_final();

-- A business key is given back with the record that came to nothing, and never while its key's record holds it (policy.Status.Holds).
DROP TRIGGER chudan_final ON chudan_claim;
CREATE TRIGGER chudan_final BEFORE UPDATE OR TRUNCATE ON chudan_claim EXECUTE FUNCTION chudan_final();
CREATE FUNCTION chudan_gives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM chudan_key k CROSS JOIN LATERAL (SELECT status FROM chudan_record WHERE key = k.id ORDER BY revision DESC LIMIT 1) r
		WHERE k.identifier = OLD.identifier AND k.tenant = OLD.tenant AND r.status IN ('issued', 'reserved', 'booked');
	IF FOUND THEN
		RAISE EXCEPTION 'chudan: a business key is not given back while its record holds it' USING ERRCODE = 'restrict_violation';
	END IF;
	RETURN OLD;
END $$;
CREATE TRIGGER chudan_gives BEFORE DELETE ON chudan_claim FOR EACH ROW EXECUTE FUNCTION chudan_gives();

-- Every authenticated request and what it was answered (policy.Visit). The oldest go when they are no longer to be kept; nothing else changes.
CREATE TABLE chudan_visit (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at         timestamptz NOT NULL,
	identifier text COLLATE "C" NOT NULL,
	tenant     text COLLATE "C" NOT NULL,
	reference  text COLLATE "C" NOT NULL,
	code       text    NOT NULL,
	product    text    NOT NULL,
	edition    text    NOT NULL,
	digest     text    NOT NULL,
	replayed   boolean NOT NULL,
	sealed     bytea   NOT NULL
);
ALTER TABLE chudan_visit ALTER COLUMN sealed SET STORAGE EXTERNAL;
-- Each gives its rows oldest first.
CREATE INDEX chudan_visit_at         ON chudan_visit (at, id);
CREATE INDEX chudan_visit_reference  ON chudan_visit (reference, at, id);
CREATE INDEX chudan_visit_identifier ON chudan_visit (identifier, at, id);
CREATE TRIGGER chudan_final BEFORE UPDATE OR TRUNCATE ON chudan_visit EXECUTE FUNCTION chudan_final();

-- Chains that hosts continue in transactions of their own, one at a time each (an advisory lock of the transaction's); every other chain is
-- a connection's own.
ALTER TABLE chudan_chain ADD COLUMN hosted boolean NOT NULL DEFAULT false;
CREATE INDEX chudan_chain_hosted ON chudan_chain (id) WHERE hosted;
