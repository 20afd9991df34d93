-- tor_exit: addresses of the exits of the Tor network, or any that you want to be told of, for the view
-- hunt_tor_address. Empty until you fill it; no release brings rows.
--
-- address: as CloudTrail writes sourceIPAddress: 192.0.2.7, 2001:db8::7. A list with a line each comes in
--          by the sqlite3 shell: .mode csv, then .import exits.txt tor_exit
CREATE TABLE tor_exit (
    address TEXT PRIMARY KEY
);
