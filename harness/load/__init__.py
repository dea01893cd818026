"""Open-loop load: `arrivals` plans when requests come, `open_loop` sends them then."""
