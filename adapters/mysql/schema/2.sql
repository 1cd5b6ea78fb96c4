-- What is pending is found without reading the rest, in order of arrival (an index of InnoDB ends in the primary key), and what was decided
-- between two moments without reading what was decided before. Both are built while others read and write.
CREATE INDEX record_status ON chudan_record (status);

CREATE INDEX record_at ON chudan_record (at);
