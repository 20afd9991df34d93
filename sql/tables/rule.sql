-- rule: the rules that cloudtrail_detect() runs, ours and yours, one row a rule.
--
-- A rule is a view, and its name the view's. The view has the columns of a finding (docs/rule.md); one
-- that has others is read through a second view, findingView. A name, a title and a severity are enough
-- for a rule of your own. Lists and mappings are JSON. An alert takes severity, tactics and techniques
-- from here when it is made, and its customDetails by the mapping. With enabled = 0 a rule is not run;
-- the alerts it has stay. queryFrequency, queryPeriod and trigger describe a rule in SQL and do nothing:
-- it reads all events. The rows that the extension brings are made of the headers of the rules' files.
CREATE TABLE rule (
    name                   TEXT PRIMARY KEY,
    findingView            TEXT,                        -- NULL: the view called as the rule
    id                     TEXT UNIQUE,                 -- a GUID
    title                  TEXT NOT NULL DEFAULT '',
    description            TEXT NOT NULL DEFAULT '',
    severity               TEXT NOT NULL DEFAULT 'Medium', -- Informational, Low, Medium or High
    tactics                TEXT NOT NULL DEFAULT '[]',  -- JSON array of ATT&CK tactics
    techniques             TEXT NOT NULL DEFAULT '[]',  -- JSON array of ATT&CK ids
    queryFrequency         TEXT NOT NULL DEFAULT '',
    queryPeriod            TEXT NOT NULL DEFAULT '',
    triggerOperator        TEXT NOT NULL DEFAULT 'gt',
    triggerThreshold       INTEGER NOT NULL DEFAULT 0,
    version                TEXT NOT NULL DEFAULT '1.0.0',
    source                 TEXT NOT NULL DEFAULT '',
    entityMappings         TEXT NOT NULL DEFAULT '[]',  -- JSON, as in the YAML file
    customDetails          TEXT NOT NULL DEFAULT '{}',  -- JSON, name to column or member of details
    alertDetailsOverride   TEXT NOT NULL DEFAULT '{}',  -- JSON
    enabled                INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    kind                   TEXT NOT NULL DEFAULT 'Scheduled', -- Scheduled, NRT or Hunting
    requiredDataConnectors TEXT NOT NULL DEFAULT '[]',  -- JSON
    language               TEXT NOT NULL DEFAULT 'sql' CHECK (language IN ('sql', 'kql')),
    query                  TEXT                         -- KQL; NULL where the rule is the view
);
