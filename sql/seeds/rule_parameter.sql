-- rule_parameter: the numbers that the rules of this release go by.
INSERT INTO main.rule_parameter (name, value, meaning) VALUES
    ('window_seconds', 60, 'aws_cli_recon_burst: length of the sliding window, in seconds'),
    ('threshold', 8, 'aws_cli_recon_burst: distinct commands in one window that make a burst'),
    ('discovery_fast', 8, 'aws_discovery_burst: different listed calls in 60 seconds'),
    ('discovery_slow', 10, 'aws_discovery_burst: different listed calls in 600 seconds'),
    ('discovery_wide', 20, 'aws_discovery_burst: different reading calls, listed or not, in 60 seconds'),
    ('hunt_denied_calls', 8, 'hunt_access_denied_burst: different calls denied in 300 seconds'),
    ('hunt_denied_requests', 10, 'hunt_access_denied_burst: requests of one call denied in 300 seconds'),
    ('hunt_history_days', 3, 'hunt_first_seen: how long an identity or account must be known'),
    ('hunt_history_hours', 24, 'hunt_whoami: how far the logs must go back for a key to be new'),
    ('hunt_pause', 3600, 'hunts: a pause of that many seconds ends what is told as one finding'),
    ('hunt_secrets', 3, 'hunt_secrets_read_in_bulk: different secrets in 300 seconds'),
    ('hunt_shift', 14400, 'as hunt_pause, in hunts for what some do again and again on a working day'),
    ('hunt_instances', 10, 'hunt_computers_rented: instances asked for that are many'),
    ('hunt_objects', 20, 'hunt_objects_taken_or_held: different objects read or deleted in 60 seconds');
