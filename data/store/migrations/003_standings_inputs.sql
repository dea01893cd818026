-- What each day's standings were computed from, so that a day whose inputs are the same is not computed again.

CREATE TABLE standings_inputs (
    calendar VARCHAR NOT NULL, suite_digest VARCHAR NOT NULL, day DATE NOT NULL, digest VARCHAR NOT NULL
);
