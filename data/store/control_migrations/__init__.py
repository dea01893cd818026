"""Numbered, append-only SQL files (`NNN_title.sql`): the control database's shape. A released file stays."""
