-- suspicious_command: the AWS CLI commands that aws_cli_recon_burst counts, in any case.
--
-- sql/seeds has the rows that the extension brings. Add your own with INSERT, under an origin of
-- your own; take one out with DELETE.
CREATE TABLE suspicious_command (
    command TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, -- service.operation, as the AWS CLI calls it
    origin  TEXT NOT NULL                             -- who put it on the list
);
