-- Measured cells, from the journals under profiles/; the newest of a setup counts. `cells_state` names what they were
-- read from, `record` is the whole cell as JSON. A cell that is not ok has no seconds.

CREATE TABLE cells (
    setup VARCHAR NOT NULL, model VARCHAR NOT NULL, revision VARCHAR NOT NULL, weights VARCHAR NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, frames INTEGER NOT NULL, steps INTEGER NOT NULL,
    guidance DOUBLE NOT NULL, batch INTEGER NOT NULL, text_tokens INTEGER NOT NULL, dtype VARCHAR NOT NULL,
    software VARCHAR NOT NULL, accelerator VARCHAR NOT NULL, processor VARCHAR NOT NULL, machine VARCHAR NOT NULL,
    status VARCHAR NOT NULL, reason VARCHAR, seconds DOUBLE[] NOT NULL, nominal_flops DOUBLE NOT NULL,
    executed_flops DOUBLE, joules DOUBLE, measured_at TIMESTAMP NOT NULL, record VARCHAR NOT NULL
);

CREATE TABLE cells_state (files VARCHAR NOT NULL);
