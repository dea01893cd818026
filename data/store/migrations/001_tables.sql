-- Append-only tables without keys and indexes; every TIMESTAMP is naive UTC. A run's rows are written in one transaction.

CREATE TABLE ingested (run_id VARCHAR NOT NULL, attempt INTEGER NOT NULL, commit_digest VARCHAR NOT NULL);

CREATE TABLE runs (
    run_id VARCHAR NOT NULL, suite VARCHAR NOT NULL, suite_version VARCHAR NOT NULL, suite_digest VARCHAR NOT NULL,
    suite_title VARCHAR NOT NULL, task VARCHAR NOT NULL, primary_metric VARCHAR NOT NULL, calendar VARCHAR NOT NULL,
    day DATE NOT NULL, created_at TIMESTAMP NOT NULL, committed_at TIMESTAMP NOT NULL, machine VARCHAR NOT NULL,
    device VARCHAR NOT NULL, usd_per_hour DOUBLE NOT NULL, price_source VARCHAR NOT NULL, machine_json VARCHAR NOT NULL,
    seeds INTEGER NOT NULL, plan_digest VARCHAR NOT NULL
);

CREATE TABLE prompts (
    run_id VARCHAR NOT NULL, prompt VARCHAR NOT NULL, text VARCHAR NOT NULL, category VARCHAR NOT NULL,
    tags VARCHAR[] NOT NULL, held_out BOOLEAN NOT NULL, expectation VARCHAR
);

CREATE TABLE models (
    run_id VARCHAR NOT NULL, model VARCHAR NOT NULL, title VARCHAR NOT NULL, family VARCHAR NOT NULL,
    task VARCHAR NOT NULL, provider VARCHAR NOT NULL, location VARCHAR NOT NULL, revision VARCHAR NOT NULL,
    revision_pinned BOOLEAN NOT NULL, licence VARCHAR NOT NULL, released DATE NOT NULL, retired DATE,
    successor VARCHAR, steps INTEGER, guidance DOUBLE, width INTEGER NOT NULL, height INTEGER NOT NULL,
    frames INTEGER NOT NULL, settings VARCHAR NOT NULL, source VARCHAR NOT NULL, price_unit VARCHAR,
    price_usd DOUBLE, price_as_of DATE
);

CREATE TABLE samples (
    run_id VARCHAR NOT NULL, sample VARCHAR NOT NULL, model VARCHAR NOT NULL, prompt VARCHAR NOT NULL,
    category VARCHAR NOT NULL, seed BIGINT NOT NULL, day DATE NOT NULL, status VARCHAR NOT NULL, reason VARCHAR,
    started_at TIMESTAMP NOT NULL, call VARCHAR NOT NULL, seconds DOUBLE, cpu_seconds DOUBLE, text_seconds DOUBLE,
    decode_seconds DOUBLE, submit_seconds DOUBLE, download_seconds DOUBLE, step_seconds DOUBLE[],
    width_asked INTEGER NOT NULL, height_asked INTEGER NOT NULL, frames_asked INTEGER NOT NULL,
    width INTEGER, height INTEGER, frames INTEGER, media VARCHAR, media_type VARCHAR, media_bytes BIGINT,
    cost_usd DOUBLE, cost_source VARCHAR NOT NULL, seed_support VARCHAR NOT NULL, request_id VARCHAR,
    revised_prompt VARCHAR, provider_timings VARCHAR
);

CREATE TABLE scores (
    run_id VARCHAR NOT NULL, sample VARCHAR NOT NULL, model VARCHAR NOT NULL, prompt VARCHAR NOT NULL,
    category VARCHAR NOT NULL, metric VARCHAR NOT NULL, value DOUBLE, reason VARCHAR, evaluator VARCHAR NOT NULL,
    version VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, detail VARCHAR
);

CREATE TABLE loads (
    run_id VARCHAR NOT NULL, model VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, import_seconds DOUBLE NOT NULL,
    load_seconds DOUBLE NOT NULL
);

CREATE TABLE declared_metrics (
    run_id VARCHAR NOT NULL, metric VARCHAR NOT NULL, title VARCHAR NOT NULL, evaluator VARCHAR NOT NULL,
    unit VARCHAR NOT NULL, higher_is_better BOOLEAN NOT NULL, low DOUBLE, high DOUBLE, kind VARCHAR NOT NULL
);

CREATE TABLE standings (
    calendar VARCHAR NOT NULL, suite VARCHAR NOT NULL, suite_digest VARCHAR NOT NULL, category VARCHAR NOT NULL,
    metric VARCHAR NOT NULL, version VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, day DATE NOT NULL,
    model VARCHAR NOT NULL, estimate DOUBLE, low DOUBLE, high DOUBLE, n_prompts INTEGER, n_samples INTEGER,
    n_not_ok INTEGER, rank INTEGER, rank_best INTEGER, rank_worst INTEGER, p_top_k DOUBLE, k INTEGER
);
