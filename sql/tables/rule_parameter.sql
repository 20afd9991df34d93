-- rule_parameter: the numbers the rules go by, to be tuned with UPDATE.
--
-- A rule whose number is missing or makes no sense fails and says so, rather than find nothing.
-- cloudtrail_init() and cloudtrail_import() never change a row that is here. sql/seeds has the rows
-- that the extension brings.
CREATE TABLE rule_parameter (
    name    TEXT PRIMARY KEY,
    value   NOT NULL, -- kept as it is given: a number, or a text such as a time
    meaning TEXT NOT NULL
);
