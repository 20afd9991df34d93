-- ordinary_agent: user agents that read much and mean no harm, for aws_discovery_burst.
--
-- pattern is one of LIKE (% stands for any text, _ for any character, case does not count), held
-- against the agent without [ and blanks in front. kind says what follows:
--     console  the event does not count: pages of the console make such calls by themselves. But a
--              long-lived key, which the console does not have, counts all the same
--     tool     the event counts, but what such events alone make up is Informational and suppressed,
--              unless a call was denied: an agent is what the client chose to send
-- sql/seeds has the rows that the extension brings. Add your own with INSERT; take one out with DELETE.
CREATE TABLE ordinary_agent (
    pattern TEXT NOT NULL PRIMARY KEY,
    kind    TEXT NOT NULL CONSTRAINT kind CHECK (kind IN ('console', 'tool'))
);
