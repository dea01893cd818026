"""From standings to the routing table that gateways follow.

`policy` is what a table is made by, `evidence` what it is made from, `replay` who holds which tier since when and why,
`build` the table itself, `lint` what must hold of it, `publish` how readers get it whole. Nothing here calls a gateway.
"""
