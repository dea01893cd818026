-- Ratings from outside, by source; never joined with standings. `ratings_state` names the files that they were read from.

CREATE TABLE ratings (
    source VARCHAR NOT NULL, task VARCHAR NOT NULL, category VARCHAR NOT NULL, day DATE NOT NULL,
    model VARCHAR NOT NULL, rating DOUBLE NOT NULL, low DOUBLE, high DOUBLE, imported_at TIMESTAMP NOT NULL
);

CREATE TABLE ratings_state (files VARCHAR NOT NULL);
