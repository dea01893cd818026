"""One routing table, rendered for those who read it: one module a gateway, each a pure function from table to files.

`serving` is what all of them read a table by, `exported` what they return, `rendering` the table of targets with the
check before and the writing after. Nothing here calls a gateway or reads a secret: files hold names of variables.
"""
