"""Who leads: standings of each day, what they are computed from, and the SQL that reads them back."""
