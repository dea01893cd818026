"""How samples are made: plans, local and remote generators, execution, the ledger.

Scoring lives in `evaluators`, meaning in `leaderboard`.
"""
