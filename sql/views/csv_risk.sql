-- csv_risk: how a cell begins that a spreadsheet may run as a formula: a pattern of GLOB, one row.
--
-- Why:     names, addresses and user agents come from whoever made the calls. Many programs that open a
--          CSV file take a cell for a formula that begins with = + - @, their wide forms included, a tab
--          or a line break, also when spaces stand before it.
-- How:     CASE WHEN ltrim(x, ' ') GLOB risk THEN '''' || x ELSE x END: an apostrophe in front makes it text.
-- Readable without the extension.
CREATE VIEW csv_risk AS
SELECT '[=+@' || char(9, 10, 13, 65309, 65291, 65293, 65312) || '-]*' AS risk;
