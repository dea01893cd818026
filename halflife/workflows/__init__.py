"""Work that needs several packages: a run from its plan to the routing table, a measurement, a review, a drift check.

A workflow connects the packages below it and computes nothing itself. It takes and returns typed values: parsing the
command line belongs to `halflife.commands`, printing to `halflife.output`.
"""
