"""Numbered, append-only SQL files (`NNN_title.sql`): the warehouse's shape. A released file never changes."""
