"""Who leads: standings of each day (`daily`), the prompt means and spans they are computed from, and their queries."""
