-- allow_list: what is known to be harmless; an alert that an entry covers is 'suppressed', not gone.
--
-- An entry covers an alert when each one of its events fits all patterns of the entry: so a stolen
-- key that is used from elsewhere, or with another client, does not hide behind the job it belongs to.
-- Patterns are SQLite's GLOB (* ? [a-z], case counts); NULL fits anything. An entry counts until it
-- expires, by the clock; what it suppressed before stays so until further events join the alert.
-- One of the four patterns must be given: without any, an entry would silence everything.
CREATE TABLE allow_list (
    principal       TEXT, -- an event's ARN, principal id or user name, or the alert's name@suffix
    sourceIPAddress TEXT,
    userAgent       TEXT,
    command         TEXT, -- iam.*
    reason          TEXT NOT NULL CONSTRAINT reason CHECK (trim(reason) <> ''),
    expires         TEXT  -- a date or time, UTC; NULL: never
                    CONSTRAINT expires CHECK (expires IS NULL OR julianday(expires) IS NOT NULL),
    CONSTRAINT one_pattern_at_least
        CHECK (coalesce(principal, sourceIPAddress, userAgent, command) IS NOT NULL)
);
