"""How samples are made and pipelines measured: plans, generators, execution, money.

    plan              suite × models × seeds, expanded to requests with their ids
    execution         a plan's requests to journalled samples; resumes
    generator         what every maker of samples offers, and what it hands back
    local/            generators that run here: pipelines of diffusers
    remote/           generators that call a provider, one adapter a provider
    profiling/        what a pipeline's networks compute, hold and take, counted and measured
    load/             requests at planned moments, whatever became of those before
    isolation         the one place where a sample's exception is caught
    recorder          durable media and journal lines, written beside the work
    sample_record     from an outcome to the sample that is journalled
    request_log       what is asked of a remote, journalled before it is sent
    budget            money: reserved before a request, settled after it
    forecast          what a plan's requests cost at most and likely; the bill against it
    credential        a key, known by the name of its environment variable
    devices           which device a pipeline runs on

What does not belong here: scores (`evaluators`) and what follows from them (`leaderboard`).
"""
