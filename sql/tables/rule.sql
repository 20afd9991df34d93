-- rule: what is to be known of each of the two rules that cloudtrail_detect() runs, one row a rule.
--
-- The rows that the extension brings are made of the headers of the rules' files. Lists and mappings are JSON. An alert
-- takes severity, tactics and techniques from here when it is made. With enabled = 0 a rule is not
-- run; the alerts it has stay. All other columns describe, and do nothing: what counts as a burst
-- stands in rule_parameter. A row of another name is not run; the summary says so.
CREATE TABLE rule (
    name                   TEXT PRIMARY KEY, -- the rule's view
    id                     TEXT NOT NULL UNIQUE, -- a GUID
    title                  TEXT NOT NULL,
    description            TEXT NOT NULL,
    severity               TEXT NOT NULL,    -- Informational, Low, Medium or High
    tactics                TEXT NOT NULL,    -- JSON array of ATT&CK tactics
    techniques             TEXT NOT NULL,    -- JSON array of ATT&CK ids
    queryFrequency         TEXT NOT NULL,
    queryPeriod            TEXT NOT NULL,
    triggerOperator        TEXT NOT NULL,
    triggerThreshold       INTEGER NOT NULL,
    version                TEXT NOT NULL,
    source                 TEXT NOT NULL,
    entityMappings         TEXT NOT NULL,    -- JSON, as in the YAML file
    customDetails          TEXT NOT NULL,    -- JSON, name to column
    enabled                INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    kind                   TEXT NOT NULL DEFAULT 'Scheduled',
    requiredDataConnectors TEXT NOT NULL DEFAULT '[]' -- JSON
);
