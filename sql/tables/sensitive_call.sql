-- sensitive_call: calls that change what an attacker needs: who gets in, who may do what, what is logged,
-- what is shared, what can be undone. The dashboard lists them, done and tried.
--
-- sql/seeds has the rows that the extension brings. Add your own with INSERT; take one out with DELETE.
CREATE TABLE sensitive_call (
    eventSource TEXT NOT NULL, -- iam.amazonaws.com
    eventName   TEXT NOT NULL, -- CreateAccessKey; without a version's date
    why         TEXT NOT NULL, -- what it changes, in a few words
    PRIMARY KEY (eventSource, eventName)
) WITHOUT ROWID;
