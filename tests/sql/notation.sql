-- notation: the forms of a golden case (tests/support/examples.h), shown with SQLite's own SQL.

-- A statement, and behind it what it gives: a row a line.
SELECT 1, NULL, 'a b', ''
UNION ALL
SELECT 2, x'41', 1.5, 'last'; -- what stands on the statement's line is a comment
-- 1|NULL|a b|
-- 2|A|1.5|last

-- Without a result a statement must succeed, no more.
CREATE TABLE t (x);
CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN
    UPDATE t SET x = x + 1;
END;
INSERT INTO t VALUES (1), (10), (100);

SELECT x FROM t WHERE x < 0;
-- (no rows)
SELECT x FROM t ORDER BY x;
-- 4
-- ...
SELECT '{"files":3,"seconds":0.0213}';
-- {"files":3,"seconds":...}

-- Empty lines are lines.
SELECT '' UNION ALL SELECT '';
--
--

SELECT y FROM t;
-- error: no such column: y
SELECT json('{');
-- error: malformed JSON
