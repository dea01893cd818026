"""Generators whose model runs at the end of a wire, and what keeps that wire from costing more than was allowed.

Here belong: one module for each provider protocol (`openai_images`), the time and byte limits of a connection (`wire`),
which hosts may be reached (`addresses`), the safe download of a picture that a provider names by URL (`download`), what
is read off a picture before anything decodes it (`pictures`), what a provider's reply means (`replies`), when a request
may be sent again (`retries`), and the one place that knows a secret's value (`credential`).

Money is the ledger's (`harness/budget.py`), samples and journals are the runner's (`harness/execution.py`). No module
here was ever run against a live provider: tests drive the official SDKs against servers on 127.0.0.1. An adapter needs
one cheap live call by a user with a key before it may be called supported.
"""
