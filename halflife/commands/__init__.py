"""The functions of the command line, one command (or the commands of one noun) a module.

A command parses its options, calls a workflow or the packages below, and prints with `halflife.output`; it computes
nothing. `halflife.cli` lists the commands and imports a module when one of its commands is called, so a module here
imports what it needs at its top. A command that needs much more than the others of its noun has a module of its own, so
that they start fast.
"""
