"""Files that people write: TOML, JSON lines and CSV, read strictly, every error with file and place."""
