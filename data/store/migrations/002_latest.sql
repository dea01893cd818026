-- "Latest" as views over append-only tables: of each calendar, suite and model the run of the latest day, and of runs of
-- one day the one that was committed last. `daily_runs` keeps one run for each day, which is what history is made of.

CREATE VIEW metrics AS
SELECT metric, title, evaluator, unit, higher_is_better, low, high, kind
FROM declared_metrics JOIN runs USING (run_id)
QUALIFY row_number() OVER (PARTITION BY metric ORDER BY committed_at DESC, run_id DESC) = 1;

CREATE VIEW daily_runs AS
SELECT calendar, suite, suite_digest, model, sampled.day, run_id, committed_at
FROM (SELECT DISTINCT run_id, model, day FROM samples) AS sampled JOIN runs USING (run_id)
QUALIFY row_number() OVER (
    PARTITION BY calendar, suite_digest, model, sampled.day ORDER BY committed_at DESC, run_id DESC
) = 1;

CREATE VIEW latest_runs AS
SELECT * FROM daily_runs
QUALIFY row_number() OVER (
    PARTITION BY calendar, suite_digest, model ORDER BY day DESC, committed_at DESC, run_id DESC
) = 1;

CREATE VIEW latest_samples AS
SELECT latest.calendar, latest.suite, latest.suite_digest, samples.*
FROM samples JOIN latest_runs AS latest USING (run_id, model);

CREATE VIEW latest_scores AS
SELECT latest.calendar, latest.suite, latest.suite_digest, latest.day, scores.*
FROM scores JOIN latest_runs AS latest USING (run_id, model);

CREATE TABLE daily_prompt_means (
    calendar VARCHAR NOT NULL, suite VARCHAR NOT NULL, suite_digest VARCHAR NOT NULL, category VARCHAR NOT NULL,
    metric VARCHAR NOT NULL, version VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, model VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL, day DATE NOT NULL, mean DOUBLE NOT NULL, n_seeds INTEGER NOT NULL
);

CREATE TABLE prompt_means (
    calendar VARCHAR NOT NULL, suite VARCHAR NOT NULL, suite_digest VARCHAR NOT NULL, category VARCHAR NOT NULL,
    metric VARCHAR NOT NULL, version VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, model VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL, day DATE NOT NULL, mean DOUBLE NOT NULL, n_seeds INTEGER NOT NULL
);
