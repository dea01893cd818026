"""What results mean: statistics, standings, half-lives, drift, costs, routing, and the Streamlit pages that show them.

It reads a snapshot of the store and writes standings and routing tables; it never generates or scores. Each room
imports only rooms below its own line:

- `board`: the pages and the server; the only room that imports streamlit
- `reports`: several rooms' results read once and joined, for pages and commands
- `gate`: thresholds for continuous integration, judged by intervals
- `routing`: which model serves which category, and the table that gateways follow
- `standings`, `lifecycle`, `drift`, `cost_model`: who leads, for how long, what changed silently, what a call costs
- `inference`: statistics of prompt means, pure functions of arrays
- `formatting`: how numbers are written
"""
