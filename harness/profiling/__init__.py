"""What a pipeline's networks compute, hold and take: counted without weights, measured on a device at hand.

    building, inputs/                       the real classes on any device, and the inputs of a call
    counting, executing, operators          FLOPs of a call, counted on meta or where it really runs
    subprocess_count, recounting            counts in a process of their own, to compare with the committed laws
    live_memory                             peak memory of a call, traced on meta
    fitting, memory_fitting                 exact laws from counts, laws from peaks
    rebuilding, memory_rebuilding           write the committed FLOPs and memory models
    benchmark_target, catalogue_pipeline, random_pipeline, configuring   what is measured, and how it is configured
    grid, protocol, measuring, sampled      shapes to measure, how one is measured, all of them, a run's own samples
    energy, peaks                           joules and peaks of a device

What does not belong here: laws as values and their files (`data.flops`), prices (`leaderboard.cost_model`).
"""
