"""Media that were made elsewhere: found in a folder or by a manifest, matched to prompts, read as a run's samples."""
