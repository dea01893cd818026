"""`halflife profile`: its options, the choice between its four actions, and a module for each of them.

`show` says what a call computes, takes and costs; `measure` times it; `holdout` checks the predictions; `rebuild` fits
the FLOP polynomials again. What they compute belongs to `data.flops`, `harness.profiling` and `leaderboard.cost_model`.
"""
