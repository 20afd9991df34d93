-- allow_list: what is known to be harmless; an alert that an entry covers is 'suppressed', not gone.
--
-- An entry covers an alert when each one of its events fits all that the entry gives: so a stolen
-- key that is used from elsewhere, or with another client, does not hide behind the job it belongs to.
-- Patterns are SQLite's GLOB (* ? [a-z], case counts); NULL fits anything, and what an event does not
-- have fits no pattern. An address may also be a network, 203.0.113.0/24 or 2001:db8::/32. An entry
-- counts until it expires, by the clock; what it suppressed before stays so until further events join
-- the alert. One column besides reason and expires must be given: without any, an entry would
-- silence everything. cloudtrail_allow() writes the entry that covers just one alert's kind.
CREATE TABLE allow_list (
    principal          TEXT, -- an event's ARN, its role's, principal id, user name, name or name@suffix
    sourceIPAddress    TEXT, -- a pattern or a network
    userAgent          TEXT,
    command            TEXT, -- iam.*
    reason             TEXT NOT NULL CONSTRAINT reason CHECK (trim(reason) <> ''),
    expires            TEXT  -- a date or time, UTC; NULL: never
                       CONSTRAINT expires CHECK (
                           expires IS NULL
                           OR expires GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'
                          AND date(substr(expires, 1, 10), '+0 days') = substr(expires, 1, 10)
                          AND julianday(expires) IS NOT NULL),
    ruleName           TEXT, -- of the alert
    recipientAccountId TEXT, -- of each event
    vpcEndpointId      TEXT, -- of an event
    CONSTRAINT one_pattern_at_least
        CHECK (coalesce(principal, sourceIPAddress, userAgent, command, ruleName,
                        recipientAccountId, vpcEndpointId) IS NOT NULL),
    -- No address has a slash in it: what has one must be a network, or it would never match. This is
    -- what plain SQL can tell; what still is none is named by cloudtrail_detect() and covers nothing.
    CONSTRAINT network
        CHECK (sourceIPAddress NOT GLOB '*/*'
               OR sourceIPAddress NOT GLOB '*[^0-9a-fA-F.:/]*'
              AND sourceIPAddress NOT GLOB '*/*[^0-9]*'
              AND sourceIPAddress GLOB '*/[0-9]*'
              AND CASE WHEN sourceIPAddress GLOB '*:*'
                       THEN sourceIPAddress NOT GLOB '*.*'
                        AND CAST(substr(sourceIPAddress, instr(sourceIPAddress, '/') + 1) AS INTEGER)
                            <= 128
                       ELSE sourceIPAddress GLOB '[0-9]*.[0-9]*.[0-9]*.[0-9]*/*'
                        AND CAST(substr(sourceIPAddress, instr(sourceIPAddress, '/') + 1) AS INTEGER)
                            <= 32 END)
);
