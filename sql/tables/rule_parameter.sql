-- rule_parameter: the numbers the rules go by, to be tuned with UPDATE.
--
-- A rule whose number is missing or makes no sense fails and says so, rather than find nothing.
-- cloudtrail_init() and cloudtrail_import() never change a row that is here.
CREATE TABLE rule_parameter (
    name    TEXT PRIMARY KEY,
    value   INTEGER NOT NULL,
    meaning TEXT NOT NULL
);
INSERT INTO main.rule_parameter (name, value, meaning) VALUES
    ('window_seconds', 60, 'aws_cli_recon_burst: length of the sliding window, in seconds'),
    ('threshold', 8, 'aws_cli_recon_burst: distinct commands in one window that make a burst');
