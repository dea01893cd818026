"""What can be concluded from prompt means: pure functions of arrays and frames, written once, without state or SQL.

The prompt is the statistical unit everywhere: seeds are averaged within a prompt first. Each result is a frozen record
of the number and what made it (method, confidence, n), with the reason where a number is not available. What reads
files or SQL, draws, or knows of runs and days does not belong here.
"""
