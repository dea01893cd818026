"""One routing table, rendered for those who read it: one module a gateway, each a pure function from table to files.

Belongs here: what a gateway or a routing service reads. `serving` is what all of them read a table by, `exported` what
they return, `rendering` the list of targets with the check before and the writing after.

Does not belong here: calling a gateway, or reading a secret. Files hold names of variables.
"""
