-- Whether neither more nor less of a metric is better, and the metric without which it is not shown. NULL for runs that
-- were sealed earlier.

ALTER TABLE declared_metrics ADD COLUMN neutral BOOLEAN;
ALTER TABLE declared_metrics ADD COLUMN beside VARCHAR;

DROP VIEW metrics;
CREATE VIEW metrics AS
SELECT metric, title, evaluator, unit, higher_is_better, low, high, kind, coalesce(neutral, FALSE) AS neutral, beside
FROM declared_metrics JOIN runs USING (run_id)
QUALIFY row_number() OVER (PARTITION BY metric ORDER BY committed_at DESC, run_id DESC) = 1;
