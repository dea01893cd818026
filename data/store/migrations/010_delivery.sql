-- The file of a video that browsers play, where it is not `media` itself: sha256, type, bytes. NULL for images and for
-- runs that were sealed earlier.

ALTER TABLE samples ADD COLUMN delivery VARCHAR;
ALTER TABLE samples ADD COLUMN delivery_type VARCHAR;
ALTER TABLE samples ADD COLUMN delivery_bytes BIGINT;

-- The star of a view is bound when the view is made.
DROP VIEW latest_samples;
CREATE VIEW latest_samples AS
SELECT latest.calendar, latest.suite, latest.suite_digest, samples.*
FROM samples JOIN latest_runs AS latest USING (run_id, model);
