"""Files that people write: TOML and CSV, read strictly, every complaint with file and place."""
