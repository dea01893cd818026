-- The runs that the prompt means were made from, as one hash; while it stays they need not be made again.

CREATE TABLE means_state (ingested VARCHAR NOT NULL);
