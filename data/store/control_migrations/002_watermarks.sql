-- Up to when the due times of a schedule have become rows of `slots`: what lies after it was missed by everybody.
CREATE TABLE watermarks (
    schedule TEXT PRIMARY KEY,
    recorded_until TEXT NOT NULL
) WITHOUT ROWID;
