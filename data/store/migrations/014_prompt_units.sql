-- The statistical unit of a prompt: the first prompt of its run with the same text and inputs. Entries of one unit are
-- averaged before anything is compared. Means and standings are computed again.

ALTER TABLE prompts ADD COLUMN prompt_unit VARCHAR;
UPDATE prompts SET prompt_unit = same.unit
FROM (
    SELECT run_id, prompt, first_value(prompt) OVER (PARTITION BY run_id, text, inputs ORDER BY rowid) AS unit
    FROM prompts
) AS same
WHERE same.run_id = prompts.run_id AND same.prompt = prompts.prompt;

ALTER TABLE daily_prompt_means ADD COLUMN prompt_unit VARCHAR;
ALTER TABLE prompt_means ADD COLUMN prompt_unit VARCHAR;
DELETE FROM means_state;

-- The content of the suite that showed a change. NULL for marks that were made earlier.
ALTER TABLE drift_marks ADD COLUMN suite_digest VARCHAR;
