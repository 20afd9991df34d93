-- The fields that the rules read, from DuckDB's own table.
CREATE VIEW event AS
SELECT *, resources->>'$[0].ARN' AS resourceArn
  FROM cloudtrail;
