"""One adapter a provider's protocol; the table `data.catalogue.adapters` lists them.

An adapter's module has `generator_for(context)`, which returns a `Generator`: of its own where the provider answers in
the same call, `harness.remote.jobs.JobRunner(adapter, context)` where it works on jobs.
"""
