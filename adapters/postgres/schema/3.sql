-- What is in force per seller, buyer or product, under names that tell nobody whose it is (policy.Subject). All of it is derived from the
-- records, so that rows may change and go.

-- The amount of a record, once for each of its subjects. The time comes before the key, so that what has expired is a range.
CREATE TABLE chudan_exposure (
	subject bytea  NOT NULL,
	until   bigint NOT NULL, -- microseconds since 1970, UTC: the amount is in force before
	key     bigint NOT NULL, -- chudan_key.id
	amount  bigint NOT NULL CHECK (amount >= 0), -- fen
	PRIMARY KEY (subject, until, key)
);

-- The sum of a subject's rows that end later than settled. What is in force at another time is that and the rows between the two, so that
-- however many are in force nobody reads them. The row is what whoever adds to a subject locks. It is written over and over: with room beside
-- it that touches no index.
CREATE TABLE chudan_exposure_sum (
	subject bytea PRIMARY KEY,
	amount  bigint NOT NULL,
	settled bigint NOT NULL -- microseconds since 1970, UTC
) WITH (fillfactor = 50);
