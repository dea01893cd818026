-- A sample that came and is not sound (undecodable, blank, a repeated file, not as asked) has no part in means of quality.
-- The newest version of the gate decides. Means and standings of earlier versions are computed again.

CREATE VIEW unsound AS
SELECT run_id, sample
FROM scores
WHERE metric IN ('integrity_ok', 'video_ok') AND value IS NOT NULL
GROUP BY run_id, sample
HAVING max_by(value, version) = 0;

ALTER TABLE standings ADD COLUMN n_unsound INTEGER;
ALTER TABLE standings ADD COLUMN unsound DOUBLE;
ALTER TABLE standings ADD COLUMN unsound_low DOUBLE;
ALTER TABLE standings ADD COLUMN unsound_high DOUBLE;

DELETE FROM means_state;
