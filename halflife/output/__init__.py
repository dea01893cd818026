"""What commands print: results as terminal tables and lines, and as JSON where a command has `--json`.

Here belongs how a result is written in a terminal, one kind of result a module; `tables` makes the tables of all of
them. What is computed belongs to `leaderboard` and `harness`, what is read from files to `data`; a page's tables and
charts belong to `leaderboard.board`.
"""
