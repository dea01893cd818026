"""From standings to the routing table that gateways follow.

`policy` is what a table is made by, `evidence` what it is made from, `replay` who holds which tier since when and why,
`build` the table itself, `lint` (with `schema_check`) what must hold of it, `checking` that of a file at a time,
`publish` how readers get it whole, `exports` what gateways read of it, `service` the table over HTTP, `signing` who
made it, and `agents` what agents ask. Nothing here calls a gateway.
"""
