-- What a detection works on, in temporary tables of this connection. cloudtrail_detected stays: it
-- lists the alerts that the last call of cloudtrail_detect() touched, for whoever is to be told. Some
-- clients run a SELECT twice: what a call less than a second before has touched stays in the list.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_detected (
    alertID    TEXT PRIMARY KEY,
    ruleName   TEXT NOT NULL,
    change     TEXT NOT NULL, -- 'new', 'updated', 'merged' or 'suppressed'
    isEarlier  INTEGER NOT NULL DEFAULT 0, -- 1: by that call, not by the last one
    detectedAt REAL -- Julian day, when the call ended
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_detected_earlier (
    alertID    TEXT PRIMARY KEY,
    ruleName   TEXT NOT NULL,
    change     TEXT NOT NULL,
    detectedAt REAL
);
-- Which alerts share an event with which finding.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_finding_alert (
    alertID TEXT PRIMARY KEY,
    finding INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_finding_alert_finding
    ON cloudtrail_finding_alert (finding);
-- What the allow list says of each alert that nobody has taken up.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_verdict (
    alertID  TEXT PRIMARY KEY,
    ruleName TEXT NOT NULL,
    state    TEXT NOT NULL, -- before
    reason   TEXT           -- NULL: nothing covers it
);
-- The keys of each alert's own events, and who issued what to whom, as credential has it.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_alert_key (
    alertID     TEXT NOT NULL,
    accessKeyId TEXT NOT NULL,
    PRIMARY KEY (alertID, accessKeyId)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_credential (
    link              TEXT NOT NULL,
    issuerLink        TEXT,
    accessKeyId       TEXT NOT NULL,
    how               TEXT NOT NULL,
    issuedAt          TEXT NOT NULL,
    issuerPrincipal   TEXT,
    receiverPrincipal TEXT,
    receiverAccountId TEXT
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_credential_key
    ON cloudtrail_credential (link, issuedAt);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_credential_issuer
    ON cloudtrail_credential (issuerLink, link);
-- What holds incidents together: alerts, and credentials, which are numbered from there on.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_node (
    node     INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL, -- 'alert' or 'key'
    name     TEXT NOT NULL, -- alertID, or as credential.link has it
    incident INTEGER,       -- cloudtrail_incident_now.incident
    UNIQUE (kind, name)
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_incident_node_incident
    ON cloudtrail_incident_node (incident);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_member (
    node     INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL
);
-- The incidents as they are now, before the table has them.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_now (
    incident    INTEGER PRIMARY KEY,
    oldest      TEXT NOT NULL, -- alertID
    firstTime   TEXT NOT NULL,
    lastTime    TEXT NOT NULL,
    until       TEXT NOT NULL, -- a day after lastTime
    incidentID  TEXT,
    who         TEXT,
    rules       TEXT,
    alerts      TEXT,
    severity    TEXT,
    grade       INTEGER, -- of the severity: the higher the worse
    summary     TEXT,
    events      INTEGER NOT NULL DEFAULT 0,
    changed     INTEGER NOT NULL DEFAULT 0,
    credentials INTEGER NOT NULL DEFAULT 0,
    logsStopped INTEGER NOT NULL DEFAULT 0,
    denied      INTEGER NOT NULL DEFAULT 0
);
-- Which row of the table incident has become which of them.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_claim (
    incidentID TEXT PRIMARY KEY,
    incident   INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_incident_claim_incident
    ON cloudtrail_incident_claim (incident);
-- The keys of each, and what those have issued; and what was done with them.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_reach (
    link     TEXT PRIMARY KEY,
    incident INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_incident_reach_incident
    ON cloudtrail_incident_reach (incident);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_deed (
    incident    INTEGER PRIMARY KEY,
    changed     INTEGER NOT NULL,
    logsStopped INTEGER NOT NULL,
    denied      INTEGER NOT NULL
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_incident_list (
    incident INTEGER NOT NULL,
    kind     TEXT NOT NULL, -- 'who', 'account', 'address'
    n        INTEGER NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (incident, kind)
) WITHOUT ROWID;
-- The credentials that hang together with each alert, by the depth that alert_scope gives them, and what
-- was done with those that came out of it.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_chain (
    alertID TEXT NOT NULL,
    link    TEXT NOT NULL,
    depth   INTEGER NOT NULL,
    issue   INTEGER, -- the rowid in cloudtrail_credential of what issued it
    PRIMARY KEY (alertID, link)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS temp.cloudtrail_chain_key ON cloudtrail_chain (link, depth);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_chain_call (
    accessKeyId TEXT NOT NULL,
    place       INTEGER NOT NULL, -- 1 weighs most
    name        TEXT NOT NULL,
    n           INTEGER NOT NULL,
    denied      INTEGER NOT NULL,
    throttled   INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    lastTime    TEXT NOT NULL,
    lastUse     TEXT NOT NULL, -- the time, and behind it by whom
    PRIMARY KEY (accessKeyId, place)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_chain_use (
    accessKeyId TEXT PRIMARY KEY,
    n           INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    lastTime    TEXT NOT NULL,
    user        TEXT NOT NULL, -- the principal
    calls       TEXT NOT NULL
) WITHOUT ROWID;
-- Those that a sentence tells of, with names.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_chain_told (
    alertID     TEXT NOT NULL,
    link        TEXT NOT NULL,
    accessKeyId TEXT NOT NULL,
    depth       INTEGER NOT NULL,
    how         TEXT NOT NULL,
    issuedAt    TEXT NOT NULL,
    isPassword  INTEGER NOT NULL,
    thing       TEXT NOT NULL, -- the key, or whose password
    issuer      TEXT,          -- by name, as is the holder
    holder      TEXT,
    accountId   TEXT,          -- the holder's
    PRIMARY KEY (alertID, link)
) WITHOUT ROWID;
