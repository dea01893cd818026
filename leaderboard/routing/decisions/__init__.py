"""Who serves a tier: evidence, decision windows, leads over the incumbent, budgets, day by day."""
