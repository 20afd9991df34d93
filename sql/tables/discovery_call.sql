-- discovery_call: the calls that aws_discovery_burst counts, whatever client makes them.
--
-- sql/seeds has the rows that the extension brings. Add your own with INSERT, under the origin 'own';
-- take one out with DELETE. A name stands without the date of a version, in which some that CloudTrail
-- writes end: ListFunctions, by which ListFunctions20150331 counts too.
CREATE TABLE discovery_call (
    eventSource TEXT NOT NULL, -- iam.amazonaws.com
    eventName   TEXT NOT NULL  -- ListUsers
                CONSTRAINT no_date
                CHECK (eventName NOT GLOB '*[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*'
                       AND eventName NOT GLOB '*[0-9][0-9][0-9][0-9]_[0-9][0-9]_[0-9][0-9]*'),
    origin      TEXT NOT NULL, -- where it was seen, or who put it on the list
    PRIMARY KEY (eventSource, eventName)
);
