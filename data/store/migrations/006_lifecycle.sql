-- What became of models, from the journals under lifecycle/; `lifecycle_state` names what they were read from.

CREATE TABLE model_states (
    model VARCHAR NOT NULL, state VARCHAR NOT NULL, day DATE NOT NULL, reason VARCHAR NOT NULL, decided_by VARCHAR NOT NULL,
    decided_at TIMESTAMP NOT NULL, successor VARCHAR, until DATE
);

CREATE TABLE drift_marks (
    model VARCHAR NOT NULL, suite VARCHAR NOT NULL, day DATE NOT NULL, found_on DATE NOT NULL, revision INTEGER NOT NULL,
    metric VARCHAR NOT NULL, p DOUBLE NOT NULL, shift DOUBLE, low DOUBLE, high DOUBLE, marked_at TIMESTAMP NOT NULL
);

CREATE TABLE lifecycle_state (files VARCHAR NOT NULL);
