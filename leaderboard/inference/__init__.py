"""What can be concluded from prompt means: pure functions of arrays and frames, written once, without state or SQL.

The prompt is the unit everywhere: seeds are averaged within a prompt before anything here sees them. Each result is a
frozen record of the number and what made it (method, confidence, n), and says why where a number cannot be had.
Nothing here reads files, draws, or knows of runs and days.
"""
