-- Where the media of a run come from that were made elsewhere, as whoever brought them says; NULL where the run made them.
-- Of those nothing is known to have been asked.

ALTER TABLE runs ADD COLUMN brought VARCHAR;
ALTER TABLE samples ALTER COLUMN width_asked DROP NOT NULL;
ALTER TABLE samples ALTER COLUMN height_asked DROP NOT NULL;
