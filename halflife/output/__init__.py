"""What commands print: results as terminal tables and lines."""
