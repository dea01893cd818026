"""The pages: each asks for its data and shows it."""
