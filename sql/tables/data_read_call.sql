-- data_read_call: the calls that hand out what is stored: objects, secrets, rows, images, logs. Stories
-- name them first.
--
-- sql/seeds has the rows that the extension brings. Add your own with INSERT; take one out with DELETE.
CREATE TABLE data_read_call (
    eventSource TEXT NOT NULL, -- s3.amazonaws.com
    eventName   TEXT NOT NULL, -- GetObject
    PRIMARY KEY (eventSource, eventName)
) WITHOUT ROWID;
