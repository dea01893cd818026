-- Until when a lease holds by the time since the machine's boot, which no change of the clock moves; `boot` names it.
ALTER TABLE slots ADD COLUMN boot TEXT;
ALTER TABLE slots ADD COLUMN lease_until_uptime REAL;
