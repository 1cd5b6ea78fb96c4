-- What is erased when its retention is over, and what is held although it is.

-- When the record was erased; NULL until it is. All revisions of a key are, at once.
ALTER TABLE chudan_record ADD COLUMN erased timestamptz;

-- Legal holds: one for a key at most, and nothing of it is erased while it stands.
CREATE TABLE chudan_hold (
	key       bigint PRIMARY KEY, -- chudan_key.id
	placed_by text        NOT NULL,
	why       text        NOT NULL,
	at        timestamptz NOT NULL
);
CREATE TRIGGER chudan_final BEFORE UPDATE OR TRUNCATE ON chudan_hold EXECUTE FUNCTION chudan_final();

-- Erasing empties sealed and fingerprint and dates that: the one change that a record ever goes through. Nothing else passes, nor does that
-- while a hold stands, nor while a core system is at work on the key.
DROP TRIGGER chudan_final ON chudan_record;
CREATE TRIGGER chudan_final BEFORE DELETE OR TRUNCATE ON chudan_record EXECUTE FUNCTION chudan_final();
CREATE FUNCTION chudan_erases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.erased IS NOT NULL OR NEW.erased IS NULL OR NEW.sealed <> '' OR NEW.fingerprint <> ''
		OR (NEW.key, NEW.revision, NEW.status, NEW.number, NEW.product, NEW.edition, NEW.digest, NEW.at)
		IS DISTINCT FROM (OLD.key, OLD.revision, OLD.status, OLD.number, OLD.product, OLD.edition, OLD.digest, OLD.at) THEN
		RAISE EXCEPTION 'chudan: % is not for %: what it holds is final', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
	END IF;
	PERFORM FROM chudan_hold WHERE key = OLD.key;
	IF FOUND THEN
		RAISE EXCEPTION 'chudan: a record under legal hold is not erased' USING ERRCODE = 'restrict_violation';
	END IF;
	PERFORM FROM (SELECT status FROM chudan_record WHERE key = OLD.key ORDER BY revision DESC LIMIT 1) r WHERE status IN ('reserved', 'booked');
	IF FOUND THEN
		RAISE EXCEPTION 'chudan: a record that is being booked is not erased' USING ERRCODE = 'restrict_violation';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER chudan_erases BEFORE UPDATE ON chudan_record FOR EACH ROW EXECUTE FUNCTION chudan_erases();

-- Nothing follows what was erased.
CREATE OR REPLACE FUNCTION chudan_succeeds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM chudan_record WHERE key = NEW.key AND revision = NEW.revision - 1 AND status <> 'issued' AND erased IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'chudan: revision % has no record to take the place of', NEW.revision USING ERRCODE = 'restrict_violation';
	END IF;
	RETURN NEW;
END $$;
