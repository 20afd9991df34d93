-- known_account: accounts of others that you know, of a partner, a vendor or your own without a trail in
-- these logs: what is shared with them, and whom roles trust there, is no finding of a hunt.
--
-- It comes empty. INSERT INTO known_account (accountId, note)
-- VALUES ('444455556666', 'the backup vendor'), say.
CREATE TABLE known_account (
    accountId TEXT NOT NULL PRIMARY KEY
              CONSTRAINT twelve_digits
              CHECK (length(accountId) = 12 AND accountId NOT GLOB '*[^0-9]*'),
    note      TEXT NOT NULL -- whose it is, or why it is known
);
