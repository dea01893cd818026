"""Generators that call a provider over the network, and what keeps such a call safe and within its budget.

    registry     opens the adapter that a model names, by the table `data.catalogue.adapters`
    adapters/    one folder or file a provider's protocol
    jobs         makes samples with a provider that works on jobs; a crash loses none
    following    goes on with a job that a provider accepted
    context      what adapters are opened with: budget, request log, media, what the user allows, environment
    error_reply  what an error says, whatever its shape; error_causes why a request was declined
    tasks        a task instead of a picture
    usage        what a reply says about money; billing what the request is charged
    outcomes     from a reply or an error to the outcome that the runner records
    retries      when a request that costs money may be sent again: one rule for every provider
    reply        what any provider's reply is, read as hostile input
    transport/   time and byte limits, which hosts may be reached, safe downloads, headers of pictures

A new provider costs an adapter here, one row of that table, and its test. What does not belong here: budgets
(`harness.budget`), samples and journals (`harness.execution`).

No module here was ever run against a live provider: tests drive the official SDKs against servers on 127.0.0.1. An
adapter needs one cheap live call by a user with a key before it may be called supported.
"""
