-- What was asked of a video and what came: frames a second, length in seconds, sound. `inputs` is JSON: the pictures and
-- videos that a prompt starts from, by role. Runs that were sealed earlier have NULL in all of them.

ALTER TABLE samples ADD COLUMN fps_asked DOUBLE;
ALTER TABLE samples ADD COLUMN video_seconds_asked DOUBLE;
ALTER TABLE samples ADD COLUMN audio_asked BOOLEAN;
ALTER TABLE samples ADD COLUMN fps DOUBLE;
ALTER TABLE samples ADD COLUMN video_seconds DOUBLE;
ALTER TABLE samples ADD COLUMN audio BOOLEAN;
ALTER TABLE prompts ADD COLUMN inputs VARCHAR;

-- The star of a view is bound when the view is made.
DROP VIEW latest_samples;
CREATE VIEW latest_samples AS
SELECT latest.calendar, latest.suite, latest.suite_digest, samples.*
FROM samples JOIN latest_runs AS latest USING (run_id, model);
