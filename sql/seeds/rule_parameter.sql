-- rule_parameter: the numbers that the rules of this release go by.
INSERT INTO main.rule_parameter (name, value, meaning) VALUES
    ('window_seconds', 60, 'aws_cli_recon_burst: length of the sliding window, in seconds'),
    ('threshold', 8, 'aws_cli_recon_burst: distinct commands in one window that make a burst');
