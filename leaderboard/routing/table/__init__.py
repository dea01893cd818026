"""The routing table as typed values, and everything that is done with one table or two.

Belongs here: the `model`, its `json_schema`, `parsing` at the edge; `build` with `tiers`, `deployments` and `expiry`;
`lint` and `validate` (their `problems`); `diff` and `explain`. Does not belong here: files, gateways, HTTP.
"""
