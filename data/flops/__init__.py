"""What any architecture computes at any shape: exact polynomials, fitted to and proved on counts of the real classes.

    flops              counts by kind
    variables          what a polynomial is in: tokens, areas, frames; and the monomials that it may have
    cost_polynomial    FLOPs of one component
    memory_polynomial  bytes that one component holds at its peak beside its weights
    flops_model        the committed polynomials of FLOPs (`flops_model.json`), by architecture
    memory_model       the committed polynomials of memory (`memory_model.json`), by architecture
    profile            what they say of one call at one shape
    committed          how those two files are read

Belongs here: reading the polynomials and evaluating them. Does not: counting and fitting (harness/profiling), seconds
and prices (leaderboard/cost_model). Nothing here imports torch.
"""
