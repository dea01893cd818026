"""From standings to the routing table that gateways follow.

`policy` is what a table is decided by, `decisions` who serves which tier since when and why, `table` the typed table
itself, `serving` how readers get it whole and signed, `exports` what gateways read of it, `simulation` what another
policy would have done. `view` is the table for the board; `revision`, `rounding` and `timestamps` are how it writes
hashes, numbers and times, `vocabulary` the closed choices that all share. Nothing here calls a gateway.
"""
