-- powerful_action: what makes a policy a grant of power, for hunt_grant_of_power: actions by which
-- whoever has them can have everything.
--
-- A policy counts that allows one of them, by its name or by a pattern, on all that there is. sql/seeds
-- has the rows that the extension brings. Add your own with INSERT; take one out with DELETE.
CREATE TABLE powerful_action (
    action TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, -- iam:CreateAccessKey
    why    TEXT NOT NULL
);
