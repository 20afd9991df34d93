-- 0.1.0.db: a small case as release 0.1.0 left it, with what its user made of it.
--
-- Made by the extension of commit 18c86bf, the last of 0.1.0, in a folder of their own:
--
--     sqlite3 0.1.0.db -init /dev/null '.load 18c86bf/build/cloudtrail' '.read 0.1.0.sql'
--
-- /case/logs held these files of data/sample, their folders left out: the digest; 2025-10-14 10:15 and
-- 11:15 of eu-west-1; 15:30 of us-east-1; and two more: 20251014T1800Z_broken.json, a record that breaks
-- off, and 20251014T1805Z_no_id.json, one without eventID.
SELECT cloudtrail_import('/case/logs');
SELECT cloudtrail_detect();

-- Small pages, before rowids matter.
PRAGMA page_size = 1024;
VACUUM;

-- Columns of the user's own on every table of ours, with and without NOT NULL, one in a spelling that
-- needs quotes, one that is worked out.
ALTER TABLE alert ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody';
ALTER TABLE alert_event ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE allow_list ADD COLUMN ticket TEXT;
ALTER TABLE cloudtrail ADD COLUMN tag TEXT;
ALTER TABLE cloudtrail_digest ADD COLUMN seen INTEGER;
ALTER TABLE cloudtrail_file ADD COLUMN boxNumber INTEGER NOT NULL DEFAULT 12;
ALTER TABLE cloudtrail_problem ADD COLUMN explained TEXT;
ALTER TABLE cloudtrail_schema ADD COLUMN remark TEXT;
ALTER TABLE rule ADD COLUMN runbook TEXT;
ALTER TABLE rule_parameter ADD COLUMN "why ""so""" TEXT NOT NULL DEFAULT 'it was so' CHECK ("why ""so""" <> '');
ALTER TABLE rule_parameter ADD COLUMN twice INTEGER GENERATED ALWAYS AS (value * 2) VIRTUAL;
ALTER TABLE suspicious_command ADD COLUMN addedBy TEXT;

-- Rows changed, added and deleted.
UPDATE alert SET state = 'in progress', notes = 'asked him', owner = 'ana'
 WHERE ruleName = 'aws_cli_recon_burst' AND accountName = 'arnav.desai';
UPDATE alert_event SET seen = 1 WHERE step = 1;
UPDATE cloudtrail SET tag = 'look' WHERE eventName = 'ListBuckets';
UPDATE cloudtrail_problem SET explained = 'the disk was full';
UPDATE rule_parameter SET value = 7, "why ""so""" = 'seven are enough' WHERE name = 'threshold';
INSERT INTO rule_parameter (name, value, meaning) VALUES ('mine', 2.5, 'my own number');
UPDATE rule SET severity = 'High', runbook = 'page 12' WHERE name = 'aws_cli_recon_burst';
DELETE FROM rule WHERE name = 'SuspiciousAWSCLICommandExecution';
DELETE FROM suspicious_command WHERE command IN ('kms.list-keys', 'kms.list-aliases');
INSERT INTO suspicious_command (command, origin, addedBy) VALUES
    ('sts.get-caller-identity', 'ours', 'ana'),
    ('s3api.list-buckets', 'ours', NULL);
INSERT INTO allow_list (rowid, principal, reason) VALUES (7, 'nobody-*', 'the seventh');
INSERT INTO allow_list (rowid, command, reason, expires, ticket) VALUES
    (3, 's3.*', 'the third', '2031-01-01', 'T-3');

-- Indexes, triggers, tables and views of the user's own.
CREATE INDEX my_tag ON cloudtrail (tag);
CREATE UNIQUE INDEX "my meaning" ON rule_parameter (meaning, "why ""so""");
CREATE TABLE my_log (what TEXT);
CREATE TRIGGER my_watch AFTER UPDATE ON rule_parameter BEGIN
    INSERT INTO my_log (what) VALUES (new.name || ' is now ' || new.value);
END;
CREATE TRIGGER my_alerts AFTER UPDATE OF state ON alert WHEN new.state <> old.state BEGIN
    INSERT INTO my_log (what) VALUES (new.alertID);
END;
CREATE TABLE my_note (
    parameter TEXT NOT NULL REFERENCES rule_parameter (name) ON DELETE CASCADE,
    note      TEXT
);
INSERT INTO my_note (parameter, note) VALUES ('threshold', 'ask ana'), ('mine', 'keep');
CREATE VIEW my_numbers AS SELECT name, value, twice FROM rule_parameter;
CREATE VIEW my_broken AS SELECT no_such_function(eventName) AS x FROM cloudtrail;
DROP VIEW near_miss;
CREATE VIEW near_miss AS SELECT 'mine' AS firstTime;
