"""How long a place at the top lasts: tenures in the top k, half-lives of rank, lead and price, and model states.

Here belong pure functions of dates, ranks and prices. A `tenure` is an interval of days in the top k; a `spell` is what
the estimators need of it; `exponential` and `half_life` are the main estimator, `alternative_estimators` and `weeks`
others, `estimates` and `groups` all of them together. SQL and files are not read here: see `leaderboard.reports`.
"""
