-- The calls that latencies are taken from: steady ones that were ok, with how many requests were on their way. A latency
-- of record is single stream where a run has 20 such calls of a model, or no fewer than under load; else it is under load.
-- The two are never mixed.

CREATE VIEW timed_calls AS
SELECT run_id, sample, model, category, started_at, seconds,
       coalesce(CAST(json_extract(provider_timings, '$.in_flight') AS INTEGER), 1) AS in_flight
FROM samples
WHERE call = 'steady' AND status = 'ok' AND seconds IS NOT NULL;

CREATE VIEW latency_calls AS
SELECT *, CASE WHEN alone >= least(20, loaded) THEN in_flight = 1 ELSE in_flight > 1 END AS of_record
FROM (
    SELECT *, count(*) FILTER (in_flight = 1) OVER whole AS alone, count(*) FILTER (in_flight > 1) OVER whole AS loaded
    FROM timed_calls WINDOW whole AS (PARTITION BY run_id, model)
);
