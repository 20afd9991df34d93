-- What the making of one page works with; only its connection sees it.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_page (
    fromHour  TEXT,             -- the first hour of the page; NULL: there is none
    endHour   TEXT,             -- the first hour behind it
    account   TEXT,             -- NULL: all
    stepHours INTEGER NOT NULL, -- so that there are 500 steps at most
    title     TEXT NOT NULL
);
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_page_hour (
    hour TEXT PRIMARY KEY,
    step INTEGER NOT NULL       -- from 0
) WITHOUT ROWID;
-- Accounts by their events, numbered from 0; those behind the hundredth share one number.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_page_account (
    account TEXT PRIMARY KEY,
    number  INTEGER NOT NULL
) WITHOUT ROWID;
-- The rows of the list that is being made, numbered from 0; what is behind the hundredth has no row.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_page_item (
    number INTEGER PRIMARY KEY,
    a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, -- what the rows of the list differ in
    events INTEGER NOT NULL,
    firstHour TEXT,
    lastHour TEXT,
    ofAll INTEGER NOT NULL -- how many rows the list would have
);
CREATE INDEX IF NOT EXISTS temp.cloudtrail_page_item_key ON cloudtrail_page_item (a, b, c, d, e, f, g);
-- Since when each address is known.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_page_seen (
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    hour    TEXT NOT NULL,
    step    INTEGER NOT NULL DEFAULT -1, -- of the page; -1: before it
    PRIMARY KEY (account, address)
) WITHOUT ROWID;
-- The alerts that the page tells, and their stories.
CREATE TEMP TABLE IF NOT EXISTS cloudtrail_page_told (
    alertID TEXT PRIMARY KEY,
    rank    INTEGER NOT NULL, -- of its incident
    place   INTEGER NOT NULL, -- in there
    story   TEXT
) WITHOUT ROWID;
